"""A review has its window, its levels, and votes that make one ruling or none."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.rules import appeals, guards
from services.rules.appeals import VOTED_ON, Bench, Count, Matter, Ruling, VoteGap
from services.rules.case import AppealState, Review, SeatKind, SeatState, Stage
from services.rules.guards import Guard
from services.rules.people import Role
from tests.records import makers
from tests.rules import makers as make

POLICY = makers.programme().policy
ZONE = "America/Toronto"
SENT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""A Monday."""

DISMISSED, VARIED, REMITTED = Ruling.DISMISSED, Ruling.VARIED, Ruling.REMITTED
BENCH = Bench(frozenset({"chair", "one", "two"}), "chair", quorum=2)


def test_a_first_decision_is_reviewed_at_the_first_level_and_its_ruling_at_the_second() -> None:
    assert appeals.level_for(None, levels=2) == 1
    assert appeals.level_for(Role.DECISION_MAKER, levels=2) == 1
    assert appeals.level_for(Role.PANEL, levels=1) == 1
    assert appeals.level_for(Role.APPEAL_REVIEWER_1, levels=2) == 2


def test_the_last_level_is_final() -> None:
    assert appeals.level_for(Role.APPEAL_REVIEWER_2, levels=2) is None
    assert appeals.level_for(Role.APPEAL_REVIEWER_1, levels=1) is None


def day(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%m-%d")


def test_the_window_is_counted_from_the_day_on_which_the_letter_was_first_opened() -> None:
    opened = SENT + timedelta(days=2)
    end = appeals.window_end(POLICY, sent=SENT, opened=opened, zone=ZONE)
    assert day(end - timedelta(hours=12)) == "04-06"  # 30 days on is Good Friday; Monday 6 April is a working day
    assert end == appeals.window_end(POLICY, sent=opened, opened=opened, zone=ZONE)


def test_an_unopened_letter_counts_as_received_after_its_days_however_late_it_is_opened() -> None:
    unopened = appeals.window_end(POLICY, sent=SENT, opened=None, zone=ZONE)
    late = appeals.window_end(POLICY, sent=SENT, opened=SENT + timedelta(days=40), zone=ZONE)
    assert unopened == late
    assert unopened > appeals.window_end(POLICY, sent=SENT, opened=SENT, zone=ZONE)


def test_a_date_that_was_printed_never_moves_earlier() -> None:
    printed = SENT + timedelta(days=90)
    assert appeals.window_end(POLICY, sent=SENT, opened=SENT, zone=ZONE, printed=printed) == printed
    assert appeals.window_end(POLICY, sent=SENT, opened=None, zone=ZONE, printed=SENT) > SENT


@pytest.mark.parametrize(
    ("votes", "casting", "counted"),
    [
        ({"chair": VARIED, "one": VARIED}, None, Count(VARIED, by_casting_vote=False)),
        ({"chair": DISMISSED, "one": VARIED, "two": VARIED}, None, Count(VARIED, by_casting_vote=False)),
        ({"chair": DISMISSED, "one": VARIED}, DISMISSED, Count(DISMISSED, by_casting_vote=True)),
        ({"chair": DISMISSED, "one": VARIED, "two": REMITTED}, REMITTED, Count(REMITTED, by_casting_vote=True)),
        ({"chair": DISMISSED, "one": VARIED}, None, VoteGap.TIE),
        ({"chair": DISMISSED, "one": VARIED}, REMITTED, VoteGap.CASTING_VOTE),
        ({"chair": VARIED, "one": VARIED}, VARIED, VoteGap.CASTING_VOTE),
        ({"chair": VARIED}, None, VoteGap.QUORUM),
        ({}, None, VoteGap.QUORUM),
        ({"one": VARIED, "two": VARIED}, None, VoteGap.CHAIR),
        ({"chair": VARIED, "a stranger": VARIED}, None, VoteGap.VOTER),
        ({"chair": Ruling.INADMISSIBLE, "one": VARIED}, None, VoteGap.CHOICE),
    ],
)
def test_a_majority_rules_and_the_chair_breaks_a_tie(
    votes: dict[str, Ruling], casting: Ruling | None, counted: Count | VoteGap
) -> None:
    assert appeals.count(BENCH, votes, casting=casting) == counted


def test_a_lapse_cannot_be_sent_back_to_anybody() -> None:
    votes = {"chair": REMITTED, "one": REMITTED}
    choices = VOTED_ON[Matter.LAPSE]
    assert appeals.count(BENCH, votes, casting=None, choices=choices) is VoteGap.CHOICE


def asked(
    guard: Guard, review: Review | None, *, offered: bool = False, role: Role = Role.APPEAL_REVIEWER_1
) -> str | None:
    case = replace(make.case(Stage.UNDER_REVIEW), appeal=review)
    if offered:
        case = replace(case, seats=(make.seat(SeatState.OFFERED, kind=SeatKind.APPEAL_1),))
    return guard(case, make.command("rule_appeal", role))


LODGED, ADMISSIBLE, NAMED = AppealState.LODGED, AppealState.ADMISSIBLE, AppealState.PANEL_NAMED
CHAIR = Role.APPEAL_REVIEWER_1.value


@pytest.mark.parametrize(
    ("review", "code"),
    [
        (None, "not_your_move"),
        (Review("a", 1, LODGED), "not_your_move"),
        (Review("a", 1, LODGED, "somebody else"), "not_your_move"),
        (Review("a", 2, LODGED, CHAIR), "not_your_move"),
        (Review("a", 1, LODGED, CHAIR), None),
    ],
)
def test_only_the_chair_speaks_for_a_panel_and_only_at_its_level(review: Review | None, code: str | None) -> None:
    assert asked(guards.chairs_the_appeal, review) == code


@pytest.mark.parametrize(
    ("state", "admission", "takes_members", "complete", "sits"),
    [
        (None, "appeal_step", "appeal_step", "appeal_step", "appeal_step"),
        (LODGED, None, "appeal_step", "appeal_step", "appeal_step"),
        (ADMISSIBLE, "appeal_step", None, None, "appeal_step"),
        (NAMED, "appeal_step", "appeal_step", "appeal_step", None),
    ],
)
def test_an_appeal_takes_one_step_after_the_other(
    state: AppealState | None, admission: str | None, takes_members: str | None, complete: str | None, sits: str | None
) -> None:
    review = Review("a", 1, state, CHAIR) if state else None
    assert asked(guards.appeal_waits_for_admission, review) == admission
    assert asked(guards.panel_takes_members, review) == takes_members
    assert asked(guards.panel_complete, review) == complete
    assert asked(guards.appeal_panel_sits, review) == sits
    assert asked(guards.appeal_not_ruled, review) == (None if review else "appeal_step")


@pytest.mark.parametrize(("guard", "state"), [(guards.panel_complete, ADMISSIBLE), (guards.appeal_panel_sits, NAMED)])
def test_a_panel_that_lacks_somebody_neither_begins_nor_rules(guard: Guard, state: AppealState) -> None:
    assert asked(guard, Review("a", 1, state, CHAIR, missing=1)) == "panel_incomplete"
    assert asked(guard, Review("a", 1, state, CHAIR), offered=True) == "panel_incomplete"
    assert asked(guards.panel_takes_members, Review("a", 1, state, CHAIR, missing=1)) is None
