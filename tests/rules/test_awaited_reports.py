"""On whom a request for more evidence waits: for the learner, or for somebody who is to write what they saw."""

from dataclasses import replace

import pytest

from services.rules import guards, stages
from services.rules.case import Missing, Stage, WaitingOn
from services.rules.people import Role
from tests.rules import makers as make


@pytest.mark.parametrize(
    ("missing", "awaits", "move", "waits"),
    [
        (Missing.ANSWERS, False, None, WaitingOn.LEARNER),
        (Missing.ANSWERS, True, "look_at_reports", WaitingOn.LEARNER),
        (Missing.REPORTS, False, "look_at_reports", WaitingOn.THIRD_PARTY),
        (Missing.REPORTS, True, None, WaitingOn.THIRD_PARTY),
        (Missing.NOTHING, True, "reports_in", WaitingOn.LEARNER),
        (None, False, None, WaitingOn.LEARNER),
    ],
)
def test_the_case_goes_on_or_waits_for_whoever_is_missing(
    *, missing: Missing | None, awaits: bool, move: str | None, waits: WaitingOn
) -> None:
    case = replace(make.case(Stage.MORE_EVIDENCE), missing=missing, awaits_report=awaits)
    assert stages.by_itself(case) == move
    assert stages.waiting_on(case) is waits
    command = make.command("reports_in", Role.CLOCK)
    assert (guards.reports_came(case, command) is None) is (move == "reports_in")
