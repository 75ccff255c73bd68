"""A changed calendar moves what is left of a limit, tells who waits for it, and makes no date earlier."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.records import calendars, cases, limits, programmes
from services.records.database import Database
from services.records.tables.commands import LimitState
from services.records.tables.programmes import CalendarEdition
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules import limits as ladder
from services.rules.case import SeatState, Stage
from services.rules.deadlines import Calendar
from services.rules.moves.upkeep import MOVES
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import INSTITUTION, NOW
from tests.records.test_limits import eligible, incomplete, mails
from tests.records.test_limits import ladder as limit_of

QC = makers.programme().policy.calendar
WINTER = tuple(NOW.date() + timedelta(days=days) for days in range(3, 6))
"""Thursday to Saturday: two working days."""


async def changed(database: Database, calendar: Calendar) -> int:
    async with database.writing() as session:
        _, concerned = await calendars.publish(session, calendar, institution=INSTITUTION, actor="test", now=NOW)
        return concerned


def closed(*days: date) -> Calendar:
    return replace(QC, closures=days)


async def test_working_days_that_are_left_stay_left_and_the_advisor_is_told(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.SUBMITTED)
    await moving.tick(database, case_id, "take_case")
    zone = (await moving.case_of(database, case_id)).zone
    before = (await limit_of(database, case_id, "eligibility")).due_at
    assert await changed(database, closed(*WINTER)) == 1
    await moving.tick(database, case_id, "calendar_changed")
    after = await limit_of(database, case_id, "eligibility")
    assert (deadlines.local_day(after.due_at, zone) - deadlines.local_day(before, zone)).days == 2
    case = await moving.case_of(database, case_id)
    assert (case.due_at, case.next_calendar_id) == (after.due_at, None)
    assert (await moving.rung(database, case_id, "eligibility/late")).at > after.due_at
    (told,) = await mails(database, case_id, "dates_moved")
    assert (told.recipient, told.facts["due"]) == (who.advisor.id, after.due_at.isoformat())
    async with database.reading() as session:
        policy = (await programmes.of_case(session, await cases.get(session, case_id))).policy
    assert policy.calendar.closures == WINTER


async def test_a_learners_day_off_is_rolled_forward_and_other_days_stay(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    before = await limit_of(database, case_id, "completion")
    zone = (await moving.case_of(database, case_id)).zone
    day = deadlines.local_day(before.due_at, zone)
    await changed(database, closed(*WINTER))
    await moving.tick(database, case_id, "calendar_changed")
    assert (await limit_of(database, case_id, "completion")).due_at == before.due_at
    assert await mails(database, case_id, "dates_moved") == []
    await changed(database, closed(*WINTER, day))
    await moving.tick(database, case_id, "calendar_changed")
    after = await limit_of(database, case_id, "completion")
    assert deadlines.local_day(after.due_at, zone) > day
    assert (await moving.rung(database, case_id, "completion/lapse")).at == after.due_at


async def test_a_closure_that_is_taken_back_makes_no_date_earlier(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.SUBMITTED)
    await moving.tick(database, case_id, "take_case")
    await changed(database, closed(*WINTER))
    await moving.tick(database, case_id, "calendar_changed")
    later = (await limit_of(database, case_id, "eligibility")).due_at
    await changed(database, QC)
    await moving.tick(database, case_id, "calendar_changed")
    assert (await limit_of(database, case_id, "eligibility")).due_at == later


async def test_seats_have_their_days_as_well(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (offer,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await changed(database, closed(*WINTER))
    await moving.tick(database, case_id, "calendar_changed")
    (again,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert again.respond_by - offer.respond_by == timedelta(days=2), "two working days"
    assert again.respond_by == (await limit_of(database, case_id, f"offer:{offer.id}")).due_at
    await moving.accept(database, again)
    await moving.tick(database, case_id, "start_assessment")
    (held,) = await moving.seats_of(database, case_id, SeatState.ACCEPTED)
    await changed(database, closed(*WINTER, NOW.date() + timedelta(days=8)))
    await moving.tick(database, case_id, "calendar_changed")
    (moved,) = await moving.seats_of(database, case_id, SeatState.ACCEPTED)
    assert held.due_at is not None
    assert moved.due_at is not None
    assert moved.due_at > held.due_at


async def test_the_same_calendar_changes_nothing_and_another_institution_is_not_concerned(database: Database) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    assert await changed(database, closed(*WINTER)) == 1
    assert await changed(database, closed(*WINTER)) == 0
    assert await changed(database, replace(closed(), name="another")) == 0
    async with database.reading() as session:
        assert await calendars.behind(session, after=UUID(int=0), limit=10) == [case_id]
        assert await calendars.behind(session, after=case_id, limit=10) == []
    await moving.tick(database, case_id, "calendar_changed")
    async with moving.nothing_changes(database, "calendar_same"):
        await moving.tick(database, case_id, "calendar_changed")


async def test_a_case_that_is_sent_later_begins_with_the_newest_and_a_paused_one_takes_it_up_afterwards(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    pause = bodies.Pause("illness", NOW.date() + timedelta(days=10), wished=True)
    await moving.send(database, case_id, "pause", actor=who.advisor, role=Role.ADVISOR, body=pause)
    await changed(database, closed(*WINTER))
    async with moving.nothing_changes(database, "on_hold"):
        await moving.tick(database, case_id, "calendar_changed")
    await moving.send(database, case_id, "resume", actor=who.advisor, role=Role.ADVISOR)
    await moving.tick(database, case_id, "calendar_changed")
    async with database.reading() as session:
        rows = await limits.alive(session, case_id, LimitState.RUNNING)
    assert rows
    learner = await moving.people(database)
    draft = await moving.standing(database, learner, Stage.DRAFT)
    body = bodies.Submit("2026-1", ())
    await moving.send(database, draft, "submit", actor=learner.learner, role=Role.LEARNER, body=body)
    async with database.reading() as session:
        policy = (await programmes.of_case(session, await cases.get(session, draft))).policy
    assert policy.calendar.closures == WINTER


async def test_an_edition_is_never_rewritten(database: Database) -> None:
    await moving.people(database)
    await changed(database, closed(*WINTER))
    with pytest.raises(DBAPIError):
        async with database.writing() as session:
            await session.exec(sa.update(CalendarEdition).values(name="other"))


def test_only_the_case_itself_takes_a_calendar_up() -> None:
    (move,) = [move for move in MOVES if move.command == "calendar_changed"]
    assert (move.roles, move.by_itself) == ((Role.CLOCK,), True)
    assert "dates_moved" not in {rung.notice for limit in ladder.LIMITS for rung in limit.rungs}
