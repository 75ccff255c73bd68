"""How long the work of seats took: kept as it is sealed, told of nobody, and what a case costs by it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from services.records import seat_times
from services.records.database import Database
from services.records.tables.assessment import SeatTime
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.agreement import Quarter
from services.rules.case import SeatKind
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.progress import Measure
from tests.records import makers, meeting, moderated, moving
from tests.records.makers import NOW
from tests.records.test_progress import LATER, SLUG, numbers, rolled_up

POLICY = replace(makers.programme().policy, hourly_first=60, hourly_second=90, fee_currency="CAD")


async def kept(database: Database) -> list[SeatTime]:
    async with database.reading() as session:
        return list(await session.exec(select(SeatTime).order_by(col(SeatTime.method), col(SeatTime.minutes))))


async def test_whoever_seals_a_seat_may_say_how_long_it_took(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who, ("first",))
    await moving.write(database, case_id, who.assessor, first=moving.finding(Recommendation.MET))
    async with moving.nothing_changes(database, "work_time_unlikely"):
        body = bodies.SubmitJudgements(worked_minutes=0)
        await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR, body=body)
    body = bodies.SubmitJudgements(worked_minutes=95)
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR, body=body)
    (row,) = await kept(database)
    assert (row.case_id, row.method, row.minutes) == (case_id, "on_file", 95)


async def test_an_appointment_counts_by_its_method_and_whoever_says_nothing_leaves_it_open(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    unlikely = bodies.RecordAppointment(await meeting.sheet(database, case_id), worked_minutes=6001)
    async with moving.nothing_changes(database, "work_time_unlikely"):
        await moving.send(
            database,
            case_id,
            "record_appointment",
            actor=who.assessor,
            role=Role.ASSESSOR,
            body=unlikely,
            now=meeting.HELD,
        )
    await meeting.write(database, who, case_id)
    (row,) = await kept(database)
    assert (row.method, row.minutes) == ("interview", None)


async def test_a_panel_took_the_time_of_everybody_who_was_present(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await moderated.returned(database, who, first=Recommendation.PARTIAL)
    panel = await moderated.seated(database, case_id)
    said = moderated.minutes(panel, await moderated.unsettled(database, case_id), worked_minutes=40)
    await moderated.form(database, case_id, panel[0], first=Recommendation.MET)
    await moderated.record(database, case_id, panel[0], said)
    rows = [row for row in await kept(database) if row.minutes is not None]
    assert len(rows) == len(panel) > 1
    assert {(row.case_id, row.method, row.minutes) for row in rows} == {(case_id, "on_file", 40)}


async def worked(database: Database, who: list[Person], *minutes: int | None, at: datetime = NOW) -> UUID:
    """A decided case in whose first and further seats these people worked so long."""
    kinds = (SeatKind.FIRST, SeatKind.SECOND)
    async with database.writing() as session:
        case = await makers.decided(session)
        asked = await makers.applied(session, case, "x", actor=case.learner_id, role=Role.LEARNER)
        for person, kind, took in zip(who, kinds, minutes, strict=False):
            seat = await makers.seat(session, case, person, kind=kind)
            row = SeatTime(
                assignment_id=seat.id, command_id=asked.id, case_id=case.id, programme=SLUG, method="on_file",
                minutes=took, sealed_at=at,
            )  # fmt: skip
            await makers.stored(session, row)
        return case.id


async def told(
    database: Database, *, since: datetime | None = None
) -> tuple[dict[tuple[Measure, str], int], dict[tuple[Measure, str], list[int]]]:
    """What is counted, all of it in one quarter."""
    async with database.reading() as session:
        work = await seat_times.gather(session, SLUG, policy=POLICY, since=since)
        decided = {one.id: NOW for one in await session.exec(select(Case))}
    numbers, values = seat_times.counted(work, decided, quarter=lambda _: Quarter(2026, 1))
    return (
        {(measure, word): number for _, measure, word, number in numbers},
        {(measure, word): sorted(taken) for _, measure, word, taken in values},
    )


async def test_nothing_is_told_of_two_people_and_something_of_three(database: Database) -> None:
    async with database.writing() as session:
        people = [await makers.staff(session, Role.ASSESSOR) for _ in range(4)]
    await worked(database, people[:1], 60)
    await worked(database, people[1:2], 30)
    await worked(database, people[2:3], None)
    counts, values = await told(database)
    assert counts == {
        (Measure.SEALED, "first/on_file"): 3,
        (Measure.TIMED, "every_seat"): 2,
        (Measure.TIMED, "not_every_seat"): 1,
    }
    assert values == {}
    await worked(database, people[3:], 15)
    assert (await told(database))[1] == {
        (Measure.MINUTES, "first/on_file"): [15, 30, 60],
        (Measure.COST, "CAD"): [15, 30, 60],
    }


async def test_a_case_costs_what_everybody_in_it_worked_until_its_first_decision(database: Database) -> None:
    async with database.writing() as session:
        people = [await makers.staff(session, Role.ASSESSOR) for _ in range(3)]
    await worked(database, people[:2], 60, 20)  # 60 and 30
    await worked(database, people[1:], 10, 31)  # 10 and 46.5
    await worked(database, people[:2], 60, None)
    await worked(database, people[:1], 480, at=NOW + timedelta(days=40))
    counts, values = await told(database)
    assert values[Measure.COST, "CAD"] == [56, 90]
    assert (counts[Measure.TIMED, "every_seat"], counts[Measure.SEALED, "first/on_file"]) == (2, 4)
    lately, _ = await told(database, since=NOW + timedelta(days=30))
    assert lately == {(Measure.SEALED, "first/on_file"): 1}


async def test_the_night_keeps_what_is_told_and_a_policy_without_rates_tells_no_cost(database: Database) -> None:
    async with database.writing() as session:
        people = [await makers.staff(session, Role.ASSESSOR) for _ in range(3)]
    for person in people:
        await worked(database, [person], 45)
    rows = await rolled_up(database, now=LATER)
    assert numbers(rows)[Measure.SEALED, "first/on_file"] == 3
    assert [row.values for row in rows if row.measure is Measure.MINUTES] == [[45, 45, 45]]
    assert not [row for row in rows if row.measure is Measure.COST]
