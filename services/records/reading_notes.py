"""What an assessor notes at a page or second of the evidence, for nobody's eyes but theirs, until they send in.

Notes belong to a seat: a second reader never learns that the first one made any. Source: interface design, section 6.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases, readiness, wording
from services.records.ids import new_id
from services.records.tables.assessment import Assignment, ReadingNote
from services.records.tables.evidence import EvidenceItem
from services.rules.case import SeatState
from services.rules.rectangles import CORNERS, Rectangle
from services.rules.refusals import Refused
from services.rules.signatures import FAMILY_OF, Family

LONGEST = 2000
"""Characters of one note."""

MOST = 300
"""Notes of one seat."""

FARTHEST = 100_000
"""Pages or seconds: more than any file has."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which piece of evidence: at a page, at a second, or of the whole of it.

    `rectangle`: which part of the page of a document, or of a picture.
    """

    evidence: UUID
    page: int | None = None
    seconds: int | None = None
    rectangle: Rectangle | None = None


async def keep(
    session: AsyncSession, *, case_id: UUID, person: UUID, place: Place, text: str, now: datetime
) -> ReadingNote:
    """Keep a note of whoever sits; whether they see the piece is the caller's question.

    Raises `Refused`: not_found without a seat, judgement_locked once it was sent in, malformed with the field (a place
    that no file has, a rectangle beyond its page or on what has none), notes_full.
    """
    await cases.get(session, case_id, lock=True)
    seat = await _open_seat(session, case_id=case_id, person=person)
    said = _checked(text)
    for name, value, least in (("page", place.page, 1), ("seconds", place.seconds, 0)):
        if value is not None and not least <= value <= FARTHEST:
            raise Refused("malformed", field=name)
    item = await session.get(EvidenceItem, place.evidence)
    if item is None or item.case_id != case_id or item.removed_at is not None:
        raise Refused("not_found")
    if place.rectangle is not None and not _fits(place.rectangle, place, item):
        raise Refused("malformed", field="rectangle")
    if await _count(session, seat) >= MOST:
        raise Refused("notes_full", most=str(MOST))
    row = ReadingNote(
        id=new_id(),
        case_id=case_id,
        assignment_id=seat.id,
        evidence_id=item.id,
        page=place.page,
        seconds=None if place.page is not None else place.seconds,
        text=said,
        made_at=now,
        changed_at=now,
        **_columns(place.rectangle),
    )
    session.add(row)
    await _log(session, row, person=person, action="reading_note_kept", now=now)
    return row


async def change(
    session: AsyncSession,
    *,
    case_id: UUID,
    person: UUID,
    note: UUID,
    text: str,
    expected_version: int,
    now: datetime,
) -> ReadingNote:
    """Say it in other words. Raises `Refused` as `keep` does, and stale_version where it was changed elsewhere."""
    row = await _own(session, case_id=case_id, person=person, note=note)
    said = _checked(text)
    if row.version != expected_version:
        raise Refused("stale_version", version=str(row.version))
    row.text, row.version, row.changed_at = said, row.version + 1, now
    await _log(session, row, person=person, action="reading_note_changed", now=now)
    return row


async def remove(session: AsyncSession, *, case_id: UUID, person: UUID, note: UUID, now: datetime) -> None:
    """Take a note away. Raises `Refused`: not_found, judgement_locked."""
    row = await _own(session, case_id=case_id, person=person, note=note)
    await session.delete(row)
    await _log(session, row, person=person, action="reading_note_removed", now=now)


async def of_seat(session: AsyncSession, *, case_id: UUID, person: UUID) -> list[ReadingNote]:
    """The notes of the seat in which `person` judges or has judged, by piece and then by place; none without one."""
    seat = await readiness.held(session, case_id=case_id, person=person)
    if seat is None:
        return []
    place = sa.func.coalesce(col(ReadingNote.page), col(ReadingNote.seconds), 0)
    rows = await session.exec(
        select(ReadingNote)
        .where(col(ReadingNote.assignment_id) == seat.id)
        .order_by(col(ReadingNote.evidence_id), place, col(ReadingNote.id))
    )
    return list(rows)


async def _own(session: AsyncSession, *, case_id: UUID, person: UUID, note: UUID) -> ReadingNote:
    """A note of the open seat of `person`."""
    await cases.get(session, case_id, lock=True)
    seat = await _open_seat(session, case_id=case_id, person=person)
    row = await session.get(ReadingNote, note)
    if row is None or row.assignment_id != seat.id:
        raise Refused("not_found")
    return row


async def _open_seat(session: AsyncSession, *, case_id: UUID, person: UUID) -> Assignment:
    seat = await readiness.held(session, case_id=case_id, person=person)
    if seat is None:
        raise Refused("not_found")
    if seat.state is not SeatState.ACCEPTED:
        raise Refused("judgement_locked")
    return seat


def _fits(rectangle: Rectangle, place: Place, item: EvidenceItem) -> bool:
    """Whether it lies on a picture, or on a named page of a document: on nothing else can it be drawn."""
    family = FAMILY_OF[item.file_kind]
    there = place.page is None if family is Family.PICTURE else family is Family.PDF and place.page is not None
    return there and place.seconds is None and rectangle.on_the_page


def _columns(rectangle: Rectangle | None) -> dict[str, Any]:
    kept = rectangle.rounded if rectangle else None
    return {f"rect_{name}": getattr(kept, name) for name in CORNERS} if kept else {}


def rectangle_of(row: ReadingNote) -> Rectangle | None:
    """Which part of its page or picture a note is about."""
    edges = [getattr(row, f"rect_{name}") for name in CORNERS]
    return None if None in edges else Rectangle(*edges)


def _checked(text: str) -> str:
    said = text.strip()
    wording.check("text", said, most=LONGEST, lines=True)
    if not said:
        raise Refused("malformed", field="text")
    return said


async def _count(session: AsyncSession, seat: Assignment) -> int:
    rows = await session.exec(
        select(sa.func.count()).select_from(ReadingNote).where(col(ReadingNote.assignment_id) == seat.id)
    )
    return rows.one()


async def _log(session: AsyncSession, row: ReadingNote, *, person: UUID, action: str, now: datetime) -> None:
    await session.flush()
    stream = f"case:{row.case_id}"
    await audit.log(session, stream=stream, actor=str(person), action=action, subject=str(row.id), now=now)
