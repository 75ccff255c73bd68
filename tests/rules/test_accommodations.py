"""More time is never a part of a day less."""

import pytest

from services.rules.accommodations import lengthened


@pytest.mark.parametrize(
    ("usual", "percent", "longer"), [(30, 100, 30), (30, 150, 45), (5, 150, 8), (1, 110, 2), (10, 110, 11)]
)
def test_time_is_rounded_up(usual: int, percent: int, longer: int) -> None:
    assert lengthened(usual, percent) == longer
