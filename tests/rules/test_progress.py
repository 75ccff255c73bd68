"""How far cases come: what a year's figures may tell outside, and days that are counted once."""

from datetime import date, timedelta

from hypothesis import given, strategies

from services.rules import deadlines, progress
from services.rules.deadlines import BusinessDays
from services.rules.progress import ALL, COHORT, EXCLUSIVE, FUNNEL, STANDING, WORDS, Measure, Step
from services.rules.progress_codebook import CODEBOOK
from services.rules.small_cells import Bound
from tests.records import makers

CALENDAR = makers.programme().policy.calendar
START = date(2026, 1, 1)


@given(strategies.lists(strategies.tuples(strategies.integers(0, 900), strategies.integers(-5, 400)), max_size=6))
def test_business_days_that_are_counted_once_are_those_that_are_counted_each_time(spans: list[tuple[int, int]]) -> None:
    counted = BusinessDays(CALENDAR)
    for begins, lasts in spans:
        first = START + timedelta(days=begins)
        last = first + timedelta(days=lasts)
        assert counted.between(first, last) == deadlines.business_days(CALENDAR, first, last)


def told(counts: dict[tuple[Measure, str], int], taken: list[int] | None = None) -> dict[tuple[Measure, str], object]:
    values = {(Measure.DAYS_TO_DECISION, ALL): taken or []}
    return {(line.measure, line.word): line.value for line in progress.published(counts, values)}


def test_a_funnel_tells_no_step_between_which_and_another_lie_fewer_than_ten() -> None:
    steps = dict(zip(FUNNEL, (100, 80, 78, 60, 60, 9), strict=True))
    found = told({(Measure.REACHED, step): number for step, number in steps.items()})
    assert [found[Measure.REACHED, step] for step in FUNNEL] == [
        100,
        80,
        Bound.WITHHELD,
        60,
        60,
        Bound.BELOW_TEN,
    ]


def test_whoever_left_is_told_in_tens_and_days_from_ten_or_twenty_on() -> None:
    found = told({(Measure.LEFT_BECAUSE, "cost"): 14, (Measure.LEFT_BECAUSE, "job_change"): 3}, list(range(1, 16)))
    assert found[Measure.LEFT_BECAUSE, "cost"] is Bound.WITHHELD
    assert found[Measure.LEFT_BECAUSE, ALL] == 17
    assert found[Measure.DAYS_TO_DECISION, "median"] == 8
    assert found[Measure.DAYS_TO_DECISION, "p90"] is Bound.WITHHELD


def test_what_work_took_is_told_from_ten_or_twenty_pieces_of_it_on() -> None:
    values = {(Measure.MINUTES, "first/on_file"): [30] * 19, (Measure.COST, "CAD"): [90] * 9}
    found = {(line.measure, line.word): line.value for line in progress.published({}, values)}
    assert found[Measure.MINUTES, "first/on_file/median"] == 30
    assert found[Measure.MINUTES, "first/on_file/p90"] is Bound.WITHHELD
    assert found[Measure.COST, "CAD/median"] is Bound.WITHHELD


def test_every_measure_has_words_a_meaning_and_one_way_to_be_counted() -> None:
    assert set(WORDS) == set(CODEBOOK) == set(Measure)
    assert not COHORT & STANDING
    assert set(Measure) >= EXCLUSIVE
    assert set(FUNNEL) < set(Step)
    assert [progress.age(days) for days in (0, 30, 31, 90, 180, 181, 365, 366)] == [
        "0_30", "0_30", "31_90", "31_90", "91_180", "181_365", "181_365", "over_365",
    ]  # fmt: skip


def test_what_points_at_granted_skills_is_told_by_class_and_what_has_nothing_has_none() -> None:
    counts = {(Measure.CLAIMS, "granted"): 9, (Measure.POINTED, "all/3"): 5, (Measure.POINTED, "all/1"): 4}
    found = progress.pointed(counts | {(Measure.POINTED, "direct/2"): 5, (Measure.POINTED, "self/1"): 4})
    assert found == {
        "all": (9, 3.0),
        "direct": (9, 2.0),
        "indirect": (9, 0.0),
        "third_party": (9, 0.0),
        "self": (9, 0.0),
    }
    assert progress.pointed({}) == {}


def test_hours_are_saved_by_what_was_granted() -> None:
    counts = {(Measure.CLAIMS_GRANTED, "first"): 3, (Measure.CLAIMS_GRANTED, "gone"): 2, (Measure.CLAIMS, "granted"): 5}
    assert progress.hours_saved(counts, {"first": 45}) == 135


def test_what_is_waived_stands_beside_what_was_charged_even_where_nothing_was_in_the_period() -> None:
    counts = {(Measure.FEES, "file/CAD"): 60, (Measure.FEES, "file/EUR"): 7, (Measure.FEES_WAIVED, "file/CAD"): 20}
    counts[Measure.FEES_WAIVED, "reactivation/CAD"] = 30
    assert progress.fees(counts) == [
        ("file", "CAD", 60, 20), ("file", "EUR", 7, 0), ("reactivation", "CAD", 0, 30),
    ]  # fmt: skip
