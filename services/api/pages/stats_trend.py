"""A share quarter by quarter, as a line with its values written beside it, and the same numbers as a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.api.pages.site import Page
from services.api.routes.reports import QuarterView
from services.rules.reports import CODEBOOK, Indicator

QUARTERS = 8
"""How many quarters a line goes back: two years, whose values stand beside each other on a phone."""

LEFT, RIGHT, TOP, FOOT = 66, 338, 30, 150
"""The field of the line in the units of the picture, which is 360 wide: its first and last quarter, all and nothing."""


@dataclass(frozen=True, slots=True)
class Point:
    """One quarter: its name, the year where that is written below it, its place, and `part` of `whole`."""

    label: str
    short: str
    year: str
    x: int
    y: int
    part: int
    whole: int

    @property
    def share(self) -> float:
        """The share of the quarter."""
        return self.part / self.whole


@dataclass(frozen=True, slots=True)
class Trend:
    """A line; it has no piece over a quarter in which nothing was counted. `grid`: heights of all, half and nothing."""

    key: str
    title: str
    means: str
    points: tuple[Point, ...]
    pieces: tuple[tuple[Point, Point], ...]
    grid: tuple[tuple[int, float], ...] = ((TOP, 1.0), ((TOP + FOOT) // 2, 0.5), (FOOT, 0.0))


def within_standard(page: Page, told: Sequence[QuarterView]) -> Trend | None:
    """How often the service standard was kept, quarter by quarter; None where fewer than two can be told."""
    counted = [number for number, one in enumerate(told) if one.whole]
    if len(counted) <= 1:
        return None
    first, last = counted[0], counted[-1]
    step = (RIGHT - LEFT) / (last - first)
    points, year = {}, 0
    for number in counted:
        one = told[number]
        points[number] = Point(
            label=page.say("%(year)s, quarter %(number)s", year=one.quarter.year, number=one.quarter.number),
            short=page.say("Q%(number)s", number=one.quarter.number),
            year="" if one.quarter.year == year else str(one.quarter.year),
            x=round(LEFT + (number - first) * step),
            y=round(FOOT - (FOOT - TOP) * one.part / one.whole),
            part=one.part,
            whole=one.whole,
        )
        year = one.quarter.year
    return Trend(
        key="trend",
        title=page.say("Decided within the service standard, quarter by quarter"),
        means=page.text(CODEBOOK[Indicator.WITHIN_STANDARD]),
        points=tuple(points.values()),
        pieces=tuple((points[one], points[other]) for one, other in pairwise(counted) if other == one + 1),
    )
