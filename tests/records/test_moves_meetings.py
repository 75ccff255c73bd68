"""An interview is held or missed; what was seen is written down by each who was there, and counts for its claim."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.records import appointments, cases
from services.records.database import Database
from services.records.tables.appointments import Appointment, AppointmentRecord
from services.records.tables.cases import Case
from services.records.tables.evidence import RequestTarget
from services.records.tables.people import Person
from services.records.tables.programmes import ProgrammeVersion
from services.rules import commands as bodies
from services.rules.appointments import AppointmentState as A
from services.rules.appointments import Mode
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import ClaimState, Rule, RuleVerdict, Verdict
from services.rules.people import Role
from services.rules.programmes import Method
from services.rules.second_reading import Way
from tests.records import makers, meeting, moderated, moving
from tests.records.makers import NOW

LEARNER, STAFF = bodies.ReportNoShow("learner"), bodies.ReportNoShow("staff")
ILL = bodies.ReportNoShow("learner", excused=True, note="A child was ill")


async def report(
    database: Database,
    who: moving.People,
    case_id: UUID,
    body: bodies.ReportNoShow,
    *,
    actor: Person | None = None,
    role: Role = Role.ASSESSOR,
) -> None:
    """Somebody says after the first of the dates that it came to nothing."""
    sender = actor or who.assessor
    await moving.send(database, case_id, "report_no_show", actor=sender, role=role, body=body, now=meeting.HELD)


async def test_reminders_go_before_the_meeting_and_after_it_the_record_is_awaited(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.offered(database, who)
    far = tuple(replace(slot, starts_at=slot.starts_at + timedelta(days=21)) for slot in meeting.SLOTS)
    await meeting.offer(database, who, case_id, *far)
    await meeting.book(database, who, case_id)
    for name in ("meeting/early", "meeting/soon", "meeting/staff", "meeting/over"):
        await moving.strike(database, case_id, name)
    row, case = await meeting.newest(database, case_id), await moving.case_of(database, case_id)
    assert row.state is A.HELD
    assert case.due_at is not None
    # Five business days after the first of April, told at the end of the day in Quebec; Good Friday is none of them.
    assert case.due_at.date().isoformat() == "2026-04-10"
    for name in ("due", "again", "last", "lead"):
        await moving.strike(database, case_id, f"record/{name}")
    told = await moving.told(database, case_id)
    assert told.count(("appointment_reminder", who.learner.id)) == 2
    assert told.count(("appointment_reminder_staff", who.assessor.id)) == 1
    assert told.count(("record_reminder", who.assessor.id)) == 3
    assert {("record_overdue", who.assessor.id), ("record_overdue", who.lead.id)} <= set(told)


async def test_the_record_is_kept_and_the_case_comes_back(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    await meeting.write(database, who, case_id)
    row = await meeting.newest(database, case_id)
    assert row.state is A.RECORDED
    await moving.tick(database, case_id, "end_appointment", now=meeting.HELD)
    case = await moving.case_of(database, case_id)
    (seat,) = await moving.seats_of(database, case_id)
    assert (case.stage, case.judge_on_file, seat.due_at) == (Stage.IN_ASSESSMENT, False, case.due_at)
    async with database.reading() as session:
        (record,) = await session.exec(select(AppointmentRecord))
        held = await moving.claims_of(database, case_id)
        assert await appointments.seen(session, held["first"].id) == {Method.INTERVIEW}
        assert await appointments.seen(session, held["second"].id) == frozenset()
    assert (record.person_id, record.sheet["lines"][0]["seen"]) == (who.assessor.id, "A clear plan")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE appointment_records SET supervision = 'none'",
        "DELETE FROM appointment_records",
        "DELETE FROM appointment_claims",
    ],
)
async def test_what_was_written_down_is_never_changed(database: Database, change: str) -> None:
    who = await moving.people(database)
    await meeting.recorded(database, who)
    with pytest.raises(IntegrityError, match="appointment"):
        async with database.engine.begin() as connection:
            await connection.execute(sa.text(change))


async def test_what_was_seen_confirms_that_a_claim_is_current(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.recorded(database, who)
    old = replace(moving.finding(), rules=tuple(_of_long_ago(rule) for rule in Rule))
    await moving.write(database, case_id, who.assessor, first=old, second=old)
    async with moving.nothing_changes(database, "evidence_rule") as refused:
        await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    assert (refused.value.facts["competency"], refused.value.facts["rule"]) == ("second", "current")


async def test_a_claim_confirmed_at_an_interview_is_recommended(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.recorded(database, who)
    old = replace(moving.finding(), rules=tuple(_of_long_ago(rule) for rule in Rule))
    await moving.write(database, case_id, who.assessor, first=old, second=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    found = await moving.claims_of(database, case_id)
    assert {claim.state for claim in found.values()} == {ClaimState.RECOMMENDED_MET}


def _of_long_ago(rule: Rule) -> RuleVerdict:
    doubt = rule is Rule.CURRENT
    return RuleVerdict(rule, Verdict.CONCERN if doubt else Verdict.OK, "Ten years ago" if doubt else "")


@pytest.mark.parametrize("kind", ["record_appointment", "report_no_show"])
async def test_nothing_is_written_of_a_meeting_that_has_not_begun(database: Database, kind: str) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    record = bodies.RecordAppointment(await meeting.sheet(database, case_id))
    body = record if kind == "record_appointment" else LEARNER
    async with moving.nothing_changes(database, "appointment_ahead"):
        await moving.send(database, case_id, kind, actor=who.assessor, role=Role.ASSESSOR, body=body)


async def test_answers_sent_in_as_sound_are_written_down_when_they_come(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.ordered(database, who)
    slots = (replace(slot, mode=Mode.RECORDED_ANSWERS, place="The page of your case") for slot in meeting.SLOTS)
    await meeting.offer(database, who, case_id, *slots)
    await meeting.book(database, who, case_id)
    record = bodies.RecordAppointment(await meeting.sheet(database, case_id))
    await moving.send(database, case_id, "record_appointment", actor=who.assessor, role=Role.ASSESSOR, body=record)
    assert (await meeting.newest(database, case_id)).state is A.RECORDED


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"lines": ()}, "record_incomplete"),
        ({"recorded": True}, "recording_consent"),
        ({"present": ()}, "record_incomplete"),
    ],
)
async def test_a_form_that_lacks_something_is_not_taken(database: Database, wrong: dict[str, Any], code: str) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    body = bodies.RecordAppointment(replace(await meeting.sheet(database, case_id), **wrong))
    async with moving.nothing_changes(database, code):
        await moving.send(
            database,
            case_id,
            "record_appointment",
            actor=who.assessor,
            role=Role.ASSESSOR,
            body=body,
            now=meeting.HELD,
        )


# absence


async def again(database: Database, who: moving.People, case_id: UUID) -> None:
    """New dates are offered, and the first is booked."""
    await meeting.offer(database, who, case_id)
    await meeting.book(database, who, case_id)


async def test_an_absence_without_a_reason_is_made_good_once(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    missed = await meeting.newest(database, case_id)
    await report(database, who, case_id, LEARNER)
    row = await meeting.newest(database, case_id)
    assert (row.state, row.follows, row.starts_at) == (A.REQUESTED, missed.id, None)
    async with database.reading() as session:
        assert (await session.get_one(Appointment, missed.id)).state is A.NO_SHOW_UNEXCUSED
        assert [claim.competency for claim in await appointments.claims_of(session, row.id)] == ["first"]
    told = await moving.told(database, case_id)
    assert {("appointment_missed", who.learner.id), ("slots_needed", who.assessor.id)} <= set(told)
    await again(database, who, case_id)
    await report(database, who, case_id, LEARNER)
    case = await moving.case_of(database, case_id)
    assert ((await meeting.newest(database, case_id)).state, case.judge_on_file) == (A.NO_SHOW_UNEXCUSED, True)
    told = await moving.told(database, case_id)
    assert {("appointment_on_file", who.learner.id), ("appointment_on_file_staff", who.assessor.id)} <= set(told)
    await moving.tick(database, case_id, "end_appointment", now=meeting.HELD)
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT


async def test_an_absence_with_a_reason_is_made_good_twice(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    for _ in range(2):
        await report(database, who, case_id, ILL)
        assert (await moving.case_of(database, case_id)).judge_on_file is False
        await again(database, who, case_id)
    await report(database, who, case_id, ILL)
    assert (await moving.case_of(database, case_id)).judge_on_file is True


async def test_if_we_do_not_come_new_dates_are_due_at_once_and_the_lead_is_told(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    for _ in range(3):
        await report(database, who, case_id, STAFF, actor=who.learner, role=Role.LEARNER)
        assert (await meeting.newest(database, case_id)).state is A.REQUESTED
        await again(database, who, case_id)
    assert ("staff_absent", who.lead.id) in await moving.told(database, case_id)
    assert (await moving.case_of(database, case_id)).judge_on_file is False


@pytest.mark.parametrize(
    ("body", "role", "code"),
    [(LEARNER, Role.LEARNER, "not_your_move"), (bodies.ReportNoShow("nobody"), Role.ASSESSOR, "malformed")],
)
async def test_nobody_reports_what_is_not_theirs_to_say(
    database: Database, body: bodies.ReportNoShow, role: Role, code: str
) -> None:
    who = await moving.people(database)
    case_id = await meeting.booked(database, who)
    actor = who.learner if role is Role.LEARNER else who.assessor
    async with moving.nothing_changes(database, code):
        await report(database, who, case_id, body, actor=actor, role=role)


# two assessors


async def policy(database: Database, **changed: int | bool) -> None:
    """Publish a newer version of the sample programme, whose policy differs, and pin every case to it."""
    plain = makers.programme()
    other = replace(plain, version=2, policy=replace(plain.policy, **changed))  # type: ignore[arg-type]  # keys by name
    async with database.writing() as session:
        version: ProgrammeVersion = await makers.published(session, other)
        for case in await session.exec(select(Case)):
            case.programme_version_id = version.id


async def test_two_assessors_rate_an_interview_before_either_reads_the_other(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    async with database.writing() as session:
        beside = await makers.staff(session, Role.ASSESSOR)
    await policy(database, interview_assessors=2)
    await meeting.order(database, who, case_id)
    async with moving.nothing_changes(database, "seats_open"):
        await meeting.offer(database, who, case_id)
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    assert (seat.seat, seat.person_id) == (SeatKind.INTERVIEW, beside.id)
    await moving.accept(database, seat)
    await meeting.offer(database, who, case_id)
    await meeting.book(database, who, case_id)
    await meeting.write(database, who, case_id, actor=beside)
    assert (await meeting.newest(database, case_id)).state is A.HELD
    async with moving.nothing_changes(database, "record_kept"):
        await meeting.write(database, who, case_id, actor=beside)
    await meeting.write(database, who, case_id)
    assert (await meeting.newest(database, case_id)).state is A.RECORDED
    await moving.tick(database, case_id, "end_appointment", now=meeting.HELD)
    (seat,) = [one for one in await moving.seats_of(database, case_id) if one.seat is SeatKind.INTERVIEW]
    assert seat.state is SeatState.FINAL
    async with database.reading() as session:
        state = await cases.state(session, await cases.get(session, case_id))
        written = await session.exec(select(AppointmentRecord).order_by(col(AppointmentRecord.id)))
        assert [record.assignment_id == seat.id for record in written] == [True, False]
    assert state.unseated_claims == 0


async def test_whoever_sits_beside_the_assessor_judges_no_claim(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    async with database.writing() as session:
        beside = await makers.staff(session, Role.ASSESSOR)
    await policy(database, interview_assessors=2)
    await meeting.order(database, who, case_id)
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await moving.accept(database, seat)
    async with moving.nothing_changes(database, "not_found"):
        await moving.write(database, case_id, beside, first=moving.finding())
    # Given up before anybody met: the one beside is free again.
    why = bodies.CancelAppointment("The file says enough")
    await moving.send(database, case_id, "cancel_appointment", actor=who.assessor, role=Role.ASSESSOR, body=why)
    await moving.tick(database, case_id, "end_appointment")
    assert await moving.seats_of(database, case_id, SeatState.ACCEPTED, SeatState.OFFERED) == [
        one for one in await moving.seats_of(database, case_id) if one.person_id == who.assessor.id
    ]


async def test_a_seat_beside_that_nobody_took_ends_with_the_appointment(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    async with database.writing() as session:
        beside = await makers.staff(session, Role.ASSESSOR)
    await policy(database, interview_assessors=2)
    await meeting.order(database, who, case_id)
    why = bodies.CancelAppointment("The file says enough")
    await moving.send(database, case_id, "cancel_appointment", actor=who.assessor, role=Role.ASSESSOR, body=why)
    await moving.tick(database, case_id, "end_appointment")
    (seat,) = [one for one in await moving.seats_of(database, case_id) if one.person_id == beside.id]
    assert seat.state is SeatState.CANCELLED
    assert ("offer_ended", beside.id) in await moving.told(database, case_id)


async def test_a_programme_that_asks_for_interviews_takes_no_judgement_without_one(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.recorded(database, who)
    await policy(database, interview_required=True)
    await moving.write(database, case_id, who.assessor, first=moving.finding(), second=moving.finding())
    async with moving.nothing_changes(database, "interview_missing") as refused:
        await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    assert refused.value.facts["competency"] == "second"
    await meeting.order(database, who, case_id, "second")
    why = bodies.CancelAppointment("I would rather not")
    await moving.send(database, case_id, "cancel_appointment", actor=who.learner, role=Role.LEARNER, body=why)
    await moving.tick(database, case_id, "end_appointment")
    # Whoever would rather not come is judged on file.
    await moving.send(database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    assert {claim.state for claim in (await moving.claims_of(database, case_id)).values()} == {
        ClaimState.RECOMMENDED_MET
    }


async def test_what_a_barred_person_saw_confirms_nothing(database: Database) -> None:
    who = await moving.people(database)
    case_id = await meeting.recorded(database, who)
    (seat,) = await moving.seats_of(database, case_id, SeatState.ACCEPTED)
    body = bodies.DeclareConflict(str(seat.id), moving.tied())
    await moving.send(database, case_id, "declare_conflict", actor=who.assessor, role=Role.ASSESSOR, body=body)
    claim = (await moving.claims_of(database, case_id))["first"]
    async with database.reading() as session:
        assert await appointments.seen(session, claim.id) == frozenset()


async def test_a_panel_meets_the_learner_and_goes_on_with_its_days(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await moderated.returned(database, who, first=moderated.PARTIAL)
    members = await moderated.seated(database, case_id)
    chair, member, *_ = members
    claim = (await moving.claims_of(database, case_id))["first"]

    async def panel(kind: str, actor: Person, body: object, *, now: datetime = NOW) -> None:
        await moving.send(database, case_id, kind, actor=actor, role=Role.PANEL, body=body, now=now)

    order = bodies.OrderAppointment("interview", (str(claim.id),), 45, "fr", "How the work is planned")
    await panel("order_appointment", chair, order)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.return_to, case.moderation) == (Stage.DIRECT_ASSESSMENT, Stage.MODERATION, Way.PANEL)
    await panel("offer_slots", member, bodies.OfferSlots(meeting.SLOTS))
    await meeting.book(database, who, case_id)
    told = await moving.told(database, case_id)
    assert {("appointment_booked_staff", person.id) for person in (chair, member)} <= set(told)
    record = bodies.RecordAppointment(await meeting.sheet(database, case_id))
    await panel("record_appointment", member, record, now=meeting.HELD)
    await moving.tick(database, case_id, "end_appointment", now=meeting.HELD)
    case = await moving.case_of(database, case_id)
    seats = await moderated.panel_seats(database, case_id, SeatState.ACCEPTED)
    assert (case.stage, case.moderation) == (Stage.MODERATION, Way.PANEL)
    assert {seat.due_at for seat in seats} == {case.due_at}
    # What was seen confirms the claim for the panel as it does for an assessor.
    old = replace(moving.finding(), rules=tuple(_of_long_ago(rule) for rule in Rule))
    await moving.write(database, case_id, chair, first=old)
    minutes = moderated.minutes(members, await moderated.unsettled(database, case_id))
    await moderated.record(database, case_id, chair, minutes)
    assert (await moving.case_of(database, case_id)).stage is Stage.DECISION_PENDING


async def test_a_panel_asks_for_more_evidence_and_has_it_answered(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await moderated.returned(database, who, first=moderated.PARTIAL)
    chair, *_ = await moderated.seated(database, case_id)
    claim = (await moving.claims_of(database, case_id))["first"]
    target = bodies.Target(str(claim.id), "b", "sufficient", "A second occasion", "A photo of another day")
    body = bodies.RequestEvidence((target,))
    await moving.send(database, case_id, "request_evidence", actor=chair, role=Role.PANEL, body=body)
    async with database.reading() as session:
        (asked,) = await session.exec(select(RequestTarget.id))
    nothing = bodies.AnswerRequest((bodies.TargetAnswer(str(asked), nothing_more=True),))
    await moving.send(database, case_id, "answer_request", actor=who.learner, role=Role.LEARNER, body=nothing)
    assert (await moving.case_of(database, case_id)).stage is Stage.MODERATION
    assert ("evidence_answered", chair.id) in await moving.told(database, case_id)
