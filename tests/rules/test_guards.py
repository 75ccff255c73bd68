"""What a move asks of the case before it is taken."""

from dataclasses import replace

import pytest

from services.rules import guards
from services.rules.appointments import AppointmentState as A
from services.rules.appointments import Meeting
from services.rules.case import CaseState, ClosedAs, SeatState, Stage
from services.rules.guards import Guard
from services.rules.people import Role
from tests.rules import makers as make

READY = make.case(Stage.IN_ASSESSMENT)
ANY = make.command("any", Role.ASSESSOR, subject=make.SEAT)
OFFERED = replace(READY, seats=(make.seat(SeatState.OFFERED),))
SPENT = replace(READY, rounds_left=0)
MEETING = replace(READY, appointment=Meeting(A.BOOKED, ("assessor",)))
OFFERED_DATES = replace(READY, appointment=Meeting(A.SLOTS_OFFERED, ("assessor",)))
SUBMITTED = replace(READY, seats=(make.seat(SeatState.SUBMITTED),))


@pytest.mark.parametrize(
    ("guard", "content", "against", "code"),
    [
        (guards.has_claims, READY, replace(READY, open_claims=0), "claims_missing"),
        (guards.another_claim, READY, replace(READY, open_claims=1), "last_claim"),
        (guards.transfers_open, replace(READY, open_transfers=1), READY, "nothing_to_check"),
        (guards.gaps_left, READY, replace(READY, gaps=0), "gaps_missing"),
        (guards.plan_proposed, READY, replace(READY, planned=False), "plan_missing"),
        (guards.advisor_named, READY, replace(READY, advisor=None), "advisor_missing"),
        (guards.own_or_on_behalf, replace(READY, intake_by="assessor"), READY, "not_your_move"),
        (guards.has_advisor, READY, replace(READY, advisor=None), "advisor_missing"),
        (guards.calendar_behind, replace(READY, calendar_behind=True), READY, "calendar_same"),
        (guards.newer_version_open, replace(READY, version_behind=True), READY, "version_same"),
        (guards.informed, READY, replace(READY, informed=False), "meeting_missing"),
        (guards.meeting_missing, replace(READY, informed=False), READY, "meeting_not_asked"),
        (guards.has_to_confirm, replace(READY, confirms=True), READY, "nothing_to_confirm"),
        (guards.no_refusal_proposed, READY, replace(READY, refusal_proposed=True), "refusal_waiting"),
        (guards.refusal_proposed, replace(READY, refusal_proposed=True), READY, "refusal_not_proposed"),
        (guards.seat_open, OFFERED, replace(READY, seats=()), "offer_ended"),
        (guards.seat_on_offer, OFFERED, READY, "offer_ended"),
        (guards.seat_accepted, READY, OFFERED, "offer_ended"),
        (guards.seat_accepted, READY, SUBMITTED, "offer_ended"),
        (guards.every_seat_accepted, READY, OFFERED, "seats_open"),
        (guards.every_seat_accepted, READY, replace(READY, seats=()), "seats_open"),
        (guards.every_seat_accepted, READY, replace(READY, unseated_claims=1), "seats_open"),
        (guards.round_left, READY, replace(READY, rounds_left=0), "rounds_exhausted"),
        (guards.round_left, replace(READY, stage=Stage.MORE_EVIDENCE, rounds_left=0), SPENT, "rounds_exhausted"),
        (guards.no_round_left, SPENT, READY, "round_left"),
        (guards.conducts, MEETING, READY, "appointment_moved_on"),
        (guards.conducts, MEETING, replace(READY, appointment=Meeting(A.BOOKED, ("other",))), "appointment_moved_on"),
        (guards.appointment_is(A.BOOKED), MEETING, READY, "appointment_moved_on"),
        (guards.appointment_is(A.HELD, A.BOOKED), MEETING, OFFERED_DATES, "appointment_moved_on"),
        (guards.no_appointment_open, READY, MEETING, "appointment_open"),
        (
            guards.was_withdrawn,
            replace(READY, closed_as=ClosedAs.WITHDRAWN),
            replace(READY, closed_as=ClosedAs.EXPIRED),
            "illegal_transition",
        ),
        (
            guards.was_withdrawn,
            replace(READY, closed_as=ClosedAs.REORIENTED),
            replace(READY, closed_as=ClosedAs.DUPLICATE),
            "illegal_transition",
        ),
        (guards.no_duplicate, READY, replace(READY, closed_as=ClosedAs.DUPLICATE), "closed_as_duplicate"),
        (guards.has_lapsed, replace(READY, closed_as=ClosedAs.EXPIRED), READY, "illegal_transition"),
        (
            guards.has_lapsed,
            replace(READY, closed_as=ClosedAs.EXPIRED),
            replace(READY, closed_as=ClosedAs.EXPIRED, return_to=Stage.DRAFT),
            "illegal_transition",
        ),
        (guards.lapse_unchallenged, READY, replace(READY, lapse_challenged=True), "challenge_waiting"),
        (guards.lapse_challenged, replace(READY, lapse_challenged=True), READY, "challenge_missing"),
        (guards.effect_failed, READY, replace(READY, failed_effects=()), "nothing_to_retry"),
    ],
)
def test_a_guard_says_why_not(guard: Guard, content: CaseState, against: CaseState, code: str) -> None:
    asked = replace(ANY, subject="" if guard is guards.effect_failed else make.SEAT)
    assert guard(content, asked) is None
    assert guard(against, asked) == code


def test_nobody_acts_on_the_seat_of_another_person_or_on_another_seat_than_the_named_one() -> None:
    assert guards.seat_accepted(READY, replace(ANY, actor="somebody else")) == "offer_ended"
    assert guards.seat_accepted(READY, replace(ANY, subject="another seat")) == "offer_ended"
    assert guards.seat_accepted(READY, replace(ANY, subject="")) is None


def test_a_lead_may_take_a_case_that_found_no_advisor() -> None:
    alone = replace(READY, advisor=None)
    assert guards.advisor_named(alone, make.command("take_case", Role.LEAD)) is None
    assert guards.advisor_named(alone, make.command("take_case", Role.CLOCK)) == "advisor_missing"


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (f"4/offer:{make.SEAT}/lapse", None),
        ("4/offer:another/lapse", "offer_ended"),
        ("4/assessment/late", "offer_ended"),
        ("", "offer_ended"),
    ],
)
def test_an_offer_lapses_only_while_it_is_open(subject: str, code: str | None) -> None:
    assert guards.offer_still_open(OFFERED, replace(ANY, subject=subject)) == code
    assert guards.offer_still_open(READY, replace(ANY, subject=subject)) == "offer_ended"


def test_a_learner_extends_once_and_only_a_limit_of_their_own() -> None:
    learner = make.command("extend", Role.LEARNER)
    waiting = make.case(Stage.MORE_EVIDENCE)
    assert guards.extension_left(waiting, learner) is None
    assert guards.extension_left(replace(waiting, extended=True), learner) == "extension_used"
    assert guards.extension_left(READY, learner) == "not_your_move"


def test_a_lead_may_extend_any_limit_again() -> None:
    lead = make.command("extend", Role.LEAD)
    assert guards.extension_left(replace(READY, extended=True), lead) is None


def test_only_an_effect_that_failed_is_tried_again() -> None:
    lead = make.command("retry_effect", Role.LEAD, subject="c/1/render_letter")
    assert guards.effect_failed(READY, lead) is None
    assert guards.effect_failed(READY, replace(lead, subject="c/1/sign_credentials")) == "nothing_to_retry"


def test_silence_accepts_only_where_the_law_has_it_so_and_needs_no_meeting() -> None:
    silence = make.command("accept_eligibility", Role.CLOCK)
    assert guards.by_a_person_or_by_law(READY, silence) == "not_your_move"
    assert guards.by_a_person_or_by_law(replace(READY, accepted_by_silence=True), silence) is None
    assert guards.by_a_person_or_by_law(READY, make.command("accept_eligibility", Role.ADVISOR)) is None
    assert guards.informed(replace(READY, informed=False), silence) is None
