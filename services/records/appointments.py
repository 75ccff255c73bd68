"""Appointments as rows: the open one of a case, its dates, what it makes good, and what was seen at those held."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import limits
from services.records.moves.content import Told
from services.records.tables.appointments import Appointment, AppointmentClaim, AppointmentRecord, AppointmentSlot
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, Claim
from services.rules import limits as ladder
from services.rules.appointments import OPEN, AppointmentState
from services.rules.case import SeatKind, SeatState
from services.rules.programmes import Method, Policy

LIMITS = ("slots", "booking", "meeting", "record")
"""The limits of an appointment, of which one runs at a time."""

REQUEST, CANCEL = "REQUEST", "CANCEL"
"""What a calendar file does to the reader's calendar. Source: RFC 5546, section 3.2."""


async def open_one(session: AsyncSession, case_id: UUID) -> Appointment | None:
    """The appointment of the case that is still to be settled."""
    rows = await session.exec(
        select(Appointment).where(col(Appointment.case_id) == case_id, col(Appointment.state).in_(OPEN))
    )
    return rows.first()


async def of_case(session: AsyncSession, case_id: UUID) -> list[Appointment]:
    """Every appointment of the case, oldest first."""
    rows = await session.exec(
        select(Appointment).where(col(Appointment.case_id) == case_id).order_by(col(Appointment.id))
    )
    return list(rows)


async def claims_of(session: AsyncSession, appointment: UUID) -> list[Claim]:
    """The claims that it is held for, in the order in which they were made."""
    rows = await session.exec(
        select(Claim)
        .join(AppointmentClaim, col(AppointmentClaim.claim_id) == col(Claim.id))
        .where(col(AppointmentClaim.appointment_id) == appointment)
        .order_by(col(Claim.id))
    )
    return list(rows)


async def slots_of(session: AsyncSession, appointment: UUID) -> list[AppointmentSlot]:
    """The dates that stand: offered ones, and those that the learner proposed since."""
    rows = await session.exec(
        select(AppointmentSlot)
        .where(col(AppointmentSlot.appointment_id) == appointment, col(AppointmentSlot.withdrawn_at).is_(None))
        .order_by(col(AppointmentSlot.starts_at))
    )
    return list(rows)


async def choosable(session: AsyncSession, row: Appointment, *, now: datetime) -> dict[str, AppointmentSlot]:
    """The dates to come that the learner may still choose, by id."""
    return {
        str(slot.id): slot
        for slot in await slots_of(session, row.id)
        if not slot.proposed and slot.starts_at > now and slot.id != row.slot_id
    }


async def withdraw_slots(session: AsyncSession, appointment: UUID, *, now: datetime) -> None:
    """None of the dates so far can be chosen any more."""
    await session.flush()
    await session.exec(
        sa.update(AppointmentSlot)
        .where(col(AppointmentSlot.appointment_id) == appointment, col(AppointmentSlot.withdrawn_at).is_(None))
        .values(withdrawn_at=now)
    )


async def records_of(session: AsyncSession, appointment: UUID) -> list[AppointmentRecord]:
    """What was written down of it, in that order."""
    rows = await session.exec(
        select(AppointmentRecord)
        .where(col(AppointmentRecord.appointment_id) == appointment)
        .order_by(col(AppointmentRecord.id))
    )
    return list(rows)


async def made_good(session: AsyncSession, row: Appointment) -> list[Appointment]:
    """`row` and every missed appointment that it makes good."""
    chain, known = [row], {one.id: one for one in await of_case(session, row.case_id)}
    while chain[-1].follows is not None:
        chain.append(known[chain[-1].follows])
    return chain


async def absences(session: AsyncSession, row: Appointment) -> tuple[int, int]:
    """How often the learner was absent with a reason, dates called off included, and without one."""
    chain = await made_good(session, row)
    excused = sum((one.state is AppointmentState.NO_SHOW_EXCUSED) + one.called_off for one in chain)
    return excused, sum(one.state is AppointmentState.NO_SHOW_UNEXCUSED for one in chain)


async def time(
    session: AsyncSession, *, case: Case, policy: Policy, now: datetime, key: str, until: datetime | None = None
) -> None:
    """Let the limit `key` of the appointment run from now on, instead of any other; the case waits for its end."""
    for other in LIMITS:
        if other != key:
            await limits.end(session, case_id=case.id, key=other, now=now)
    await limits.renew(session, case=case, policy=policy, limit=ladder.LIMIT[key], now=now, until=until)
    case.due_at = await limits.first_due(session, case)


def invitation(row: Appointment, *, cancels: bool = False) -> dict[str, str]:
    """What the mail of a booking carries, so that a retry attaches the same calendar file; it counts as a change."""
    row.sequence += 1
    if row.starts_at is None or row.ends_at is None:
        raise LookupError(row.id)
    return {
        "identity": str(row.id),
        "calendar": CANCEL if cancels else REQUEST,
        "sequence": str(row.sequence),
        "about": row.method,
        "starts": row.starts_at.isoformat(),
        "ends": row.ends_at.isoformat(),
        "place": row.place,
        "due": row.starts_at.isoformat(),
    }


def unbook(row: Appointment) -> None:
    """The appointment has no date any more."""
    row.slot_id, row.starts_at, row.ends_at, row.mode, row.place = None, None, None, None, ""


async def give_up(
    session: AsyncSession, row: Appointment, *, case: Case, people: Sequence[UUID], reason: str, now: datetime
) -> tuple[Told, ...]:
    """Cancel an open appointment, and the entry in both sides' calendars where there was one."""
    facts = invitation(row, cancels=True) if row.starts_at is not None else {}
    row.state, row.closed_at, row.reason = AppointmentState.CANCELLED, now, reason
    await withdraw_slots(session, row.id, now=now)
    staff = (Told("appointment_cancelled_staff", person, facts) for person in people)
    return (Told("appointment_cancelled", case.learner_id, facts), *staff)


async def conducted_by(session: AsyncSession, case_id: UUID, person: UUID) -> list[Appointment]:
    """Those of the case's appointments that `person` ordered, or conducts or wrote down beside whoever did."""
    beside = (
        sa.exists()
        .where(
            col(Assignment.case_id) == col(Appointment.case_id),
            col(Assignment.person_id) == person,
            col(Assignment.seat) == SeatKind.INTERVIEW,
            col(Assignment.state) == SeatState.ACCEPTED,
        )
        .correlate(Appointment)
    )
    wrote = (
        sa.exists()
        .where(col(AppointmentRecord.appointment_id) == col(Appointment.id), col(AppointmentRecord.person_id) == person)
        .correlate(Appointment)
    )
    rows = await session.exec(
        select(Appointment)
        .where(
            col(Appointment.case_id) == case_id,
            sa.or_(col(Appointment.person_id) == person, sa.and_(col(Appointment.state).in_(OPEN), beside), wrote),
        )
        .order_by(col(Appointment.id))
    )
    return list(rows)


async def seen(session: AsyncSession, claim_id: UUID) -> frozenset[Method]:
    """By which methods the claim was shown at an appointment; what a barred person found does not count."""
    rows = await session.exec(
        select(Appointment.method)
        .join(AppointmentClaim, col(AppointmentClaim.appointment_id) == col(Appointment.id))
        .join(Assignment, col(Assignment.id) == col(Appointment.assignment_id))
        .where(
            col(AppointmentClaim.claim_id) == claim_id,
            col(Appointment.state) == AppointmentState.RECORDED,
            col(Assignment.state) != SeatState.CONFLICT,
        )
        .distinct()
    )
    return frozenset(Method(method) for method in rows)
