"""Agreement is what the publications say it is, and what other people's programs compute from the same readings."""

from datetime import date
from fractions import Fraction
from itertools import combinations, product
from types import ModuleType

import pytest
from hypothesis import given, settings, strategies

from services.rules import agreement
from services.rules.agreement import BESIDE, DRAWS, LEVELS, SHOWN_FROM, Agreement, Estimate, Quarter, Unit
from services.rules.claims import Rating, Recommendation

COHEN_1960 = (88, 10, 2, 14, 40, 6, 18, 10, 12)
"""Cohen (1960), table 2: 200 patients among three diagnoses. p_o = .70, p_c = .41, kappa = .492."""

KRIPPENDORFF_2011 = (
    (1, 1, 1),
    (2, 2, 3, 2),
    (3, 3, 3, 3),
    (3, 3, 3, 3),
    (2, 2, 2, 2),
    (1, 2, 3, 4),
    (4, 4, 4, 4),
    (1, 1, 2, 1),
    (2, 2, 2, 2),
    (5, 5, 5),
    (1, 1),
    (3,),
)
"""Krippendorff (2011), section C: four observers, twelve units, readings missing. Ordinal alpha = .815."""

PAIRS = strategies.lists(
    strategies.tuples(strategies.integers(0, 2), strategies.integers(0, 2)), min_size=1, max_size=60
)
UNITS = strategies.lists(
    strategies.lists(strategies.integers(0, 2), min_size=2, max_size=3).map(tuple), min_size=1, max_size=40
)


def table(pairs: list[tuple[int, int]], size: int) -> list[int]:
    return [pairs.count((one, other)) for one in range(size) for other in range(size)]


def sums(units: tuple[tuple[int, ...], ...], size: int) -> list[int]:
    return [sum(column) for column in zip(*(agreement.coincidences(unit, size) for unit in units), strict=True)]


def test_kappa_of_cohens_own_example() -> None:
    found = agreement.kappa(COHEN_1960, 3)
    assert found is not None
    assert found == pytest.approx((140 - 82) / (200 - 82), abs=1e-9)  # the paper's frequencies: f_o = 140, f_c = 82
    assert round(found, 3) == 0.492


def test_kappa_of_the_example_of_fleiss_cohen_and_everitt() -> None:
    """Psychological Bulletin 72 (1969): p_o = .70, p_e = .475, kappa = .429."""
    found = agreement.kappa((106, 10, 4, 22, 28, 10, 2, 12, 6), 3)
    assert found == pytest.approx((0.70 - 0.475) / (1 - 0.475), abs=1e-9)


@given(PAIRS)
def test_weighted_kappa_is_the_intraclass_correlation_that_fleiss_and_cohen_proved(
    pairs: list[tuple[int, int]],
) -> None:
    """Their theorem of 1973 in moments: 1 - E(x - y)² / (var x + var y + (mean x - mean y)²), computed in fractions."""
    xs, ys = zip(*pairs, strict=True)
    n = len(pairs)
    mean_x, mean_y = Fraction(sum(xs), n), Fraction(sum(ys), n)
    spread = sum((x - mean_x) ** 2 for x in xs) / n + sum((y - mean_y) ** 2 for y in ys) / n + (mean_x - mean_y) ** 2
    found = agreement.weighted_kappa(table(pairs, 3), 3)
    if spread == 0:
        assert found is None
    else:
        expected = 1 - Fraction(sum((x - y) ** 2 for x, y in pairs), n) / spread
        assert found == pytest.approx(float(expected), abs=1e-9)


def test_alpha_of_krippendorffs_own_example() -> None:
    coded = tuple(tuple(reading - 1 for reading in unit) for unit in KRIPPENDORFF_2011)
    found = agreement.alpha(sums(coded, 5), 5)
    assert found is not None
    assert round(found, 3) == 0.815
    # By hand from the paper's coincidences: n = 40, n_c = 9, 13, 10, 5, 3.
    counts = (9, 13, 10, 5, 3)
    off = {(0, 1): Fraction(4, 3), (0, 2): Fraction(1, 3), (0, 3): Fraction(1, 3), (1, 2): Fraction(4, 3)}
    off |= {(1, 3): Fraction(1, 3), (2, 3): Fraction(1, 3)}

    def apart(c: int, k: int) -> Fraction:
        return (sum(counts[c : k + 1]) - Fraction(counts[c] + counts[k], 2)) ** 2

    observed = sum(share * apart(*at) for at, share in off.items())
    expected = sum(counts[c] * counts[k] * apart(c, k) for c, k in combinations(range(5), 2))
    assert found == pytest.approx(float(1 - 39 * observed / expected), abs=1e-9)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_in_newcombes_table_of_seven_methods(part: int, whole: int, low: float, high: float) -> None:
    """Statistics in Medicine 17 (1998), table I, method 3."""
    found = agreement.wilson(part, whole)
    assert (round(found.low or 0.0, 4), round(found.high or 0.0, 4)) == (low, high)
    mirrored = agreement.wilson(whole - part, whole)
    assert mirrored.high == pytest.approx(1 - (found.low or 0.0), abs=1e-9)


LOCKED = "not installed here: the extra `dev` of requirements.lock brings it"


@pytest.fixture(scope="module")
def scikit_metrics() -> ModuleType:
    """Somebody else's kappas."""
    module: ModuleType = pytest.importorskip("sklearn.metrics", reason=LOCKED)
    return module


@pytest.fixture(scope="module")
def scipy_stats() -> ModuleType:
    """Somebody else's intervals; it comes with scikit-learn."""
    module: ModuleType = pytest.importorskip("scipy.stats", reason=LOCKED)
    return module


@pytest.fixture(scope="module")
def krippendorff() -> ModuleType:
    """Somebody else's alpha."""
    module: ModuleType = pytest.importorskip("krippendorff", reason=LOCKED)
    return module


@given(PAIRS)
def test_kappas_are_those_of_scikit_learn(scikit_metrics: ModuleType, pairs: list[tuple[int, int]]) -> None:
    xs, ys = zip(*pairs, strict=True)
    for found, weights in (
        (agreement.kappa(table(pairs, 3), 3), None),
        (agreement.weighted_kappa(table(pairs, 3), 3), "quadratic"),
    ):
        if found is not None:
            theirs = scikit_metrics.cohen_kappa_score(xs, ys, labels=[0, 1, 2], weights=weights)
            assert found == pytest.approx(theirs, abs=1e-9)


@given(UNITS)
def test_alpha_is_that_of_the_package_krippendorff(krippendorff: ModuleType, units: list[tuple[int, ...]]) -> None:
    found = agreement.alpha(sums(tuple(units), 3), 3)
    if found is not None:
        counts = [[unit.count(level) for level in range(3)] for unit in units]
        expected = krippendorff.alpha(value_counts=counts, value_domain=[0, 1, 2], level_of_measurement="ordinal")
        assert found == pytest.approx(expected, abs=1e-9)


@given(PAIRS, UNITS)
def test_what_is_written_out_for_draws_is_the_same_figure(
    pairs: list[tuple[int, int]], units: list[tuple[int, ...]]
) -> None:
    words = table(pairs + [(3, pairs[0][0]), (pairs[0][1], 3)][: len(pairs) % 3], 4)
    levels = sums(tuple(units), 3)
    for part in (1, 30):
        edges = agreement.edges((*words, *levels), part)
        assert agreement.kappa_of_edges(edges) == agreement.kappa(words, 4)
        assert agreement.alpha_of_edges(edges, 60 // part) == agreement.alpha(levels, 3)


@given(strategies.integers(1, 400).flatmap(lambda n: strategies.tuples(strategies.integers(0, n), strategies.just(n))))
def test_wilson_is_that_of_scipy(scipy_stats: ModuleType, share: tuple[int, int]) -> None:
    theirs = scipy_stats.binomtest(*share).proportion_ci(confidence_level=0.95, method="wilson")
    found = agreement.wilson(*share)
    assert found.low == pytest.approx(theirs.low, abs=1e-9)
    assert found.high == pytest.approx(theirs.high, abs=1e-9)


def test_a_quantile_is_one_of_the_values_by_nearest_rank() -> None:
    values = [15.0, 20.0, 35.0, 40.0, 50.0]
    wanted = {50: 15.0, 300: 20.0, 400: 20.0, 500: 35.0, 1000: 50.0, 0: 15.0}
    assert {p: agreement.quantile(values, per_mille=p) for p in wanted} == wanted
    assert agreement.quantile(list(range(1, 11)), per_mille=700) == 7  # 0.7 · 10 is above 7 in binary fractions


def test_where_everybody_says_the_same_thing_chance_explains_all_and_kappa_is_not_computable() -> None:
    assert agreement.kappa((30, 0, 0, 0), 2) is None
    assert agreement.weighted_kappa((30, 0, 0, 0), 2) is None
    assert agreement.alpha(agreement.coincidences((1, 1), 3), 3) is None
    (found,) = agreement.measure([{"p": [Unit((2, 2))]}] * 30).values()
    assert (found.pairs, found.agreed, found.kappa, found.weighted_kappa, found.alpha) == (30, 30, None, None, None)
    assert found.exact is not None
    assert found.exact.value == 1.0


def cases(*units: tuple[int, ...], times: int = 1) -> list[dict[str, list[Unit]]]:
    return [{"programme": [Unit(unit)]} for _ in range(times) for unit in units]


def test_nothing_is_said_of_nineteen_pairs_and_everything_of_twenty() -> None:
    mixed = cases((0, 0), (2, 2), (1, 2), (0, 1), times=5)
    (few,) = agreement.measure(mixed[: SHOWN_FROM - 1]).values()
    assert few == Agreement(19, few.agreed, 0, 19)
    (enough,) = agreement.measure(mixed).values()
    assert enough.pairs == SHOWN_FROM
    assert enough.kappa is not None
    assert enough.alpha is not None
    assert enough.weighted_kappa is not None


def test_a_reading_without_a_level_counts_for_kappa_and_is_left_out_and_counted_for_the_weighted_one() -> None:
    (found,) = agreement.measure(cases((0, 0), (2, 2), (1, BESIDE), (BESIDE, BESIDE), times=10)).values()
    assert (found.pairs, found.agreed, found.left_out, found.levelled) == (40, 30, 20, 20)
    assert found.weighted_kappa == 1.0
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx((40 * 30 - (100 + 100 + 0 + 200)) / (1600 - 400), abs=1e-9)


def test_three_readings_make_three_pairs_and_one_unit_of_alpha() -> None:
    (found,) = agreement.measure(cases((0, 1, 2), (2, 2, 2), times=10)).values()
    assert (found.pairs, found.agreed, found.levelled) == (60, 30, 20)


def test_a_person_is_held_against_all_partners_and_never_partners_against_each_other() -> None:
    assert Unit((0, 1, 2), focus=1).pairs == ((1, 0), (1, 2))
    assert Unit((0, 1, 2)).pairs == ((0, 1), (0, 2), (1, 2))


def test_the_interval_is_the_same_at_every_roll_up_and_holds_the_figure() -> None:
    mixed = cases((0, 0), (1, 1), (2, 2), (1, 2), (2, 1), (0, 2), times=10)
    first, again = (agreement.measure(mixed)["programme"] for _ in range(2))
    assert first == again
    for estimate in (first.kappa, first.alpha):
        assert estimate is not None
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.low < estimate.value < estimate.high


def test_cases_are_drawn_whole() -> None:
    """The same sixty readings in six cases of ten tell less than in sixty cases of one: the interval is wider."""
    kinds = ((0, 0), (1, 1), (2, 2), (1, 2), (2, 1), (0, 2))
    alone = agreement.measure(cases(*kinds, times=10))["programme"].kappa
    whole = agreement.measure([{"programme": [Unit(kind)] * 10} for kind in kinds])["programme"].kappa
    assert alone is not None
    assert whole is not None
    assert whole.value == alone.value
    assert (whole.high or 0) - (whole.low or 0) > (alone.high or 0) - (alone.low or 0)


def test_no_interval_where_too_many_draws_give_no_figure() -> None:
    """One case alone says anything but `met`: a third of the draws miss it, and chance then explains everything."""
    (found,) = agreement.measure([*cases((2, 2), times=29), {"programme": [Unit((0, 2))]}]).values()
    assert found.kappa == Estimate(0.0, None, None)


@settings(max_examples=10, deadline=None)
@given(UNITS)
def test_drawing_every_key_at_once_gives_what_each_gives_alone(units: list[tuple[int, ...]]) -> None:
    both = [{"one": [Unit(unit)], "other": [Unit(unit[::-1])]} for unit in units]
    together = agreement.measure(both)
    assert together["one"] == agreement.measure([{"one": case["one"]} for case in both])["one"]
    assert together["other"] == agreement.measure([{"other": case["other"]} for case in both])["other"]


def test_every_word_of_a_recommendation_and_a_rating_is_a_reading() -> None:
    assert {agreement.READING[word] for word in Recommendation} == {*range(LEVELS), BESIDE}
    assert {agreement.READING[word] for word in Rating} == {*range(LEVELS), BESIDE}
    assert agreement.READING[Rating.MET] == agreement.READING[Recommendation.MET] == LEVELS - 1


def test_quarters_follow_each_other_over_the_turn_of_the_year() -> None:
    last = Quarter.of(date(2025, 12, 31))
    assert (str(last), str(last.later(1)), str(last.later(-4))) == ("2025Q4", "2026Q1", "2024Q4")
    assert last.later(1).first_day == date(2026, 1, 1)
    assert Quarter.parse("2025Q4") == last
    assert [Quarter.of(Quarter(2026, n).first_day).number for n in (1, 2, 3, 4)] == [1, 2, 3, 4]


@pytest.mark.parametrize("text", ["", "2025", "2025Q5", "Q1", "20251", "25Q1", "\uff12\uff10\uff12\uff15Q1", "2025Q11"])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text}$"):
        Quarter.parse(text)


def figure(value: float, high: float | None) -> Agreement:
    return Agreement(40, 30, 0, 40, kappa=Estimate(value, None if high is None else -1.0, high))


def test_below_means_the_whole_interval() -> None:
    programme = figure(0.6, 0.7)
    assert agreement.below(figure(0.2, 0.59), programme)
    assert not agreement.below(figure(0.2, 0.6), programme)
    assert not agreement.below(figure(0.2, None), programme)
    assert not agreement.below(Agreement(40, 30, 0, 40), programme)
    assert not agreement.below(figure(0.2, 0.3), Agreement(40, 30, 0, 40))
    assert not agreement.below(figure(0.2, 0.3), None)


@pytest.mark.parametrize(
    ("before", "ended", "drifting"),
    list(
        zip(*[iter((True, True, True, True, False, False, False, True, False, False, False, False))] * 3, strict=True)
    ),
)
def test_drift_is_two_quarters_that_are_over_in_a_row(before: bool, ended: bool, drifting: bool) -> None:  # noqa: FBT001 - a table of cases
    now = Quarter(2026, 1)
    assert agreement.drifts({now: ended, now.later(-1): before}, ended=now) is drifting
    assert not agreement.drifts({now: True, now.later(-2): True}, ended=now)


def test_draws_and_words_are_as_the_case_design_says() -> None:
    assert DRAWS == 2_000
    assert {(line.value, bool(line.source)) for line in agreement.YARDSTICKS} == {
        (0.26, True),
        (0.5, True),
        (0.8, True),
    }
    assert len(list(product(range(LEVELS), repeat=2))) == LEVELS**2
