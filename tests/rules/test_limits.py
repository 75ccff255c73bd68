"""Every limit has a length in the policy, every rung a move or a mail that exists, and no rung ever judges."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

import portfolio_templates
from services.rules import limits
from services.rules.case import Stage, WaitingOn
from services.rules.deadlines import Span
from services.rules.ladders import From, To
from services.rules.limits import LIMITS
from services.rules.people import Role
from services.rules.programmes import Policy
from services.rules.second_reading import Way
from services.rules.stages import MOVE, MOVES, STAGES

EMAILS = Path(portfolio_templates.__file__).parent / "emails"
SPANS = {field.name for field in fields(Policy) if field.type in (Span, Span | None)}
RUNGS = [(limit, rung) for limit in LIMITS for rung in limit.rungs]
KINDS = {notice.kind for move in MOVES for notice in move.notices} | {rung.notice for _, rung in RUNGS} - {""}
TOLD = {
    "offer",
    "offer_ended",
    "assessment_dismissed",
    "decided",
    "not_eligible",
    "credential_withdrawn",
    "conferral_opened",
    "conferral_signed",
    "panel_offer",
    "panel_recorded",
}
TOLD |= {"appeal_offer", "appeal_ruled", "appeal_ruled_finally", "hearing_called"}
TOLD |= {"appeal_withdrawn", "appeal_withdrawn_staff"}
TOLD |= {"dates_moved", "eligible_by_silence", "accommodation_asked"}
"""Mails that the content of a move sends."""


def test_the_length_of_a_limit_is_a_span_of_the_policy() -> None:
    spanless = {limit.key for limit in LIMITS if limit.span == ""}
    assert spanless <= {"appeal_window", "meeting", "pause"}
    assert {limit.span for limit in LIMITS} - {""} <= set(SPANS)


def test_a_rung_is_counted_by_something_that_can_be_read() -> None:
    for limit, rung in RUNGS:
        where = f"{limit.key}/{rung.key}"
        if rung.counted is From.DUE:
            assert rung.by == "", where
        elif rung.counted is From.SHARE:
            assert 0 < float(rung.by) < 1, where
        else:
            assert rung.by in SPANS or Span.parse(rung.by).amount > 0, where
        assert limits.rung_of(f"7/{where}") == (limit, rung)


def test_a_rung_tells_moves_or_alarms_and_its_move_is_the_clocks_in_every_stage() -> None:
    for limit, rung in RUNGS:
        where = f"{limit.key}/{rung.key}"
        assert bool(rung.notice) == bool(rung.to), where
        assert rung.notice or rung.becomes or rung.alarm, where
        if rung.becomes:
            assert Role.CLOCK in MOVE[rung.becomes].roles, where
            assert set(limit.stages) <= set(MOVE[rung.becomes].sources), where


def test_no_rung_judges_refuses_or_grants() -> None:
    may_follow = {"expire", "lapse_offer", "reoffer_seats", "request_timeout", "close", "resume", "end_conferral"}
    may_follow |= {"accept_eligibility"}  # where the law says so, and of the portfolio alone
    may_follow |= {"meeting_over", "booking_timeout"}
    assert {rung.becomes for _, rung in RUNGS} - {""} == may_follow


def test_a_learner_is_told_before_anything_lapses() -> None:
    lapsing = [limit for limit in LIMITS if any(rung.becomes == "expire" for rung in limit.rungs)]
    assert lapsing
    for limit in lapsing:
        warnings = [rung for rung in limit.rungs if To.LEARNER in rung.to]
        assert len(warnings) >= 2, "two notices"


def test_wherever_somebody_is_waited_for_a_limit_runs() -> None:
    reached = {move.target for move in MOVES if not callable(move.target)} | {Stage.DRAFT}
    without = {stage for stage in reached if not limits.of_stage(stage, Way.PANEL)}
    assert without == {Stage.DRAFT, Stage.CLOSED}


def test_only_what_the_learner_is_waited_for_is_the_learners_limit() -> None:
    for limit in LIMITS:
        waited = {STAGES[stage].waiting_on for stage in limit.stages}
        if limit.learner and not limit.apart:  # a date of an appointment is chosen while others wait in the same stage
            assert waited <= {WaitingOn.LEARNER, WaitingOn.NONE}


def test_the_limit_of_a_seat_begins_with_its_offer_and_not_with_the_stage() -> None:
    assert "offer" not in {limit.key for limit in limits.of_stage(Stage.ASSIGNING)}
    assert limits.rung_of("2/offer:seat-9/remind")[0].per_seat
    assert limits.subject_of("2/offer:seat-9/remind") == "seat-9"
    assert limits.subject_of("2/assessment/early") == ""


def test_an_unknown_rung_is_an_error_and_not_a_silence() -> None:
    with pytest.raises(KeyError):
        limits.rung_of("1/eligibility/never")


def test_every_mail_that_the_tables_send_is_written_in_both_languages() -> None:
    files = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(EMAILS.glob("*.toml"))}
    for kind in sorted(KINDS | TOLD):
        # The whole file where it bears that name, or its table of that name.
        found = [table for stem, file in files.items() if (table := file if stem == kind else file.get(kind))]
        assert len(found) == 1, f"no mail {kind} in {EMAILS.name}"
        text = str(found[0])
        assert "'en'" in text, kind
        assert "'fr'" in text, kind
