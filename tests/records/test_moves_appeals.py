"""A learner contests a decision: on five grounds, in a window, before people who had no part in the case."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import col, select

from services.records import cases
from services.records.database import Database
from services.records.tables.assessment import Assignment
from services.records.tables.commands import EffectRow
from services.records.tables.decisions import DecisionKind
from services.records.tables.people import AssessorProfile
from services.rules import commands as bodies
from services.rules.appeals import NEW_EVIDENCE, Ground, Matter, Ruling
from services.rules.case import AppealState, ClosedAs, SeatKind, SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from tests.records import appealing, makers, moving
from tests.records.appealing import LODGE
from tests.records.makers import NOW

R1 = Role.APPEAL_REVIEWER_1
LATE = NOW + timedelta(days=90)


# lodging


@pytest.mark.parametrize("ground", Ground)
async def test_each_ground_puts_the_case_under_review_and_asks_somebody_who_had_no_part(
    database: Database, ground: Ground
) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    before = (await moving.case_of(database, case_id)).appeal_until
    said = replace(LODGE, grounds=(ground.value, NEW_EVIDENCE))
    result = await appealing.lodge(database, who, case_id, said)
    case, appeal = await moving.case_of(database, case_id), await appealing.appeal_of(database, case_id)
    assert (result["level"], result["late"]) == (1, False)
    assert (case.stage, case.return_to, case.appeal_until) == (Stage.UNDER_REVIEW, Stage.DECIDED, before)
    assert (appeal.state, appeal.matter, appeal.level) == (AppealState.LODGED, Matter.RECOGNITION, 1)
    assert appeal.grounds == [ground.value, NEW_EVIDENCE]
    (seat,) = await appealing.seats(database, case_id, SeatState.OFFERED)
    assert seat.person_id in {one.id for one in body.first}
    due = (await moving.rung(database, case_id, "appeal_admissibility/due")).at
    assert case.due_at is not None
    assert timedelta(0) < case.due_at - due < timedelta(days=1)
    told = await moving.told(database, case_id)
    assert {("appeal_lodged", who.learner.id), ("appeal_lodged_staff", who.lead.id)} <= set(told)
    assert ("appeal_lodged_staff", who.advisor.id) in told
    assert ("appeal_offer", seat.person_id) in told


async def test_grants_stay_as_they_are_while_the_case_is_under_review(database: Database) -> None:
    who, _ = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    await appealing.chaired(database, who, case_id)
    held = await moving.claims_of(database, case_id)
    assert (held["first"].state, held["first"].grant_active) == (ClaimState.CREDENTIALED, True)


async def test_what_is_no_appeal_is_refused_and_changes_nothing(database: Database) -> None:
    who, _ = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    held = await moving.claims_of(database, case_id)
    wrong = {
        "ground_missing": replace(LODGE, grounds=()),
        "new_evidence_only": replace(LODGE, grounds=(NEW_EVIDENCE,)),
        "malformed": replace(LODGE, grounds=("dislike",)),
        "reasons_missing": replace(LODGE, text="  "),
        "decision_unknown": replace(LODGE, decision=str(uuid4())),
        "claim_unknown": replace(LODGE, claims=(str(held["first"].id),)),
    }
    for code, said in wrong.items():
        async with moving.nothing_changes(database, code):
            await appealing.lodge(database, who, case_id, said)
    async with moving.nothing_changes(database, "malformed"):
        await appealing.lodge(database, who, case_id, replace(LODGE, representative="x" * 201))
    async with moving.nothing_changes(database, "not_your_move"):
        await moving.send(database, case_id, "lodge_appeal", actor=who.advisor, role=Role.ADVISOR, body=LODGE)


async def test_where_everything_was_recognised_there_is_nothing_to_contest(database: Database) -> None:
    who, _ = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who, second=Recommendation.MET)
    async with moving.nothing_changes(database, "claims_missing"):
        await appealing.lodge(database, who, case_id)


async def test_a_case_without_a_decision_that_can_be_read_has_nothing_to_contest(database: Database) -> None:
    who, _ = await moving.people(database), await appealing.body(database)
    case_id = await moving.standing(database, who, Stage.DECIDED)
    async with moving.nothing_changes(database, "decision_unknown"):
        await appealing.lodge(database, who, case_id)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        sent = await makers.applied(session, case, "decide", actor=who.decider.id, role=Role.DECISION_MAKER)
        await makers.decision(session, case, sent)
    async with moving.nothing_changes(database, "letter_missing"):
        await appealing.lodge(database, who, case_id)


async def test_after_its_window_an_appeal_needs_a_cause_and_a_chair_who_accepts_it(database: Database) -> None:
    who, _ = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    await moving.strike(database, case_id, "appeal_window/end")
    async with moving.nothing_changes(database, "window_closed"):
        await appealing.lodge(database, who, case_id, now=LATE)
    said = replace(LODGE, late_cause="I was in hospital until last week.")
    chair = await appealing.chaired(database, who, case_id, said, now=LATE)
    assert (await appealing.appeal_of(database, case_id)).late_cause == said.late_cause
    async with moving.nothing_changes(database, "reasons_missing"):
        await moving.send(database, case_id, "admit_appeal", actor=chair, role=R1, body=bodies.AdmitAppeal(), now=LATE)
    yes = bodies.AdmitAppeal("A stay in hospital is shown by a certificate.")
    await moving.send(database, case_id, "admit_appeal", actor=chair, role=R1, body=yes, now=LATE)
    appeal = await appealing.appeal_of(database, case_id)
    assert (appeal.state, appeal.late_accepted) == (AppealState.ADMISSIBLE, yes.late_accepted)


async def test_a_cause_is_not_kept_where_the_appeal_was_in_time(database: Database) -> None:
    who, _ = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    await appealing.lodge(database, who, case_id, replace(LODGE, late_cause="Just in case."))
    assert (await appealing.appeal_of(database, case_id)).late_cause == ""


async def test_one_decision_is_contested_once(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    first = await appealing.newest(database, case_id)
    bench = await appealing.convened(database, who, body, case_id)
    await appealing.rule(database, bench, "dismissed")
    await appealing.told(database, case_id)
    async with moving.nothing_changes(database, "appeal_lodged"):
        await appealing.lodge(database, who, case_id, replace(LODGE, decision=str(first.id)))


# the chair


async def test_somebody_else_is_asked_when_the_first_cannot_and_a_lead_at_last(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    await appealing.lodge(database, who, case_id)
    asked = []
    for _ in range(3):
        (seat,) = await appealing.seats(database, case_id, SeatState.OFFERED)
        asked.append(seat.person_id)
        no = bodies.DeclineOffer(str(seat.id), "no_time")
        person = await appealing.person_of(database, seat)
        await moving.send(database, case_id, "decline_offer", actor=person, role=R1, body=no)
    assert set(asked) == {one.id for one in body.first}
    assert await appealing.seats(database, case_id, SeatState.OFFERED) == []
    assert ("appeal_panel_to_name", who.lead.id) in await moving.told(database, case_id)
    async with moving.nothing_changes(database, "malformed"):
        await appealing.name(database, who, case_id, *body.first[:2])
    await appealing.name(database, who, case_id, body.first[0])
    (chair,) = await appealing.accept(database, case_id)
    assert (await appealing.appeal_of(database, case_id)).chair_id == chair.id == body.first[0].id


async def test_with_nobody_in_the_appeal_body_a_lead_is_told_at_once(database: Database) -> None:
    who = await moving.people(database)
    case_id = await appealing.decided(database, who)
    await appealing.lodge(database, who, case_id)
    assert await appealing.seats(database, case_id) == []
    assert ("appeal_panel_to_name", who.lead.id) in await moving.told(database, case_id)


async def test_nobody_is_asked_who_had_a_part_in_the_case(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        for person in (who.assessor, who.decider, who.advisor):
            await makers.role(session, person, R1)
    case_id = await appealing.decided(database, who)
    await appealing.lodge(database, who, case_id)
    assert await appealing.seats(database, case_id) == []
    for person in (who.assessor, who.decider, who.advisor):
        async with moving.nothing_changes(database, "separation_of_duties"):
            await appealing.name(database, who, case_id, person)


async def test_only_the_chair_says_whether_an_appeal_is_heard(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    chair = await appealing.chaired(database, who, case_id)
    other = next(one for one in body.first if one.id != chair.id)
    async with moving.nothing_changes(database, "not_your_move"):
        await moving.send(database, case_id, "admit_appeal", actor=other, role=R1, body=bodies.AdmitAppeal())
    async with moving.nothing_changes(database, "not_your_move"):
        await moving.send(
            database, case_id, "reject_appeal", actor=other, role=R1, body=bodies.RejectAppeal("No.", "None.")
        )


async def test_an_inadmissible_appeal_ends_with_reasons_and_a_letter_of_its_own(database: Database) -> None:
    who, _ = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    chair = await appealing.chaired(database, who, case_id)
    for said, code in (
        (bodies.RejectAppeal(" ", "See your advisor."), "reasons_missing"),
        (bodies.RejectAppeal("Nothing named.", " "), "next_step_missing"),
    ):
        async with moving.nothing_changes(database, code):
            await moving.send(database, case_id, "reject_appeal", actor=chair, role=R1, body=said)
    body = bodies.RejectAppeal("What you name happened in another case.", "Ask your advisor about a new attempt.")
    await moving.send(database, case_id, "reject_appeal", actor=chair, role=R1, body=body)
    case, appeal = await moving.case_of(database, case_id), await appealing.appeal_of(database, case_id)
    decision = await appealing.newest(database, case_id)
    assert (case.stage, appeal.state, appeal.outcome) == (
        Stage.DECIDED,
        AppealState.INADMISSIBLE,
        Ruling.INADMISSIBLE,
    )
    assert (decision.kind, decision.decided_by, decision.role) == (DecisionKind.APPEAL, chair.id, R1)
    assert decision.facts["ruling"] == "inadmissible"
    assert case.appeal_until == decision.appeal_until
    (seat,) = await appealing.seats(database, case_id)
    assert seat.state is SeatState.FINAL
    await appealing.told(database, case_id)
    await moving.tick(database, case_id, "effect_done", f"{case_id}:{decision.case_version}:publish_decision")
    assert ("appeal_ruled", who.learner.id) in await moving.told(database, case_id)
    result = await appealing.lodge(database, who, case_id)
    assert result["level"] == 2


# the panel


async def test_a_lead_names_whoever_hears_it_and_the_panel_begins_by_itself(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    chair = await appealing.admitted(database, who, case_id)
    one, other = (person for person in body.first if person.id != chair.id)
    for members, code in (
        ((), "malformed"),
        ((one, one), "malformed"),
        ((chair,), "malformed"),
        ((body.second[0],), "not_qualified"),
    ):
        async with moving.nothing_changes(database, code):
            await appealing.name(database, who, case_id, *members)
    async with database.writing() as session:
        await makers.exclude(session, await cases.get(session, case_id), other)
    async with moving.nothing_changes(database, "conflict_of_interest"):
        await appealing.name(database, who, case_id, other)
    await appealing.name(database, who, case_id, one)
    async with moving.nothing_changes(database, "panel_incomplete"):
        await moving.tick(database, case_id, "convene_appeal")
    await appealing.accept(database, case_id)
    await moving.tick(database, case_id, "convene_appeal")
    case, appeal = await moving.case_of(database, case_id), await appealing.appeal_of(database, case_id)
    assert (appeal.state, appeal.panel_at) == (AppealState.PANEL_NAMED, NOW)
    seats = await appealing.seats(database, case_id, SeatState.ACCEPTED)
    assert [seat.due_at for seat in seats] == [case.due_at] * 2
    told = await moving.told(database, case_id)
    assert {("appeal_convened", who.learner.id), ("appeal_convened_staff", chair.id)} <= set(told)


async def test_somebody_on_the_panel_knows_every_competency_concerned(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    async with database.writing() as session:
        for person in body.first:
            scope = ["second"] if person is body.first[2] else ["first"]
            await makers.stored(
                session, AssessorProfile(person_id=person.id, languages=["en"], competencies=scope, capacity=5)
            )
    case_id = await appealing.decided(database, who, second=Recommendation.PARTIAL)
    await appealing.lodge(database, who, case_id)
    (seat,) = await appealing.seats(database, case_id, SeatState.OFFERED)
    if seat.person_id == body.first[2].id:
        person = await appealing.person_of(database, seat)
        no = bodies.DeclineOffer(str(seat.id), "no_time")
        await moving.send(database, case_id, "decline_offer", actor=person, role=R1, body=no)
    (chair,) = await appealing.accept(database, case_id)
    await moving.send(database, case_id, "admit_appeal", actor=chair, role=R1, body=bodies.AdmitAppeal())
    layman = next(one for one in body.first[:2] if one.id != chair.id)
    async with moving.nothing_changes(database, "expert_missing"):
        await appealing.name(database, who, case_id, layman)
    await appealing.name(database, who, case_id, body.first[2])


async def test_a_panel_too_small_is_not_named(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    chair = await appealing.admitted(database, who, case_id)
    one, other = (person for person in body.first if person.id != chair.id)
    async with database.writing() as session:
        for seat in await appealing.seats(database, case_id):
            row = await session.get_one(Assignment, seat.id)
            row.state = SeatState.CONFLICT
    async with moving.nothing_changes(database, "panel_incomplete"):
        await appealing.name(database, who, case_id, one)
    await appealing.name(database, who, case_id, one, other)


async def test_a_member_who_finds_a_tie_is_replaced_and_another_leads_if_it_was_the_chair(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    bench = await appealing.convened(database, who, body, case_id)
    seat = next(one for one in await appealing.seats(database, case_id) if one.person_id == bench.chair.id)
    tie = bodies.DeclareConflict(str(seat.id), moving.tied())
    await moving.send(database, case_id, "declare_conflict", actor=bench.chair, role=R1, body=tie)
    assert (await appealing.appeal_of(database, case_id)).chair_id == bench.other.id
    assert ("appeal_panel_to_name", who.lead.id) in await moving.told(database, case_id)
    turned = replace(bench, chair=bench.other, other=bench.chair)
    async with moving.nothing_changes(database, "panel_incomplete"):
        await appealing.rule(database, turned, "dismissed")
    third = next(one for one in body.first if one.id not in {bench.chair.id, bench.other.id})
    await appealing.name(database, who, case_id, third)
    await appealing.accept(database, case_id)
    await appealing.rule(database, replace(turned, other=third), "dismissed")


async def test_an_offer_that_nobody_answers_goes_back_to_the_lead(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    chair = await appealing.admitted(database, who, case_id)
    one = next(person for person in body.first if person.id != chair.id)
    await appealing.name(database, who, case_id, one)
    before = (await moving.told(database, case_id)).count(("appeal_panel_to_name", who.lead.id))
    await moving.strike(database, case_id, "/lapse")
    assert (await moving.told(database, case_id)).count(("appeal_panel_to_name", who.lead.id)) == before + 1


# hearings


async def test_a_hearing_is_called_with_notice_and_both_sides_are_told(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    bench = await appealing.convened(database, who, body, case_id, replace(LODGE, hearing=True))
    async with moving.nothing_changes(database, "hearing_missing"):
        await appealing.rule(database, bench, "dismissed")
    soon, later = (NOW + timedelta(days=1)).date(), (NOW + timedelta(days=14)).date()
    for said, code in (
        (bodies.CallHearing(later, "10:00", " "), "malformed"),
        (bodies.CallHearing(later, "ten", "Room 12"), "malformed"),
        (bodies.CallHearing(later, "10:00", "Room 12", interpreter="x" * 201), "malformed"),
        (bodies.CallHearing(later, "10:00", "Room 12", minutes=4), "malformed"),
        (bodies.CallHearing(soon, "10:00", "Room 12"), "notice_short"),
        (bodies.CallHearing(NOW.date(), "08:00", "Room 12", agreed=True), "notice_short"),
    ):
        async with moving.nothing_changes(database, code):
            await moving.send(database, case_id, "call_hearing", actor=bench.chair, role=R1, body=said)
    agreed = bodies.CallHearing(soon, "10:00", "Room 12", "Sign language", agreed=True)
    await moving.send(database, case_id, "call_hearing", actor=bench.chair, role=R1, body=agreed)
    told = set(await moving.told(database, case_id))
    assert {("hearing_called", one.id) for one in (who.learner, bench.chair, bench.other)} <= told
    async with moving.nothing_changes(database, "hearing_missing"):
        await appealing.rule(database, bench, "dismissed")
    await appealing.rule(database, replace(bench, now=NOW + timedelta(days=2)), "dismissed")


async def test_a_hearing_is_one_entry_in_both_calendars_until_the_appeal_is_taken_back(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    bench = await appealing.convened(database, who, body, case_id)
    appeal = await appealing.appeal_of(database, case_id)
    async with database.writing() as session:
        (await cases.get(session, case_id, lock=True)).extra_time = 150
    day = (NOW + timedelta(days=14)).date()
    for place in ("Room 12", "Room 14"):
        said = bodies.CallHearing(day, "10:00", place, minutes=40)
        await moving.send(database, case_id, "call_hearing", actor=bench.chair, role=R1, body=said)
    yes = bodies.WithdrawAppeal(confirmed=True)
    await moving.send(database, case_id, "withdraw_appeal", actor=who.learner, role=Role.LEARNER, body=yes)
    async with database.reading() as session:
        mails = await session.exec(
            select(EffectRow).where(col(EffectRow.recipient) == who.learner.id).order_by(col(EffectRow.seq))
        )
        entries = [mail.facts for mail in mails if "calendar" in mail.facts]
    assert {one["identity"] for one in entries} == {str(appeal.id)}
    assert [(one["calendar"], one["sequence"], one["place"]) for one in entries] == [
        ("REQUEST", "1", "Room 12"),
        ("REQUEST", "2", "Room 14"),
        ("CANCEL", "3", "Room 14"),
    ]
    starts, ends = (datetime.fromisoformat(entries[0][key]) for key in ("starts", "ends"))
    assert ends - starts == timedelta(minutes=60)
    staff = await moving.told(database, case_id)
    assert {("appeal_withdrawn_staff", one.id) for one in (bench.chair, bench.other)} <= set(staff)


async def test_a_learner_asks_to_be_heard_until_the_ruling(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    bench = await appealing.convened(database, who, body, case_id)
    await moving.send(database, case_id, "ask_hearing", actor=who.learner, role=Role.LEARNER)
    assert ("hearing_asked", bench.chair.id) in await moving.told(database, case_id)
    async with moving.nothing_changes(database, "hearing_missing"):
        await appealing.rule(database, bench, "dismissed")


# taken back


async def test_a_learner_takes_an_appeal_back_and_may_lodge_it_again(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    bench = await appealing.convened(database, who, body, case_id)
    async with moving.nothing_changes(database, "confirmation_missing"):
        await moving.send(
            database,
            case_id,
            "withdraw_appeal",
            actor=who.learner,
            role=Role.LEARNER,
            body=bodies.WithdrawAppeal(confirmed=False),
        )
    yes = bodies.WithdrawAppeal(confirmed=True)
    await moving.send(database, case_id, "withdraw_appeal", actor=who.learner, role=Role.LEARNER, body=yes)
    case, appeal = await moving.case_of(database, case_id), await appealing.appeal_of(database, case_id)
    assert (case.stage, appeal.state) == (Stage.DECIDED, AppealState.WITHDRAWN)
    assert {seat.state for seat in await appealing.seats(database, case_id)} == {SeatState.CANCELLED}
    told = set(await moving.told(database, case_id))
    assert {("appeal_withdrawn", who.learner.id), ("appeal_withdrawn_staff", bench.chair.id)} <= told
    await appealing.lodge(database, who, case_id)
    (seat,) = await appealing.seats(database, case_id, SeatState.OFFERED)
    assert (seat.seat, seat.person_id not in {bench.chair.id, bench.other.id}) == (SeatKind.APPEAL_1, True)


async def test_a_closed_case_is_closed_again_as_it_was(database: Database) -> None:
    who, body = await moving.people(database), await appealing.body(database)
    case_id = await appealing.decided(database, who)
    await moving.strike(database, case_id, "appeal_window/end")
    before = await moving.case_of(database, case_id)
    assert before.closed_as is ClosedAs.COMPLETED
    said = replace(LODGE, late_cause="I was in hospital.")
    bench = await appealing.convened(database, who, body, case_id, said, now=LATE)
    assert (await moving.case_of(database, case_id)).closed_as is None
    await appealing.rule(database, bench, "dismissed")
    after = await moving.case_of(database, case_id)
    assert (after.stage, after.closed_as, after.closed_at, after.return_to) == (
        Stage.CLOSED,
        before.closed_as,
        before.closed_at,
        before.return_to,
    )
