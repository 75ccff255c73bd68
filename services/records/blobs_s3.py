"""Blobs in an S3 store: received as a multipart upload under `staging/`, then copied write-once to their final name."""

import hashlib
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from services.records.blobs import S3Access, Space, Stored
from services.rules.refusals import Refused

logger = logging.getLogger(__name__)

MIB = 1024 * 1024

PART = 8 * MIB
"""Bytes of a part; S3 takes at most 10,000 parts of at least 5 MiB."""

PARTS_AT_ONCE = 3
"""Parts of one upload that are on their way; they and one that fills are all that is held in memory."""

READ = 4 * MIB
"""Bytes asked for at once: a slow reader must not keep one request open for longer than the store allows."""

PATIENCE = "10m"
"""How long one request may take; copying two GB inside the store takes minutes on some."""


@contextmanager
def _store_troubles() -> Iterator[None]:
    """A store that is away, full or refuses us is an answer (503, nothing acknowledged), not a fault of ours."""
    try:
        yield
    except (BaseError, OSError) as trouble:
        logger.warning("blob_store_unavailable", extra={"kind": type(trouble).__name__})
        raise Refused("unavailable") from trouble


class S3Incoming:
    """One staging object and its running hash."""

    def __init__(self, store: S3Store, part: str) -> None:
        self._store = store
        self._part = part
        # What is written becomes visible only when it is whole: a part needs no other name before.
        self._staged = f"parts/{part}" if part else f"staging/{uuid4().hex}"
        self._writer = obstore.open_writer_async(store, self._staged, buffer_size=PART, max_concurrency=PARTS_AT_ONCE)
        self._hash = hashlib.sha256()
        self._size = 0
        self._closed = False

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._hash.update(chunk)
        self._size += len(chunk)
        with _store_troubles():
            await self._writer.write(chunk)

    async def read_back(self) -> AsyncIterator[bytes]:
        """All that came, some MiB at a time: the staging object is complete from here on."""
        await self._close()
        async for chunk in _read(self._store, self._staged):
            yield chunk

    async def _close(self) -> None:
        if not self._closed:
            with _store_troubles():
                await self._writer.close()
            self._closed = True

    async def keep(self) -> Stored:
        """Complete the upload, then copy it to its final name unless that name exists."""
        stored = Stored(self._hash.hexdigest(), self._size)
        await self._close()
        if self._part:
            return stored
        with _store_troubles(), suppress(AlreadyExistsError):  # the same bytes are kept: they stay as they are
            await obstore.copy_async(self._store, self._staged, _path(stored.sha256), overwrite=False)
        return stored

    async def end(self) -> None:
        """Abort the upload, or remove its staging object; what a dead store keeps, the sweep finds."""
        with suppress(BaseError, OSError):
            if self._closed and self._part:
                return
            if self._closed:
                await obstore.delete_async(self._store, self._staged)
            else:
                # The writer aborts its parts only when it is told of an error.
                unkept = InterruptedError()
                await self._writer.__aexit__(type(unkept), unkept, None)


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


async def _read(store: S3Store, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
    with _store_troubles():
        size = (await obstore.head_async(store, name))["size"]
    stop = size if end is None else min(end, size)
    for offset in range(start, stop, READ):
        with _store_troubles():
            chunk = await obstore.get_range_async(store, name, start=offset, end=min(offset + READ, stop))
        yield bytes(chunk)


class S3Blobs:
    """Blobs in `bucket` under `prefix`; the bucket exists.

    Parts of uploads whose process died are invisible; the bucket's own rule for incomplete uploads removes them.
    """

    def __init__(self, *, bucket: str, prefix: str, access: S3Access) -> None:
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            endpoint=access.endpoint or None,
            region=access.region,
            access_key_id=access.access_key,
            secret_access_key=access.secret_key,
            virtual_hosted_style_request=not access.endpoint,
            checksum_algorithm="SHA256",
            copy_if_not_exists="multipart",
            client_options={"allow_http": access.endpoint.startswith("http://"), "timeout": PATIENCE},
        )

    @asynccontextmanager
    async def incoming(self, part: str = "") -> AsyncIterator[S3Incoming]:
        """Receive one blob, or a part of an upload; leaving without `keep` leaves nothing."""
        incoming = S3Incoming(self._store, part)
        try:
            yield incoming
        finally:
            await incoming.end()

    async def read(self, sha256: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to and without `end`, four MiB at a time."""
        async for chunk in _read(self._store, _path(sha256), start, end):
            yield chunk

    async def read_part(self, part: str) -> AsyncIterator[bytes]:
        """The bytes of a part, some MiB at a time."""
        async for chunk in _read(self._store, f"parts/{part}"):
            yield chunk

    async def drop_parts(self, upload: str) -> None:
        """Remove every part of an upload, if there is any."""
        with _store_troubles():
            async for found in obstore.list(self._store, f"parts/{upload}"):
                await obstore.delete_async(self._store, [part["path"] for part in found])

    async def exists(self, sha256: str) -> bool:
        """Whether the blob can be read."""
        with _store_troubles():
            try:
                await obstore.head_async(self._store, _path(sha256))
            except FileNotFoundError:
                return False
        return True

    async def sweep_staging(self, older_than: datetime) -> int:
        """Remove what was left half-received and untouched since `older_than`; returns how many."""
        swept = 0
        with _store_troubles():
            async for found in obstore.list(self._store, "staging"):
                old = [staged["path"] for staged in found if staged["last_modified"] < older_than]
                if old:
                    await obstore.delete_async(self._store, old)
                swept += len(old)
        return swept

    async def free_space(self) -> Space | None:
        """Unknown: an S3 store has no limit that a client can ask for."""
        return None
