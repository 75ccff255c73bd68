"""The service standard counts from the portfolio to the letter, without the time in which a case waits elsewhere."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from services.records import cases, programmes, service_standards
from services.records.database import Database
from services.records.service_standards import Standard
from services.records.tables.cases import MissingItem, StageHistory
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules.case import Stage
from services.rules.deadlines import Span, Unit
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW

SECOND = timedelta(seconds=1)


async def standard(database: Database, case_id: UUID) -> Standard | None:
    async with database.reading() as session:
        case = await cases.get(session, case_id)
        policy = (await programmes.of_case(session, case)).policy
        return await service_standards.of_case(session, case, policy=policy)


async def after_business_days(database: Database, case_id: UUID, days: int) -> datetime:
    """The end of the business day that comes `days` after `NOW`."""
    async with database.reading() as session:
        case = await cases.get(session, case_id)
        calendar = (await programmes.of_case(session, case)).policy.calendar
    day = deadlines.add(calendar, deadlines.local_day(NOW, case.zone), Span(days, Unit.BUSINESS_DAY))
    return deadlines.end_of_day(day, case.zone)


async def told(database: Database, case_id: UUID, *, at: datetime) -> None:
    """The letter can be read since `at`."""
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        row = await makers.command(session, case, "effect_done", actor="clock", role=Role.CLOCK)
        await makers.stored(
            session,
            StageHistory(
                case_id=case_id,
                version=case.version + 1,
                command_id=row.id,
                move="effect_done",
                from_stage=Stage.ISSUING,
                to_stage=Stage.DECIDED,
                at=at,
            ),
        )


async def test_there_is_no_standard_before_a_portfolio(database: Database) -> None:
    who = await moving.people(database)
    assert await standard(database, await moving.standing(database, who, Stage.ELIGIBLE)) is None


async def test_a_letter_is_due_after_the_policys_time_from_the_portfolio(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    due = await after_business_days(database, case_id, 50)
    assert await standard(database, case_id) == Standard(due, None)
    await told(database, case_id, at=due)
    assert await standard(database, case_id) == Standard(due, kept=True)


async def test_a_letter_that_came_later_did_not_keep_the_standard(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    due = await after_business_days(database, case_id, 50)
    await told(database, case_id, at=due + SECOND)
    assert await standard(database, case_id) == Standard(due, kept=False)


async def test_time_with_the_learner_is_not_the_institutions(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    asked = bodies.AskCompletion((bodies.MissingItem("Payslip", "To know where you worked"),))
    await moving.send(database, case_id, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=asked)
    assert await standard(database, case_id) == Standard(None, None)
    async with database.reading() as session:
        (item,) = await session.exec(select(MissingItem).where(col(MissingItem.case_id) == case_id))
    answered = await after_business_days(database, case_id, 7)
    answer = bodies.Complete((bodies.ItemAnswer(str(item.id), "Here it is"),))
    await moving.send(
        database, case_id, "complete", actor=who.learner, role=Role.LEARNER, body=answer, now=answered - SECOND
    )
    assert await standard(database, case_id) == Standard(await after_business_days(database, case_id, 57), None)
