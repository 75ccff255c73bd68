"""Everything that one person was asked to read, by what it waits for: the page on which whoever assesses begins.

Of a case it tells what its reader may know: the own seat, the own questions to the learner, and no stage.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import clarity
from services.records.tables.appointments import Appointment
from services.records.tables.assessment import Assignment, AssignmentClaim, FinalReading, Judgement
from services.records.tables.cases import Case, Claim
from services.records.tables.evidence import EvidenceRequest, RequestTarget
from services.records.visibility import not_excluded
from services.rules.appointments import AppointmentState
from services.rules.case import SEAT_ROLE, SeatKind, SeatState, Stage, WaitingOn
from services.rules.claims import OPEN_CLAIMS
from services.rules.people import Caller
from services.rules.second_reading import Way

MOST_DONE = 50
"""How many of the readings that were sent in are listed, the newest first."""


class Pile(StrEnum):
    """What a seat waits for."""

    OFFERED = "offered"
    MINE = "mine"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Held:
    """One seat: which case, what for, until when; `claims` is how many claims it covers.

    `due_at`: for an offer, until when to answer; empty where nothing is due. `readable`: the case can be opened.
    `unclear`: the holder is asked to say reasons more clearly, until `due_at`.
    `signs`: the panel has recorded what it found, and the holder decides as its chair.
    `confers`: the holder's readings differ from another's, and the two are to settle them; `sent_at`: when sent in.
    """

    assignment: UUID
    case_id: UUID
    number: str
    programme_version: UUID
    seat: SeatKind
    chair: bool
    pile: Pile
    due_at: datetime | None
    sent_at: datetime | None
    claims: int
    readable: bool
    confers: bool
    unclear: bool = False
    signs: bool = False


LISTED = (SeatState.OFFERED, SeatState.ACCEPTED, SeatState.SUBMITTED, SeatState.FINAL)


async def of_person(session: AsyncSession, *, caller: Caller) -> list[Held]:
    """The seats of `caller` in every case that they may know of: what is due first comes first, what is done last."""
    person = UUID(caller.id)
    covered = (
        sa.select(sa.func.count())
        .where(col(AssignmentClaim.assignment_id) == col(Assignment.id))
        .correlate(Assignment)
        .scalar_subquery()
    )
    sent = (
        sa.select(sa.func.max(col(Judgement.locked_at)))
        .where(col(Judgement.assignment_id) == col(Assignment.id))
        .correlate(Assignment)
        .scalar_subquery()
    )
    rows = list(
        await session.exec(
            select(Assignment, Case, covered, sent)
            .join(Case, col(Case.id) == col(Assignment.case_id))
            .where(col(Assignment.person_id) == person, col(Assignment.state).in_(LISTED), not_excluded(person))
            .order_by(col(Assignment.id).desc())
        )
    )
    mine = [row for row in rows if caller.holds(SEAT_ROLE[row[0].seat], row[1].institution_id, row[1].programme)]
    asking = await _asking(session, [seat.id for seat, *_ in mine if seat.state is SeatState.ACCEPTED])
    conferring = await _conferring(session, [seat.id for seat, *_ in mine if seat.state is SeatState.SUBMITTED])
    unclear = await clarity.due_by_seat(session, person)
    held = [
        _held(seat, case, (int(claims), sent), asks=seat.id in asking, confers=seat.id in conferring)
        for seat, case, claims, sent in mine
    ]
    held = [
        replace(one, pile=Pile.MINE, due_at=unclear[one.assignment], unclear=True) if one.assignment in unclear else one
        for one in held
    ]
    todo = sorted((one for one in held if one.pile is not Pile.DONE), key=_due_first)
    return [*todo, *[one for one in held if one.pile is Pile.DONE][:MOST_DONE]]


def _due_first(held: Held) -> tuple[bool, float, UUID]:
    return held.due_at is None, held.due_at.timestamp() if held.due_at else 0.0, held.assignment


def _held(seat: Assignment, case: Case, counted: tuple[int, datetime | None], *, asks: bool, confers: bool) -> Held:
    offered, signs = seat.state is SeatState.OFFERED, _signs(seat, case)
    return Held(
        assignment=seat.id,
        case_id=case.id,
        number=case.number,
        programme_version=case.programme_version_id,
        seat=seat.seat,
        chair=seat.chair,
        pile=Pile.MINE if confers or signs else _pile(seat, case, asks=asks),
        due_at=case.due_at if confers else seat.respond_by if offered else seat.due_at,
        sent_at=counted[1],
        claims=counted[0],
        confers=confers,
        readable=seat.state in (SeatState.ACCEPTED, SeatState.SUBMITTED),
        signs=signs,
    )


def _signs(seat: Assignment, case: Case) -> bool:
    """Whether a panel has recorded what it found, and the seat is that of the chair, who decides."""
    decides = case.stage is Stage.DECISION_PENDING and case.waiting_on is WaitingOn.PANEL
    return seat.chair and decides and seat.state is SeatState.SUBMITTED


def _pile(seat: Assignment, case: Case, *, asks: bool) -> Pile:
    if seat.state is SeatState.OFFERED:
        return Pile.OFFERED
    if seat.state is not SeatState.ACCEPTED:
        return Pile.DONE
    return Pile.WAITING if asks or case.paused_until is not None else Pile.MINE


async def _asking(session: AsyncSession, seats: list[UUID]) -> set[UUID]:
    """Those of `seats` that wait for an answer of the learner: to their own question, or to dates they offered."""
    questions = await session.exec(
        select(RequestTarget.assignment_id)
        .join(EvidenceRequest, col(EvidenceRequest.id) == col(RequestTarget.request_id))
        .where(
            col(RequestTarget.assignment_id).in_(seats),
            col(RequestTarget.answered_at).is_(None),
            col(EvidenceRequest.closed_at).is_(None),
        )
    )
    dates = await session.exec(
        select(Appointment.assignment_id).where(
            col(Appointment.assignment_id).in_(seats), col(Appointment.state) == AppointmentState.SLOTS_OFFERED
        )
    )
    return {*questions, *dates}


async def _conferring(session: AsyncSession, seats: list[UUID]) -> set[UUID]:
    """Those of `seats` whose readings are conferred on: locked, on an open claim of which no reading stands."""
    rows = await session.exec(
        select(Judgement.assignment_id)
        .join(Claim, col(Claim.id) == col(Judgement.claim_id))
        .join(Case, col(Case.id) == col(Judgement.case_id))
        .outerjoin(FinalReading, col(FinalReading.claim_id) == col(Claim.id))
        .where(
            col(Judgement.assignment_id).in_(seats),
            col(Judgement.locked_at).is_not(None),
            col(Claim.state).in_(OPEN_CLAIMS),
            col(FinalReading.claim_id).is_(None),
            col(Case.stage) == Stage.MODERATION,
            col(Case.moderation) == Way.CONFER,
        )
    )
    return set(rows)
