"""Notes at the evidence belong to one seat, can be changed until it is sent in, and are nobody else's."""

from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases, reading_notes
from services.records.database import Database
from services.records.reading_notes import Place
from services.records.tables.assessment import Assignment, ReadingNote
from services.records.tables.evidence import EvidenceItem
from services.records.tables.people import Person
from services.rules.case import SeatKind, SeatState
from services.rules.people import Role
from services.rules.rectangles import Rectangle
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW


async def piece_of(database: Database, case_id: UUID) -> UUID:
    async with database.reading() as session:
        return (await session.exec(select(EvidenceItem.id).where(col(EvidenceItem.case_id) == case_id).limit(1))).one()


async def keep(database: Database, case_id: UUID, person: Person, place: Place, text: str = "Look here") -> ReadingNote:
    async with database.writing() as session:
        return await reading_notes.keep(session, case_id=case_id, person=person.id, place=place, text=text, now=NOW)


async def change(database: Database, note: ReadingNote, person: Person, text: str = "Other", version: int = 1) -> None:
    async with database.writing() as session:
        await reading_notes.change(
            session,
            case_id=note.case_id,
            person=person.id,
            note=note.id,
            text=text,
            expected_version=version,
            now=NOW,
        )


async def texts(database: Database, case_id: UUID, person: Person) -> list[str]:
    async with database.reading() as session:
        found = await reading_notes.of_seat(session, case_id=case_id, person=person.id)
        return [f"{one.page or one.seconds} {one.text}" for one in found]


async def test_notes_stand_in_the_order_of_their_places_and_can_be_changed_and_removed(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    piece = await piece_of(database, case_id)
    later = await keep(database, case_id, who.assessor, Place(piece, page=12), "Later")
    early = await keep(database, case_id, who.assessor, Place(piece, page=2), " Early ")
    await keep(database, case_id, who.assessor, Place(piece, page=3, seconds=4), "Of a page")
    assert await texts(database, case_id, who.assessor) == ["2 Early", "3 Of a page", "12 Later"]
    await change(database, early, who.assessor, "Sooner")
    async with moving.nothing_changes(database, "stale_version"):
        await change(database, early, who.assessor)
    async with moving.nothing_changes(database, "malformed"):
        await change(database, early, who.assessor, " ", 2)
    async with database.writing() as session:
        mine = {"case_id": case_id, "person": who.assessor.id, "note": later.id}
        await reading_notes.remove(session, **mine, now=NOW)
    assert await texts(database, case_id, who.assessor) == ["2 Sooner", "3 Of a page"]


async def test_what_is_no_place_or_no_piece_of_the_case_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    piece = await piece_of(database, case_id)
    async with database.writing() as session:
        other = await makers.case(session)
        elsewhere = (await makers.evidence(session, other, *await makers.claims(session, other))).id
    for place, code in (
        (Place(piece, page=0), "malformed"),
        (Place(piece, seconds=reading_notes.FARTHEST + 1), "malformed"),
        (Place(elsewhere), "not_found"),
        (Place(case_id), "not_found"),
    ):
        async with moving.nothing_changes(database, code):
            await keep(database, case_id, who.assessor, place)
    monkeypatch.setattr(reading_notes, "MOST", 1)
    await keep(database, case_id, who.assessor, Place(piece))
    async with moving.nothing_changes(database, "notes_full"):
        await keep(database, case_id, who.assessor, Place(piece))


async def test_a_part_of_a_page_is_kept_with_the_note(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    piece = await piece_of(database, case_id)
    part = Rectangle(0.25, 0.123456, 0.5, 0.2)
    await keep(database, case_id, who.assessor, Place(piece, page=2, rectangle=part))
    await keep(database, case_id, who.assessor, Place(piece, page=3))
    for place in (
        Place(piece, rectangle=part),
        Place(piece, seconds=4, rectangle=part),
        Place(piece, page=2, seconds=4, rectangle=part),
        Place(piece, page=2, rectangle=Rectangle(0.6, 0, 0.5, 0.5)),
    ):
        async with moving.nothing_changes(database, "malformed"):
            await keep(database, case_id, who.assessor, place)
    async with database.writing() as session:
        item = await session.get_one(EvidenceItem, piece)
        item.file_kind = "png"
    await keep(database, case_id, who.assessor, Place(piece, rectangle=part))
    for kind, page in (("png", 1), ("docx", 1), ("mp4", None)):
        async with database.writing() as session:
            (await session.get_one(EvidenceItem, piece)).file_kind = kind
        async with moving.nothing_changes(database, "malformed"):
            await keep(database, case_id, who.assessor, Place(piece, page=page, rectangle=part))
    async with database.reading() as session:
        found = await reading_notes.of_seat(session, case_id=case_id, person=who.assessor.id)
    kept = Rectangle(0.25, 0.1235, 0.5, 0.2)
    assert [reading_notes.rectangle_of(one) for one in found] == [kept, kept, None]


async def test_a_second_reader_has_notes_of_their_own_and_learns_of_no_others(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    piece = await piece_of(database, case_id)
    first = await keep(database, case_id, who.assessor, Place(piece), "Seen first")
    async with database.writing() as session:
        second = await makers.staff(session, Role.ASSESSOR)
        case = await cases.get(session, case_id)
        await makers.seat(session, case, second, kind=SeatKind.SECOND, state=SeatState.ACCEPTED)
    assert await texts(database, case_id, second) == []
    for person in (second, who.advisor, who.learner, who.lead):
        async with moving.nothing_changes(database, "not_found"):
            await change(database, first, person)
    assert await texts(database, case_id, who.lead) == []
    with pytest.raises(Refused, match="not_found"):
        await keep(database, case_id, who.advisor, Place(piece))


async def test_what_was_noted_stays_once_the_seat_is_sent_in(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    piece = await piece_of(database, case_id)
    note = await keep(database, case_id, who.assessor, Place(piece))
    async with database.writing() as session:
        seats = await session.exec(select(Assignment).where(col(Assignment.case_id) == case_id))
        for seat in seats:
            seat.state = SeatState.SUBMITTED
    for attempt in (change(database, note, who.assessor), keep(database, case_id, who.assessor, Place(piece))):
        async with moving.nothing_changes(database, "judgement_locked"):
            await attempt
    assert await texts(database, case_id, who.assessor) == ["None Look here"]
