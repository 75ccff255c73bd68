"""Everybody's list: what waits for them, the most urgent first, page by page, from an index."""

import uuid
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import people, queue
from services.records.database import Database
from services.records.queue import Place, Waiting
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.rules.case import SeatState, Stage, WaitingOn
from services.rules.people import Role
from tests.records import makers


def on(day: int) -> datetime:
    """Noon of a day, counted from the makers' now."""
    return makers.NOW + timedelta(days=day)


async def waiting_for(
    session: AsyncSession, who: Person, *, after: Place = queue.FIRST, limit: int = queue.PAGE
) -> tuple[Waiting, ...]:
    return await queue.waiting(session, caller=await people.caller(session, who.id), after=after, limit=limit)


async def test_a_learner_sees_open_cases_of_their_own_with_or_without_a_date(database: Database) -> None:
    async with database.writing() as session:
        learner = await makers.person(session)
        await makers.case(session, learner=learner, stage=Stage.CLOSED)
        draft = await makers.case(session, learner=learner)
        running = await makers.case(session, learner=learner, stage=Stage.INCOMPLETE, due_at=on(3))
        await makers.case(session)
        rows = await waiting_for(session, learner)
    assert [row.case_id for row in rows] == [running.id, draft.id]
    assert [row.due_at for row in rows] == [on(3), None]


async def test_an_advisor_sees_their_own_caseload_most_urgent_first(database: Database) -> None:
    async with database.writing() as session:
        advisor, other = await makers.staff(session, Role.ADVISOR), await makers.staff(session, Role.ADVISOR)
        later, sooner = [
            await makers.case(session, advisor=advisor, stage=Stage.ELIGIBILITY_REVIEW, due_at=on(day))
            for day in (9, 2)
        ]
        await makers.case(session, advisor=other, stage=Stage.ELIGIBILITY_REVIEW, due_at=on(1))
        rows = await waiting_for(session, advisor)
    assert [row.case_id for row in rows] == [sooner.id, later.id]
    assert {row.as_role for row in rows} == {Role.ADVISOR}


async def test_an_assessor_sees_the_seat_and_not_the_stage(database: Database) -> None:
    async with database.writing() as session:
        assessor = await makers.staff(session, Role.ASSESSOR)
        row = await makers.case(session, stage=Stage.IN_ASSESSMENT, due_at=on(1))
        offered = await makers.seat(session, row, assessor, state=SeatState.OFFERED)
        done = await makers.case(session, stage=Stage.IN_ASSESSMENT)
        await makers.seat(session, done, assessor, state=SeatState.SUBMITTED)
        (seen,) = await waiting_for(session, assessor)
    assert (seen.id, seen.case_id, seen.seat) == (offered.id, row.id, SeatState.OFFERED)
    assert (seen.stage, seen.waiting_on, seen.due_at) == (None, None, offered.respond_by)


async def test_a_lead_of_one_programme_sees_no_case_of_another(database: Database) -> None:
    async with database.writing() as session:
        here = await makers.case(session, stage=Stage.SUBMITTED, due_at=on(2))
        lead = await makers.staff(session, Role.LEAD, programme=here.programme)
        elsewhere = await makers.staff(session, Role.LEAD, programme="another-programme")
        of_all = await makers.staff(session, Role.LEAD)
        seen = [[row.case_id for row in await waiting_for(session, who)] for who in (lead, elsewhere, of_all)]
    assert seen == [[here.id], [], [here.id]]


async def test_who_decides_sees_what_waits_for_a_decision_and_nothing_they_had_a_part_in(database: Database) -> None:
    async with database.writing() as session:
        decider = await makers.staff(session, Role.DECISION_MAKER)
        due = await makers.case(session, stage=Stage.DECISION_PENDING, due_at=on(1))
        refusal = await makers.case(
            session,
            stage=Stage.ELIGIBILITY_REVIEW,
            refusal_proposed=True,
            waiting_on=WaitingOn.DECISION_MAKER,
            due_at=on(2),
        )
        await makers.case(session, stage=Stage.IN_ASSESSMENT, due_at=on(1))
        judged = await makers.case(session, stage=Stage.DECISION_PENDING, due_at=on(1))
        await makers.party(session, judged, decider, Role.ASSESSOR)
        rows = await waiting_for(session, decider)
    assert [row.case_id for row in rows] == [due.id, refusal.id]


@pytest.mark.parametrize("role", [Role.ADVISOR, Role.LEAD, Role.DECISION_MAKER, Role.ASSESSOR])
async def test_an_excluded_person_finds_the_case_in_no_list(database: Database, role: Role) -> None:
    async with database.writing() as session:
        barred = await makers.staff(session, role)
        row = await makers.case(
            session, stage=Stage.DECISION_PENDING, advisor=barred if role is Role.ADVISOR else None, due_at=on(1)
        )
        if role is Role.ASSESSOR:
            await makers.seat(session, row, barred)
        before = await waiting_for(session, barred)
        await makers.exclude(session, row, barred)
        after = await waiting_for(session, barred)
    assert len(before) == 1
    assert after == ()


async def test_pages_follow_one_another_without_gap_or_repetition(database: Database) -> None:
    async with database.writing() as session:
        both = await makers.staff(session, Role.LEAD)
        await makers.role(session, both, Role.DECISION_MAKER)
        # Equal dates on purpose: the id then decides.
        made = [
            await makers.case(session, stage=Stage.DECISION_PENDING, due_at=on(number // 3)) for number in range(11)
        ]
        pages, place = [], queue.FIRST
        while page := await waiting_for(session, both, after=place, limit=4):
            pages.append([row.case_id for row in page])
            place = page[-1].place
    assert [len(page) for page in pages] == [4, 4, 3]
    in_order = sorted(made, key=lambda row: (row.due_at, row.id))
    assert [key for page in pages for key in page] == [row.id for row in in_order]


MANY = 20_000
USED = {
    (Role.ADVISOR, False): "ix_cases_advisor",
    (Role.ADVISOR, True): "ix_cases_advisor",
    (Role.LEAD, False): "ix_cases_institution_queue",
    (Role.LEAD, True): "ix_cases_programme_queue",
    (Role.DECISION_MAKER, False): "ix_cases_waiting",
    (Role.DECISION_MAKER, True): "ix_cases_waiting",
    (Role.ASSESSOR, False): "ix_assignments_person",
    (Role.PANEL, False): "ix_assignments_person",
    (Role.ASSESSOR, True): "ix_assignments_person",
    (Role.PANEL, True): "ix_assignments_person",
    (Role.APPEAL_REVIEWER_1, False): "ix_assignments_person",
    (Role.APPEAL_REVIEWER_1, True): "ix_assignments_person",
    (Role.APPEAL_REVIEWER_2, False): "ix_assignments_person",
    (Role.APPEAL_REVIEWER_2, True): "ix_assignments_person",
}
SORTS_FEW = {Role.ASSESSOR, Role.PANEL, Role.APPEAL_REVIEWER_1, Role.APPEAL_REVIEWER_2}
"""The open seats of one person are a handful: they are found by index and sorted."""


async def fill(session: AsyncSession) -> None:
    """Twenty thousand open cases of one programme, followed by fifty advisors; one in twenty waits for a decision."""
    first = await makers.case(session, stage=Stage.IN_ASSESSMENT, due_at=on(1))
    advisors = [await makers.person(session) for _ in range(50)]
    columns = [column.name for column in Case.__table__.columns]  # type: ignore[attr-defined]  # SQLModel hides it
    own = {"id": ":id", "number": ":number", "due_at": ":due_at", "advisor_id": ":advisor", "waiting_on": ":waiting_on"}
    chosen = ", ".join(own.get(name, name) for name in columns)
    copy = sa.text(
        f"INSERT INTO cases ({', '.join(columns)}) SELECT {chosen} FROM cases WHERE id = :first"  # noqa: S608 - column names
    )
    rows = [
        {
            "id": uuid.uuid4().hex,
            "number": f"M-{number}",
            "due_at": on(number % 300).replace(tzinfo=None).isoformat(" "),
            "advisor": advisors[number % 50].id.hex,
            "waiting_on": "assessor" if number % 20 else "decision_maker",
            "first": first.id.hex,
        }
        for number in range(MANY)
    ]
    await (await session.connection()).execute(copy, rows)
    await (await session.connection()).exec_driver_sql("ANALYZE")


BESIDE = {
    Role.LEAD: "uq_lapse_challenges_waiting",
    Role.ASSESSOR: "ix_judgement_returns_author_id",
    Role.PANEL: "ix_judgement_returns_author_id",
}
"""The index of what waits beside the list of a role."""


async def test_every_list_walks_an_index_at_twenty_thousand_cases(sqlite_database: Database) -> None:
    known = {
        "person": uuid.uuid4(),
        "institution": makers.INSTITUTION,
        "programme": "sample-programme",
        "due_at": on(5),
        "id": uuid.uuid4(),
        "limit": 50,
    }
    async with sqlite_database.writing() as session:
        await fill(session)
    async with sqlite_database.engine.connect() as connection:
        for (role, one_programme), statement in queue.STATEMENTS.items():
            spelled = statement.params(known).compile(
                connection.sync_connection, compile_kwargs={"literal_binds": True}
            )
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {spelled}")
            told = "\n".join(step.detail for step in plan)
            assert f"INDEX {USED[role, one_programme]}" in told, told
            assert "SCAN cases" not in told, told
            assert role in SORTS_FEW or "TEMP B-TREE" not in told, told


async def test_all_lists_of_one_person_are_asked_at_once_and_still_walk_their_indexes(
    sqlite_database: Database,
) -> None:
    known: dict[str, object] = {"person": uuid.uuid4(), "due_at": on(5), "id": uuid.uuid4(), "limit": 50}
    for number in range(1, len(USED) + 1):
        known |= {f"institution{number}": makers.INSTITUTION, f"programme{number}": "sample-programme"}
    async with sqlite_database.writing() as session:
        await fill(session)
    async with sqlite_database.engine.connect() as connection:
        spelled = (
            queue.statement(tuple(USED))
            .params(known)
            .compile(connection.sync_connection, compile_kwargs={"literal_binds": True})
        )
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {spelled}")
        told = "\n".join(step.detail for step in plan)
    # Not the first list, of one's own cases: all that `fill` writes belong to one learner.
    _, *lists = told.split("UNION ALL")
    beside = [BESIDE[role] for role, _ in USED if role in BESIDE]
    for listed, index in zip(lists, [*USED.values(), *beside], strict=True):
        assert f"INDEX {index}" in listed, told
        assert "SCAN cases" not in listed, told
