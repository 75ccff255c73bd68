"""How often one address may ask for codes that do not exist: enough for typing errors, too few for guessing."""

from collections import deque
from collections.abc import Callable

from services.rules.refusals import Refused

ALLOWED = 30
WINDOW_SECONDS = 60.0
MOST_ADDRESSES = 10_000
"""Addresses remembered at a time; the one that missed longest ago is forgotten first."""


class Misses:
    """The misses of the last minute by address, in this process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[str, deque[float]] = {}

    def check(self, address: str) -> None:
        """Raise `Refused('throttled')` with the seconds to wait for an address that missed too often."""
        seen = self._fresh(address)
        if len(seen) >= ALLOWED:
            raise Refused("throttled", seconds=str(int(seen[0] + WINDOW_SECONDS - self._clock()) + 1))

    def note(self, address: str) -> None:
        """Count a miss."""
        seen = self._fresh(address)
        seen.append(self._clock())
        self._seen.pop(address, None)
        self._seen[address] = seen
        while len(self._seen) > MOST_ADDRESSES:
            del self._seen[next(iter(self._seen))]

    def _fresh(self, address: str) -> deque[float]:
        seen = self._seen.get(address, deque(maxlen=ALLOWED))
        while seen and seen[0] <= self._clock() - WINDOW_SECONDS:
            seen.popleft()
        return seen
