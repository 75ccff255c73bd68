"""The caseload counts what it lists, in every order, page by page, and holds nothing that its reader may not see."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import caseload, people, saved_views
from services.records.caseload import Counter, Sort, Wanted
from services.records.database import Database
from services.records.tables.cases import Case, CaseSpan
from services.records.tables.people import Person
from services.rules.case import Clock, Stage, WaitingOn
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

LONG_AGO = NOW - timedelta(days=40)


async def numbers(session: AsyncSession, person: Person, wanted: Wanted | None = None) -> list[str]:
    """What `person` finds."""
    caller = await people.caller(session, person.id)
    rows = await caseload.rows(session, caller=caller, wanted=wanted or Wanted(), now=NOW)
    return [row.number for row in rows]


async def make(session: AsyncSession, who: People, number: str, stage: Stage, **fields: Any) -> Case:  # noqa: ANN401 - any column
    return await makers.case(session, stage=stage, learner=who.learner, advisor=who.advisor, number=number, **fields)


@pytest.fixture
async def who(database: Database) -> People:
    """An advisor and a lead with one case for each question, and one that asks none."""
    who = await moving.people(database)
    async with database.writing() as session:
        await make(session, who, "S-1", Stage.ELIGIBILITY_REVIEW, due_at=NOW - timedelta(days=4))
        await make(session, who, "S-2", Stage.INCOMPLETE, due_at=NOW + timedelta(days=2))
        await make(session, who, "S-3", Stage.INCOMPLETE, active_at=LONG_AGO, due_at=NOW + timedelta(days=30))
        bare = await make(session, who, "S-4", Stage.ELIGIBLE)
        session.add(
            CaseSpan(
                case_id=bare.id,
                seq=1,
                stage=Stage.ELIGIBLE,
                waiting_on=WaitingOn.LEARNER,
                clock=Clock.STOPPED,
                started_at=LONG_AGO,
            )
        )
        await make(session, who, "S-5", Stage.IN_ASSESSMENT, due_at=NOW + timedelta(days=20))
        await make(session, who, "S-6", Stage.CLOSED)
        await make(session, who, "S-7", Stage.IN_ASSESSMENT, needs_attention="offers")
    return who


async def test_each_counter_is_the_length_of_its_list(database: Database, who: People) -> None:
    async with database.reading() as session:
        for person, needs in ((who.advisor, ["S-1"]), (who.lead, ["S-7"])):
            caller = await people.caller(session, person.id)
            found = await caseload.counters(session, caller=caller, now=NOW)
            lists = {one: sorted(await numbers(session, person, Wanted(counter=one))) for one in Counter}
            assert found == {one: len(rows) for one, rows in lists.items()}
            assert lists == {
                Counter.NEEDS_ME: needs,
                Counter.OVERDUE: ["S-1"],
                Counter.AT_RISK: ["S-2", "S-3", "S-4"],
                Counter.WAITING: ["S-2", "S-3", "S-4"],
            }


async def test_filters_narrow_and_whoever_looks_for_a_name_finds_it_anywhere(database: Database, who: People) -> None:
    async with database.reading() as session:
        assert await numbers(session, who.advisor, Wanted(stage=Stage.IN_ASSESSMENT)) == ["S-5", "S-7"]
        assert await numbers(session, who.advisor, Wanted(waiting_on=WaitingOn.ADVISOR, mine=True)) == ["S-1"]
        assert await numbers(session, who.lead, Wanted(mine=True)) == []
        assert await numbers(session, who.lead, Wanted(closed=True)) == ["S-6"]
        assert await numbers(session, who.lead, Wanted(advisor=who.lead.id)) == []
        assert await numbers(session, who.lead, Wanted(programme="another", language="fr")) == []
        assert await numbers(session, who.advisor, Wanted(text="s-6")) == ["S-6"]
        assert len(await numbers(session, who.advisor, Wanted(text=who.learner.name))) == 7
        assert await numbers(session, who.advisor, Wanted(text="%")) == []
        caller = await people.caller(session, who.lead.id)
        assert await caseload.advisors(session, caller=caller) == [(who.advisor.id, who.advisor.name)]
        assert list(await caseload.programmes(session, caller=caller)) == ["sample-programme"]


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_hold_each_case_once_in_every_order(database: Database, who: People, sort: Sort) -> None:
    async with database.reading() as session:
        caller = await people.caller(session, who.lead.id)
        every = await caseload.rows(session, caller=caller, wanted=Wanted(sort=sort), now=NOW)
        paged: list[UUID] = []
        while True:
            after = paged[-1] if paged else None
            rows = await caseload.rows(session, caller=caller, wanted=Wanted(sort=sort), now=NOW, after=after, limit=2)
            if not rows:
                break
            paged += [row.id for row in rows]
        assert paged == [row.id for row in every]
        assert len(paged) == 6
        if sort is Sort.DUE:
            assert every[0].number == "S-1"


async def test_whoever_is_in_conflict_finds_and_counts_nothing_of_a_case(database: Database, who: People) -> None:
    async with database.writing() as session:
        (late,) = [
            row
            for row in await caseload.rows(
                session, caller=await people.caller(session, who.lead.id), wanted=Wanted(), now=NOW
            )
            if row.number == "S-1"
        ]
        await makers.exclude(session, await session.get_one(Case, late.id), who.lead)
        judging = await makers.staff(session, Role.ASSESSOR)
        await makers.role(session, judging, Role.LEAD)
        await makers.seat(session, await session.get_one(Case, late.id), judging)
    async with database.reading() as session:
        for person in (who.lead, judging):
            caller = await people.caller(session, person.id)
            assert "S-1" not in await numbers(session, person)
            assert "S-1" not in await numbers(session, person, Wanted(text="S-1"))
            assert (await caseload.counters(session, caller=caller, now=NOW))[Counter.OVERDUE] == 0
        assert await numbers(session, who.decider) == await numbers(session, who.learner) == []


async def test_a_mentor_is_not_told_that_a_portfolio_is_empty(database: Database, who: People) -> None:
    async with database.writing() as session:
        mentor = await makers.staff(session, Role.MENTOR)
        caller = await people.caller(session, who.lead.id)
        for row in await caseload.rows(session, caller=caller, wanted=Wanted(), now=NOW):
            (await session.get_one(Case, row.id)).mentor_id = mentor.id
    async with database.reading() as session:
        assert sorted(await numbers(session, mentor, Wanted(counter=Counter.AT_RISK))) == ["S-2", "S-3"]
        assert len(await numbers(session, mentor, Wanted(mine=True))) == 6


async def test_views_are_kept_by_name_for_their_own_person(database: Database, who: People) -> None:
    me, other = who.advisor.id, who.lead.id
    async with database.writing() as session:
        kept = await saved_views.keep(session, person=me, name=" Late  ones ", query={"show": "overdue"}, now=NOW)
        again = await saved_views.keep(session, person=me, name="Late ones", query={"stage": "draft"}, now=NOW)
        assert (kept.id, again.query) == (again.id, {"stage": "draft"})
        assert [view.name for view in await saved_views.of(session, me)] == ["Late ones"]
        assert await saved_views.of(session, other) == []
        for number in range(saved_views.MOST - 1):
            await saved_views.keep(session, person=me, name=f"View {number}", query={}, now=NOW)
    for code, name in (("views_full", "One more"), ("malformed", "  "), ("malformed", "x" * 61)):
        async with moving.nothing_changes(database, code), database.writing() as session:
            await saved_views.keep(session, person=me, name=name, query={}, now=NOW)
    async with moving.nothing_changes(database, "not_found"), database.writing() as session:
        await saved_views.drop(session, person=other, view=kept.id)
    async with database.writing() as session:
        await saved_views.drop(session, person=me, view=kept.id)
        with pytest.raises(Refused):
            await saved_views.drop(session, person=me, view=kept.id)
