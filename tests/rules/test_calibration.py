"""A seat of an assessor waits for calibration where the programme keeps anchors, and nowhere else."""

from dataclasses import replace
from datetime import date

import pytest

from services.rules import calibration
from services.rules.calibration import Round
from tests.records import makers

POLICY = replace(makers.programme().policy, calibration_required=True)
DAY = date(2026, 3, 2)
"""A Monday."""


@pytest.mark.parametrize(
    ("rated", "agreed", "passed"), [(10, 8, True), (10, 7, False), (9, 9, False), (15, 12, True), (15, 11, False)]
)
def test_ten_anchors_and_eighty_percent_exactly_as_agreed(rated: int, agreed: int, passed: bool) -> None:  # noqa: FBT001 - a table of cases
    round_ = Round(rated, agreed, DAY)
    assert calibration.passed(round_, POLICY) is passed
    assert calibration.calibrated(round_, POLICY, today=DAY) is passed


def test_it_holds_for_two_years_to_the_day() -> None:
    round_ = Round(10, 10, DAY)
    assert calibration.valid_until(round_, POLICY) == date(2028, 3, 2)
    assert calibration.calibrated(round_, POLICY, today=date(2028, 3, 2))
    assert not calibration.calibrated(round_, POLICY, today=date(2028, 3, 3))


def test_whoever_read_nothing_is_not_calibrated_unless_the_programme_keeps_no_anchors() -> None:
    assert not calibration.calibrated(None, POLICY, today=DAY)
    assert calibration.calibrated(None, replace(POLICY, calibration_required=False), today=DAY)
