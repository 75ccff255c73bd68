"""The JSON-LD contexts that credentials are read with: pinned bytes from an installed package, never the network.

What a signature covers depends on the contexts, so a byte that differs from the pinned one stops the process.
"""

import hashlib
import json
from functools import cache
from importlib import resources
from typing import Any

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

PINNED = {
    CREDENTIALS: (
        "credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    OPEN_BADGES: (
        "ob-v3p0-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    OPEN_BADGES_EXTENSIONS: (
        "ob-v3p0-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
    "https://w3id.org/security/data-integrity/v2": (
        "security-data-integrity-v2.json",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
    "https://w3id.org/security/multikey/v1": (
        "security-multikey-v1.json",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    ),
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json": (
        "clr_context_2.0.1.json",
        "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6",
    ),
}
"""Address of a context → its file in `openbadgeslib.ob3.contexts` and the SHA-256 of that file."""


class ContextRefused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """A document names a context that is not pinned; `url` is the address it named."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


class ContextDiffers(RuntimeError):  # noqa: N818 - an answer, not a fault of ours
    """An installed context is not the pinned one: signatures made with it would cover something else."""


def load(url: str, _options: object = None) -> dict[str, Any]:
    """Answer pyld's document loader for a pinned context.

    Raises `ContextRefused` for every other address, `ContextDiffers` when the installed bytes are not the pinned ones.
    """
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": _document(url)}


def assert_pinned() -> None:
    """Read every pinned context once, for start-up. Raises `ContextDiffers`."""
    for url in PINNED:
        _document(url)


@cache
def _document(url: str) -> dict[str, Any]:
    if url not in PINNED:
        raise ContextRefused(url)
    name, sha256 = PINNED[url]
    content = resources.files("openbadgeslib.ob3.contexts").joinpath(name).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ContextDiffers(name)
    document: dict[str, Any] = json.loads(content)
    return document
