"""What a report says has words for its reader, and a year's report tells of nobody."""

from collections import Counter

from services.rules import reports
from services.rules.appeals import Ground, Matter, Ruling
from services.rules.reports import ALL, Indicator, Measure, Pace
from services.rules.second_reading import Trigger
from services.rules.small_cells import Bound, Rate

YEAR = Counter(
    {
        (Measure.DECIDED, Pace.WITHIN): 180,
        (Measure.DECIDED, Pace.BEYOND): 20,
        (Measure.JUDGED, ALL): 600,
        (Measure.READ_TWICE, ALL): 120,
        (Measure.READ_TWICE, Trigger.SAMPLED): 60,
        (Measure.READ_TWICE, Trigger.NEW_ASSESSOR): 12,
        (Measure.SETTLED, "as_first_read"): 80,
        (Measure.SETTLED, "changed"): 20,
        (Measure.DECISIONS, ALL): 200,
        (Measure.LODGED, Matter.RECOGNITION): 14,
        (Measure.LODGED, Matter.LAPSE): 11,
        (Measure.LODGED, reports.SECOND_LEVEL): 3,
        (Measure.GROUNDS, Ground.PROCEDURE): 12,
        (Measure.ENDED, Ruling.DISMISSED): 12,
        (Measure.ENDED, Ruling.VARIED): 6,
        (Measure.ENDED, Ruling.REMITTED): 4,
    }
)


def told(counts: Counter[tuple[Measure, str]], days: list[int]) -> dict[tuple[str, str], object]:
    return {(line.measure, line.word): line.value for line in reports.published(counts, days)}


def test_every_figure_has_words_in_both_languages() -> None:
    assert set(reports.CODEBOOK) == {*Measure, *Indicator}
    assert set(reports.WORDS) == set(Measure)
    for text in reports.CODEBOOK.values():
        assert text.en.endswith(".")
        assert text.fr.endswith(".")
        assert not any(f" {mark}" in text.fr for mark in ":;?!"), "a space that breaks a line before a sign"


def test_shares_are_made_of_the_counts_that_they_name() -> None:
    assert reports.shares(YEAR) == {
        Indicator.WITHIN_STANDARD: Rate(180, 200),
        Indicator.READ_TWICE: Rate(120, 600),
        Indicator.CHANGED: Rate(20, 100),
        Indicator.APPEALED: Rate(14, 200),
        Indicator.UPHELD: Rate(10, 22),
    }
    assert reports.shares(Counter()) == {}


def test_what_leaves_the_house_tells_of_no_few_people() -> None:
    found = told(YEAR, list(range(1, 23)))
    assert found[Measure.DECIDED, Pace.WITHIN] == 180
    assert found[Indicator.WITHIN_STANDARD, ALL] == 0.9
    assert found[Measure.READ_TWICE, Trigger.SAMPLED] == 60
    assert found[Measure.LODGED, reports.SECOND_LEVEL] is Bound.BELOW_TEN
    assert found[Measure.LODGED, ALL] == 28
    assert found[Measure.ENDED, Ruling.VARIED] is Bound.BELOW_TEN
    assert found[Indicator.APPEALED, ALL] == 7.0
    assert found[Indicator.UPHELD, ALL] == 10 / 22
    assert (found[Measure.DAYS, "median"], found[Measure.DAYS, "p90"]) == (11, 20)


def test_one_hidden_count_hides_a_second_and_few_days_have_no_quantile() -> None:
    few: Counter[tuple[Measure, str]] = Counter(
        {(Measure.DECIDED, Pace.WITHIN): 180, (Measure.DECIDED, Pace.BEYOND): 4}
    )
    found = told(few, [3, 4])
    assert (found[Measure.DECIDED, Pace.BEYOND], found[Measure.DECIDED, Pace.WITHIN], found[Measure.DECIDED, ALL]) == (
        Bound.BELOW_TEN,
        Bound.WITHHELD,
        184,
    )
    assert found[Indicator.WITHIN_STANDARD, ALL] is Bound.OVER_NINE_TENTHS
    assert (found[Measure.DAYS, "median"], found[Measure.DAYS, "p90"]) == (Bound.WITHHELD, Bound.WITHHELD)
    appealed: Counter[tuple[Measure, str]] = Counter(
        {(Measure.LODGED, Matter.RECOGNITION): 1, (Measure.DECISIONS, ALL): 20}
    )
    assert told(appealed, [])[Indicator.APPEALED, ALL] is Bound.WITHHELD
