"""A ZIP file that is sent while it is written: whatever goes into it is held a piece at a time, and never whole."""

import io
import unicodedata
import zipfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime

LONGEST_NAME = 120
"""Characters of a name inside; longer ones are cut before their ending."""
FORBIDDEN = frozenset('<>:"/\\|?*')
"""Characters that some system does not take in a file's name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file inside: `name` with `/` between folders, `at` when it came to be; text is compressed."""

    name: str
    at: datetime
    content: AsyncIterator[bytes]
    text: bool = False


class _Outlet(io.RawIOBase):
    """Where the archive is written to: it goes forward only, and is emptied again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]  # whatever holds bytes, as files take it
        self._held += piece
        return len(piece)

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._held)
        self._held.clear()
        return taken


async def written(entries: Iterable[Entry]) -> AsyncIterator[bytes]:
    """The archive piece by piece; a piece is about as large as one that an entry gave."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:
        for entry in entries:
            about = zipfile.ZipInfo(entry.name, date_time=entry.at.timetuple()[:6])
            about.compress_type = zipfile.ZIP_DEFLATED if entry.text else zipfile.ZIP_STORED
            with archive.open(about, "w", force_zip64=True) as file:
                async for piece in entry.content:
                    file.write(piece)
                    if ready := outlet.take():
                        yield ready
    yield outlet.take()


async def once(content: bytes) -> AsyncIterator[bytes]:
    """A content that is there already."""
    yield content


def safe(name: str) -> str:
    """A file's name as every system can write it, in any script: no folder, no hidden sign, no dot at its ends."""
    spelled = unicodedata.normalize("NFC", name)
    kept = "".join("_" if one in FORBIDDEN or unicodedata.category(one)[0] == "C" else one for one in spelled)
    kept = kept.strip(" .") or "_"
    if len(kept) <= LONGEST_NAME:
        return kept
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) < 10 else kept[:LONGEST_NAME]  # noqa: PLR2004 - no ending of a file is longer
