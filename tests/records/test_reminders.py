"""Reminders of one person on one day leave as one mail, at the end of the morning that the last of them needs."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases, due_dates, limits, reminders
from services.records.database import Database
from services.records.reminders import Together, Wait
from services.records.tables.commands import EffectRow, EffectState, Mail
from services.records.tables.people import Person
from services.rules import deadlines
from services.rules import limits as ladder
from tests.records import makers, moving
from tests.records.moving import People
from tests.records.sayings import ZONE


@pytest.fixture
async def who(database: Database) -> People:
    return await moving.people(database)


async def two_cases(database: Database, who: People) -> list[tuple[datetime, UUID]]:
    """Two cases of one assessor, reminded of on one morning: when, and which; the earlier one first."""
    ids = [await moving.assessing(database, who) for _ in range(2)]
    return sorted([((await moving.rung(database, case_id, "assessment/early")).at, case_id) for case_id in ids])


async def remind(database: Database, case_id: UUID) -> str:
    """Let the time of the reminder come; answers its key."""
    await moving.strike(database, case_id, "assessment/early")
    return await waiting(database, case_id)


async def waiting(database: Database, case_id: UUID) -> str:
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow.key).where(col(EffectRow.case_id) == case_id, col(EffectRow.limit_id).is_not(None))
        )
        return rows.one()


async def plan(database: Database, key: str, *, now: datetime) -> Wait | tuple[str, ...]:
    """What becomes of a reminder: how long it waits, or what goes in its mail."""
    async with database.writing() as session:
        found = await reminders.plan(session, key, now=now)
        return tuple(one.key for one in found.effects) if isinstance(found, Together) else found


async def settle(database: Database, key: str, state: EffectState) -> None:
    async with database.writing() as session:
        (await session.get_one(EffectRow, key)).state = state


async def test_the_mail_of_a_morning_waits_for_the_last_of_its_reminders(database: Database, who: People) -> None:
    (early, first), (late, second) = await two_cases(database, who)
    one = await remind(database, first)
    assert await plan(database, one, now=early) == Wait(late - early + reminders.A_MOMENT)
    two = await remind(database, second)
    after = late + reminders.A_MOMENT
    assert await plan(database, one, now=after) == (one, two)
    assert await plan(database, two, now=after) == Wait(reminders.A_MOMENT)  # it goes with the first
    assert await plan(database, one, now=after + timedelta(hours=3)) == (one, two)  # after a crash as well


async def test_a_reminder_without_others_leaves_at_once(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who)
    at = (await moving.rung(database, case_id, "assessment/early")).at
    key = await remind(database, case_id)
    assert await plan(database, key, now=at) == (key,)


async def test_a_case_that_stands_still_holds_no_mail_up_for_longer_than_its_morning(
    database: Database, who: People
) -> None:
    (early, first), (_, second) = await two_cases(database, who)
    one = await remind(database, first)
    over = deadlines.morning_over(early, zone=ZONE) + reminders.PATIENCE
    assert await plan(database, one, now=over - timedelta(seconds=1)) == Wait(reminders.A_MOMENT)
    assert await plan(database, one, now=over) == (one,)
    two = await remind(database, second)
    assert await plan(database, two, now=over) == (two,)


async def test_after_downtime_what_is_about_to_come_up_is_waited_for(database: Database, who: People) -> None:
    (_, first), (late, second) = await two_cases(database, who)
    now = late + timedelta(hours=5)
    for case_id in (first, second):
        due = await moving.rung(database, case_id, "assessment/early")
        await moving.tick(database, case_id, "deadline_reached", due.key, now=now)
        if case_id == first:
            assert await plan(database, await waiting(database, first), now=now) == Wait(reminders.A_MOMENT)
    one, two = [await waiting(database, case_id) for case_id in (first, second)]
    assert await plan(database, one, now=now + reminders.A_MOMENT) == tuple(sorted((one, two)))


async def test_nobody_is_reminded_of_what_is_over(database: Database, who: People) -> None:
    (_, first), (late, second) = await two_cases(database, who)
    one, two = await remind(database, first), await remind(database, second)
    async with database.writing() as session:
        for row in await limits.alive(session, second):
            await limits.end(session, case_id=second, key=row.key, now=late)
    assert await plan(database, two, now=late) == ()
    assert await plan(database, one, now=late) == (one,)


async def test_other_peoples_reminders_stay_theirs(database: Database, who: People) -> None:
    first = await moving.assessing(database, who)
    second = await moving.assessing(database, await moving.people(database))
    one, two = await remind(database, first), await remind(database, second)
    at = (await moving.case_of(database, first)).due_at
    assert at is not None
    assert await plan(database, one, now=at) == (one,)
    assert await plan(database, two, now=at) == (two,)


async def test_what_went_with_a_mail_that_never_left_goes_by_itself(database: Database, who: People) -> None:
    (_, first), (late, second) = await two_cases(database, who)
    one, two = await remind(database, first), await remind(database, second)
    assert await plan(database, one, now=late) == (one, two)
    await settle(database, one, EffectState.FAILED)
    assert await plan(database, two, now=late) == (two,)
    await settle(database, one, EffectState.PENDING)  # an operator lets it be tried again
    assert await plan(database, one, now=late) == (one,)


async def test_what_was_taken_is_not_sent_again(database: Database, who: People) -> None:
    (_, first), (late, second) = await two_cases(database, who)
    one, two = await remind(database, first), await remind(database, second)
    await plan(database, one, now=late)
    async with database.writing() as session:
        for key, case_id in ((one, first), (two, second)):
            session.add(
                Mail(
                    effect_key=key,
                    message_id="<one@example.org>",
                    case_id=case_id,
                    notice="assessment_reminder",
                    recipient=who.assessor.id,
                    language="fr",
                    accepted_at=late,
                )
            )
    assert [await plan(database, key, now=late) for key in (one, two)] == [(), ()]


async def test_whoever_has_no_account_any_more_is_not_waited_for(database: Database, who: People) -> None:
    (early, first), _ = await two_cases(database, who)
    one = await remind(database, first)
    async with database.writing() as session:
        (await session.get_one(Person, who.assessor.id)).active = False
    assert await plan(database, one, now=early) == (one,)


async def test_staff_are_reminded_on_mornings_of_work(database: Database, who: People) -> None:
    case_id = await moving.assessing(database, who)
    async with database.reading() as session:
        case = await cases.get(session, case_id)
        policy = makers.programme().policy
        due = datetime.fromisoformat("2026-04-06T03:59:59+00:00")  # the end of a Sunday, with Good Friday before it
        at = {
            f"{key}/{rung.key}": due_dates.instant(rung, case=case, policy=policy, start=makers.NOW, due=due)
            for key in ("letter", "panel_cap")
            for rung in ladder.LIMIT[key].rungs
            if rung.notice
        }
    assert {key: deadlines.local_day(one, case.zone).isoformat() for key, one in at.items()} == {
        "letter/soon": "2026-03-31",
        "letter/due": "2026-04-06",
        "panel_cap/end": "2026-04-06",
    }
