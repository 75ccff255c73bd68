"""Appointments as each side sees them: dates and places for both, what was written down for whoever may read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import calendar_answer
from services.api.access import Facts, Who
from services.api.house import Now, Reading, TheHouse
from services.documents import calendar_files
from services.records import accommodations, appointments, cases, recordings
from services.records.accommodations import Arranged
from services.records.tables.appointments import Appointment, AppointmentFile, AppointmentRecord, AppointmentSlot
from services.rules.accommodations import Arrangement
from services.rules.appointments import AppointmentState, KeptAs, Line, Mode, Sheet
from services.rules.people import Action, Answer, Caller, CaseFacts, Tie, on_a_case
from services.rules.programmes import Method
from services.rules.refusals import Refused

OVERSEEING = frozenset({Tie.LEAD, Tie.AUDITOR})
READING_ALL = frozenset({Tie.PANEL, Tie.APPEAL_REVIEWER, Tie.AUDITOR})
"""Whoever reads what was written down at every appointment; an assessor only at their own, apart from any other's."""


@dataclass(frozen=True, slots=True)
class SlotView:
    """A date to choose from; `proposed` by the learner, and then without a place."""

    id: UUID
    starts_at: datetime
    mode: Mode | None
    place: str
    proposed: bool


@dataclass(frozen=True, slots=True)
class LineView(Line):
    """One thing that was asked, set or watched, as it was written down."""


@dataclass(frozen=True, slots=True)
class SheetView(Sheet):
    """The form of an appointment, as it was written down."""

    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class RecordView:
    """What one of those who conducted it wrote down."""

    id: UUID
    sheet: SheetView
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class KeptView:
    """A recording of the appointment, or its form as it was filled in; shown to whoever may read what was written."""

    id: UUID
    what: KeptAs
    name: str
    size: int
    sha256: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentView:
    """One appointment. `calendar_url` is its calendar file while a date is booked, for those who come.

    `minutes` is its usual length; what is arranged for the learner, and their time in percent of it, stands beside.

    `conducted_by` is for whoever oversees the case; a learner reads `records` once the decision can be read.
    """

    id: UUID
    method: Method
    state: AppointmentState
    minutes: int
    language: str
    about: str
    bring: str
    attending: str
    claims: list[UUID]
    slots: list[SlotView]
    proposal_note: str
    starts_at: datetime | None
    ends_at: datetime | None
    mode: Mode | None
    place: str
    arrangements: list[Arrangement]
    extra_time: int
    follows: UUID | None
    ordered_at: datetime
    closed_at: datetime | None
    calendar_url: str | None
    records: list[RecordView]
    files: list[KeptView]
    conducted_by: UUID | None


@get(
    "/appointments",
    opt={"action": Action.SEE_APPOINTMENTS},
    operation_id="list_appointments",
    summary="The appointments of a case",
)
async def of_case(case_id: FromPath[UUID], caller: Who, facts: Facts, reading: Reading) -> list[AppointmentView]:
    """Oldest first; an assessor sees those that they conduct."""
    return await listed(reading, case_id, caller=caller, facts=facts)


async def listed(session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts) -> list[AppointmentView]:
    """The appointments that the caller sees, as they may see them."""
    rows = await _shown(session, case_id, caller, facts)
    return [await _view(session, row, caller=caller, facts=facts) for row in rows]


async def _shown(session: AsyncSession, case_id: UUID, caller: Caller, facts: CaseFacts) -> list[Appointment]:
    if facts.ties - {Tie.ASSESSOR, Tie.OFFERED}:
        return await appointments.of_case(session, case_id)
    return await appointments.conducted_by(session, case_id, UUID(caller.id))


async def _view(session: AsyncSession, row: Appointment, *, caller: Caller, facts: CaseFacts) -> AppointmentView:
    claims = await appointments.claims_of(session, row.id)
    comes = Tie.LEARNER in facts.ties or await _conducts(session, row, caller)
    booked = comes and row.starts_at is not None
    meets = on_a_case(Action.SEE_ARRANGED, facts) is Answer.ALLOWED
    arranged = await accommodations.in_force(session, row.case_id) if meets else Arranged()
    return AppointmentView(
        id=row.id,
        method=row.method,
        state=row.state,
        minutes=row.minutes,
        language=row.language,
        about=row.about,
        bring=row.bring,
        attending=row.attending,
        claims=[claim.id for claim in claims],
        slots=[_slot(one) for one in await appointments.slots_of(session, row.id)],
        proposal_note=row.proposal_note,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        mode=row.mode,
        place=row.place,
        arrangements=list(arranged.arrangements),
        extra_time=arranged.extra_time,
        follows=row.follows,
        ordered_at=row.ordered_at,
        closed_at=row.closed_at,
        calendar_url=f"/api/v1/cases/{row.case_id}/appointments/{row.id}/calendar" if booked else None,
        records=await _records(session, row, caller=caller, facts=facts),
        files=[kept_view(one) for one in await _files(session, row, caller=caller, facts=facts)],
        conducted_by=row.person_id if facts.ties & OVERSEEING else None,
    )


def _slot(slot: AppointmentSlot) -> SlotView:
    return SlotView(slot.id, slot.starts_at, slot.mode, slot.place, slot.proposed)


async def _conducts(session: AsyncSession, row: Appointment, caller: Caller) -> bool:
    conducted = await appointments.conducted_by(session, row.case_id, UUID(caller.id))
    return row.id in {one.id for one in conducted}


async def _records(session: AsyncSession, row: Appointment, *, caller: Caller, facts: CaseFacts) -> list[RecordView]:
    """Before everybody has written, each reads only what they wrote: nobody rates after another's ratings."""
    written = await appointments.records_of(session, row.id)
    return [_record(one) for one in _readable(written, row, caller=caller, facts=facts)]


async def _files(session: AsyncSession, row: Appointment, *, caller: Caller, facts: CaseFacts) -> list[AppointmentFile]:
    """What was kept beside the records, for the same readers."""
    kept = await recordings.of_appointment(session, row.id)
    if await _conducts(session, row, caller) and row.state is AppointmentState.RECORDED:
        return list(kept)
    return _readable(kept, row, caller=caller, facts=facts)


Written = TypeVar("Written", AppointmentRecord, AppointmentFile)


def _readable(written: Sequence[Written], row: Appointment, *, caller: Caller, facts: CaseFacts) -> list[Written]:
    own = [one for one in written if str(one.person_id) == caller.id]
    complete = row.state is AppointmentState.RECORDED
    if complete and (own or facts.ties & READING_ALL or _told(facts)):
        return list(written)
    return own


def kept_view(row: AppointmentFile) -> KeptView:
    """A file as its readers see it."""
    return KeptView(row.id, row.what, row.name, row.size, row.sha256, row.received_at)


async def file_of(
    reading: Reading, case_id: UUID, appointment_id: UUID, file_id: UUID, *, caller: Caller, facts: CaseFacts
) -> AppointmentFile:
    """A file that the caller may read. Raises `Refused('not_found')`."""
    for row in await _shown(reading, case_id, caller, facts):
        if row.id == appointment_id:
            for one in await _files(reading, row, caller=caller, facts=facts):
                if one.id == file_id:
                    return one
    raise Refused("not_found")


def _told(facts: CaseFacts) -> bool:
    return facts.decided and bool(facts.ties & {Tie.LEARNER, Tie.ADVISOR})


def _record(row: AppointmentRecord) -> RecordView:
    return RecordView(row.id, msgspec.convert(row.sheet, SheetView), row.recorded_at)


@get(
    "/appointments/{appointment_id:uuid}/calendar",
    opt={"action": Action.SEE_APPOINTMENTS},
    operation_id="read_calendar_file",
    summary="The booked date as a calendar file",
    media_type=calendar_files.MEDIA_TYPE,
)
async def calendar(
    *, case_id: FromPath[UUID], appointment_id: FromPath[UUID], caller: Who, facts: Facts, house: TheHouse, now: Now
) -> Response[bytes]:
    """For the learner and for whoever conducts it; nobody's name is in it."""
    async with house.database.reading() as session:
        shown = {row.id: row for row in await _shown(session, case_id, caller, facts)}
        row = shown.get(appointment_id)
        comes = row is not None and (Tie.LEARNER in facts.ties or await _conducts(session, row, caller))
        if row is None or not comes or row.starts_at is None or row.ends_at is None:
            raise Refused("not_found")
        case = await cases.get(session, case_id)
    entry = calendar_files.Entry(
        identity=row.id,
        sequence=row.sequence,
        about=row.method,
        starts=row.starts_at,
        ends=row.ends_at,
        zone=case.zone,
        place=row.place,
        number=case.number,
        link=f"{house.base_url}/cases/{case_id}",
        written=now,
    )
    return calendar_answer.of(entry, "appointment.ics", caller=caller, house=house)


def router() -> Router:
    """Every route of appointments; what changes them are commands."""
    return Router("/api/v1/cases/{case_id:uuid}", route_handlers=[of_case, calendar], tags=["appointments"])
