"""Whoever led an appointment keeps its recording or its form: direct evidence, by consent, unknown to other seats."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.records import cases, evidence, portfolio, recordings
from services.records.blobs import Stored
from services.records.database import Database
from services.records.recordings import File, Said
from services.records.tables.assessment import Assignment
from services.records.tables.people import Person
from services.rules import signatures
from services.rules.appointments import KeptAs
from services.rules.case import SeatState
from services.rules.evidence import CLASS_OF, EvidenceClass, suffices
from tests.records import meeting, moving
from tests.records.makers import NOW
from tests.records.moving import People, nothing_changes

BOTH = ("The learner", "The assessor")
KINDS = {extension: kind for kind in signatures.FILE_KINDS for extension in kind.extensions}


@pytest.fixture
async def who(database: Database) -> People:
    return await moving.people(database)


def file(name: str = "voice.mp3", size: int = 500) -> File:
    stored = Stored(sha256(name.encode()).hexdigest(), size)
    return File(name, KINDS[name.rpartition(".")[2]], stored)


async def keep(
    database: Database,
    who: People,
    case_id: UUID,
    *,
    person: Person | None = None,
    of: File | None = None,
    now: datetime = meeting.HELD,
    **changes: Any,  # noqa: ANN401 - any field
) -> UUID:
    row = await meeting.newest(database, case_id)
    said = replace(Said(KeptAs.RECORDING, BOTH, BOTH), **changes)
    async with database.writing() as session:
        kept = await recordings.keep(
            session,
            case_id=case_id,
            appointment_id=row.id,
            person=(person or who.assessor).id,
            said=said,
            file=of or file(),
            now=now,
        )
        return kept.id


async def test_a_recording_is_direct_evidence_for_the_claims_of_its_appointment(
    database: Database, who: People
) -> None:
    case_id = await meeting.booked(database, who)
    one = await keep(database, who, case_id)
    assert await keep(database, who, case_id) == one  # the same bytes again
    await meeting.write(database, who, case_id)
    await moving.tick(database, case_id, "end_appointment", now=meeting.HELD)
    form = await keep(database, who, case_id, of=file("form.pdf"), what=KeptAs.FORM, present=(), consenting=())
    claims = await moving.claims_of(database, case_id)
    async with database.reading() as session:
        weighed = await recordings.weighed(session, claims["first"].id, person=who.assessor.id)
        assert await recordings.weighed(session, claims["second"].id) == ()
        # Who has not met the learner is not to judge by it, nor to learn of it.
        assert await recordings.weighed(session, claims["first"].id, person=who.decider.id) == ()
        assert len(await evidence.of_case(session, case_id)) == 1
        assert not await portfolio.changed_since_sent(session, await cases.get(session, case_id))
    assert [item.id for item in weighed] == [str(one), str(form)]
    assert {CLASS_OF[item.kind] for item in weighed} == {EvidenceClass.DIRECT}
    assert suffices(weighed)
    told = await moving.told(database, case_id)
    assert told.count(("recording_kept", who.learner.id)) == 1


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("recording_consent", {"consenting": BOTH[:1]}),
        ("recording_consent", {"present": ()}),
        ("malformed", {"present": (*BOTH, "x" * 201)}),
        ("kind_not_accepted", {"of": file("form.pdf")}),
        ("quota_exceeded", {"of": file(size=10**12)}),
        ("appointment_ahead", {"now": NOW}),
    ],
)
async def test_nothing_is_kept_of_an_appointment_without_what_it_needs(
    database: Database, who: People, code: str, changes: dict[str, Any]
) -> None:
    case_id = await meeting.booked(database, who)
    async with nothing_changes(database, code):
        await keep(database, who, case_id, **changes)


async def test_only_who_led_it_keeps_it_and_only_while_they_judge(database: Database, who: People) -> None:
    case_id = await meeting.booked(database, who)
    async with nothing_changes(database, "not_found"):
        await keep(database, who, case_id, person=who.advisor)
    for number in range(recordings.MOST_FILES):
        await keep(database, who, case_id, of=file(f"{number}.mp3"))
    async with nothing_changes(database, "quota_exceeded"):
        await keep(database, who, case_id)
    (seat,) = await moving.seats_of(database, case_id)
    async with database.writing() as session:
        (await session.get_one(Assignment, seat.id)).state = SeatState.SUBMITTED
    async with nothing_changes(database, "appointment_moved_on"):
        await keep(database, who, case_id)


async def test_of_an_appointment_that_did_not_take_place_there_is_nothing_to_keep(
    database: Database, who: People
) -> None:
    case_id = await meeting.ordered(database, who)
    async with nothing_changes(database, "appointment_moved_on"):
        await keep(database, who, case_id)


async def test_what_was_kept_cannot_be_changed_or_deleted(database: Database, who: People) -> None:
    case_id = await meeting.booked(database, who)
    await keep(database, who, case_id)
    for statement in ("UPDATE appointment_files SET name = 'other.mp3'", "DELETE FROM appointment_files"):
        with pytest.raises(IntegrityError, match="what was kept of an appointment"):
            async with database.engine.begin() as connection:
                await connection.execute(sa.text(statement))
