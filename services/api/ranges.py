"""Parts of a file: what a `Range` header asks for. Source: RFC 9110, sections 13 and 14."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from litestar.exceptions import HTTPException

ONE_RANGE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `start` up to and without `end` of a file of `size` bytes."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        """How many bytes that are."""
        return self.end - self.start

    @property
    def header(self) -> str:
        """The value of `Content-Range`."""
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def asked(header: str | None, *, size: int, if_range: str | None = None, etag: str) -> Span | None:
    """The part that is asked for, or None for the whole file.

    Several ranges at once, other units and what cannot be read get the whole file, as the RFC allows; so does a
    reader whose first part was of other bytes (`If-Range`). Raises `HTTPException`, 416, for a part that is not there.
    """
    found = ONE_RANGE.fullmatch(header.strip()) if header else None
    if found is None or (if_range is not None and if_range != etag):
        return None
    first, last = found["first"], found["last"]
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    elif last:
        start, end = max(size - int(last), 0), size
    else:
        return None
    if start >= end:
        raise HTTPException(
            status_code=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{size}"}
        )
    return Span(start, end, size)


def unchanged(header: str | None, *, etag: str) -> bool:
    """Whether an `If-None-Match` already names what we have."""
    known = [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
    return etag in known or known == ["*"]
