"""Each service is charged once when it begins; nothing of it is changed, and whoever judges reads nothing of it."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.records import cases, fees
from services.records.database import Database
from services.records.tables.fees import CaseFee
from services.rules import commands as bodies
from services.rules.case import ClosedAs, Stage
from services.rules.claims import ClaimState
from services.rules.fees import Service
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

PRICES = {"fee_file": 100, "fee_competency": 50, "fee_competencies_most": 80, "fee_reactivation": 30}
PAID = makers.with_policy(**PRICES)
SENT = bodies.Submit("2026-1", (), "Sample Agency")


async def charged(database: Database, case_id: UUID) -> list[tuple[Service, int]]:
    async with database.reading() as session:
        return [(one.service, one.amount) for one in await fees.of_case(session, case_id)]


async def sent(database: Database, who: People) -> UUID:
    case_id = await moving.standing(database, who, Stage.DRAFT, sample=PAID)
    await moving.send(database, case_id, "submit", actor=who.learner, role=Role.LEARNER, body=SENT)
    return case_id


async def test_a_file_is_charged_when_it_is_sent_and_names_who_filed_it(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who)
    assert await charged(database, case_id) == [(Service.FILE, 100)]
    assert (await moving.case_of(database, case_id)).agent == "Sample Agency"
    for change in (sa.update(CaseFee).values(amount=1), sa.delete(CaseFee)):
        with pytest.raises(IntegrityError, match="stays on record"):
            async with database.writing() as session:
                await session.exec(change)


async def test_what_is_assessed_is_charged_up_to_the_most_of_the_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE, sample=PAID)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        case.answers = {"work": "Two years of it"}
        await makers.evidence(session, case, *await makers.claims(session, case))
    await moving.send(
        database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO
    )
    assert await charged(database, case_id) == [(Service.COMPETENCIES, 80)]  # two of them, and the most is 80


@pytest.mark.parametrize(("months", "found"), [(11, []), (13, [(Service.REACTIVATION, 30)])])
async def test_a_case_that_rested_long_is_charged_when_it_is_taken_up_again(
    sqlite_database: Database, months: int, found: list[tuple[Service, int]]
) -> None:
    who = await moving.people(sqlite_database)
    before = NOW - timedelta(days=31 * months)
    case_id = await moving.standing(
        sqlite_database,
        who,
        Stage.CLOSED,
        sample=PAID,
        claims_are=ClaimState.CLAIMED,
        closed_as=ClosedAs.WITHDRAWN,
        return_to=Stage.ELIGIBLE,
        closed_at=NOW - timedelta(days=10),
        submitted_at=before,
        active_at=before,
    )
    body = bodies.Reopen("The learner is back.")
    await moving.send(sqlite_database, case_id, "reopen", actor=who.lead, role=Role.LEAD, body=body)
    assert await charged(sqlite_database, case_id) == found


async def test_nobody_files_under_a_name_that_no_name_is(sqlite_database: Database) -> None:
    who = await moving.people(sqlite_database)
    case_id = await moving.standing(sqlite_database, who, Stage.DRAFT)
    body = bodies.Submit("2026-1", (), "x" * 201)
    async with moving.nothing_changes(sqlite_database, "malformed"):
        await moving.send(sqlite_database, case_id, "submit", actor=who.learner, role=Role.LEARNER, body=body)
