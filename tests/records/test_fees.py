"""Each service is charged once when it begins; nothing of it is changed, and whoever judges reads nothing of it."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from services.documents import letter_steps
from services.records import cases, fees, timeline
from services.records.database import Database
from services.records.tables.fees import CaseFee, FeeWaiver
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules import fees as fees_rules
from services.rules.case import ClosedAs, Stage
from services.rules.claims import ClaimState
from services.rules.fees import Service
from services.rules.people import Role
from services.rules.programmes import Language
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


# what nobody has to pay


async def waive(
    database: Database, case_id: UUID, *, actor: Person, role: Role, service: str, why: str = "Hard times"
) -> None:
    body = bodies.WaiveFee(service, why)
    await moving.send(database, case_id, "waive_fee", actor=actor, role=role, body=body)


async def test_a_service_is_waived_once_with_a_reason_and_its_charge_stays_on_record(database: Database) -> None:
    who = await moving.people(database)
    case_id = await sent(database, who)
    await waive(database, case_id, actor=who.lead, role=Role.LEAD, service="file", why=" Hard times ")
    assert ("fee_waived", who.learner.id) in await moving.told(database, case_id)
    assert await charged(database, case_id) == [(Service.FILE, 100)]
    async with database.reading() as session:
        waived = await fees.waivers(session, case_id)
        steps = [step.move for step in await timeline.of_case(session, case_id, seats=True)]
    assert {service: row.reason for service, row in waived.items()} == {Service.FILE: "Hard times"}
    assert "waive_fee" not in steps  # whoever decides or hears an appeal learns nothing of what is paid
    for service, why, code in (
        ("file", "Again", "nothing_to_waive"),
        ("competencies", " ", "reasons_missing"),
        ("competencies", "x" * 501, "malformed"),
        ("everything", "Why not", "malformed"),
    ):
        async with moving.nothing_changes(database, code):
            await waive(database, case_id, actor=who.lead, role=Role.LEAD, service=service, why=why)
    for change in (sa.update(FeeWaiver).values(reason="Other"), sa.delete(FeeWaiver)):
        with pytest.raises(IntegrityError, match="stays so"):
            async with database.writing() as session:
                await session.exec(change)


async def test_where_nothing_costs_anything_nothing_is_waived(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    async with moving.nothing_changes(database, "nothing_to_waive"):
        await waive(database, case_id, actor=who.advisor, role=Role.ADVISOR, service="file")


def test_a_letter_that_leads_to_another_attempt_says_that_it_costs_nothing() -> None:
    policy = PAID.policy
    assert letter_steps.costs("not_yet", policy, Language.EN, waived=True) == (fees_rules.WAIVED.en,)
    assert "50" in letter_steps.costs("not_yet", policy, Language.FR)[0]
    assert letter_steps.costs("full", policy, Language.EN, waived=True) == ()
