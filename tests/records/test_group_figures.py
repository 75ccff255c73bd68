"""A year is counted in groups on the first night after it, once, from what people said of themselves at that time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from temporalio.testing import ActivityEnvironment

from services.records import courses, group_figures, self_identification
from services.records.database import Database
from services.records.group_figures import Owed
from services.records.ids import new_id
from services.records.tables.accommodations import Accommodation
from services.records.tables.cases import Case
from services.records.tables.statistics import GroupYear
from services.records.tables.support import MentorNote
from services.rules import groups
from services.rules.accommodations import Answered
from services.rules.case import Stage
from services.rules.claims import Outcome, Recommendation
from services.rules.groups import NO_ANSWER, NOT_USED, PLACES, USED, Dimension, Took
from services.rules.people import Role
from services.workflows.rolling_up import RollingUp
from tests.records import appealing, makers, moving
from tests.records.makers import NOW
from tests.records.test_progress import AWAY, REACH, SLUG, course, span

NEW_YEAR = datetime(2027, 1, 1, 7, tzinfo=UTC)


async def owed(database: Database, *, now: datetime = NEW_YEAR) -> Owed | None:
    async with database.reading() as session:
        return await group_figures.gather(session, await courses.gather(session, SLUG, now=now))


async def learner_of(database: Database, case_id: UUID) -> UUID:
    async with database.reading() as session:
        return (await session.get_one(Case, case_id)).learner_id


async def test_a_year_is_owed_once_it_is_over_and_counted_once(database: Database) -> None:
    case_id = await course(database, 5, 20, 50, 60, outcome=Outcome.GRANTED_FULL)
    await span(database, case_id, Stage.ELIGIBLE, begins=5, ends=20)
    learner = await learner_of(database, case_id)
    async with database.writing() as session:
        await self_identification.keep(session, learner, {"gender": "woman"}, now=NOW)
    assert await owed(database, now=NOW + timedelta(days=200)) is None
    found = await owed(database)
    assert found is not None
    assert found.said == {learner: {"gender": "woman"}}
    row = group_figures.counted(found)
    assert (row.year, len(row.tables)) == (2026, len(groups.Dimension))
    assert "woman" in str(row.tables)
    async with database.writing() as session:
        await group_figures.store(session, row)
    assert await owed(database) is None
    async with database.reading() as session:
        assert len(await group_figures.of_year(session, REACH, SLUG, 2026)) == len(groups.Dimension)
        assert await group_figures.of_year(session, [("elsewhere", None)], SLUG, 2026) == []
    for statement in ("UPDATE group_years SET definition = 'other'", "DELETE FROM group_years"):
        with pytest.raises(IntegrityError, match="group_years"):
            async with database.engine.begin() as connection:
                await connection.execute(sa.text(statement))
    async with database.reading() as session:
        assert len(list(await session.exec(select(GroupYear)))) == 1


async def test_each_person_counts_once_by_the_first_case_with_how_far_it_came_and_how_long(database: Database) -> None:
    first = await course(database, 5, 20, 50, 60, outcome=Outcome.GRANTED_PARTIAL)
    await span(database, first, Stage.ELIGIBLE, begins=5, ends=20)
    await span(database, first, Stage.IN_ASSESSMENT, begins=21, ends=28)
    again = await course(database, 5, submitted_at=NOW + timedelta(days=90))
    other = await course(database)
    learner = await learner_of(database, first)
    async with database.writing() as session:
        (await session.get_one(Case, again)).learner_id = learner
    found = await owed(database)
    assert found is not None
    walks = {one.id: group_figures._walk(found, one) for one in found.gathered.courses}  # noqa: SLF001 - what is not stored
    came = (walks[first].eligible, walks[first].deposited, walks[first].decided, walks[first].granted)
    assert (came, walks[first].within) == ((True, True, True, True), True)
    assert (walks[other].eligible, walks[other].within) == (False, False)
    (settled,) = group_figures._settled(found, [one for one in found.gathered.courses if one.id == first])  # noqa: SLF001 - as above
    assert settled.days == {Took.DECISION: 60, Took.THEIRS: 15, Took.OURS: 5}
    table = group_figures.counted(found).tables[PLACES[Dimension.LANGUAGE]]
    assert table["shares"][0]["groups"][-1]["persons"] == "below_ten"
    assert AWAY[0] is Stage.ELIGIBLE


async def test_supports_that_were_used_claims_and_appeals_stand_with_their_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await appealing.decided(database, who)
    await appealing.lodge(database, who, case_id)
    plain = await moving.judged(database, await moving.people(database), first=Recommendation.MET)
    async with database.writing() as session:
        case = await session.get_one(Case, case_id)
        asked = await makers.command(session, case, "ask_accommodation", actor=case.learner_id, role=Role.LEARNER)
        row = Accommodation(
            id=new_id(), case_id=case_id, command_id=asked.id, asked_by=case.learner_id, arrangements=["interpreter"],
            extra_time=100, note="", state=Answered.GRANTED, asked_at=NOW,
        )  # fmt: skip
        await makers.stored(session, row)
        mentor = await makers.staff(session, Role.MENTOR)
        note = MentorNote(id=uuid4(), case_id=case_id, mentor_id=mentor.id, text="We met.", spoke=True, written_at=NOW)
        await makers.stored(session, note)
    found = await owed(database)
    assert found is not None
    by_id = {one.id: group_figures._groups(found, one) for one in found.gathered.courses}  # noqa: SLF001 - what is not stored
    used = (Dimension.MENTOR, Dimension.ACCOMMODATION, Dimension.INTERPRETER)
    assert [by_id[case_id][PLACES[one]] for one in used] == [USED] * 3
    assert by_id[case_id][PLACES[Dimension.ADVISOR_CONTACT]] == NOT_USED
    assert set(by_id[plain][2:]) == {NO_ANSWER, NOT_USED}
    assert case_id in found.appealed
    assert sum(found.claims[case_id]) > 0
    (settled,) = group_figures._settled(found, [one for one in found.gathered.courses if one.id == case_id])  # noqa: SLF001 - as above
    assert settled.appealed


async def night(database: Database, now: datetime) -> None:
    await ActivityEnvironment().run(RollingUp(database, lambda: now).statistics)


async def test_the_night_after_the_year_counts_it_and_forgets_what_is_too_old(database: Database) -> None:
    learner = await learner_of(database, await course(database, 5))
    async with database.writing() as session:
        await self_identification.keep(session, learner, {"age": "25_34"}, now=NOW)
    for now, kept, years in ((NOW, 1, 0), (NEW_YEAR, 1, 1), (NEW_YEAR.replace(year=2032), 0, 1)):
        await night(database, now)
        async with database.reading() as session:
            said = await self_identification.of_person(session, learner)
            assert (said is not None, len(list(await session.exec(select(GroupYear))))) == (bool(kept), years)
