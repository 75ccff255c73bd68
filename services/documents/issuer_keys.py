"""Who signs and under which name: Ed25519 key files, the signer over them, did:web addresses and the DID document."""

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from services.documents import multibase

LOOPBACK = frozenset({"localhost", "127.0.0.1"})
"""Hosts of one machine: the only ones that may be asked over plain HTTP."""

HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")

PUBLISHED_TEST_KEY = "z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"
"""The key of the seed 00 01 … 1f, known to everybody: a production start refuses it."""

DID_CONTEXT = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1")


class KeyRefused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """A key file that is not used.

    Codes: `key_exists`, `key_missing`, `key_readable_by_others`, `key_not_ed25519`, `passphrase_wrong`.
    """

    def __init__(self, code: str, path: Path) -> None:
        super().__init__(code, str(path))
        self.code = code
        self.path = path


class DidInvalid(ValueError):  # noqa: N818 - an answer, not a fault of ours
    """Not a `did:web` that leads to one address."""


class Signer(Protocol):
    """What signs: a file, a vault or a hardware module; the private key never leaves it."""

    @property
    def alg(self) -> str:
        """JOSE name of the algorithm, such as `EdDSA`."""

    @property
    def kid(self) -> str:
        """Full DID URL of the key: `did:web:…#z6Mk…`."""

    @property
    def public_key(self) -> bytes:
        """32 bytes."""

    async def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`: pure Ed25519, 64 bytes."""


class FileSigner:
    """Signs with a key read from a file once."""

    alg = "EdDSA"

    def __init__(self, key: Ed25519PrivateKey, did: str) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw()
        self.kid = key_id(did, self.public_key)

    async def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`: pure Ed25519, 64 bytes."""
        return self._key.sign(data)


class KeyState(StrEnum):
    """What a published key is good for."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key of the institution, 32 bytes, and its state."""

    public_key: bytes
    state: KeyState


def create(path: Path, *, passphrase: bytes | None = None) -> bytes:
    """Draw a new Ed25519 key, write it to `path` (PEM PKCS8, mode 0600) and return its public key, 32 bytes.

    The file appears whole or not at all and never replaces another: written aside, then linked to its name.
    Raises `KeyRefused("key_exists")`.
    """
    key = Ed25519PrivateKey.generate()
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{uuid4().hex}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, path)
    except FileExistsError:
        raise KeyRefused("key_exists", path) from None
    finally:
        aside.unlink()
    _keep_name(path.parent)
    return key.public_key().public_bytes_raw()


def load(path: Path, *, did: str, passphrase: bytes | None = None) -> FileSigner:
    """Read the key at `path` as the signer of `did`.

    Raises `KeyRefused`: key_missing, key_readable_by_others, passphrase_wrong, key_not_ed25519.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyRefused("key_readable_by_others", path)
        content = path.read_bytes()
    except FileNotFoundError:
        raise KeyRefused("key_missing", path) from None
    try:
        key = load_pem_private_key(content, passphrase)
    except (TypeError, ValueError):
        # A wrong passphrase, a missing one and a superfluous one; cryptography tells them by type only.
        raise KeyRefused("passphrase_wrong", path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyRefused("key_not_ed25519", path)
    return FileSigner(key, did)


def key_id(did: str, public_key: bytes) -> str:
    """Return the full DID URL of an Ed25519 key; its fragment is the key itself."""
    return f"{did}#{multibase.ed25519_key(public_key)}"


def did_document(did: str, keys: Iterable[IssuerKey]) -> dict[str, Any]:
    """Return the DID document that publishes `keys`.

    Retired keys stay under `assertionMethod` for ever, or all that they signed would fail; compromised ones are gone.
    """
    published = [multibase.ed25519_key(key.public_key) for key in keys if key.state is not KeyState.COMPROMISED]
    return {
        "@context": list(DID_CONTEXT),
        "id": did,
        "verificationMethod": [
            {"id": f"{did}#{multikey}", "type": "Multikey", "controller": did, "publicKeyMultibase": multikey}
            for multikey in published
        ],
        "assertionMethod": [f"{did}#{multikey}" for multikey in published],
    }


def find_key(document: dict[str, Any], *, did: str, kid: str) -> bytes | None:
    """Return the Ed25519 public key that a DID document lets assert under `kid`, or None.

    The document is from outside: every part of it may be missing or of another shape.
    """
    assertion, methods = document.get("assertionMethod"), document.get("verificationMethod")
    if document.get("id") != did or not isinstance(assertion, list) or not isinstance(methods, list):
        return None
    if kid not in assertion or not kid.startswith(f"{did}#"):
        return None
    for method in methods:
        if isinstance(method, dict) and method.get("id") == kid and method.get("controller") == did:
            return _multikey(method)
    return None


def document_url(did: str) -> str:
    """Return where the DID document of a `did:web` stands: HTTPS, or HTTP on this machine. Raises `DidInvalid`."""
    method, _, name = did.partition("did:web:")
    host, *path = [unquote(part) for part in name.split(":")]
    if method or not HOST.fullmatch(host):
        raise DidInvalid(did)
    if any(part in {"", ".", ".."} or "/" in part for part in path):
        raise DidInvalid(did)
    scheme = "http" if host.partition(":")[0] in LOOPBACK else "https"
    folder = "/".join(quote(part, safe="") for part in path) or ".well-known"
    return f"{scheme}://{host}/{folder}/did.json"


def _multikey(method: dict[str, Any]) -> bytes | None:
    try:
        return multibase.ed25519_bytes(str(method.get("publicKeyMultibase")))
    except ValueError:
        return None


def _keep_name(folder: Path) -> None:
    """Make the name of a new file survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
