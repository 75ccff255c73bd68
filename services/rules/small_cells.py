"""What of a statistic may leave a programme's staff: nothing that tells of fewer than ten people.

Source: case design, section 13 (small cells).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.rules import agreement

K = 10
"""The fewest persons of whom anything is told."""

ALL = "all"
"""The word of a figure that is not divided, and the line of everybody."""

LARGE = 100
"""From this denominator on, it may be said that a rate is under or over a tenth."""

LEAST: dict[int, int] = {500: K}
"""Values that a quantile needs, by per mille; every other one needs `TAIL`."""

TAIL = 20


class Bound(StrEnum):
    """What is printed instead of a number."""

    BELOW_TEN = "below_ten"
    WITHHELD = "withheld"
    UNDER_A_TENTH = "under_a_tenth"
    OVER_NINE_TENTHS = "over_nine_tenths"


@dataclass(frozen=True, slots=True)
class Count:
    """A number of persons."""

    persons: int


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole` persons."""

    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Quantile:
    """The nearest-rank quantile of a value per person: 500 per mille is the median."""

    values: tuple[float, ...]
    per_mille: int = 500


Cell = Count | Rate | Quantile
Printed = float | int | Bound


def printed(rows: Sequence[Sequence[Cell]]) -> tuple[tuple[Printed, ...], ...]:
    """The cells as they may leave the house.

    In a row or column where exactly one count is not told, the next smallest is withheld too, until nothing can be
    found by subtraction. Rows are equally long; hand in the totals as a row and a column of their own, for they are
    what one would subtract from.
    """
    told = [[_alone(cell) for cell in row] for row in rows]
    counts = {
        (i, j): cell.persons for i, row in enumerate(rows) for j, cell in enumerate(row) if isinstance(cell, Count)
    }
    lines = [[at for at in counts if at[0] == i] for i in range(len(rows))]
    lines += [[at for at in counts if at[1] == j] for j in range(max(map(len, rows), default=0))]
    changed = True
    while changed:
        changed = False
        for line in lines:
            open_ = [at for at in line if not isinstance(told[at[0]][at[1]], Bound)]
            if len(line) - len(open_) == 1 and open_:
                i, j = min(open_, key=lambda at: (counts[at], at))
                told[i][j], changed = Bound.WITHHELD, True
    return tuple(map(tuple, told))


def parted(parts: Sequence[int]) -> tuple[tuple[Printed, ...], Printed]:
    """How many persons are in each of `parts`, who are in no other, and how many in all.

    What is not told must come to ten persons or more together. Otherwise the parts that are told, taken from the whole,
    would say that the others are empty, or nearly.
    """
    numbers = {(0, place): part for place, part in enumerate((*parts, sum(parts)))}
    told = _withheld(numbers, [list(numbers)])
    *some, whole = told.values()
    return tuple(some), whole


def crossed(rows: Sequence[Sequence[int]]) -> tuple[tuple[Printed, ...], ...]:
    """Groups of persons, a row each, by disjoint parts: with the sum of each row and, last, of each column.

    In every row and column what holds for `parted` holds, so that no group can be found by taking others from the sum.
    """
    table = [[*row, sum(row)] for row in rows]
    table.append([sum(column) for column in zip(*table, strict=True)])
    numbers = {(i, j): number for i, row in enumerate(table) for j, number in enumerate(row)}
    width = range(max(map(len, table)))
    lines = [[(i, j) for j in width] for i in range(len(table))] + [[(i, j) for i in range(len(table))] for j in width]
    told = _withheld(numbers, lines if width else [])
    return tuple(tuple(told[i, j] for j in width) for i in range(len(table)))


def nested(numbers: Sequence[int]) -> tuple[Printed, ...]:
    """How many persons came so far, each step a part of the one before.

    A step is told where ten persons or more came so far, and ten or none stayed behind since the last that is told.
    """
    told: list[Printed] = []
    before: int | None = None
    for number in numbers:
        if number < K:
            told.append(Bound.BELOW_TEN)
        elif before is not None and 0 < before - number < K:
            told.append(Bound.WITHHELD)
        else:
            told.append(number)
            before = number
    return tuple(told)


Place = tuple[int, int]


def _withheld(numbers: Mapping[Place, int], lines: Sequence[Sequence[Place]]) -> dict[Place, Printed]:
    """The numbers as they may be told; the last place of each line is the sum of the others."""
    told = {at: _alone(Count(number)) for at, number in numbers.items()}
    changed = True
    while changed:
        changed = False
        for *parts, whole in lines:
            hidden = [at for at in parts if isinstance(told[at], Bound)]
            open_ = [at for at in parts if not isinstance(told[at], Bound)]
            if isinstance(told[whole], Bound):
                found = not hidden  # the parts would come to it
            else:
                found = bool(hidden) and (len(hidden) == 1 or sum(numbers[at] for at in hidden) < K)
            if found and open_:
                told[min(open_, key=lambda at: (numbers[at], at))], changed = Bound.WITHHELD, True
    return told


def shares(parts: Sequence[int]) -> tuple[tuple[Printed, ...], Printed]:
    """The share of each of `parts` in all of them, where `parted` tells it, and how many there are in all."""
    told, whole = parted(parts)
    everybody = sum(parts)
    return tuple(
        one if isinstance(one, Bound) else _rate(part, everybody) for part, one in zip(parts, told, strict=True)
    ), whole


def _alone(cell: Cell) -> Printed:
    """What the cell may say whatever stands beside it."""
    if isinstance(cell, Count):
        return cell.persons if cell.persons >= K else Bound.BELOW_TEN
    if isinstance(cell, Rate):
        return _rate(cell.part, cell.whole)
    if len(cell.values) < LEAST.get(cell.per_mille, TAIL):
        return Bound.WITHHELD
    return agreement.quantile(cell.values, per_mille=cell.per_mille)


def _rate(part: int, whole: int) -> Printed:
    if min(part, whole - part) >= K:
        return part / whole
    if whole >= LARGE and part * 10 < whole:
        return Bound.UNDER_A_TENTH
    if whole >= LARGE and part * 10 > whole * 9:
        return Bound.OVER_NINE_TENTHS
    return Bound.WITHHELD
