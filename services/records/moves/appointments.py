"""Finding the date of an interview, a test, an observation or a simulation, and changing it."""

from datetime import datetime, timedelta
from uuid import UUID

from services.records import accommodations, appointments, assignments, cases
from services.records.ids import new_id
from services.records.moves import answers, requests, seats
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.appointments import Appointment, AppointmentClaim, AppointmentSlot
from services.records.tables.assessment import Assignment
from services.rules import appointments as rules
from services.rules import deadlines
from services.rules.accommodations import lengthened
from services.rules.appointments import DIRECT, LONGEST, SHORTEST, AppointmentState, Mode
from services.rules.case import SEAT_ROLE, SeatKind, SeatState
from services.rules.people import Role
from services.rules.programmes import Method
from services.rules.refusals import Refused

LANGUAGE_LENGTH = 16


async def current(setting: Setting) -> Appointment:
    """The open appointment. Raises `Refused('appointment_moved_on')`."""
    row = await appointments.open_one(setting.session, setting.case.id)
    if row is None:
        raise Refused("appointment_moved_on")
    return row


async def conductors(setting: Setting) -> list[UUID]:
    """Who conducts the open appointment."""
    there = await cases.meeting(setting.session, setting.case)
    return [UUID(person) for person in there.people] if there else []


async def to_both(setting: Setting, notice: str, facts: dict[str, str] | None = None) -> tuple[Told, ...]:
    """The mail `notice` to the learner, and its twin to whoever conducts the appointment."""
    staff = [Told(f"{notice}_staff", person, facts or {}) for person in await conductors(setting)]
    return (Told(notice, setting.case.learner_id, facts or {}), *staff)


async def runs(setting: Setting, key: str, *, until: datetime | None = None) -> None:
    """Let the limit `key` of the appointment run from now on."""
    policy = setting.programme.policy
    await appointments.time(setting.session, case=setting.case, policy=policy, now=setting.now, key=key, until=until)


# ordering


async def _own_seat(setting: Setting) -> Assignment:
    accepted = await assignments.of_case(setting.session, setting.case.id, SeatState.ACCEPTED)
    own = (
        seat
        for seat in accepted
        if str(seat.person_id) == setting.command.actor and SEAT_ROLE[seat.seat] is setting.command.role
    )
    return next(own)


async def _can_be_ordered(setting: Setting) -> None:
    """Something that the sender still judges can be shown at an appointment.

    Raises `Refused`: claims_missing, method_not_allowed.
    """
    own = await requests.own_claims(setting)
    if not own:
        raise Refused("claims_missing")
    if not any(set(setting.programme.competency(claim.competency).methods) & DIRECT for claim in own.values()):
        answers.check_method(setting.programme, next(iter(own.values())), Method.INTERVIEW)


async def _may_order(setting: Setting) -> None:
    """Raises `Refused`: malformed, method_not_allowed (by which competency), appointment_too_long."""
    body, own = setting.body, await requests.own_claims(setting)
    if body.method not in DIRECT:
        raise Refused("malformed", field="method")
    if not body.claims or set(body.claims) - own.keys() or len(body.claims) != len(set(body.claims)):
        raise Refused("malformed", field="claims")
    for claim in body.claims:
        answers.check_method(setting.programme, own[claim], Method(body.method))
    if not body.about.strip():
        raise Refused("malformed", field="about")
    if not 0 < len(body.language.strip()) <= LANGUAGE_LENGTH:
        raise Refused("malformed", field="language")
    if not SHORTEST <= body.minutes <= LONGEST:
        raise Refused("malformed", field="minutes")
    most = setting.programme.policy.interview_minutes
    if body.method == Method.INTERVIEW and body.minutes > most:
        raise Refused("appointment_too_long", minutes=str(most))


async def _order(setting: Setting) -> Outcome:
    session, case, body = setting.session, setting.case, setting.body
    own, seat = await requests.own_claims(setting), await _own_seat(setting)
    alone = setting.programme.policy.interview_assessors == 1 or body.method != Method.INTERVIEW
    row = Appointment(
        id=new_id(),
        case_id=case.id,
        assignment_id=seat.id,
        person_id=seat.person_id,
        role=setting.command.role,
        method=Method(body.method),
        state=AppointmentState.REQUESTED,
        minutes=lengthened(body.minutes, case.extra_time),
        raters=1 if alone else 2,
        language=body.language.strip(),
        about=body.about.strip(),
        bring=body.bring.strip(),
        attending=body.attending.strip(),
        ordered_at=setting.now,
    )
    session.add(row)
    await session.flush()
    session.add_all(AppointmentClaim(appointment_id=row.id, claim_id=own[claim].id) for claim in body.claims)
    await session.flush()
    told: tuple[Told, ...] = ()
    if not alone and setting.command.role is Role.ASSESSOR:
        told = await seats.offer_again(setting, [own[claim] for claim in body.claims], kind=SeatKind.INTERVIEW)
    logged = {"appointment": str(row.id), "method": body.method, "claims": len(body.claims)}
    return Outcome(result={"appointment": str(row.id)}, told=told, logged=logged)


# dates


def _in_good_time(setting: Setting, at: datetime) -> bool:
    zone, policy = setting.case.zone, setting.programme.policy
    today, day = deadlines.local_day(setting.now, zone), deadlines.local_day(at, zone)
    return rules.in_good_time(policy.calendar, today, day, policy.slot_notice)


def _too_soon(setting: Setting) -> Refused:
    return Refused("slot_too_soon", days=str(setting.programme.policy.slot_notice.amount))


def _check_times(setting: Setting, times: list[datetime], *, field: str) -> None:
    """Raises `Refused('malformed')` unless each is another instant to come, with its zone."""
    if not times or any(at.tzinfo is None for at in times):
        raise Refused("malformed", field=field)
    if len(set(times)) != len(times) or any(at <= setting.now for at in times):
        raise Refused("malformed", field=field)


async def _wished(setting: Setting, row: Appointment) -> set[datetime]:
    return {slot.starts_at for slot in await appointments.slots_of(setting.session, row.id) if slot.proposed}


async def _everybody_found(setting: Setting) -> None:
    """Raises `Refused('seats_open')` while a second assessor is to be found."""
    row = await current(setting)
    if row.role is Role.ASSESSOR and len(await conductors(setting)) < row.raters:
        raise Refused("seats_open")


async def _may_offer(setting: Setting) -> None:
    """Raises `Refused`: malformed, slots_too_few, slot_too_soon."""
    row, slots = await current(setting), setting.body.slots
    _check_times(setting, [slot.starts_at for slot in slots], field="slots")
    if any(slot.mode not in set(Mode) or not slot.place.strip() for slot in slots):
        raise Refused("malformed", field="slots")
    wished = await _wished(setting, row)
    times = {slot.starts_at for slot in slots}
    least = setting.programme.policy.slots_minimum
    if len(slots) < least and not times & wished:
        raise Refused("slots_too_few", minimum=str(least))
    if any(at not in wished and not _in_good_time(setting, at) for at in times):
        raise _too_soon(setting)


async def _offer(setting: Setting) -> Outcome:
    """The learner has the whole time to choose anew, unless dates were only exchanged for others."""
    row = await current(setting)
    await appointments.withdraw_slots(setting.session, row.id, now=setting.now)
    setting.session.add_all(
        AppointmentSlot(
            id=new_id(),
            appointment_id=row.id,
            proposed=False,
            starts_at=slot.starts_at,
            mode=Mode(slot.mode),
            place=slot.place.strip(),
            offered_at=setting.now,
        )
        for slot in setting.body.slots
    )
    if row.state is AppointmentState.REQUESTED:
        row.state = AppointmentState.SLOTS_OFFERED
        await runs(setting, "booking")
    await setting.session.flush()
    slots = await appointments.slots_of(setting.session, row.id)
    told = (Told("slots_offered", setting.case.learner_id),)
    return Outcome(result={"slots": [str(slot.id) for slot in slots]}, told=told, logged={"slots": len(slots)})


async def _dates_left(setting: Setting) -> None:
    """Raises `Refused('slot_gone')`."""
    if not await appointments.choosable(setting.session, await current(setting), now=setting.now):
        raise Refused("slot_gone")


async def _chosen(setting: Setting, row: Appointment) -> AppointmentSlot:
    """The date that the learner names. Raises `Refused`: slot_gone, slot_too_soon without the learner's own wish."""
    slot = (await appointments.choosable(setting.session, row, now=setting.now)).get(setting.body.slot)
    if slot is None:
        raise Refused("slot_gone")
    if not setting.body.short_notice and not _in_good_time(setting, slot.starts_at):
        raise _too_soon(setting)
    return slot


async def _may_book(setting: Setting) -> None:
    await _chosen(setting, await current(setting))


async def _book(setting: Setting) -> Outcome:
    return await _booked(setting, "appointment_booked")


async def _booked(setting: Setting, notice: str) -> Outcome:
    row = await current(setting)
    slot = await _chosen(setting, row)
    arranged = await accommodations.in_force(setting.session, setting.case.id)
    row.state, row.slot_id, row.mode, row.place = AppointmentState.BOOKED, slot.id, slot.mode, slot.place
    row.starts_at, row.ends_at = slot.starts_at, slot.starts_at + timedelta(minutes=arranged.minutes(row.minutes))
    await runs(setting, "meeting", until=row.ends_at)
    told = await to_both(setting, notice, appointments.invitation(row))
    return Outcome(result={"appointment": str(row.id)}, told=told, logged=_logged(row))


def _logged(row: Appointment) -> dict[str, object]:
    return {"appointment": str(row.id), "sequence": row.sequence}


async def _may_propose(setting: Setting) -> None:
    """Raises `Refused('malformed')`."""
    _check_times(setting, list(setting.body.times), field="times")


async def _proposals_left(setting: Setting) -> None:
    """Raises `Refused('dates_used')`."""
    if (await current(setting)).proposals >= setting.programme.policy.slot_proposals:
        raise Refused("dates_used")


async def _propose(setting: Setting) -> Outcome:
    row = await current(setting)
    await appointments.withdraw_slots(setting.session, row.id, now=setting.now)
    row.proposals, row.proposal_note = row.proposals + 1, setting.body.note.strip()
    setting.session.add_all(
        AppointmentSlot(id=new_id(), appointment_id=row.id, proposed=True, starts_at=at, offered_at=setting.now)
        for at in setting.body.times
    )
    row.state = AppointmentState.REQUESTED
    await runs(setting, "slots")
    return Outcome(told=await _dates_needed(setting), logged={"times": len(setting.body.times)})


async def _dates_needed(setting: Setting) -> tuple[Told, ...]:
    return tuple(Told("slots_needed", person) for person in await conductors(setting))


# changes


async def _may_move(setting: Setting) -> None:
    """Raises `Refused`: slot_gone, slot_too_soon, reasons_missing."""
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")
    await _may_book(setting)


async def _can_be_moved(setting: Setting) -> None:
    """Raises `Refused`: appointment_moved_on, slot_gone."""
    await _not_begun(setting)
    await _dates_left(setting)


async def _not_begun(setting: Setting) -> None:
    """What was shown cannot be taken back, whatever came of it. Raises `Refused('appointment_moved_on')`."""
    row = await current(setting)
    if row.state is AppointmentState.HELD or (row.starts_at is not None and row.starts_at <= setting.now):
        raise Refused("appointment_moved_on")


async def _move(setting: Setting) -> Outcome:
    return await _booked(setting, "appointment_changed")


async def _may_change_place(setting: Setting) -> None:
    if setting.body.mode not in set(Mode):
        raise Refused("malformed", field="mode")
    if not setting.body.place.strip():
        raise Refused("malformed", field="place")


async def _change_place(setting: Setting) -> Outcome:
    row = await current(setting)
    row.mode, row.place = Mode(setting.body.mode), setting.body.place.strip()
    row.bring = setting.body.bring.strip() or row.bring
    told = await to_both(setting, "appointment_changed", appointments.invitation(row))
    return Outcome(told=told, logged=_logged(row))


async def _may_call_off(setting: Setting) -> None:
    """Raises `Refused('reasons_missing')`."""
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")


async def _can_be_called_off(setting: Setting) -> None:
    """Raises `Refused`: appointment_moved_on, dates_used for a learner to whom no other date would be offered."""
    await _not_begun(setting)
    if setting.command.role is not Role.LEARNER:
        return
    excused, unexcused = await appointments.absences(setting.session, await current(setting))
    if not may_try_again(setting, excused=excused + 1, unexcused=unexcused):
        raise Refused("dates_used")


def may_try_again(setting: Setting, *, excused: int, unexcused: int) -> bool:
    """Whether the policy foresees another date after so many absences."""
    policy = setting.programme.policy
    return rules.left_to_try(
        excused=excused,
        unexcused=unexcused,
        may_excused=policy.rebook_excused,
        may_unexcused=policy.rebook_unexcused,
    )


async def _call_off(setting: Setting) -> Outcome:
    row = await current(setting)
    row.called_off += setting.command.role is Role.LEARNER
    told = await start_over(setting, row)
    return Outcome(told=told, logged=_logged(row))


async def start_over(setting: Setting, row: Appointment) -> tuple[Told, ...]:
    """Take back the dates of `row`, the booked one also out of both calendars: new ones are to be offered."""
    told: tuple[Told, ...] = ()
    if row.starts_at is not None:
        told = await to_both(setting, "appointment_called_off", appointments.invitation(row, cancels=True))
    appointments.unbook(row)
    row.state = AppointmentState.REQUESTED
    await appointments.withdraw_slots(setting.session, row.id, now=setting.now)
    await runs(setting, "slots")
    return told


async def _may_cancel(setting: Setting) -> None:
    """Raises `Refused('reasons_missing')`."""
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")


async def _can_be_cancelled(setting: Setting) -> None:
    """Raises `Refused('appointment_moved_on')` for anybody but a lead once it has begun."""
    if setting.command.role is not Role.LEAD:
        await _not_begun(setting)


async def _cancel(setting: Setting) -> Outcome:
    """A learner who would rather not come is judged on what is on file, which is no ground against anybody."""
    row = await current(setting)
    setting.case.judge_on_file |= setting.command.role is Role.LEARNER
    return Outcome(told=await given_up(setting, setting.body.reason.strip()), logged=_logged(row))


async def given_up(setting: Setting, reason: str) -> tuple[Told, ...]:
    """Cancel the case's open appointment, if there is one."""
    row = await appointments.open_one(setting.session, setting.case.id)
    if row is None:
        return ()
    people = await conductors(setting)
    return await appointments.give_up(
        setting.session, row, case=setting.case, people=people, reason=reason, now=setting.now
    )


CONTENT = {
    "order_appointment": Content(_may_order, _order, _can_be_ordered),
    "offer_slots": Content(_may_offer, _offer, _everybody_found),
    "book_slot": Content(_may_book, _book, _dates_left),
    "propose_other_times": Content(_may_propose, _propose, _proposals_left),
    "move_appointment": Content(_may_move, _move, _can_be_moved),
    "change_place": Content(_may_change_place, _change_place),
    "call_off": Content(_may_call_off, _call_off, _can_be_called_off),
    "cancel_appointment": Content(_may_cancel, _cancel, _can_be_cancelled),
}
