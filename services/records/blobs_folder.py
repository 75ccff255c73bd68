"""Blobs in a folder: received under `staging/`, then linked write-once to `<2 hex>/<sha256>` on the same disk."""

import asyncio
import hashlib
import logging
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import uuid4

from services.records.blobs import Space, Stored
from services.rules.refusals import Refused

logger = logging.getLogger(__name__)

BLOCK = 1024 * 1024
"""Bytes that are written at once in a thread, while the next ones arrive."""

LEAST_BLOCK = 64 * 1024
WAITING = 8 * BLOCK
"""Where many files come at once, what of all of them waits in memory is about this; the blocks become smaller."""

CHUNKS = 512
"""Chunks that are written at once however small they are; the system takes 1,024."""

OURS_ONLY = 0o700
"""No other account of the machine looks into the folders."""

READ_ONLY = 0o400
"""A blob is never written again, not even by us."""

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def _store_troubles() -> Iterator[None]:
    """A full, read-only or vanished disk is an answer (503, nothing acknowledged), not a fault of ours."""
    try:
        yield
    except OSError as trouble:
        logger.warning("blob_store_unavailable", extra={"errno": trouble.errno})
        raise Refused("unavailable") from trouble


async def _in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with _store_troubles():
        return await asyncio.to_thread(work, *args, **kwargs)


def _sync(folder: Path) -> None:
    """Make the names in `folder` durable; the bytes of a file alone do not bring back its name."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FolderIncoming:
    """One staging file, its running hash, and a block that fills while the one before is written."""

    def __init__(self, root: Path, part: str, block: Callable[[], int]) -> None:
        self._root = root
        self._block = block
        self._part = part
        self._staged = root / "staging" / uuid4().hex
        self._file = self._staged.open("xb", buffering=0)
        self._hash = hashlib.sha256()
        self._size = 0
        self._chunks: list[bytes] = []
        self._waiting = 0
        self._writing: asyncio.Future[None] | None = None

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        # Hashed here: a chunk of a socket takes microseconds, and a thread for it takes longer than the hash.
        self._hash.update(chunk)
        self._size += len(chunk)
        self._chunks.append(chunk)
        self._waiting += len(chunk)
        if self._waiting >= self._block() or len(self._chunks) >= CHUNKS:
            await self._write_block()

    async def read_back(self) -> AsyncIterator[bytes]:
        """All that came, a block at a time."""
        await self._write_block()
        await self._written()
        with await _in_thread(self._staged.open, "rb", buffering=0) as file:
            while chunk := await _in_thread(file.read, self._block()):
                yield chunk

    async def keep(self) -> Stored:
        """Write and sync file, then name, then folder: in this order a sudden end leaves all or nothing."""
        await self._write_block()
        await self._written()
        stored = Stored(self._hash.hexdigest(), self._size)
        await _in_thread(self._publish, stored.sha256)
        return stored

    async def end(self) -> None:
        """Close and remove the staging file, whatever happened before."""
        writing = self._writing
        try:
            if writing is not None:
                await asyncio.wait({writing})
        finally:
            if writing is None or writing.done():
                self._discard(writing)
            else:  # the caller was cancelled twice: a file is still never closed under the thread that writes to it
                writing.add_done_callback(self._discard)

    def _discard(self, written: asyncio.Future[None] | None) -> None:
        if written is not None:
            written.exception()  # told to the caller before, or of no more interest to anyone
        self._file.close()
        self._staged.unlink(missing_ok=True)

    async def _write_block(self) -> None:
        await self._written()
        chunks, self._chunks, self._waiting = self._chunks, [], 0
        if chunks:
            self._writing = asyncio.get_running_loop().run_in_executor(None, self._append, chunks)

    async def _written(self) -> None:
        if self._writing is not None:
            with _store_troubles():
                # Shielded: a caller who goes away must not close the file under a thread that writes to it.
                await asyncio.shield(self._writing)
            self._writing = None

    def _append(self, chunks: list[bytes]) -> None:
        written = os.writev(self._file.fileno(), chunks)
        if written < sum(map(len, chunks)):  # the disk took a part: what comes next says why
            rest = memoryview(b"".join(chunks))[written:]
            while rest:
                rest = rest[self._file.write(rest) :]

    def _publish(self, sha256: str) -> None:
        os.fchmod(self._file.fileno(), READ_ONLY)
        os.fsync(self._file.fileno())
        kept = self._root / "parts" / self._part if self._part else self._root / sha256[:2] / sha256
        kept.parent.mkdir(mode=OURS_ONLY, parents=True, exist_ok=True)
        with suppress(FileExistsError):  # the same bytes are already kept: they stay as they are
            os.link(self._staged, kept)
        # Also when the name was there: whoever made it may not have come to sync it yet.
        _sync(kept.parent)
        if self._part:
            _sync(kept.parent.parent)
        _sync(self._root)


class FolderBlobs:
    """Blobs under `root`, which is made."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._coming = 0
        (root / "staging").mkdir(mode=OURS_ONLY, parents=True, exist_ok=True)

    @asynccontextmanager
    async def incoming(self, part: str = "") -> AsyncIterator[FolderIncoming]:
        """Receive one blob, or a part of an upload; leaving without `keep` leaves nothing."""
        incoming = await _in_thread(FolderIncoming, self._root, part, self.block)
        self._coming += 1
        try:
            yield incoming
        finally:
            self._coming -= 1
            await incoming.end()

    def block(self) -> int:
        """Bytes of a block now: one is written while another fills, for every file that comes in."""
        return max(LEAST_BLOCK, min(BLOCK, WAITING // (2 * max(self._coming, 1))))

    async def read(self, sha256: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to and without `end`, at most a MiB at a time."""
        async for chunk in self._stream(self._path(sha256), start, end):
            yield chunk

    async def read_part(self, part: str) -> AsyncIterator[bytes]:
        """The bytes of a part, at most a MiB at a time."""
        async for chunk in self._stream(self._root / "parts" / part, 0, None):
            yield chunk

    async def drop_parts(self, upload: str) -> None:
        """Remove every part of an upload, if there is any."""
        await _in_thread(self._drop, self._root / "parts" / upload)

    @staticmethod
    def _drop(folder: Path) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)

    async def _stream(self, path: Path, start: int, end: int | None) -> AsyncIterator[bytes]:
        file = await _in_thread(path.open, "rb", buffering=0)
        reading: asyncio.Future[bytes] | None = None
        try:
            file.seek(start)
            left = float("inf") if end is None else end - start
            while left > 0:
                reading = asyncio.get_running_loop().run_in_executor(None, file.read, int(min(self.block(), left)))
                with _store_troubles():
                    chunk = await asyncio.shield(reading)
                if not chunk:
                    break
                left -= len(chunk)
                yield chunk
        finally:
            if reading is None or reading.done():
                file.close()
            else:  # the reader went away: the number of an open file must not be given to another under a thread
                reading.add_done_callback(lambda _: file.close())

    async def exists(self, sha256: str) -> bool:
        """Whether the blob can be read."""
        return await _in_thread(self._path(sha256).is_file)

    async def sweep_staging(self, older_than: datetime) -> int:
        """Remove what was left half-received and untouched since `older_than`; returns how many."""
        return await _in_thread(self._sweep, older_than.timestamp())

    async def free_space(self) -> Space | None:
        """Room that is left on the disk."""
        usage = await _in_thread(shutil.disk_usage, self._root)
        return Space(free=usage.free, total=usage.total)

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256

    def _sweep(self, older_than: float) -> int:
        swept = 0
        for staged in (self._root / "staging").iterdir():
            with suppress(FileNotFoundError):  # its own upload may end at this moment
                if staged.stat().st_mtime < older_than:
                    staged.unlink()
                    swept += 1
        return swept
