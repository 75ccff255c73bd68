"""Programme administrators are told how many cases take twice their time: once a week, in numbers, and nothing else."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from services.records import cases, due_dates, limits, overdue, programmes
from services.records.database import Database
from services.records.tables.commands import LimitRow, LimitState
from services.records.tables.people import Person
from services.rules import limits as ladder
from services.rules.case import Stage
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import INSTITUTION, NOW

TWICE = NOW + timedelta(days=90)
"""More than twice ten business days after `NOW`."""


async def waiting(database: Database, who: moving.People, stage: Stage = Stage.ELIGIBILITY_REVIEW) -> UUID:
    """A case whose limits of `stage` run since `NOW`."""
    case_id = await moving.standing(database, who, stage)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        policy = (await programmes.of_case(session, case)).policy
        await limits.enter(session, case=case, previous=Stage.SUBMITTED, policy=policy, now=NOW)
    return case_id


async def administrator(database: Database, *, programme: str | None = None) -> Person:
    async with database.writing() as session:
        return await makers.staff(session, Role.PROGRAMME_ADMIN, programme=programme)


async def counted(database: Database, *case_ids: UUID, now: datetime) -> overdue.Counts:
    counts: overdue.Counts = {}
    async with database.reading() as session:
        for case_id in case_ids:
            await overdue.count(session, case_id, counts=counts, now=now)
    return counts


async def late(database: Database, *, now: datetime) -> list[UUID]:
    async with database.reading() as session:
        return await overdue.late(session, after=UUID(int=0), now=now, limit=10)


async def test_a_case_counts_once_its_limit_has_passed_twice_and_not_before(database: Database) -> None:
    who = await moving.people(database)
    reader = await administrator(database)
    case_id = await waiting(database, who)
    async with database.reading() as session:
        case = await cases.get(session, case_id)
        (running,) = await limits.alive(session, case_id)
        policy = (await programmes.of_case(session, case)).policy
        limit = ladder.LIMIT["eligibility"]
        again = due_dates.due_of(case=case, policy=policy, limit=limit, start=running.due_at)
    assert await late(database, now=running.due_at - timedelta(seconds=1)) == []
    assert await late(database, now=running.due_at) == [case_id]
    assert await counted(database, case_id, now=again - timedelta(seconds=1)) == {}
    assert await counted(database, case_id, now=again) == {(INSTITUTION, reader.id): Counter({case.programme: 1})}


async def test_the_time_of_learners_and_time_that_stands_still_are_nobodys_delay(database: Database) -> None:
    who = await moving.people(database)
    await administrator(database)
    await waiting(database, who, Stage.ELIGIBLE)
    paused = await waiting(database, who)
    async with database.writing() as session:
        for row in await limits.alive(session, paused):
            (await session.get_one(LimitRow, row.id)).state = LimitState.PAUSED
    assert await late(database, now=NOW + timedelta(days=2000)) == []
    assert await counted(database, paused, now=NOW + timedelta(days=2000)) == {}


async def test_nobody_counts_a_case_from_which_they_are_barred_or_of_another_programme(database: Database) -> None:
    who = await moving.people(database)
    reader, barred = await administrator(database), await administrator(database)
    await administrator(database, programme="another")
    async with database.writing() as session:
        await makers.role(session, who.learner, Role.PROGRAMME_ADMIN)
    first, second = await waiting(database, who), await waiting(database, who)
    async with database.writing() as session:
        await makers.exclude(session, await cases.get(session, first), barred)
    counts = await counted(database, first, second, now=TWICE)
    assert {person: counter.total() for (_, person), counter in counts.items()} == {reader.id: 2, barred.id: 1}


async def test_a_list_is_written_once_a_week_and_sent_in_its_week(database: Database) -> None:
    who = await moving.people(database)
    reader = await administrator(database)
    case_id = await waiting(database, who)
    counts = await counted(database, case_id, now=TWICE)
    for day, fresh in ((0, 1), (0, 0), (7, 1)):
        async with database.writing() as session:
            assert await overdue.keep(session, counts, now=TWICE + timedelta(days=day)) == fresh
    async with database.writing() as session:
        (one,) = await overdue.unsent(session, now=TWICE)
        assert (one.person_id, one.week) == (reader.id, overdue.week_of(TWICE))
        ((title, number),) = await overdue.lines(session, one)
        assert (title, number) == (makers.programme().title, 1)
        one.accepted_at = TWICE
    async with database.reading() as session:
        assert await overdue.unsent(session, now=TWICE) == []
        assert len(await overdue.unsent(session, now=TWICE + timedelta(days=7))) == 1
