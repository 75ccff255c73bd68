"""Recordings of appointments, and forms filled in by hand: direct evidence that whoever led the appointment keeps.

They lie with the appointment and not in the portfolio: until readings are sent in, nobody learns from them that
somebody else has met the learner. Source: case design, sections 4.2 (direct), 6 (blind rule) and 7 (record).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases, effects, evidence, wording
from services.records.blobs import Stored
from services.records.ids import new_id
from services.records.tables.appointments import Appointment, AppointmentClaim, AppointmentFile
from services.records.tables.assessment import Assignment
from services.rules import appointments as rules
from services.rules.appointments import AppointmentState, KeptAs, Mode
from services.rules.case import SeatState
from services.rules.claims import PointedItem
from services.rules.evidence import EvidenceKind
from services.rules.refusals import Refused
from services.rules.signatures import FileKind

MOST_FILES = 10
"""Files of one appointment."""

LONGEST_NAME = 200

KEPT_IN = frozenset({AppointmentState.BOOKED, AppointmentState.HELD, AppointmentState.RECORDED})
"""States of an appointment that took place, or is taking place, once its time has come."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the file is, who was `present`, and which of them agreed beforehand to be recorded."""

    what: KeptAs
    present: tuple[str, ...] = ()
    consenting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file whose bytes are kept."""

    name: str
    kind: FileKind
    stored: Stored


async def room(session: AsyncSession, *, case_id: UUID, appointment_id: UUID, person: UUID, now: datetime) -> int:
    """How many bytes of this appointment may still come from `person`, asked before a byte is read.

    Raises `Refused`: not_found for an appointment that somebody else led, appointment_ahead, appointment_moved_on
    once there was none or the reading was sent in.
    """
    row = await _led(session, case_id=case_id, appointment_id=appointment_id, person=person)
    seat = await session.get_one(Assignment, row.assignment_id)
    if row.state not in KEPT_IN or seat.state is not SeatState.ACCEPTED:
        raise Refused("appointment_moved_on")
    if row.mode is not Mode.RECORDED_ANSWERS and row.starts_at is not None and now < row.starts_at:
        raise Refused("appointment_ahead")
    if len(await of_appointment(session, appointment_id)) >= MOST_FILES:
        return 0
    case = await cases.get(session, case_id)
    held = await session.exec(select(AppointmentFile.size).where(col(AppointmentFile.case_id) == case_id))
    quota = await evidence.quota(session, case_id, person=case.learner_id, now=now)
    return max(quota.left - sum(held), 0)


async def keep(
    session: AsyncSession,
    *,
    case_id: UUID,
    appointment_id: UUID,
    person: UUID,
    said: Said,
    file: File,
    now: datetime,
) -> AppointmentFile:
    """Keep a file with the appointment; the same bytes again are the file that there is. The learner is told.

    Raises what `room` says, and `Refused`: recording_consent, malformed, kind_not_accepted, quota_exceeded.
    """
    case = await cases.get(session, case_id, lock=True)
    left = await room(session, case_id=case_id, appointment_id=appointment_id, person=person, now=now)
    check(said)
    rules.check_kind(said.what, name=file.name, family=file.kind.family)
    for known in await of_appointment(session, appointment_id):
        if known.sha256 == file.stored.sha256:
            return known
    if file.stored.size > left:
        raise Refused("quota_exceeded")
    led = await session.get_one(Appointment, appointment_id)
    row = AppointmentFile(
        id=new_id(),
        appointment_id=appointment_id,
        case_id=case_id,
        person_id=person,
        role=led.role,
        what=said.what,
        name=file.name,
        file_kind=file.kind.key,
        media_type=file.kind.media_type,
        size=file.stored.size,
        sha256=file.stored.sha256,
        present=list(said.present),
        consenting=list(said.consenting),
        received_at=now,
    )
    session.add(row)
    await session.flush()
    details = {"appointment": str(appointment_id), "what": said.what.value, "sha256": row.sha256}
    await _log(session, row, person=person, action="appointment_file_kept", details=details, now=now)
    if said.what is KeptAs.RECORDING:
        await effects.tell(
            session, case=case, notice="recording_kept", person=case.learner_id, now=now, occasion=row.id.hex
        )
    return row


def check(said: Said) -> None:
    """Hold what is said of a file against what can be kept. Raises `Refused`: malformed, recording_consent."""
    for field, names in (("present", said.present), ("consenting", said.consenting)):
        for name in names:
            wording.check(field, name, most=LONGEST_NAME)
    rules.check_consent(said.what, present=said.present, consenting=said.consenting)


async def of_appointment(session: AsyncSession, appointment_id: UUID) -> Sequence[AppointmentFile]:
    """What was kept of an appointment, in the order in which it came."""
    rows = await session.exec(
        select(AppointmentFile)
        .where(col(AppointmentFile.appointment_id) == appointment_id)
        .order_by(col(AppointmentFile.id))
    )
    return rows.all()


async def read(session: AsyncSession, row: AppointmentFile, *, person: UUID, now: datetime) -> None:
    """Note in the log that `person` is about to read a file."""
    await _log(session, row, person=person, action="appointment_file_read", details={}, now=now)


async def weighed(session: AsyncSession, claim_id: UUID, *, person: UUID | None = None) -> tuple[PointedItem, ...]:
    """What was kept of appointments on the claim, as the rules of evidence weigh it: as direct evidence.

    With `person`, what they kept themselves: nobody judges by what they are not shown. What a barred person kept does
    not count.
    """
    wanted = (
        select(AppointmentFile.id)
        .join(Appointment, col(Appointment.id) == col(AppointmentFile.appointment_id))
        .join(AppointmentClaim, col(AppointmentClaim.appointment_id) == col(Appointment.id))
        .join(Assignment, col(Assignment.id) == col(Appointment.assignment_id))
        .where(col(AppointmentClaim.claim_id) == claim_id, col(Assignment.state) != SeatState.CONFLICT)
        .order_by(col(AppointmentFile.id))
    )
    if person is not None:
        wanted = wanted.where(col(AppointmentFile.person_id) == person)
    return tuple(
        PointedItem(str(one), EvidenceKind.RECORDING_OF_WORK, learner_authored=False)
        for one in await session.exec(wanted)
    )


async def _led(session: AsyncSession, *, case_id: UUID, appointment_id: UUID, person: UUID) -> Appointment:
    row = await session.get(Appointment, appointment_id)
    if row is None or (row.case_id, row.person_id) != (case_id, person):
        raise Refused("not_found")
    return row


async def _log(
    session: AsyncSession,
    row: AppointmentFile,
    *,
    person: UUID,
    action: str,
    details: dict[str, str],
    now: datetime,
) -> None:
    await audit.log(
        session,
        stream=f"case:{row.case_id}",
        actor=str(person),
        action=action,
        subject=str(row.id),
        details=details,
        now=now,
    )
