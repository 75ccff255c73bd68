"""Nothing that leaves the staff tells of fewer than ten people, directly or by subtraction."""

from fractions import Fraction

import pytest
from hypothesis import given, strategies

from services.rules import small_cells
from services.rules.small_cells import Bound, Count, Printed, Quantile, Rate


def counts(*rows: tuple[int, ...]) -> tuple[tuple[Printed, ...], ...]:
    return small_cells.printed([[Count(cell) for cell in row] for row in rows])


def alone(cell: Rate | Quantile) -> Printed:
    return small_cells.printed([[cell]])[0][0]


@pytest.mark.parametrize("persons", range(10))
def test_a_count_under_ten_is_below_ten_zero_included(persons: int) -> None:
    assert counts((persons,)) == ((Bound.BELOW_TEN,),)


def test_ten_persons_are_told() -> None:
    assert counts((10,)) == ((10,),)


def test_subtracting_from_the_total_finds_nothing() -> None:
    """The attack: 47 in all, 30 and 12 told, so five must be left. The next smallest is withheld, and it fails."""
    ((first, second, third, total),) = counts((30, 12, 5, 47))
    assert (first, second, third, total) == (30, Bound.WITHHELD, Bound.BELOW_TEN, 47)


def test_subtraction_along_a_column_finds_nothing_either() -> None:
    rows = counts((30, 5, 40, 75), (25, 30, 20, 75), (55, 35, 60, 150))
    for line in [*rows, *zip(*rows, strict=True)]:
        assert sum(isinstance(cell, Bound) for cell in line) != 1


@given(strategies.lists(strategies.lists(strategies.integers(0, 40), min_size=3, max_size=3), min_size=2, max_size=4))
def test_no_line_of_any_table_has_exactly_one_hole(body: list[list[int]]) -> None:
    rows = [(*row, sum(row)) for row in body]
    rows.append(tuple(map(sum, zip(*rows, strict=True))))
    told = counts(*rows)
    for line in [*told, *zip(*told, strict=True)]:
        assert sum(isinstance(cell, Bound) for cell in line) != 1
    for i, row in enumerate(told):
        for j, cell in enumerate(row):
            assert isinstance(cell, Bound) or cell == rows[i][j]


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (10, 20, 0.5),
        (9, 20, Bound.WITHHELD),
        (11, 20, Bound.WITHHELD),
        (0, 20, Bound.WITHHELD),
        (9, 99, Bound.WITHHELD),
        (9, 100, Bound.UNDER_A_TENTH),
        (91, 100, Bound.OVER_NINE_TENTHS),
        (10, 100, 0.1),
        (10, 101, float(Fraction(10, 101))),
        (200, 200, Bound.OVER_NINE_TENTHS),
    ],
)
def test_a_rate_needs_ten_on_both_sides(part: int, whole: int, told: Printed) -> None:
    assert alone(Rate(part, whole)) == told


@pytest.mark.parametrize(
    ("many", "per_mille", "told"), [(10, 500, True), (9, 500, False), (20, 900, True), (19, 900, False)]
)
def test_a_median_needs_ten_values_and_a_tail_twenty(many: int, per_mille: int, told: bool) -> None:  # noqa: FBT001 - a table of cases
    found = alone(Quantile(tuple(map(float, range(1, many + 1))), per_mille))
    assert (found == -(-per_mille * many // 1000)) if told else (found is Bound.WITHHELD)


def test_a_remainder_that_says_who_is_missing_is_not_left() -> None:
    """The attack: 40 and 12 of 52 leave nought for the two others. So twelve is withheld too."""
    assert small_cells.parted([40, 12, 0, 0]) == ((40, Bound.WITHHELD, Bound.BELOW_TEN, Bound.BELOW_TEN), 52)
    assert small_cells.parted([35, 0, 0]) == ((Bound.WITHHELD, Bound.BELOW_TEN, Bound.BELOW_TEN), 35)
    assert small_cells.parted([20, 15]) == ((20, 15), 35)
    assert small_cells.parted([6, 6, 30]) == ((Bound.BELOW_TEN, Bound.BELOW_TEN, 30), 42)
    assert small_cells.shares([20, 20, 5]) == ((Bound.WITHHELD, 20 / 45, Bound.BELOW_TEN), 45)


@given(strategies.lists(strategies.integers(0, 40), min_size=1, max_size=6))
def test_what_is_not_told_of_a_whole_is_ten_people_or_nothing_is_told(parts: list[int]) -> None:
    told, whole = small_cells.parted(parts)
    hidden = [part for part, one in zip(parts, told, strict=True) if isinstance(one, Bound)]
    assert not hidden or len(hidden) == len(parts) or (len(hidden) > 1 and sum(hidden) >= small_cells.K)
    assert whole == (sum(parts) if sum(parts) >= small_cells.K else Bound.BELOW_TEN)


def test_an_empty_table_is_empty() -> None:
    assert small_cells.printed([]) == ()


@given(strategies.lists(strategies.lists(strategies.integers(0, 40), min_size=2, max_size=3), min_size=1, max_size=4))
def test_no_sum_of_a_crossed_table_finds_fewer_than_ten(body: list[list[int]]) -> None:
    rows = [row[:2] for row in body]
    whole = [[*row, sum(row)] for row in rows]
    whole.append([sum(column) for column in zip(*whole, strict=True)])
    told = small_cells.crossed(rows)
    numbers = list(zip(whole, told, strict=True)) + list(
        zip(zip(*whole, strict=True), zip(*told, strict=True), strict=True)
    )
    for line, said in numbers:
        hidden = [n for n, one in zip(line[:-1], said[:-1], strict=True) if isinstance(one, Bound)]
        if isinstance(said[-1], Bound):
            assert hidden
        else:
            open_ = len(hidden) < len(line) - 1
            assert not hidden or not open_ or (len(hidden) > 1 and sum(hidden) >= small_cells.K)


def test_steps_between_which_fewer_than_ten_lie_are_not_both_told() -> None:
    assert small_cells.nested([100, 95, 60, 60, 9]) == (100, Bound.WITHHELD, 60, 60, Bound.BELOW_TEN)
    assert small_cells.nested([]) == ()
