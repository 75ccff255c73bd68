"""How much of a programme may be recognised, and when a competency may be claimed again after a test."""

from dataclasses import replace
from datetime import date

import pytest

from services.rules import claiming
from tests.records import makers

POLICY = makers.programme().policy


@pytest.mark.parametrize(
    ("competencies", "share", "most"), [(8, 100, 8), (8, 75, 6), (3, 75, 2), (1, 75, 1), (200, 1, 2)]
)
def test_a_share_is_rounded_down_and_leaves_one_at_least(competencies: int, share: int, most: int) -> None:
    assert claiming.may_count(replace(POLICY, max_recognisable_share=share), competencies) == most


def test_a_year_after_the_decision_the_competency_is_free_to_the_day() -> None:
    assert claiming.free_from(replace(POLICY, repeat_bar_months=12), date(2028, 2, 29)) == date(2029, 2, 28)
    assert claiming.free_from(replace(POLICY, repeat_bar_months=1), date(2026, 1, 31)) == date(2026, 2, 28)
