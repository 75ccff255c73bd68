"""An appointment was held or missed: what was seen is written down, or another date is found."""

from uuid import UUID

import msgspec

from services.records import appointments, assignments, effects, seat_times
from services.records.ids import new_id
from services.records.moves import appointments as dates
from services.records.moves import requests
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.appointments import Appointment, AppointmentClaim, AppointmentRecord
from services.rules import appointments as rules
from services.rules import work_time
from services.rules.appointments import Absent, AppointmentState, Mode
from services.rules.case import SEAT_ROLE, SeatKind, SeatState
from services.rules.people import Role
from services.rules.refusals import Refused

TIMED_OUT, STAFF_ABSENT = "timeout", "staff_absent"
"""Why an appointment was cancelled without anybody's words."""


async def _over(setting: Setting) -> Outcome:
    """The time of the meeting has passed: whoever conducted it writes down what was seen, or that nobody came."""
    row = await dates.current(setting)
    row.state = AppointmentState.HELD
    await dates.runs(setting, "record")
    return Outcome(logged={"appointment": str(row.id)})


async def _time_out(setting: Setting) -> Outcome:
    """No date was chosen: the claims are judged on what is on file."""
    setting.case.judge_on_file = True
    told = await dates.to_both(setting, "appointment_on_file")
    row = await dates.current(setting)
    await appointments.withdraw_slots(setting.session, row.id, now=setting.now)
    row.state, row.closed_at, row.reason = AppointmentState.CANCELLED, setting.now, TIMED_OUT
    return Outcome(told=told, logged={"appointment": str(row.id)})


# absence


def _begun(setting: Setting, row: Appointment) -> None:
    if row.starts_at is not None and setting.now < row.starts_at:
        raise Refused("appointment_ahead")


async def _may_report(setting: Setting) -> None:
    """Raises `Refused`: malformed, not_your_move for a learner who reports their own absence."""
    if setting.body.absent not in set(Absent):
        raise Refused("malformed", field="absent")
    if setting.command.role is Role.LEARNER and setting.body.absent != Absent.STAFF:
        raise Refused("not_your_move", command=setting.command.kind)


async def _has_begun(setting: Setting) -> None:
    """Raises `Refused('appointment_ahead')`."""
    _begun(setting, await dates.current(setting))


async def _report(setting: Setting) -> Outcome:
    """The fact is kept, without blame; as long as a try is left, another date is found."""
    row, by_staff = await dates.current(setting), setting.body.absent == Absent.STAFF
    row.closed_at, row.reason = setting.now, STAFF_ABSENT if by_staff else setting.body.note.strip()
    await appointments.withdraw_slots(setting.session, row.id, now=setting.now)
    people = await dates.conductors(setting)
    if by_staff:
        row.state = AppointmentState.CANCELLED
    else:
        missed = AppointmentState.NO_SHOW_EXCUSED if setting.body.excused else AppointmentState.NO_SHOW_UNEXCUSED
        row.state = missed
    await setting.session.flush()
    excused, unexcused = await appointments.absences(setting.session, row)
    logged = {"appointment": str(row.id), "state": row.state.value}
    if not by_staff and not dates.may_try_again(setting, excused=excused, unexcused=unexcused):
        setting.case.judge_on_file = True
        staff = tuple(Told("appointment_on_file_staff", person) for person in people)
        return Outcome(told=(Told("appointment_on_file", setting.case.learner_id), *staff), logged=logged)
    await _again(setting, row)
    told = [Told("appointment_missed", setting.case.learner_id), *(Told("slots_needed", one) for one in people)]
    if by_staff:
        leads = await effects.staff(setting.session, case=setting.case, role=Role.LEAD)
        told.extend(Told("staff_absent", lead) for lead in leads)
    return Outcome(told=tuple(told), logged=logged)


async def _again(setting: Setting, missed: Appointment) -> None:
    """An appointment for the same claims, to make good the missed one."""
    kept = {"method", "minutes", "raters", "language", "about", "bring", "attending", "person_id", "role"}
    row = Appointment(
        **{name: getattr(missed, name) for name in kept},
        id=new_id(),
        case_id=missed.case_id,
        assignment_id=missed.assignment_id,
        state=AppointmentState.REQUESTED,
        follows=missed.id,
        ordered_at=setting.now,
    )
    claims = await appointments.claims_of(setting.session, missed.id)
    setting.session.add(row)
    await setting.session.flush()
    setting.session.add_all(AppointmentClaim(appointment_id=row.id, claim_id=claim.id) for claim in claims)
    await setting.session.flush()
    await dates.runs(setting, "slots")


# the record


async def _can_be_recorded(setting: Setting) -> None:
    """Raises `Refused`: appointment_ahead, record_kept."""
    row = await dates.current(setting)
    if row.mode is not Mode.RECORDED_ANSWERS:
        _begun(setting, row)
    written = await appointments.records_of(setting.session, row.id)
    if any(str(one.person_id) == setting.command.actor for one in written):
        raise Refused("record_kept")


async def _may_record(setting: Setting) -> None:
    """Raises `Refused`: record_incomplete, recording_consent, malformed, work_time_unlikely."""
    work_time.check(setting.body.worked_minutes)
    row = await dates.current(setting)
    claims = await appointments.claims_of(setting.session, row.id)
    criteria = {
        str(claim.id): [one.key for one in setting.programme.competency(claim.competency).criteria] for claim in claims
    }
    rules.check_sheet(setting.body.sheet, method=row.method, criteria=criteria)


async def _record(setting: Setting) -> Outcome:
    """Each who conducted it writes alone; with the last of them the appointment is recorded."""
    session, row, sheet = setting.session, await dates.current(setting), setting.body.sheet
    people, seat = await dates.conductors(setting), await _seat_of(setting, row)
    session.add(
        AppointmentRecord(
            id=new_id(),
            appointment_id=row.id,
            case_id=row.case_id,
            assignment_id=seat,
            person_id=UUID(setting.command.actor),
            role=setting.command.role,
            sheet=msgspec.to_builtins(sheet),
            supervision=sheet.supervision,
            identification=sheet.identification,
            recorded_at=setting.now,
            command_id=UUID(setting.command.id),
        )
    )
    seat_times.keep(setting, [seat], method=row.method)
    await session.flush()
    written = await appointments.records_of(session, row.id)
    if len(written) >= min(row.raters, len(people)):
        row.state, row.closed_at = AppointmentState.RECORDED, setting.now
    elif row.state is AppointmentState.BOOKED:
        row.state = AppointmentState.HELD
        await dates.runs(setting, "record")
    return Outcome(logged={"appointment": str(row.id), "state": row.state.value})


async def _seat_of(setting: Setting, row: Appointment) -> UUID:
    """The seat in which the sender conducts `row`."""
    if str(row.person_id) == setting.command.actor:
        return row.assignment_id
    accepted = await assignments.of_case(setting.session, row.case_id, SeatState.ACCEPTED)
    return next(
        seat.id
        for seat in accepted
        if str(seat.person_id) == setting.command.actor and SEAT_ROLE[seat.seat] is setting.command.role
    )


async def _end(setting: Setting) -> Outcome:
    """Whoever sat beside the assessor is free again, and everybody goes on where they stopped."""
    busy = await assignments.of_case(setting.session, setting.case.id, *assignments.BUSY)
    beside = [seat for seat in busy if seat.seat is SeatKind.INTERVIEW]
    told = tuple(Told("offer_ended", seat.person_id) for seat in beside if seat.state is SeatState.OFFERED)
    for seat in beside:
        state = SeatState.FINAL if seat.state is SeatState.ACCEPTED else SeatState.CANCELLED
        await assignments.end(setting.session, seat=seat, state=state, now=setting.now)
    await requests.come_back(setting)
    return Outcome(told=told)


CONTENT = {
    "meeting_over": Content(carry=_over),
    "booking_timeout": Content(carry=_time_out),
    "report_no_show": Content(_may_report, _report, _has_begun),
    "record_appointment": Content(_may_record, _record, _can_be_recorded),
    "end_appointment": Content(carry=_end),
}
