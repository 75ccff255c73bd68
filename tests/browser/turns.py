"""The turns of a case's life that the house of the pages has one of each of, by the moves that lead there."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import select

from services.records import cases, transfers
from services.records.database import Database
from services.records.tables.appointments import Appointment
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.conflicts import ConflictTie
from services.rules.people import Role
from tests.records import (
    appealing,
    ladders,
    makers,
    meeting,
    moving,
    presets,
    test_moves_by_policy,
    test_moves_clarifying,
    test_moves_lapses,
    test_moves_requests,
)
from tests.records.makers import NOW
from tests.records.moving import People

Begun = Callable[[Database, People], Awaitable[UUID]]


async def _proposed(database: Database, who: People) -> UUID:
    """A refusal is proposed and waits for whoever decides."""
    case_id = await ladders.BEGUN["eligibility"](database, who)
    body = bodies.ProposeRefusal("Work of the last five years is missing.")
    await moving.send(database, case_id, "propose_refusal", actor=who.advisor, role=Role.ADVISOR, body=body)
    return case_id


async def _withdrawn(database: Database, who: People) -> UUID:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    body = bodies.Withdraw(confirmed=True)
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=body)
    return case_id


async def _no_round_left(database: Database, who: People) -> UUID:
    case_id = await moving.assessing(database, who)
    for _ in range(2):
        target = await test_moves_requests.target_on(database, case_id)
        await test_moves_requests.request(database, who, case_id, target)
        await moving.strike(database, case_id, "evidence/timeout")
    return case_id


async def _written(database: Database, who: People) -> UUID:
    """The record of an appointment is written, and the case has not gone on yet."""
    case_id = await meeting.booked(database, who)
    await meeting.write(database, who, case_id)
    return case_id


async def _meeting_first(database: Database, who: People) -> UUID:
    return await test_moves_by_policy.in_review(database, who, presets.sample("qc-rac"))


async def _confirming(database: Database, who: People) -> UUID:
    return await test_moves_by_policy.building(database, who, presets.sample("fr-vae"))


async def _accommodated(database: Database, who: People) -> UUID:
    """An accommodation is asked for."""
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    body = bodies.AskAccommodation(("extra_time",), extra_time=150)
    await moving.send(database, case_id, "ask_accommodation", actor=who.learner, role=Role.LEARNER, body=body)
    return case_id


async def _suspended(database: Database, who: People) -> UUID:
    """A credential is suspended while it is looked at."""
    case_id = await appealing.decided(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    body = bodies.SuspendGrant(str(claim.id), "A file is being looked at again.")
    await moving.send(database, case_id, "suspend_grant", actor=who.decider, role=Role.DECISION_MAKER, body=body)
    return case_id


async def _transferred(database: Database, who: People) -> UUID:
    """A portfolio in which a certificate stands in for an assessment."""
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        file = await makers.evidence(session, case, *await makers.claims(session, case))
        await transfers.state(
            session,
            case_id=case_id,
            competency="first",
            issuer="Sample School",
            title="Sample Certificate",
            awarded_on=date(2024, 6, 30),
            evidence=file.id,
            now=NOW,
        )
    await moving.send(
        database, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO
    )
    return case_id


async def _twice(database: Database, who: People) -> UUID:
    """The learner opened a second case of the same programme."""
    await moving.standing(database, who, Stage.ELIGIBLE)
    return await moving.standing(database, who, Stage.ELIGIBLE)


async def _barred(database: Database, who: People) -> UUID:
    """Somebody who was asked to assess declared a tie that a lead may set aside."""
    case_id = await moving.assigning(database, who)
    (seat, *_) = await moving.seats_of(database, case_id)
    async with database.reading() as session:
        person = await session.get_one(Person, seat.person_id)
    body = bodies.DeclareConflict(str(seat.id), moving.tied(ConflictTie.OTHER))
    await moving.send(database, case_id, "declare_conflict", actor=person, role=Role.ASSESSOR, body=body)
    return case_id


async def _held(database: Database, who: People) -> UUID:
    """The time of an appointment is over, and its record is not written yet."""
    case_id = await ladders.held(database, who)
    async with database.writing() as session:
        row = (await session.exec(select(Appointment).where(Appointment.case_id == case_id))).one()
        row.starts_at, row.ends_at = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    return case_id


TURNS: dict[str, Begun] = {
    "suspended": _suspended,
    "barred": _barred,
    "no_advisor": ladders.without_an_advisor,
    "reviewed": ladders.BEGUN["eligibility"],
    "incomplete": ladders.BEGUN["completion"],
    "refused": appealing.refused,
    "eligible": ladders.BEGUN["idle"],
    "sent": ladders.BEGUN["completeness"],
    "offered": moving.assigning,
    "assessing": moving.assessing,
    # Before there is a second assessor, or cases would be shared out between the two.
    "unclear": test_moves_clarifying.returned,
    "second": ladders.read_twice,
    "asked": ladders.asked_for_more,
    "ordered": meeting.ordered,
    "dates": meeting.offered,
    "booked": meeting.booked,
    "held": _held,
    "judged": ladders.judged,
    "issuing": ladders.issuing,
    "told": appealing.decided,
    "gap": ladders.filling_gaps,
    "paused": ladders.paused,
    "lapsed": test_moves_lapses.lapsed,
    "challenged": ladders.challenged,
    "lodged": ladders.lodged,
    "admitted": ladders.admitted,
    "convened": ladders.convened,
    "panel": ladders.before_a_panel,
    "proposed": _proposed,
    "withdrawn_case": _withdrawn,
    "no_round_left": _no_round_left,
    "written": _written,
    "meeting_first": _meeting_first,
    "confirming": _confirming,
    "accommodated": _accommodated,
    "twice": _twice,
    "transferred": _transferred,
}
"""A case for each turn: it is of a learner of its own, and otherwise of the same people."""
