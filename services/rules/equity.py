"""Groups beside each other: whether one fares worse than another by more than chance, told so that nobody can be found.

A flag is a reason to look, and says nothing about causes. Source: case design, section 13 (E2, small cells).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from services.rules import small_cells
from services.rules.agreement import Z
from services.rules.small_cells import Bound, Count, Printed

ALL = small_cells.ALL
"""The line of everybody."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A risk ratio with its interval of 95 %; None where a nought leaves it without one."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Beside:
    """A group beside the one with the highest rate; `flagged`: its rate is lower by a fifth, beyond chance.

    `ratio` is None where a rate may not be told.
    """

    group: str
    persons: Printed
    share: Printed
    ratio: Ratio | None
    flagged: bool


FOUR_FIFTHS = 0.8
"""Under this share of the highest rate a group is looked at. Source: case design, section 13, E2."""


def ratio(part: int, whole: int, *, other: int, of: int) -> Ratio:
    """(part ÷ whole) ÷ (other ÷ of). Raises `ZeroDivisionError` where the other rate is nought.

    Interval on the logarithm. Source: Katz, Baptista, Azen and Pike, Biometrics 34 (1978), 469-474, method C.
    """
    value = (part / whole) / (other / of)
    if not part:
        return Ratio(value, None, None)
    half = Z * math.sqrt(1 / part - 1 / whole + 1 / other - 1 / of)
    return Ratio(value, value * math.exp(-half), value * math.exp(half))


def compared(groups: Mapping[str, tuple[int, int]]) -> list[Beside]:
    """Each group's `part` of `whole` beside the highest rate that may be told; the table has its total as a line.

    Whether a rate may be told is decided for the whole table, so that no group can be found from the others.
    """
    sums = tuple(map(sum, zip(*groups.values(), strict=True))) or (0, 0)
    lines = {**groups, ALL: (sums[0], sums[1])}
    cells = small_cells.printed([[Count(n), Count(of - n), Count(of)] for n, of in lines.values()])
    open_ = {
        group
        for group, told in zip(lines, cells, strict=True)
        if group != ALL and not any(isinstance(one, Bound) for one in told)
    }
    best = max(open_, key=lambda group: (groups[group][0] / groups[group][1], group), default=None)
    found = []
    for (group, (part, whole)), told in zip(lines.items(), cells, strict=True):
        shown = not any(isinstance(one, Bound) for one in told)
        beside = None
        if best is not None and group in open_ and group != best:
            other, of = groups[best]
            beside = ratio(part, whole, other=other, of=of)
        low = beside is not None and beside.value < FOUR_FIFTHS and beside.high is not None and beside.high < 1
        found.append(Beside(group, told[2], part / whole if shown else Bound.WITHHELD, beside, low))
    return found
