"""An assessor's own notes at a page or second of the evidence: nobody else is told that there are any."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.params import FromPath, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Facts, Who
from services.api.house import Now, Reading, Writing
from services.api.routes import evidence
from services.records import reading_notes
from services.records.reading_notes import Place
from services.records.tables.assessment import ReadingNote
from services.rules.people import Action, Caller, CaseFacts
from services.rules.rectangles import Rectangle
from services.rules.refusals import Refused

NoteText = Annotated[str, msgspec.Meta(min_length=1, max_length=reading_notes.LONGEST)]
Number = Annotated[int, msgspec.Meta(ge=0, le=reading_notes.FARTHEST)]
Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]


@dataclass(frozen=True, slots=True)
class ReadingNoteView:
    """One note; `page` or `seconds` say where, neither: of the whole piece. `version` is sent back with a change.

    `rectangle`: the part of that page, or of a picture, that is meant.
    """

    id: UUID
    evidence: UUID
    page: int | None
    seconds: int | None
    rectangle: Rectangle | None
    text: str
    version: int
    made_at: datetime


class NewRectangle(msgspec.Struct, forbid_unknown_fields=True):
    """A part of a page or picture, in fractions of its width and height, from the upper left corner."""

    left: Fraction
    top: Fraction
    width: Fraction
    height: Fraction


class NewReadingNote(msgspec.Struct, forbid_unknown_fields=True):
    """What to note, and where; a rectangle needs the page of a document, or a picture."""

    evidence: UUID
    text: NoteText
    page: Number | None = None
    seconds: Number | None = None
    rectangle: NewRectangle | None = None


class ChangedNote(msgspec.Struct, forbid_unknown_fields=True):
    """Other words for a note."""

    text: NoteText
    version: int


def _view(row: ReadingNote) -> ReadingNoteView:
    return ReadingNoteView(
        id=row.id,
        evidence=row.evidence_id,
        page=row.page,
        seconds=row.seconds,
        rectangle=reading_notes.rectangle_of(row),
        text=row.text,
        version=row.version,
        made_at=row.made_at,
    )


async def seen(session: AsyncSession, case_id: UUID, *, caller: Caller) -> list[ReadingNoteView]:
    """The notes of the caller's own seat."""
    return [_view(row) for row in await reading_notes.of_seat(session, case_id=case_id, person=UUID(caller.id))]


async def kept(
    session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts, place: Place, text: str, now: datetime
) -> ReadingNoteView:
    """Keep a note at a piece that the caller sees. Raises `Refused`, not_found for any other."""
    visible = await evidence.listed(session, case_id, caller=caller, facts=facts, now=now)
    if place.evidence not in {one.id for one in visible}:
        raise Refused("not_found")
    person = UUID(caller.id)
    return _view(await reading_notes.keep(session, case_id=case_id, person=person, place=place, text=text, now=now))


@get("/", opt={"action": Action.JUDGE}, operation_id="list_reading_notes", summary="One's own notes at the evidence")
async def listed(case_id: FromPath[UUID], caller: Who, reading: Reading) -> list[ReadingNoteView]:
    """By piece and place; those of one's own seat alone."""
    return await seen(reading, case_id, caller=caller)


@post("/", opt={"action": Action.JUDGE}, operation_id="keep_reading_note", summary="Note something at a place")
async def keep(
    case_id: FromPath[UUID],
    *,
    data: JSONBody[NewReadingNote],
    caller: Who,
    facts: Facts,
    writing: Writing,
    now: Now,
) -> ReadingNoteView:
    """Until the seat is sent in."""
    part = Rectangle(**msgspec.structs.asdict(data.rectangle)) if data.rectangle else None
    place = Place(data.evidence, data.page, data.seconds, part)
    return await kept(writing, case_id, caller=caller, facts=facts, place=place, text=data.text, now=now)


@put("/{note_id:uuid}", opt={"action": Action.JUDGE}, operation_id="change_reading_note", summary="Change a note")
async def change(
    case_id: FromPath[UUID],
    note_id: FromPath[UUID],
    *,
    data: JSONBody[ChangedNote],
    caller: Who,
    writing: Writing,
    now: Now,
) -> ReadingNoteView:
    """Until the seat is sent in; over a newer version, nothing is kept."""
    changed = await reading_notes.change(
        writing,
        case_id=case_id,
        person=UUID(caller.id),
        note=note_id,
        text=data.text,
        expected_version=data.version,
        now=now,
    )
    return _view(changed)


@delete("/{note_id:uuid}", opt={"action": Action.JUDGE}, operation_id="remove_reading_note", summary="Remove a note")
async def remove(
    case_id: FromPath[UUID], note_id: FromPath[UUID], *, caller: Who, writing: Writing, now: Now
) -> Response[None]:
    """Until the seat is sent in."""
    await reading_notes.remove(writing, case_id=case_id, person=UUID(caller.id), note=note_id, now=now)
    return Response(None, status_code=204)


def router() -> Router:
    """Every route of notes at the evidence."""
    return Router(
        "/api/v1/cases/{case_id:uuid}/reading-notes", route_handlers=[listed, keep, change, remove], tags=["judgements"]
    )
