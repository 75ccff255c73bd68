"""A file comes in once: parsed, sniffed, capped, hashed and written as it streams, and refused before it has arrived.

The form has its text fields before its one file; nothing of it is kept unless all of it came.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from litestar import Request
from litestar.exceptions import InternalServerException
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from services.api import numerals
from services.documents import pdf_locks
from services.records.blobs import Blobs, Incoming, Space, Stored
from services.rules import evidence
from services.rules.refusals import Refused
from services.rules.signatures import CAP, HEAD, FileKind

AT_ONCE = 3
"""Uploads that one person may have under way. Source: security design, section 5.9."""

AROUND = 64 * 1024
"""Bytes that the form may need around its file: boundaries, headers, text fields."""

MOST_FIELDS = 64
LONGEST_FIELD = 8 * 1024
"""Text fields of one form, and bytes of one of them."""


class Slots:
    """Who has how many uploads under way in this process."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    @contextmanager
    def take(self, person: str) -> Iterator[None]:
        """Hold one of the person's slots. Raises `Refused`: uploads_at_once."""
        if self._taken.get(person, 0) >= AT_ONCE:
            raise Refused("uploads_at_once", retry_after="30")
        self._taken[person] = self._taken.get(person, 0) + 1
        try:
            yield
        finally:
            self._taken[person] -= 1
            if not self._taken[person]:
                del self._taken[person]


class Locks:
    """Which uploads a request of this process is writing to: one at a time each."""

    def __init__(self) -> None:
        self._taken: set[UUID] = set()

    @contextmanager
    def take(self, upload: UUID) -> Iterator[None]:
        """Hold an upload. Raises `Refused`: upload_busy."""
        if upload in self._taken:
            raise Refused("upload_busy", retry_after="2")
        self._taken.add(upload)
        try:
            yield
        finally:
            self._taken.discard(upload)


Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Received(Generic[Said]):
    """A file that is kept, and what was said of it."""

    name: str
    kind: FileKind
    stored: Stored
    said: Said


@dataclass(slots=True)
class _Part:
    """One part of the form: `filename` is None for a text field."""

    headers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    filename: str | None = None
    text: bytearray = field(default_factory=bytearray)


class _File(Generic[Said]):
    """The one file: its first bytes wait until they are known to be what its name says, the rest goes through."""

    def __init__(self, incoming: Incoming, *, filename: str, announced: int, left: int, said: Said) -> None:
        """Look at the name. Raises `Refused`: kind_not_accepted, too_large."""
        self.kind = evidence.kind_of_name(filename)
        self.name = evidence.clean_name(filename)
        if announced > self.kind.cap + AROUND:
            raise Refused("too_large")
        self.said = said
        self._incoming, self._left = incoming, left
        self._head = bytearray()
        self._sniffed = False
        self._size = 0
        self._watch = pdf_locks.Watch(self.kind.key)

    async def take(self, chunk: bytes) -> None:
        """Take the next bytes. Raises `Refused`: too_large, quota_exceeded, type_mismatch, unavailable."""
        self._size += len(chunk)
        if self._size > self.kind.cap:
            raise Refused("too_large")
        if self._size > self._left:
            raise Refused("quota_exceeded")
        self._watch.see(chunk)
        if self._sniffed:
            await self._incoming.write(chunk)
            return
        self._head += chunk
        if len(self._head) >= HEAD:
            await self._sniff()

    async def keep(self) -> Stored:
        """Keep the file now that all of it came.

        Raises `Refused`: empty_file, type_mismatch, password_locked, unavailable.
        """
        if not self._size:
            raise Refused("empty_file")
        if not self._sniffed:
            await self._sniff()
        return await keep(self._incoming, watch=self._watch)

    async def _sniff(self) -> None:
        if not evidence.agrees(self.kind, bytes(self._head)):
            raise Refused("type_mismatch")
        self._sniffed = True
        await self._incoming.write(bytes(self._head))
        self._head.clear()


class _Form(Generic[Said]):
    """The push parser's callbacks: text fields are gathered, the file's bytes are handed over as they come."""

    def __init__(self, boundary: bytes, open_file: Callable[[str], _File[Said]]) -> None:
        self.fields: dict[str, str] = {}
        self.file: _File[Said] | None = None
        self.ended = False
        self._open_file = open_file
        self._pieces: list[bytes] = []
        self._part = _Part()
        self._name, self._value = b"", b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    async def feed(self, chunk: bytes) -> None:
        """Parse the next bytes and pass on what of them belongs to the file. Raises `Refused`: malformed, and more."""
        try:
            self._parser.write(chunk)
        except FormParserError as wrong:
            raise Refused("malformed", field="form") from wrong
        if self.file is not None:
            for piece in self._pieces:
                await self.file.take(piece)
            self._pieces.clear()

    def end(self) -> _File[Said]:
        """Return the file now that nothing more comes. Raises `Refused`: upload_aborted, malformed."""
        if not self.ended:
            raise Refused("upload_aborted")
        if self.file is None:
            raise Refused("malformed", field="file")
        return self.file

    def _on_part_begin(self) -> None:
        # After the file it would be too late for a field to say anything of it, and a second file has no place.
        if self.file or len(self.fields) >= MOST_FIELDS:
            raise Refused("malformed", field="form")
        self._part = _Part()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._part.headers[self._name.decode("latin-1").lower()] = self._value.decode("latin-1")
        self._name, self._value = b"", b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._part.headers.get("content-disposition"))
        self._part.name = options.get(b"name", b"").decode(errors="replace")
        if b"filename" in options:
            # Browsers send a quotation mark of a name as %22, and nothing else that a name may hold is encoded.
            self._part.filename = options[b"filename"].decode(errors="replace").replace("%22", '"')
            self.file = self._open_file(self._part.filename)

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.filename is not None:
            self._pieces.append(data[start:end])
            return
        self._part.text += data[start:end]
        if len(self._part.text) > LONGEST_FIELD:
            raise Refused("malformed", field=self._part.name)

    def _on_part_end(self) -> None:
        if self._part.filename is None:
            try:
                self.fields[self._part.name] = self._part.text.decode()
            except UnicodeDecodeError as wrong:
                raise Refused("malformed", field=self._part.name) from wrong

    def _on_end(self) -> None:
        self.ended = True


AnyRequest = Request[Any, Any, Any]


async def keep(incoming: Incoming, *, watch: pdf_locks.Watch) -> Stored:
    """Keep what came, which `watch` saw pass. Raises `Refused`: password_locked, unavailable."""
    if watch.marked and await pdf_locks.locked(incoming.read_back()):
        raise Refused("password_locked")
    return await incoming.keep()


async def receive(
    request: AnyRequest, *, blobs: Blobs, left: int, said: Callable[[dict[str, str]], Said]
) -> Received[Said]:
    """Take in the form of `request`; `left` bytes may still come for this case, and `said` reads the text fields.

    Raises `Refused`: malformed, kind_not_accepted, type_mismatch, empty_file, password_locked, too_large,
    quota_exceeded, upload_aborted, unavailable, and what `said` raises, which is asked before the file's first byte.
    """
    body = arriving(request)
    try:
        return await _take_in(request, body, blobs=blobs, left=left, said=said)
    except Refused:
        await _let_run_out(request, body)
        raise


async def _take_in(
    request: AnyRequest, body: AsyncIterator[bytes], *, blobs: Blobs, left: int, said: Callable[[dict[str, str]], Said]
) -> Received[Said]:
    announced = _announced(request, left=left)
    await check_room(blobs, announced)
    async with blobs.incoming() as incoming:

        def open_file(filename: str) -> _File[Said]:
            return _File(incoming, filename=filename, announced=announced, left=left, said=said(form.fields))

        form = _Form(_boundary(request), open_file)
        async for chunk in body:
            await form.feed(chunk)
        file = form.end()
        return Received(file.name, file.kind, await file.keep(), file.said)


async def arriving(request: AnyRequest) -> AsyncIterator[bytes]:
    """What a request brings, as it comes. Raises `Refused`: upload_aborted."""
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except InternalServerException as gone:  # the framework's word for a client that hung up
        raise Refused("upload_aborted") from gone


async def _let_run_out(request: AnyRequest, body: AsyncIterator[bytes]) -> None:
    """Take in, and drop, the rest of a form that is soon over: whoever is cut off while sending never reads why."""
    if not 0 < _length(request) <= SOON_OVER:
        return
    with suppress(Refused, TimeoutError):
        async with asyncio.timeout(LINGER):
            async for _ in body:
                pass


SOON_OVER = 8 * 1024 * 1024
LINGER = 5.0
"""Up to how many announced bytes, and for how many seconds, a refused form is heard out; others are cut off."""


def _boundary(request: AnyRequest) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= LONGEST_BOUNDARY:
        raise Refused("malformed", field="content-type")
    return boundary


LONGEST_BOUNDARY = 70
"""Source: RFC 2046, section 5.1.1."""


def _announced(request: AnyRequest, *, left: int) -> int:
    """Bytes that the sender says will come, 0 where it does not. Raises `Refused`: too_large, quota_exceeded."""
    announced = _length(request)
    if announced > max(CAP.values()) + AROUND:
        raise Refused("too_large")
    if not left or announced > left + AROUND:
        raise Refused("quota_exceeded")
    return announced


def _length(request: AnyRequest) -> int:
    return numerals.read(request.headers.get("content-length", "")) or 0


async def check_room(blobs: Blobs, announced: int) -> None:
    """Whether the store can hold so many bytes more. Raises `Refused`: unavailable."""
    space = await blobs.free_space()
    if space is not None and Space(space.free - announced, space.total).tight:
        raise Refused("unavailable")
