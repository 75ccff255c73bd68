"""What a mentor keeps of a case: notes of their own, which nobody else reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.records import mentoring
from services.records.tables.support import MentorNote
from services.rules.people import Action


class NoteForm(msgspec.Struct, forbid_unknown_fields=True):
    """What to remember; `spoke` where it is about a talk with the learner, which counts as a check-in."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=mentoring.LONGEST)]
    spoke: bool = False


@dataclass(frozen=True, slots=True)
class NoteView:
    """One note."""

    id: UUID
    text: str
    spoke: bool
    written_at: datetime


def _view(row: MentorNote) -> NoteView:
    return NoteView(row.id, row.text, row.spoke, row.written_at)


@get("/", opt={"action": Action.KEEP_NOTES}, operation_id="list_notes", summary="One's own notes on a case")
async def kept(case_id: FromPath[UUID], caller: Who, reading: Reading) -> list[NoteView]:
    """Newest first; a mentor who follows another one begins with none."""
    return [_view(row) for row in await mentoring.notes(reading, case_id=case_id, mentor=UUID(caller.id))]


@post("/", opt={"action": Action.KEEP_NOTES}, operation_id="keep_note", summary="Keep a note")
async def keep(case_id: FromPath[UUID], data: JSONBody[NoteForm], caller: Who, writing: Writing, now: Now) -> NoteView:
    """Nobody but the mentor reads it."""
    return _view(
        await mentoring.note(
            writing, case_id=case_id, mentor=UUID(caller.id), text=data.text, spoke=data.spoke, now=now
        )
    )


def router() -> Router:
    """Every route of a mentor's notes."""
    return Router("/api/v1/cases/{case_id:uuid}/notes", route_handlers=[kept, keep], tags=["cases"])
