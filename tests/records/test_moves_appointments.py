"""A date is found for an interview: the learner chooses, may wish for others, and is never hurried or blamed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from services.records import cases, invariants, limits
from services.records.database import Database
from services.records.tables.cases import CaseSpan
from services.records.tables.commands import EffectRow
from services.rules import commands as bodies
from services.rules.appointments import AppointmentState as A
from services.rules.appointments import Mode
from services.rules.case import Clock, SeatState, Stage, WaitingOn
from services.rules.people import Role
from tests.records import makers, meeting, moving
from tests.records.makers import NOW


async def test_an_order_leads_to_direct_assessment_and_dates_are_expected(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.ordered(database, who)
    case, row = await moving.case_of(database, case_id), await meeting.newest(database, case_id)
    assert (case.stage, case.return_to, case.waiting_on, case.clock) == (
        Stage.DIRECT_ASSESSMENT,
        Stage.IN_ASSESSMENT,
        WaitingOn.ASSESSOR,
        Clock.RUNNING,
    )
    assert (row.state, row.person_id, row.raters) == (A.REQUESTED, who.assessor.id, 1)
    assert case.due_at is not None
    assert case.due_at.date().isoformat() == "2026-03-10"  # five business days, told at the end of the day in Quebec
    assert ("appointment_ordered", who.learner.id) in await moving.told(database, case_id)


async def test_meanwhile_other_claims_are_judged(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.ordered(database, who)
    await moving.write(database, case_id, who.assessor, second=moving.finding())


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"method": "portfolio"}, "malformed"),
        ({"method": "observation"}, "method_not_allowed"),
        ({"claims": ()}, "malformed"),
        ({"claims": ("another",)}, "malformed"),
        ({"about": " "}, "malformed"),
        ({"language": ""}, "malformed"),
        ({"minutes": 1}, "malformed"),
        ({"minutes": 61}, "appointment_too_long"),
    ],
)
async def test_an_order_says_what_is_shown_how_and_for_how_long(
    database: Database, wrong: dict[str, Any], code: str
) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    claim = (await moving.claims_of(database, case_id))["first"]
    body = bodies.OrderAppointment("interview", (str(claim.id),), 45, "fr", "How the work is planned")
    async with moving.nothing_changes(database, code):
        await moving.send(
            database,
            case_id,
            "order_appointment",
            actor=who.assessor,
            role=Role.ASSESSOR,
            body=replace(body, **wrong),
        )


async def test_while_the_learner_chooses_our_clock_stands(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.offered(database, who)
    case = await moving.case_of(database, case_id)
    assert (case.waiting_on, case.clock) == (WaitingOn.LEARNER, Clock.STOPPED)
    assert case.due_at is not None
    assert case.due_at.date().isoformat() == "2026-03-24"  # fifteen business days, told in Quebec
    await meeting.book(database, who, case_id)
    case, row = await moving.case_of(database, case_id), await meeting.newest(database, case_id)
    assert (case.waiting_on, case.clock) == (WaitingOn.ASSESSOR, Clock.RUNNING)
    assert (row.state, row.starts_at, row.place) == (A.BOOKED, meeting.SOON, "Workshop 4")
    assert case.due_at == row.ends_at == meeting.SOON + timedelta(minutes=45)
    async with database.reading() as session:
        spans = await session.exec(select(CaseSpan).where(col(CaseSpan.case_id) == case_id).order_by(col(CaseSpan.seq)))
        clocks = [span.clock for span in spans if span.stage is Stage.DIRECT_ASSESSMENT]
    assert clocks == [Clock.RUNNING, Clock.STOPPED, Clock.RUNNING]


SOON_SLOT = bodies.Slot(NOW + timedelta(days=3), Mode.ONLINE, "https://example.org/room")


@pytest.mark.parametrize(
    ("slots", "code"),
    [
        (meeting.SLOTS[:2], "slots_too_few"),
        ((*meeting.SLOTS[:2], SOON_SLOT), "slot_too_soon"),
        ((*meeting.SLOTS, meeting.SLOTS[0]), "malformed"),
        ((replace(meeting.SLOTS[0], starts_at=NOW - timedelta(days=1)), *meeting.SLOTS), "malformed"),
        ((replace(meeting.SLOTS[0], starts_at=meeting.SOON.replace(tzinfo=None)), *meeting.SLOTS[1:]), "malformed"),
        ((replace(meeting.SLOTS[0], mode="anywhere"), *meeting.SLOTS[1:]), "malformed"),
        ((replace(meeting.SLOTS[0], place=" "), *meeting.SLOTS[1:]), "malformed"),
        ((), "malformed"),
    ],
)
async def test_three_dates_are_offered_each_with_a_place_and_in_good_time(
    database: Database, slots: tuple[bodies.Slot, ...], code: str
) -> None:
    who = await moving.people(database)
    case_id = await meeting.ordered(database, who)
    async with moving.nothing_changes(database, code):
        await moving.send(
            database,
            case_id,
            "offer_slots",
            actor=who.assessor,
            role=Role.ASSESSOR,
            body=bodies.OfferSlots(slots),
        )


async def test_a_sooner_date_is_offered_where_the_learner_wished_for_it(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.offered(database, who)
    await propose(database, who, case_id, SOON_SLOT.starts_at)
    assert (await meeting.newest(database, case_id)).state is A.REQUESTED
    assert (await moving.case_of(database, case_id)).waiting_on is WaitingOn.ASSESSOR
    assert ("slots_needed", who.assessor.id) in await moving.told(database, case_id)
    await meeting.offer(database, who, case_id, SOON_SLOT)
    (slot,) = await meeting.slots(database, case_id)
    async with moving.nothing_changes(database, "slot_too_soon"):
        await meeting.book(database, who, case_id)
    body = bodies.BookSlot(str(slot.id), short_notice=True)
    await moving.send(database, case_id, "book_slot", actor=who.learner, role=Role.LEARNER, body=body)
    assert (await meeting.newest(database, case_id)).starts_at == SOON_SLOT.starts_at


async def propose(database: Database, who: moving.People, case_id: Any, *times: Any) -> None:  # noqa: ANN401 - ids, times
    body = bodies.ProposeOtherTimes(times, "Evenings suit me best")
    await moving.send(database, case_id, "propose_other_times", actor=who.learner, role=Role.LEARNER, body=body)


async def test_other_times_are_proposed_as_often_as_the_policy_says(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.offered(database, who)
    async with moving.nothing_changes(database, "malformed"):
        await propose(database, who, case_id)
    for _ in range(2):
        await propose(database, who, case_id, SOON_SLOT.starts_at)
        await meeting.offer(database, who, case_id)
    async with moving.nothing_changes(database, "dates_used"):
        await propose(database, who, case_id, SOON_SLOT.starts_at)


async def test_only_a_date_that_stands_can_be_booked(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.offered(database, who)
    (gone, *_) = await meeting.slots(database, case_id)
    await meeting.offer(database, who, case_id)  # exchanged for others: the time to choose stays as it was told
    due = (await moving.case_of(database, case_id)).due_at
    assert due is not None
    assert due.date().isoformat() == "2026-03-24"
    for slot in (str(gone.id), "another"):
        async with moving.nothing_changes(database, "slot_gone"):
            body = bodies.BookSlot(slot)
            await moving.send(database, case_id, "book_slot", actor=who.learner, role=Role.LEARNER, body=body)
    (late, *_) = await meeting.slots(database, case_id)
    async with moving.nothing_changes(database, "slot_gone"):
        body = bodies.BookSlot(str(late.id), short_notice=True)
        await moving.send(
            database, case_id, "book_slot", actor=who.learner, role=Role.LEARNER, body=body, now=meeting.HELD
        )


async def sequences(database: Database, who: moving.People) -> list[tuple[str, str, str]]:
    """What the calendar files of the learner's mails say, in that order."""
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow).where(col(EffectRow.recipient) == who.learner.id).order_by(col(EffectRow.seq))
        )
        return [
            (str(row.notice), row.facts["calendar"], row.facts["sequence"]) for row in rows if "calendar" in row.facts
        ]


async def test_every_change_counts_and_reaches_both_calendars(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    _, second, _ = await meeting.slots(database, case_id)
    another = bodies.MoveAppointment(str(second.id), "A shift at work")
    await moving.send(database, case_id, "move_appointment", actor=who.learner, role=Role.LEARNER, body=another)
    row = await meeting.newest(database, case_id)
    assert (row.starts_at, (await moving.case_of(database, case_id)).due_at) == (meeting.TIMES[1], row.ends_at)
    place = bodies.ChangePlace(Mode.ONLINE, "https://example.org/room", "A headset")
    await moving.send(database, case_id, "change_place", actor=who.assessor, role=Role.ASSESSOR, body=place)
    row = await meeting.newest(database, case_id)
    assert (row.mode, row.bring) == (Mode.ONLINE, "A headset")
    why = bodies.CallOff("I am ill")
    await moving.send(database, case_id, "call_off", actor=who.learner, role=Role.LEARNER, body=why)
    assert await sequences(database, who) == [
        ("appointment_booked", "REQUEST", "1"),
        ("appointment_changed", "REQUEST", "2"),
        ("appointment_changed", "REQUEST", "3"),
        ("appointment_called_off", "CANCEL", "4"),
    ]
    told = await moving.told(database, case_id)
    assert {notice for notice, person in told if person == who.assessor.id} >= {
        "appointment_booked_staff",
        "appointment_changed_staff",
        "appointment_called_off_staff",
    }
    row = await meeting.newest(database, case_id)
    assert (row.state, row.starts_at, row.called_off) == (A.REQUESTED, None, 1)
    assert await meeting.slots(database, case_id) == []


@pytest.mark.parametrize(
    ("kind", "role", "body", "code"),
    [
        ("move_appointment", Role.LEARNER, bodies.MoveAppointment("x", " "), "reasons_missing"),
        ("move_appointment", Role.LEARNER, bodies.MoveAppointment("x", "A shift"), "slot_gone"),
        ("change_place", Role.ASSESSOR, bodies.ChangePlace("anywhere", "There"), "malformed"),
        ("change_place", Role.ASSESSOR, bodies.ChangePlace(Mode.ONLINE, " "), "malformed"),
        ("call_off", Role.ASSESSOR, bodies.CallOff(" "), "reasons_missing"),
        ("cancel_appointment", Role.ASSESSOR, bodies.CancelAppointment(""), "reasons_missing"),
        ("propose_other_times", Role.LEARNER, bodies.ProposeOtherTimes(()), "appointment_moved_on"),
        ("book_slot", Role.LEARNER, bodies.BookSlot("x"), "appointment_moved_on"),
        ("end_appointment", Role.ASSESSOR, None, "appointment_open"),
    ],
)
async def test_a_booked_appointment_changes_only_for_a_reason_and_to_what_is_there(
    database: Database, kind: str, role: Role, body: object, code: str
) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    actor = who.learner if role is Role.LEARNER else who.assessor
    async with moving.nothing_changes(database, code):
        await moving.send(database, case_id, kind, actor=actor, role=role, body=body)


async def test_the_same_date_is_no_change(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    same = bodies.MoveAppointment(str((await meeting.newest(database, case_id)).slot_id), "A shift")
    async with moving.nothing_changes(database, "slot_gone"):
        await moving.send(database, case_id, "move_appointment", actor=who.learner, role=Role.LEARNER, body=same)


async def test_a_learner_calls_off_twice_and_staff_as_often_as_they_must(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.offered(database, who)
    for actor, role in ((who.learner, Role.LEARNER), (who.assessor, Role.ASSESSOR), (who.learner, Role.LEARNER)):
        await meeting.book(database, who, case_id)
        await moving.send(database, case_id, "call_off", actor=actor, role=role, body=bodies.CallOff("Ill"))
        await meeting.offer(database, who, case_id)
    await meeting.book(database, who, case_id)
    async with moving.nothing_changes(database, "dates_used"):
        await moving.send(
            database, case_id, "call_off", actor=who.learner, role=Role.LEARNER, body=bodies.CallOff("Ill")
        )


async def test_a_cancelled_appointment_leads_back_with_the_days_left(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    why = bodies.CancelAppointment("I would rather not")
    await moving.send(database, case_id, "cancel_appointment", actor=who.learner, role=Role.LEARNER, body=why)
    row = await meeting.newest(database, case_id)
    assert (row.state, row.reason) == (A.CANCELLED, "I would rather not")
    assert ("appointment_cancelled_staff", who.assessor.id) in await moving.told(database, case_id)
    assert (await sequences(database, who))[-1] == ("appointment_cancelled", "CANCEL", "2")
    await moving.tick(database, case_id, "end_appointment")
    case = await moving.case_of(database, case_id)
    (seat,) = await moving.seats_of(database, case_id)
    assert (case.stage, case.return_to, case.judge_on_file) == (Stage.IN_ASSESSMENT, None, True)
    assert seat.due_at == case.due_at


async def test_dates_nobody_chose_from_are_reminded_of_called_about_and_then_done_without(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.offered(database, who)
    for name in ("first", "second", "third"):
        await moving.strike(database, case_id, f"booking/{name}")
    await moving.strike(database, case_id, "booking/call")
    told = await moving.told(database, case_id)
    assert told.count(("slots_reminder", who.learner.id)) == 3
    assert ("booking_to_call", who.advisor.id) in told
    await moving.strike(database, case_id, "booking/on_file")
    row, case = await meeting.newest(database, case_id), await moving.case_of(database, case_id)
    assert (row.state, row.reason, case.judge_on_file) == (A.CANCELLED, "timeout", True)
    told = await moving.told(database, case_id)
    assert {("appointment_on_file", who.learner.id), ("appointment_on_file_staff", who.assessor.id)} <= set(told)


async def test_dates_that_nobody_offers_are_the_leads_business_in_the_end(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.ordered(database, who)
    await moving.strike(database, case_id, "slots/due")
    await moving.strike(database, case_id, "slots/late")
    told = await moving.told(database, case_id)
    assert ("slots_needed", who.assessor.id) in told
    assert {("slots_overdue", who.assessor.id), ("slots_overdue", who.lead.id)} <= set(told)


async def test_a_lead_ends_what_nobody_wrote_down(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    await moving.strike(database, case_id, "meeting/over")
    why = bodies.CancelAppointment("The assessor is ill")
    await moving.send(database, case_id, "cancel_appointment", actor=who.lead, role=Role.LEAD, body=why)
    await moving.tick(database, case_id, "end_appointment", now=meeting.HELD)
    case = await moving.case_of(database, case_id)
    assert ((await meeting.newest(database, case_id)).state, case.stage) == (A.CANCELLED, Stage.IN_ASSESSMENT)
    assert case.judge_on_file is False


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("kind", ["cancel_appointment", "call_off", "move_appointment"])
async def test_nobody_takes_back_a_meeting_that_has_begun(database: Database, kind: str, held: bool) -> None:  # noqa: FBT001 - drawn by pytest
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    _, second, _ = await meeting.slots(database, case_id)
    if held:
        await moving.strike(database, case_id, "meeting/over")
    body = {
        "cancel_appointment": bodies.CancelAppointment("It went badly"),
        "call_off": bodies.CallOff("It went badly"),
        "move_appointment": bodies.MoveAppointment(str(second.id), "It went badly", short_notice=True),
    }[kind]
    async with moving.nothing_changes(database, "appointment_moved_on"):
        await moving.send(database, case_id, kind, actor=who.learner, role=Role.LEARNER, body=body, now=meeting.HELD)


async def test_a_withdrawal_cancels_the_appointment_and_its_undoing_leads_back_to_the_assessors(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    gone = bodies.Withdraw(confirmed=True)
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=gone)
    assert (await meeting.newest(database, case_id)).state is A.CANCELLED
    assert (await sequences(database, who))[-1] == ("appointment_cancelled", "CANCEL", "2")
    assert not await broken(database)
    await moving.send(database, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER)
    assert (await moving.case_of(database, case_id)).stage is Stage.DIRECT_ASSESSMENT
    await moving.tick(database, case_id, "end_appointment")
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT


async def test_whoever_is_barred_conducts_nothing(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    (seat,) = await moving.seats_of(database, case_id, SeatState.ACCEPTED)
    body = bodies.DeclareConflict(str(seat.id), moving.tied())
    await moving.send(database, case_id, "declare_conflict", actor=who.assessor, role=Role.ASSESSOR, body=body)
    assert (await meeting.newest(database, case_id)).state is A.CANCELLED
    told = await moving.told(database, case_id)
    assert ("appointment_cancelled", who.learner.id) in told
    assert ("appointment_cancelled_staff", who.assessor.id) not in told


async def test_nobody_has_to_come_while_the_case_stands_still(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    rest = bodies.Pause("illness", (NOW + timedelta(days=30)).date(), wished=True)
    await moving.send(database, case_id, "pause", actor=who.advisor, role=Role.ADVISOR, body=rest)
    row = await meeting.newest(database, case_id)
    assert (row.state, row.starts_at) == (A.REQUESTED, None)
    assert (await sequences(database, who))[-1] == ("appointment_called_off", "CANCEL", "2")
    await moving.send(database, case_id, "resume", actor=who.advisor, role=Role.ADVISOR, now=NOW + timedelta(days=20))
    case = await moving.case_of(database, case_id)
    assert case.due_at is not None
    await meeting.offer(database, who, case_id, *later(30))


def later(days: int) -> tuple[bodies.Slot, ...]:
    return tuple(replace(slot, starts_at=slot.starts_at + timedelta(days=days)) for slot in meeting.SLOTS)


async def test_another_seat_learns_of_no_appointment(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.ordered(database, who)
    async with database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
        await makers.seat(session, await cases.get(session, case_id), other)
    async with moving.nothing_changes(database, "appointment_moved_on"):
        await meeting.offer(database, who, case_id, actor=other)


async def broken(database: Database) -> list[invariants.Broken]:
    """The sentences of `invariants.sql` that do not hold."""
    async with database.reading() as session:
        return await invariants.broken(session, now=NOW)


async def test_an_appointment_about_nothing_but_withdrawn_claims_is_cancelled(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    held = await moving.claims_of(database, case_id)
    back = bodies.WithdrawClaim(str(held["first"].id), confirmed=True)
    await moving.send(database, case_id, "withdraw_claim", actor=who.learner, role=Role.LEARNER, body=back)
    case = await moving.case_of(database, case_id)
    (seat,) = await moving.seats_of(database, case_id, SeatState.ACCEPTED)
    assert ((await meeting.newest(database, case_id)).state, case.stage) == (A.CANCELLED, Stage.IN_ASSESSMENT)
    assert seat.due_at == case.due_at
    assert (await sequences(database, who))[-1] == ("appointment_cancelled", "CANCEL", "2")


async def test_an_appointment_about_other_claims_too_is_held(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    await meeting.order(database, who, case_id, "first", "second")
    held = await moving.claims_of(database, case_id)
    back = bodies.WithdrawClaim(str(held["first"].id), confirmed=True)
    await moving.send(database, case_id, "withdraw_claim", actor=who.learner, role=Role.LEARNER, body=back)
    assert (await meeting.newest(database, case_id)).state is A.REQUESTED
    assert (await moving.case_of(database, case_id)).stage is Stage.DIRECT_ASSESSMENT


async def test_whoever_has_more_time_has_it_at_an_appointment_too(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.offered(database, who)
    ask = bodies.AskAccommodation(("extra_time",), extra_time=150)
    asked = await moving.send(database, case_id, "ask_accommodation", actor=who.learner, role=Role.LEARNER, body=ask)
    grant = bodies.AnswerAccommodation(asked["accommodation"], granted=True, extra_time=150)
    await moving.send(database, case_id, "answer_accommodation", actor=who.advisor, role=Role.ADVISOR, body=grant)
    await meeting.book(database, who, case_id)
    row = await meeting.newest(database, case_id)
    assert row.ends_at == meeting.SOON + timedelta(minutes=68)  # half as long again, rounded up


async def test_a_second_assessor_meets_the_learner_and_goes_on_where_they_stopped(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        case.stage, case.stage_entry = Stage.SECOND_ASSESSMENT, case.stage_entry + 1
        policy = makers.programme().policy
        await limits.enter(session, case=case, previous=Stage.IN_ASSESSMENT, policy=policy, now=NOW)
    before = (await moving.case_of(database, case_id)).due_at
    await meeting.order(database, who, case_id)
    why = bodies.CancelAppointment("The file says enough")
    await moving.send(database, case_id, "cancel_appointment", actor=who.assessor, role=Role.ASSESSOR, body=why)
    await moving.tick(database, case_id, "end_appointment")
    case = await moving.case_of(database, case_id)
    (seat,) = await moving.seats_of(database, case_id, SeatState.ACCEPTED)
    assert (case.stage, case.due_at, seat.due_at) == (Stage.SECOND_ASSESSMENT, before, before)
