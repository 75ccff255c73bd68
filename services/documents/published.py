"""Reads what an issuer publishes (its DID document, its status lists) from its addresses or from a folder of them."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx

from services.documents import issuer_keys, presented
from services.documents.verdicts import Issuance

Fetcher = Callable[[str], Awaitable[bytes]]
"""Answers the bytes at an address. Raises `Unreachable`."""

LARGEST = presented.LARGEST_JSON
SECONDS = 5.0
REQUESTS = 2


class Unreachable(Exception):  # noqa: N818 - an answer, not a fault of ours
    """An address gave nothing that can be used.

    Codes: `address_refused`, `not_found`, `no_answer`, `too_large`, `not_json`, `too_many_requests`.
    """

    def __init__(self, code: str, url: str) -> None:
        super().__init__(code, url)
        self.code = code
        self.url = url


class Published:
    """The lookup of `verification` at what issuers publish: no log, so the signature is the measure.

    Made for one file: what several credentials of a letter share is asked for once and kept.
    """

    keeps_log = False

    def __init__(self, fetch: Fetcher) -> None:
        self._fetch = fetch
        self._read: dict[str, dict[str, Any]] = {}

    async def issuance(self, _: str) -> Issuance | None:
        """Return None: there is no log to look into."""
        return None

    async def did_document(self, did: str) -> dict[str, Any]:
        """Return the DID document at the address that the `did:web` names."""
        try:
            url = issuer_keys.document_url(did)
        except issuer_keys.DidInvalid:
            raise Unreachable("address_refused", did) from None
        return await self._once(url)

    async def status_list(self, url: str) -> dict[str, Any]:
        """Return the status list at `url`."""
        return await self._once(url)

    async def _once(self, url: str) -> dict[str, Any]:
        if url not in self._read:
            self._read[url] = await document(url, self._fetch)
        return self._read[url]


async def document(url: str, fetch: Fetcher) -> dict[str, Any]:
    """Return the JSON object at `url`, within the limits of uploaded ones. Raises `Unreachable`."""
    content = await fetch(url)
    try:
        return presented.read_json(content)
    except presented.Unreadable:
        raise Unreachable("not_json", url) from None


def folder_fetcher(folder: Path) -> Fetcher:
    """Answer from a folder that mirrors a site by URL path, whatever the host: for checks without a network."""
    root = folder.resolve()

    async def fetch(url: str) -> bytes:
        path = root / unquote(urlsplit(url).path).strip("/")
        # A list's address may end in a number; a mirror on disk writes it with its ending.
        for candidate in (path.resolve(), path.with_name(path.name + ".json").resolve()):
            if not candidate.is_relative_to(root):
                raise Unreachable("address_refused", url)
            if candidate.is_file():
                return await asyncio.to_thread(_small_file, candidate, url)
        raise Unreachable("not_found", url)

    return fetch


def https_fetcher(*, requests: int = REQUESTS) -> Fetcher:
    """Answer over HTTPS: at most `requests` of them, no redirect, 256 KiB and 5 s each, public addresses only.

    Plain HTTP is asked only on this machine itself, for the embedded default.
    """
    left = requests

    async def fetch(url: str) -> bytes:
        nonlocal left
        if left == 0:
            raise Unreachable("too_many_requests", url)
        left -= 1
        try:
            async with asyncio.timeout(SECONDS):
                return await _get(url)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError):
            raise Unreachable("no_answer", url) from None

    return fetch


def _small_file(path: Path, url: str) -> bytes:
    if path.stat().st_size > LARGEST:
        raise Unreachable("too_large", url)
    return path.read_bytes()


async def _get(url: str) -> bytes:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    local = parts.scheme == "http" and host in issuer_keys.LOOPBACK
    if parts.username or not (local or parts.scheme == "https"):
        raise Unreachable("address_refused", url)
    number = await _number(host, port, local=local, url=url)
    # The connection goes to the address that was looked at, or a second look-up could answer with another one.
    pinned = httpx.URL(url).copy_with(host=number)
    headers = {"Host": parts.netloc, "Accept": "application/json"}
    async with (
        httpx.AsyncClient(follow_redirects=False, timeout=SECONDS, trust_env=False) as client,
        client.stream("GET", pinned, headers=headers, extensions={"sni_hostname": host}) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise Unreachable("not_found", url)
        content = bytearray()
        async for chunk in answer.aiter_bytes():
            content += chunk
            if len(content) > LARGEST:
                raise Unreachable("too_large", url)
    return bytes(content)


async def _number(host: str, port: int, *, local: bool, url: str) -> str:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    numbers = [str(row[4][0]) for row in found]
    fitting = [
        number
        for number in numbers
        if (ipaddress.ip_address(number).is_loopback if local else ipaddress.ip_address(number).is_global)
    ]
    # One private address among public ones is how a name is made to lead inside.
    if not fitting or (not local and len(fitting) != len(numbers)):
        raise Unreachable("address_refused", url)
    return fitting[0]
