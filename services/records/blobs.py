"""Bytes that a case rests on: kept once under their SHA-256, never changed, in a folder or in an S3 store.

What is being received stays apart until `keep`; whatever ends before that leaves nothing that can be read.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

GIB = 1024**3

TIGHT_BYTES = 2 * GIB
TIGHT_SHARE = 0.1
TIGHT_ENOUGH = 20 * GIB
"""Below two GiB, or a tenth of the disk, nothing more is taken in; 20 GiB (a person's day) suffice on any disk."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are safe: their SHA-256 in hexadecimal, and how many they are."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Space:
    """Free and total bytes of the place where blobs lie."""

    free: int
    total: int

    @property
    def tight(self) -> bool:
        """Whether nothing more may be taken in. Source: security design, section 5.9."""
        return self.free < max(TIGHT_BYTES, min(self.total * TIGHT_SHARE, TIGHT_ENOUGH))


class Incoming(Protocol):
    """Bytes on their way in."""

    async def write(self, chunk: bytes) -> None:
        """Take the next bytes. Raises `Refused('unavailable')` when the store cannot."""

    def read_back(self) -> AsyncIterator[bytes]:
        """All that came, before it is kept; nothing is written after that. Raises `Refused('unavailable')`."""

    async def keep(self) -> Stored:
        """Make what came durable and readable, once. Raises `Refused('unavailable')` when the store cannot."""


class Blobs(Protocol):
    """Where blobs lie. Stores that are full, unreachable or broken raise `Refused('unavailable')`."""

    def incoming(self, part: str = "") -> AbstractAsyncContextManager[Incoming]:
        """Receive one blob; leaving without `keep` leaves nothing.

        With `part` named (`upload/anything`, ours and never used before) it is kept under that name, until dropped.
        """

    def read(self, sha256: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to and without `end`, in chunks of at most a few MiB."""

    def read_part(self, part: str) -> AsyncIterator[bytes]:
        """The bytes of a part that was kept under this name."""

    async def drop_parts(self, upload: str) -> None:
        """Remove every part of an upload, if there is any."""

    async def exists(self, sha256: str) -> bool:
        """Whether the blob can be read."""

    async def sweep_staging(self, older_than: datetime) -> int:
        """Remove what was left half-received and untouched since `older_than`; returns how many."""

    async def free_space(self) -> Space | None:
        """Room that is left, or None where the store has no limit that we could know."""


@dataclass(frozen=True, slots=True)
class S3Access:
    """How an S3 store is reached; an empty `endpoint` is the region's own."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str


def connect(place: str, *, s3: S3Access | None = None) -> Blobs:
    """Open `s3://bucket/prefix` with `s3`, or a folder, which is made. Raises `ValueError` without the access."""
    if not place.startswith("s3://"):
        from services.records.blobs_folder import FolderBlobs

        return FolderBlobs(Path(place))
    if s3 is None:
        raise ValueError(place)
    # Only an installation that has an S3 store pays for its client.
    from services.records.blobs_s3 import S3Blobs

    address = urlsplit(place)
    return S3Blobs(bucket=address.netloc, prefix=address.path.strip("/"), access=s3)
