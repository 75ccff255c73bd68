"""A list shows exactly the cases that the table of actions lets its reader see, one by one."""

import random
from dataclasses import dataclass

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import people, ties, visibility
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.decisions import DecisionKind
from services.records.tables.people import Institution, Person
from services.rules.case import ClosedAs, SeatState, Stage
from services.rules.people import STAFF, Action, Answer, Caller, Role, Tie, on_a_case
from tests.records import makers
from tests.records.engines import shared_out


@dataclass(frozen=True, slots=True)
class World:
    """Cases in every stage, and people tied to them in every way that the makers know."""

    people: list[Person]
    cases: list[Case]


async def seen_by(session: AsyncSession, caller: Caller) -> set[str]:
    """Numbers of the cases in the caller's list."""
    return set(await session.exec(select(Case.number).where(visibility.cases_visible_to(caller))))


async def crowd(session: AsyncSession, dice: random.Random) -> World:
    """People with random roles, cases with random ties: everything that can hold at once does somewhere."""
    await makers.published(session)
    session.add(Institution(id="other-college", name_en="Other", name_fr="Autre", created_at=makers.NOW))
    await session.flush()
    everybody = [await makers.person(session) for _ in range(12)]
    for one in everybody:
        for role in dice.sample(sorted(STAFF), k=dice.randint(0, 3)):
            await makers.role(
                session,
                one,
                role,
                programme=dice.choice([None, "sample-programme", "another-programme"]),
                institution=dice.choice([makers.INSTITUTION, makers.INSTITUTION, "other-college"]),
            )
    return World(everybody, [await _case(session, everybody, dice, stage) for stage in [*Stage, *Stage, *Stage]])


async def _case(session: AsyncSession, everybody: list[Person], dice: random.Random, stage: Stage) -> Case:
    learner, advisor, *others = dice.sample(everybody, k=6)
    row = await makers.case(
        session,
        stage=stage,
        learner=learner,
        advisor=dice.choice([advisor, None]),
        refusal_proposed=stage is Stage.ELIGIBILITY_REVIEW and dice.random() < 0.5,
        closed_as=dice.choice(list(ClosedAs)) if stage is Stage.CLOSED else None,
    )
    for one in others[:3]:
        await makers.seat(session, row, one, state=dice.choice(list(SeatState)))
    if dice.random() < 0.4:
        asked = await makers.command(session, row, "decide", actor=others[3].id, role=Role.DECISION_MAKER)
        await makers.decision(session, row, asked, kind=DecisionKind.RECOGNITION)
    for one in dice.sample(everybody, k=2):
        await makers.exclude(session, row, one)
    return row


@pytest.mark.parametrize(("template", "seed"), shared_out(range(4)), indirect=["template"])
async def test_every_list_equals_the_table_of_actions(database: Database, seed: int) -> None:
    async with database.writing() as session:
        world = await crowd(session, random.Random(seed))
    seen = 0
    async with database.reading() as session:
        for one in world.people:
            caller = await people.caller(session, one.id)
            allowed = {
                row.number
                for row in world.cases
                if on_a_case(Action.SEE_CASE, await ties.ties(session, case_id=row.id, caller=caller)) is Answer.ALLOWED
            }
            assert await seen_by(session, caller) == allowed
            seen += len(allowed)
    assert seen > len(world.people)


async def tied(database: Database, row: Case, who: Person) -> frozenset[Tie]:
    async with database.reading() as session:
        caller = await people.caller(session, who.id)
        return (await ties.ties(session, case_id=row.id, caller=caller)).ties


async def test_a_case_that_does_not_exist_is_a_strangers_case(database: Database) -> None:
    async with database.writing() as session:
        who = await makers.staff(session, Role.AUDITOR)
        row = await makers.case(session)
    row.id = new_id()
    assert await tied(database, row, who) == {Tie.STRANGER}


async def test_an_excluded_person_is_nothing_else_whatever_their_role(database: Database) -> None:
    async with database.writing() as session:
        lead = await makers.staff(session, Role.LEAD)
        row = await makers.case(session)
        await makers.exclude(session, row, lead)
    assert await tied(database, row, lead) == {Tie.EXCLUDED}


async def test_an_advisor_without_the_role_loses_the_case_on_the_next_request(database: Database) -> None:
    async with database.writing() as session:
        advisor = await makers.staff(session, Role.ADVISOR)
        row = await makers.case(session, advisor=advisor)
    assert await tied(database, row, advisor) == {Tie.ADVISOR}
    async with database.writing() as session:
        await people.end_role(session, advisor.id, role=Role.ADVISOR, institution=makers.INSTITUTION, now=makers.NOW)
    assert await tied(database, row, advisor) == {Tie.STRANGER}


@pytest.mark.parametrize(
    ("state", "tie"),
    [
        (SeatState.OFFERED, Tie.OFFERED),
        (SeatState.ACCEPTED, Tie.ASSESSOR),
        (SeatState.SUBMITTED, Tie.ASSESSOR),
        (SeatState.FINAL, Tie.FORMER_ASSESSOR),
        (SeatState.DISMISSED, Tie.FORMER_ASSESSOR),
        (SeatState.DECLINED, Tie.FORMER_ASSESSOR),
    ],
)
async def test_a_seat_opens_the_case_while_it_is_held(database: Database, state: SeatState, tie: Tie) -> None:
    async with database.writing() as session:
        assessor = await makers.staff(session, Role.ASSESSOR)
        row = await makers.case(session, stage=Stage.IN_ASSESSMENT)
        await makers.seat(session, row, assessor, state=state)
    assert await tied(database, row, assessor) == {tie}


async def test_who_judged_a_case_is_not_its_decision_maker_whatever_their_role(database: Database) -> None:
    async with database.writing() as session:
        both = await makers.staff(session, Role.ASSESSOR)
        await makers.role(session, both, Role.DECISION_MAKER)
        row = await makers.case(session, stage=Stage.DECISION_PENDING)
        await makers.seat(session, row, both, state=SeatState.SUBMITTED)
    assert await tied(database, row, both) == {Tie.ASSESSOR}


async def test_who_decides_sees_a_case_only_when_there_is_something_to_decide(database: Database) -> None:
    async with database.writing() as session:
        decider = await makers.staff(session, Role.DECISION_MAKER)
        early = await makers.case(session, stage=Stage.IN_ASSESSMENT)
        due = await makers.case(session, stage=Stage.DECISION_PENDING)
    assert await tied(database, early, decider) == {Tie.STRANGER}
    assert await tied(database, due, decider) == {Tie.DECISION_MAKER}


async def test_a_learner_reads_the_outcome_once_the_letter_is_out(database: Database) -> None:
    async with database.writing() as session:
        before = await makers.case(session, stage=Stage.ISSUING)
        after = await makers.decided(session)
    async with database.reading() as session:
        for row, told in ((before, False), (after, True)):
            caller = await people.caller(session, row.learner_id)
            assert (await ties.ties(session, case_id=row.id, caller=caller)).decided is told
