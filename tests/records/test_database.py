"""Both engines keep what was committed, forget what was not, and speak of time in UTC."""

from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import col, select

from services.records import database as databases
from services.records.database import Database
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState
from services.rules.people import Role
from tests.records import makers


async def test_what_was_written_is_there_for_the_next_reader(database: Database) -> None:
    async with database.writing() as session:
        made = await makers.decided(session)
    async with database.reading() as session:
        assert (await session.get_one(Case, made.id)).stage is Stage.DECIDED


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as session:
            await makers.person(session)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with database.reading() as session:
        assert (await session.exec(select(sa.func.count()).select_from(Person))).one() == 0


async def test_times_come_back_in_utc_whatever_zone_they_were_written_in(database: Database) -> None:
    local = datetime(2026, 7, 1, 9, tzinfo=timezone(timedelta(hours=-4)))
    async with database.writing() as session:
        row = await makers.person(session, created_at=local)
    async with database.reading() as session:
        read = (await session.get_one(Person, row.id)).created_at
    assert read == local
    assert read.utcoffset() == timedelta(0)


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="ValueError"):
        async with database.writing() as session:
            await makers.person(session, created_at=datetime(2026, 7, 1, 9))  # noqa: DTZ001 - what is refused


async def test_a_word_that_is_no_stage_cannot_be_stored(database: Database) -> None:
    async with database.writing() as session:
        row = await makers.case(session)
    with pytest.raises(IntegrityError):
        async with database.engine.begin() as connection:
            await connection.execute(
                sa.text("UPDATE cases SET stage = 'nonsense' WHERE number = :number"), {"number": row.number}
            )


async def test_a_row_without_its_parent_cannot_be_stored(database: Database) -> None:
    async with database.writing() as session:
        row = await makers.case(session)
    with pytest.raises(IntegrityError):
        async with database.engine.begin() as connection:
            await connection.execute(sa.delete(Person).where(col(Person.id) == row.learner_id))


async def test_the_settings_under_which_nothing_acknowledged_is_lost_are_on(database: Database) -> None:
    assert await databases.unsafe_settings(database) == {}


async def test_a_setting_that_could_lose_rows_is_named(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite = database.engine.dialect.name == "sqlite"
    name = "REQUIRED_SQLITE" if sqlite else "REQUIRED_POSTGRESQL"
    setting = "synchronous" if sqlite else "synchronous_commit"
    monkeypatch.setattr(databases, name, {setting: "remote_apply"})
    assert set(await databases.unsafe_settings(database)) == {setting}


async def test_one_person_cannot_be_two_parties_of_a_case(database: Database) -> None:
    async with database.writing() as session:
        row = await makers.case(session)
    with pytest.raises(IntegrityError):
        async with database.engine.begin() as connection:
            await connection.execute(
                sa.text("INSERT INTO case_parties SELECT case_id, person_id, 'assessor', since FROM case_parties")
            )
    assert row.learner_id


async def test_nobody_judges_without_being_the_cases_assessor(database: Database) -> None:
    async with database.writing() as session:
        row = await makers.case(session)
        (claim,) = await makers.claims(session, row)
        stranger = await makers.person(session)
        offered = await makers.seat(session, row, stranger, state=SeatState.OFFERED)
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await makers.judgement(session, offered, claim)


async def test_nobody_decides_without_being_the_cases_decision_maker(database: Database) -> None:
    async with database.writing() as session:
        row = await makers.case(session, stage=Stage.DECISION_PENDING)
        advisor = await makers.person(session)
        await makers.party(session, row, advisor, Role.ADVISOR)
        asked = await makers.command(session, row, "decide", actor=advisor.id, role=Role.DECISION_MAKER)
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await makers.decision(session, row, asked)


async def test_a_claim_that_was_not_granted_gets_no_credential(database: Database) -> None:
    async with database.writing() as session:
        row = await makers.case(session, stage=Stage.ISSUING)
        (claim,) = await makers.claims(session, row)
        decider = await makers.person(session)
        asked = await makers.command(session, row, "decide", actor=decider.id, role=Role.DECISION_MAKER)
        made = await makers.decision(session, row, asked, settles={claim.id: (ClaimState.NOT_YET, None)})
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await makers.intent(session, made, claim)


async def test_a_competency_is_held_once(database: Database) -> None:
    async with database.writing() as session:
        first = await makers.decided(session)
        learner = await session.get_one(Person, first.learner_id)
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await makers.decided(session, learner=learner)


async def test_the_text_of_an_error_holds_nothing_that_was_asked_for(database: Database) -> None:
    with pytest.raises(StatementError) as failed:
        async with database.reading() as session:
            await session.exec(select(sa.literal_column("no_such_column")).where(col(Person.name) == "Sample Name"))
    assert "no_such_column" in str(failed.value)
    assert "Sample Name" not in str(failed.value)
