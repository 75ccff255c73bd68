"""Where each limit of the generic preset begins in a case's life, for tests in which nobody acts from then on."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from services.records import cases, lapses, limits
from services.records.database import Database
from services.records.tables.appointments import Appointment
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case
from services.records.tables.commands import LimitRow, LimitState
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules.appointments import Mode
from services.rules.case import ClosedAs, SeatState, Stage
from services.rules.claims import Recommendation
from services.rules.deadlines import Span, Unit
from services.rules.ladders import From, Rung, To
from services.rules.people import Role
from tests.records import (
    appealing,
    makers,
    meeting,
    moderated,
    moving,
    test_limits,
    test_moves_clarifying,
    test_moves_lapses,
)
from tests.records import test_moves_pausing as pausing
from tests.records.makers import NOW
from tests.records.prepared import prepared

Begun = Callable[[Database, moving.People], Awaitable[UUID]]

POLICY = makers.programme().policy
MET, PARTIAL = Recommendation.MET, Recommendation.PARTIAL


def in_stage(stage: Stage) -> Begun:
    """A case that has just come into `stage`."""

    async def begun(database: Database, who: moving.People) -> UUID:
        case_id = await moving.standing(database, who, stage)
        async with database.writing() as session:
            case = await cases.get(session, case_id)
            await limits.enter(session, case=case, previous=Stage.DRAFT, policy=POLICY, now=NOW)
        return case_id

    return begun


@prepared
async def without_an_advisor(database: Database, who: moving.People) -> UUID:
    """A case that was sent in, and nobody is there who could take it."""
    async with database.writing() as session:
        case = await makers.case(session, stage=Stage.SUBMITTED, learner=who.learner)
        await makers.exclude(session, case, who.advisor)
        await limits.enter(session, case=case, previous=Stage.DRAFT, policy=POLICY, now=NOW)
        return case.id


@prepared
async def read_twice(database: Database, who: moving.People) -> UUID:
    case_id = await in_stage(Stage.SECOND_ASSESSMENT)(database, who)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.seat(session, case, who.assessor, state=SeatState.ACCEPTED, due_at=case.due_at)
    return case_id


@prepared
async def asked_for_more(database: Database, who: moving.People) -> UUID:
    case_id = await moving.assessing(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    body = bodies.RequestEvidence((bodies.Target(str(claim.id), "b", "sufficient", "A second day", "A photo"),))
    await moving.send(database, case_id, "request_evidence", actor=who.assessor, role=Role.ASSESSOR, body=body)
    return case_id


@prepared
async def conferring(database: Database, who: moving.People) -> UUID:
    await moderated.panelists(database)
    return (await moderated.differing(database, who, first=(MET, PARTIAL))).id


@prepared
async def before_a_panel(database: Database, who: moving.People) -> UUID:
    await moderated.panelists(database)
    case_id = await moderated.returned(database, who, first=MET, second=MET)
    await moderated.seated(database, case_id)
    return case_id


@prepared
async def booked_for_next_month(database: Database, who: moving.People) -> UUID:
    case_id = await meeting.ordered(database, who)
    far = tuple(bodies.Slot(at + timedelta(days=28), Mode.ON_SITE, "Workshop 4") for at in meeting.TIMES)
    await meeting.offer(database, who, case_id, *far)
    await meeting.book(database, who, case_id)
    return case_id


@prepared
async def held(database: Database, who: moving.People) -> UUID:
    case_id = await meeting.booked(database, who)
    await moving.strike(database, case_id, "meeting/over")
    return case_id


@prepared
async def judged(database: Database, who: moving.People) -> UUID:
    return await moving.judged(database, who, first=MET, second=PARTIAL)


@prepared
async def issuing(database: Database, who: moving.People) -> UUID:
    case_id = await judged(database, who)
    await moving.decide(database, who, case_id)
    return case_id


@prepared
async def filling_gaps(database: Database, who: moving.People) -> UUID:
    case_id = await appealing.decided(database, who)
    await moving.send(database, case_id, "accept_plan", actor=who.learner, role=Role.LEARNER)
    return case_id


@prepared
async def unclear(database: Database, who: moving.People) -> UUID:
    return await test_moves_clarifying.returned(database, who)


@prepared
async def paused(database: Database, who: moving.People) -> UUID:
    case_id = await in_stage(Stage.ELIGIBILITY_REVIEW)(database, who)
    await pausing.pause(database, who, case_id)
    return case_id


@prepared
async def challenged(database: Database, who: moving.People) -> UUID:
    case_id = await test_moves_lapses.lapsed(database, who)
    await test_moves_lapses.challenge(database, who, case_id)
    return case_id


@prepared
async def lodged(database: Database, who: moving.People) -> UUID:
    await appealing.body(database)
    case_id = await appealing.decided(database, who)
    await appealing.chaired(database, who, case_id)
    return case_id


@prepared
async def admitted(database: Database, who: moving.People) -> UUID:
    await appealing.body(database)
    case_id = await appealing.decided(database, who)
    await appealing.admitted(database, who, case_id)
    return case_id


@prepared
async def convened(database: Database, who: moving.People) -> UUID:
    people = await appealing.body(database)
    case_id = await appealing.decided(database, who)
    return (await appealing.convened(database, who, people, case_id)).case_id


BEGUN: dict[str, Begun] = {
    "advisor": without_an_advisor,
    "eligibility": in_stage(Stage.ELIGIBILITY_REVIEW),
    "completion": test_limits.incomplete,
    "validity": test_limits.eligible,
    "idle": test_limits.eligible,
    "completeness": in_stage(Stage.PORTFOLIO_SUBMITTED),
    "assigning": moving.assigning,
    "offer": moving.assigning,
    "assessment": moving.assessing,
    "second": read_twice,
    "evidence": asked_for_more,
    "confer": conferring,
    "panel": before_a_panel,
    "panel_cap": before_a_panel,
    "slots": meeting.ordered,
    "booking": meeting.offered,
    "meeting": booked_for_next_month,
    "record": held,
    "decision": judged,
    "clarity": unclear,
    "pause": paused,
    "lapse_ruling": challenged,
    "gap": filling_gaps,
    "issuing": issuing,
    "issuing_retry": issuing,
    "letter": issuing,
    "appeal_admissibility": lodged,
    "appeal_naming": admitted,
    "appeal_ruling": convened,
    "appeal_window": appealing.decided,
}
"""What begins each limit; `confirmation` is no limit of the generic preset."""

LEADS_TO: dict[str, Stage | ClosedAs] = {
    "completion": ClosedAs.EXPIRED,
    "validity": ClosedAs.EXPIRED,
    "idle": ClosedAs.EXPIRED,
    "evidence": Stage.IN_ASSESSMENT,
    "gap": ClosedAs.COMPLETED,
    "appeal_window": ClosedAs.COMPLETED,
}
"""What a case becomes at the end of a ladder that leads out of its stage."""


async def alone(database: Database, case_id: UUID, key: str) -> LimitRow:
    """The limit `key`, which is the only one that runs from now on."""
    async with database.writing() as session:
        rows = await limits.alive(session, case_id)
        wanted = next(row for row in rows if row.key.partition(":")[0] == key)
        for row in rows:
            if row.id != wanted.id:
                row.state = LimitState.OVER
                await limits.drop(session, row, now=NOW)
        return wanted


def day_of(rung: Rung, row: LimitRow, case: Case) -> date:
    """The day of a rung, counted here by the calendar alone."""
    calendar = POLICY.calendar
    start, due = (deadlines.local_day(at, case.zone) for at in (row.started_at, row.due_at))
    span = Span.parse(str(getattr(POLICY, rung.by, rung.by))) if rung.by and rung.counted is not From.SHARE else None
    if rung.counted is From.SHARE:
        share = round(deadlines.business_days(calendar, start, due) * float(rung.by))
        day = deadlines.add(calendar, start, Span(share, Unit.BUSINESS_DAY))
    elif span is None:
        day = due
    elif rung.counted is From.BEFORE_DUE:
        day = deadlines.back(calendar, due, span)
    else:
        day = deadlines.add(calendar, start if rung.counted is From.START else due, span)
    if rung.notice and not set(rung.to) & {To.LEARNER, To.WAITED_ON}:
        return deadlines.working_day(calendar, day, before=rung.counted is From.BEFORE_DUE)
    return day


async def shown(database: Database, case_id: UUID) -> set[datetime]:
    """Every date that a page of the case shows: of its stage, of its seats, of its appointment."""
    async with database.reading() as session:
        case = await cases.get(session, case_id)
        dates = {at for _, at in await limits.dates(session, case)}
        seats = list(await session.exec(select(Assignment).where(col(Assignment.case_id) == case_id)))
        meetings = await session.exec(select(Appointment).where(col(Appointment.case_id) == case_id))
        dates |= {at for seat in seats for at in (seat.due_at, seat.respond_by) if at}
        dates |= {one.starts_at for one in meetings if one.starts_at}
        dates |= {one.due_at for one in await lapses.of_case(session, case_id)}
        return dates | ({case.due_at} if case.due_at else set())
