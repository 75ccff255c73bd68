"""How far people agree who read the same claims without knowing of each other.

Readings are numbers: 0, 1, 2 for the ordered levels from not yet to met, `BESIDE` for a reading that gives no level.
Only originals enter, never what was written after two people had conferred.
Source: case design, section 6 (agreement) and section 13 (definitions).
"""

import math
import sys
from array import array
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from random import Random
from struct import Struct
from typing import TypeVar

from services.rules.claims import Rating, Recommendation

DEFINITION = "agreement-1"
"""The version of the definitions in this file; every stored figure names the one that it was computed by."""

SHOWN_FROM = 20
"""Pairs (for alpha: claims) from which a figure is computed at all. Source: case design, sections 6 and 13."""

DRAWS, SEED = 2_000, 20_121_220
"""Of the bootstrap over cases; the seed is fixed, so that the same readings always give the same interval."""

LEVELS = 3
BESIDE = LEVELS
WORDS = LEVELS + 1
READING: dict[str, int] = {
    Recommendation.NOT_YET: 0,
    Recommendation.PARTIAL: 1,
    Recommendation.MET: 2,
    Recommendation.INSUFFICIENT_EVIDENCE: BESIDE,
    Rating.PARTLY_MET: 1,
    Rating.NOT_ASSESSED: BESIDE,
}
"""A recommendation on a claim, or the rating of a criterion, as a reading; `not_yet` and `met` are words of both."""

Z = 1.959963984540054
"""The normal quantile of a two-sided interval of 95 %."""

_SCALE = 60
"""Makes every share 1 ÷ (m − 1) of up to seven readings a whole number, so that sums are exact and quick."""

Key = TypeVar("Key", bound=Hashable)


class Scope(StrEnum):
    """Of what a figure is: a whole programme, one competency, one criterion, or one assessor against all partners."""

    PROGRAMME = "programme"
    COMPETENCY = "competency"
    CRITERION = "criterion"
    ASSESSOR = "assessor"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A figure of others that stands beside ours; `measure` says with which of ours it can be compared."""

    measure: str
    value: float
    what: str
    source: str


YARDSTICKS = (
    Yardstick("kappa", 0.26, "alone", "Medical Teacher, 2002"),
    Yardstick("kappa", 0.50, "after_discussion", "Medical Teacher, 2002"),
    Yardstick("exact", 0.80, "rule_of_thumb", "custom of the field; no study behind it"),
)
"""Source: case design, section 6; both figures of 2002 concern portfolios in medical education (section 17.9)."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The readings of one claim or criterion, by seat; `focus` is the place of one person who is held against all."""

    readings: tuple[int, ...]
    focus: int | None = None

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Every two readings, the earlier seat first; with a `focus` only that person's, theirs first."""
        if self.focus is None:
            return tuple(combinations(self.readings, 2))
        others = self.readings[: self.focus] + self.readings[self.focus + 1 :]
        return tuple((self.readings[self.focus], other) for other in others)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval of 95 %; without one where too many draws of the bootstrap gave no figure."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What can be said of one group of readings. A measure is None below `SHOWN_FROM` and where it is not computable.

    `left_out`: pairs that the weighted kappa cannot use; `levelled`: units with two or more levels, which alpha uses.
    """

    pairs: int
    agreed: int
    left_out: int
    levelled: int
    exact: Estimate | None = None
    kappa: Estimate | None = None
    weighted_kappa: float | None = None
    alpha: Estimate | None = None


def wilson(part: int, whole: int) -> Estimate:
    """The share `part` ÷ `whole` with its score interval. Raises `ZeroDivisionError` for nothing at all.

    Source: Newcombe, Statistics in Medicine 17 (1998), 857-872, method 3.
    """
    share, square = part / whole, Z * Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    low = 0.0 if part == 0 else middle - half
    return Estimate(share, low, 1.0 if part == whole else middle + half)


def quantile(values: Sequence[float], *, per_mille: int) -> float:
    """The nearest-rank quantile, ⌈p · n⌉-th smallest. Raises `IndexError` for no values. Source: case design, 13."""
    rank = max(-(-per_mille * len(values) // 1000), 1)
    return sorted(values)[rank - 1]


def kappa(cells: Sequence[int], size: int) -> float | None:
    """Cohen's kappa of a square table, row by row; None where chance alone explains everything (p_e = 1).

    Source: Cohen, Educational and Psychological Measurement 20 (1960), 37-46.
    """
    whole = sum(cells)
    chance = sum(sum(cells[row * size : (row + 1) * size]) * sum(cells[row::size]) for row in range(size))
    left = whole * whole - chance
    return (whole * sum(cells[:: size + 1]) - chance) / left if left else None


def weighted_kappa(cells: Sequence[int], size: int) -> float | None:
    """Kappa of a square table of ordered levels with quadratic weights; None where only one level occurs.

    Source: Fleiss and Cohen, Educational and Psychological Measurement 33 (1973), 613-619.
    """
    whole = sum(cells)
    rows = [sum(cells[row * size : (row + 1) * size]) for row in range(size)]
    columns = [sum(cells[column::size]) for column in range(size)]
    apart = [(row - column) ** 2 for row in range(size) for column in range(size)]
    observed = whole * sum(weight * cell for weight, cell in zip(apart, cells, strict=True))
    expected = sum(
        apart[row * size + column] * rows[row] * columns[column] for row in range(size) for column in range(size)
    )
    return 1 - observed / expected if expected else None


def coincidences(readings: Sequence[int], size: int) -> tuple[int, ...]:
    """What one unit adds to the table of coincidences, row by row, times sixty; nothing for fewer than two readings."""
    cells = [0] * (size * size)
    if len(readings) > 1:
        share = _SCALE // (len(readings) - 1)
        for one, other in combinations(readings, 2):
            cells[one * size + other] += share
            cells[other * size + one] += share
    return tuple(cells)


def alpha(cells: Sequence[int], size: int) -> float | None:
    """Krippendorff's alpha for ordered levels from the sum of `coincidences`; None where only one level occurs.

    Source: Krippendorff, Computing Krippendorff's alpha-reliability (2011), ordinal metric.
    """
    counts = [sum(cells[row * size : (row + 1) * size]) for row in range(size)]
    observed = expected = 0
    for low in range(size):
        between = counts[low]
        for high in range(low + 1, size):
            between += counts[high]
            apart = (2 * between - counts[low] - counts[high]) ** 2
            observed += apart * cells[low * size + high]
            expected += apart * counts[low] * counts[high]
    return 1 - (sum(counts) - _SCALE) * observed / expected if expected else None


_TABLE, _WIDTH = WORDS * WORDS, WORDS * WORDS + LEVELS * LEVELS


@lru_cache(maxsize=4096)
def _cells(unit: Unit) -> tuple[int, ...]:
    """What a unit adds: its pairs among four words, then its coincidences among three levels."""
    table = [0] * _TABLE
    for one, other in unit.pairs:
        table[one * WORDS + other] += 1
    levels = [reading for reading in unit.readings if reading != BESIDE]
    return (*table, *coincidences(levels, LEVELS))


def measure(cases: Sequence[Mapping[Key, Sequence[Unit]]]) -> dict[Key, Agreement]:
    """Every figure that the cases hold units of, by key; intervals come from drawing whole cases, the same for all.

    A case is drawn with everything that was read in it: its claims are not independent of each other.
    """
    keys = list(dict.fromkeys(key for case in cases for key in case))
    of_cases = {key: [_added(case.get(key, ())) for case in cases] for key in keys}
    sums = {key: [sum(column) for column in zip(*of_cases[key], strict=True)] for key in keys}
    levelled = {key: sum(_levelled(unit) for case in cases for unit in case.get(key, ())) for key in keys}
    drawn = _drawn({key: of_cases[key] for key in keys if sum(sums[key][:_TABLE]) >= SHOWN_FROM})
    return {key: _agreement(sums[key], levelled[key], drawn.get(key)) for key in keys}


def _levelled(unit: Unit) -> bool:
    return sum(reading != BESIDE for reading in unit.readings) > 1


def _added(units: Sequence[Unit]) -> tuple[int, ...]:
    if len(units) == 1:
        return _cells(units[0])
    return tuple(map(sum, zip(*map(_cells, units), strict=True))) if units else (0,) * _WIDTH


@dataclass(frozen=True, slots=True)
class _Draws:
    kappas: list[float | None]
    alphas: list[float | None]


_EDGES = 2 * WORDS + 1 + 2 * LEVELS
"""Numbers from which both coefficients follow: see `edges`."""

_HALF = 1 << 16
"""From here on a number does not find room in sixteen bits."""


@lru_cache(maxsize=4096)
def edges(cells: tuple[int, ...], part: int) -> tuple[int, ...]:
    """Of a table of four words: its rows, columns and diagonal; of coincidences: their rows, and those beside it.

    Coincidences are told in `part`s, which they are whole numbers of: the smaller, the more of them fit side by side.
    """
    words, levels = cells[:_TABLE], [cell // part for cell in cells[_TABLE:]]
    return (
        *(sum(words[row * WORDS : (row + 1) * WORDS]) for row in range(WORDS)),
        *(sum(words[column::WORDS]) for column in range(WORDS)),
        sum(words[:: WORDS + 1]),
        *(sum(levels[row * LEVELS : (row + 1) * LEVELS]) for row in range(LEVELS)),
        levels[1],
        levels[2],
        levels[5],
    )


def _drawn(of_cases: Mapping[Key, Sequence[tuple[int, ...]]]) -> dict[Key, _Draws]:
    """Both coefficients of every key in every draw; the draws are the same for all of them."""
    draws = {key: _Draws([], []) for key in of_cases}
    part = math.gcd(_SCALE, *{n for cells in of_cases.values() for one in cells for n in one[_TABLE:]})
    drawn = [[n for cells in case for n in edges(cells, part)] for case in zip(*of_cases.values(), strict=True)]
    if not drawn:
        return draws
    code = "H" if max(map(max, drawn)) * len(drawn) < _HALF else "I"
    rows = Struct(f"={_EDGES}{code}").iter_unpack
    kept = [(one.kappas.append, one.alphas.append) for one in draws.values()]
    for sums in _resampled([array(code, case).tobytes() for case in drawn]):
        for (kappas, alphas), row in zip(kept, rows(sums), strict=True):
            kappas(kappa_of_edges(row))
            alphas(alpha_of_edges(row, _SCALE // part))
    return draws


def kappa_of_edges(numbers: Sequence[int]) -> float | None:
    """`kappa` of a table of four words from its edges, written out: thousands of draws ask for it."""
    a, b, c, d, e, f, g, h, agreed, _, _, _, _, _, _ = numbers
    whole = a + b + c + d
    chance = a * e + b * f + c * g + d * h
    left = whole * whole - chance
    return (whole * agreed - chance) / left if left else None


def alpha_of_edges(numbers: Sequence[int], scale: int) -> float | None:
    """`alpha` of three levels from its edges, written out; `scale`: of how many parts a coincidence is made."""
    _, _, _, _, _, _, _, _, _, a, b, c, low_middle, low_high, middle_high = numbers
    near, far, above = (a + b) ** 2, (a + 2 * b + c) ** 2, (b + c) ** 2
    expected = near * a * b + far * a * c + above * b * c
    if not expected:
        return None
    observed = near * low_middle + far * low_high + above * middle_high
    return 1 - (a + b + c - scale) * observed / expected


def _resampled(cases: Sequence[bytes]) -> Iterator[bytes]:
    """The sums of as many cases as there are, drawn with replacement.

    All numbers of a case are packed into one whole number: one addition adds them all.
    """
    packed = [int.from_bytes(case, sys.byteorder) for case in cases]
    width, chance = len(cases[0]), Random(SEED)  # noqa: S311 - an interval, not a secret
    for _ in range(DRAWS):
        yield sum(chance.choices(packed, k=len(packed))).to_bytes(width, sys.byteorder)


def _interval(value: float | None, draws: Sequence[float | None]) -> Estimate | None:
    """`value` with the middle 95 % of the draws, if at least as many gave a figure."""
    if value is None:
        return None
    found = sorted(draw for draw in draws if draw is not None)
    if len(found) * 20 < len(draws) * 19:
        return Estimate(value, None, None)
    return Estimate(value, quantile(found, per_mille=25), quantile(found, per_mille=975))


def _agreement(sums: Sequence[int], levelled: int, draws: _Draws | None) -> Agreement:
    table = sums[:_TABLE]
    pairs, agreed = sum(table), sum(table[:: WORDS + 1])
    ordered = [table[row * WORDS + column] for row in range(LEVELS) for column in range(LEVELS)]
    counted = Agreement(pairs, agreed, pairs - sum(ordered), levelled)
    if draws is None:
        return counted
    return Agreement(
        pairs,
        agreed,
        counted.left_out,
        levelled,
        exact=wilson(agreed, pairs),
        kappa=_interval(kappa(table, WORDS), draws.kappas),
        weighted_kappa=weighted_kappa(ordered, LEVELS) if sum(ordered) >= SHOWN_FROM else None,
        alpha=_interval(alpha(sums[_TABLE:], LEVELS), draws.alphas) if levelled >= SHOWN_FROM else None,
    )


# quarters, and who drifts


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a calendar year, 1 to 4; figures are kept by quarter of the programme's own calendar."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter that `day` lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """The quarter written as `2026Q1`. Raises `ValueError`."""
        year, mark, number = text.partition("Q")
        if not (mark and len(year) == 4 and year.isascii() and year.isdigit() and number in {"1", "2", "3", "4"}):  # noqa: PLR2004 - digits of a year
            raise ValueError(text)
        return cls(int(year), int(number))

    @property
    def first_day(self) -> date:
        """The day on which it begins."""
        return date(self.year, 3 * self.number - 2, 1)

    def later(self, quarters: int) -> "Quarter":
        """The quarter so many quarters after this one; before it for a negative number."""
        years, place = divmod(self.number - 1 + quarters, 4)
        return Quarter(self.year + years, place + 1)

    def __str__(self) -> str:
        return f"{self.year:04}Q{self.number}"


def below(assessor: Agreement, programme: Agreement | None) -> bool:
    """Whether an assessor's interval of kappa lies wholly below the kappa of their programme."""
    if programme is None or programme.kappa is None or assessor.kappa is None or assessor.kappa.high is None:
        return False
    return assessor.kappa.high < programme.kappa.value


def drifts(quarters: Mapping[Quarter, bool], *, ended: Quarter) -> bool:
    """Whether `below` held in `ended`, the last quarter that is over, and in the one before.

    A lead is told and looks into it; nothing follows by itself. Source: case design, section 6.
    """
    return quarters.get(ended, False) and quarters.get(ended.later(-1), False)
