"""How long work took is between a minute and four days, and costs what the policy says an hour does."""

from dataclasses import replace

import pytest

from services.rules import work_time
from services.rules.case import SeatKind
from services.rules.refusals import Refused
from tests.records import makers


def test_a_time_that_cannot_be_is_refused_and_none_at_all_is_welcome() -> None:
    for minutes in (None, 1, work_time.MOST):
        work_time.check(minutes)
    for minutes in (-5, 0, work_time.MOST + 1):
        with pytest.raises(Refused, match="work_time_unlikely"):
            work_time.check(minutes)


def test_an_hour_costs_what_the_policy_names_and_nothing_is_known_of_the_rest() -> None:
    policy = makers.programme().policy
    assert work_time.hourly(policy) == {}
    assert work_time.hourly(replace(policy, hourly_first=60, hourly_panel=90)) == {
        SeatKind.FIRST: 60,
        SeatKind.PANEL: 90,
    }
