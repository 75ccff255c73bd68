"""A paused case moves only where the list says, waits for its learner, and our clock stands."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.rules import deadlines, limits, stages
from services.rules.case import Clock, Stage, WaitingOn, own
from services.rules.limits import PAUSABLE
from services.rules.moves.pausing import WHILE_PAUSED
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.stages import MOVE, MOVES
from tests.rules import makers as make
from tests.rules.test_stages import ready


@pytest.mark.parametrize("stage", PAUSABLE)
def test_every_move_of_a_paused_case_is_refused_but_those_on_the_list(stage: Stage) -> None:
    for move in MOVES:
        if stage not in move.sources:
            continue
        case, command = ready(move, stage, move.roles[0])
        paused = replace(case, paused=True)
        if move.command in WHILE_PAUSED:
            assert stages.transition(paused, command).move == move.command
        else:
            with pytest.raises(Refused) as refused:
                stages.transition(paused, command)
            assert refused.value.code == "on_hold"


def test_the_list_names_moves_of_the_table() -> None:
    assert set(MOVE) >= WHILE_PAUSED


def test_a_paused_case_waits_for_its_learner_and_our_clock_stands() -> None:
    assessing = make.case(Stage.IN_ASSESSMENT)
    assert (stages.waiting_on(assessing), stages.clock(assessing)) == (WaitingOn.ASSESSOR, Clock.RUNNING)
    paused = replace(assessing, paused=True)
    assert (stages.waiting_on(paused), stages.clock(paused)) == (WaitingOn.LEARNER, Clock.STOPPED)


def test_nothing_happens_by_itself_in_a_pause_but_its_end() -> None:
    assert stages.by_itself(replace(make.case(Stage.SUBMITTED), paused=True)) is None
    paused = replace(make.case(Stage.ELIGIBLE), paused=True)
    ended = own(paused, "deadline_reached", "4/pause:0193a1f0/end")
    assert stages.transition(paused, ended).move == "resume"
    assert stages.transition(paused, own(paused, "deadline_reached", "4/idle/lapse")).move == "deadline_reached"


def test_a_pause_that_is_over_is_not_ended_twice() -> None:
    case = make.case(Stage.ELIGIBLE)
    with pytest.raises(Refused, match="not_paused"):
        stages.transition(case, make.command("resume", Role.ADVISOR))
    assert stages.transition(case, own(case, "deadline_reached", "4/pause:0193a1f0/end")).move == "deadline_reached"


def test_no_stage_begins_a_pause_by_itself() -> None:
    assert "pause" not in {limit.key for stage in Stage for limit in limits.of_stage(stage)}


@pytest.mark.parametrize(
    ("due", "resumed", "wanted"),
    [
        ((2026, 3, 20), (2026, 3, 9), (2026, 3, 27)),  # five business days stood, five more are left
        ((2026, 3, 20), (2026, 3, 2), (2026, 3, 20)),  # the same day: nothing stood
        ((2026, 2, 27), (2026, 3, 9), (2026, 3, 6)),  # what was late stays as late as it was
        ((2026, 3, 7), (2026, 3, 3), (2026, 3, 9)),  # a Saturday that a lead named, and one day more
    ],
)
def test_a_date_moves_by_the_business_days_that_a_case_stood(
    due: tuple[int, int, int], resumed: tuple[int, int, int], wanted: tuple[int, int, int]
) -> None:
    zone = make.QUEBEC.zone
    ends = deadlines.end_of_day(datetime(*due, 12, tzinfo=UTC).date(), zone)
    later = deadlines.later_by(
        make.QUEBEC,
        ends,
        stopped=datetime(2026, 3, 2, 15, tzinfo=UTC),
        resumed=datetime(*resumed, 15, tzinfo=UTC),
        zone=zone,
    )
    assert deadlines.local_day(later, zone) == datetime(*wanted, 12, tzinfo=UTC).date()
    assert later >= ends
