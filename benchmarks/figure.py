"""One figure: what we take beside what the limit takes, measured in turn, and the ratio of their medians."""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """`ours` and `limit` in the same unit, the smaller the better; `wanted` is the least share of the limit's speed."""

    name: str
    ours: float
    limit: float
    unit: str
    wanted: float

    @property
    def share(self) -> float:
        """How much of the limit's speed we reach."""
        return self.limit / self.ours

    def line(self) -> str:
        """The figure as one line."""
        verdict = "reached" if self.share >= self.wanted else "WORSE THAN WANTED"
        return (
            f"{self.name}: {self.ours:.2f} {self.unit}, limit {self.limit:.2f} {self.unit}, "
            f"share {self.share:.2f} (wanted ≥ {self.wanted:.2f}) {verdict}"
        )


def paired(ours: Callable[[], object], limit: Callable[[], object], *, rounds: int = ROUNDS) -> tuple[float, float]:
    """Median milliseconds of both, called in turn after one round to warm up."""
    mine, theirs = [], []
    for _ in range(rounds + 1):
        mine.append(_timed(ours))
        theirs.append(_timed(limit))
    return statistics.median(mine[1:]), statistics.median(theirs[1:])


async def paired_async(
    ours: Callable[[], Awaitable[object]], limit: Callable[[], Awaitable[object]], *, rounds: int = ROUNDS
) -> tuple[float, float]:
    """The same for what is awaited."""
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds + 1):
        for what, into in ((ours, mine), (limit, theirs)):
            began = time.perf_counter()
            await what()
            into.append((time.perf_counter() - began) * 1000)
    return statistics.median(mine[1:]), statistics.median(theirs[1:])


def _timed(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return (time.perf_counter() - began) * 1000
