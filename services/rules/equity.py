"""Groups beside each other: whether one fares worse than another by more than chance, told so that nobody can be found.

A flag is a reason to look, and says nothing about causes. Source: case design, section 13 (E2, small cells).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from services.rules import small_cells
from services.rules.agreement import Z
from services.rules.small_cells import Bound, Printed

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

    `persons` is told of the first step alone: of two steps, the difference would tell of the few between them.
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


@dataclass(frozen=True, slots=True)
class Rated:
    """`part` of `whole` in one group; how many persons are on the one side and on the other, if it counts others."""

    part: int
    whole: int
    sides: tuple[int, int] | None = None

    @property
    def persons(self) -> tuple[int, int]:
        """On the one side and on the other."""
        return self.sides or (self.part, self.whole - self.part)


def compared(groups: Mapping[str, Rated], *, ranked: bool = True, counted: bool = True) -> list[Beside]:
    """Each group's share, beside the highest that may be told; the table has everybody as its last line.

    Whether a share may be told is decided for the whole table, so that no group can be found from the others. Shares
    and ratios are rounded to hundredths: an exact one would tell of how many it is made. `ranked`: with ratios and
    flags; `counted`: with how many persons there are.
    """
    if not groups:
        return [Beside(ALL, Bound.BELOW_TEN, Bound.WITHHELD, None, False)]  # noqa: FBT003 - a whole row
    everybody = Rated(sum(one.part for one in groups.values()), sum(one.whole for one in groups.values()))
    cells = small_cells.crossed([one.persons for one in groups.values()])
    lines = [*groups.items(), (ALL, everybody)]
    told = {
        group
        for (group, rated), row in zip(lines, cells, strict=True)
        if rated.whole and not any(isinstance(one, Bound) for one in row)
    }
    best = max(told - {ALL}, key=lambda group: (groups[group].part / groups[group].whole, group), default=None)
    found = []
    for (group, rated), row in zip(lines, cells, strict=True):
        beside = None
        if ranked and best is not None and group in told - {ALL, best}:
            beside = ratio(rated.part, rated.whole, other=groups[best].part, of=groups[best].whole)
        low = beside is not None and beside.value < FOUR_FIFTHS and beside.high is not None and beside.high < 1
        share: Printed = round(rated.part / rated.whole, 2) if group in told else Bound.WITHHELD
        found.append(Beside(group, row[-1] if counted else Bound.WITHHELD, share, beside and _rounded(beside), low))
    return found


def _rounded(exact: Ratio) -> Ratio:
    low, high = (None if one is None else round(one, 2) for one in (exact.low, exact.high))
    return Ratio(round(exact.value, 2), low, high)
