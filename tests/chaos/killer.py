"""Ends processes as a power cut or the kernel does: without asking, in the middle of whatever they do."""

import asyncio
import os
import signal
from dataclasses import dataclass
from random import Random

from services.embedded import Child
from tests.chaos.ledger import Entry, Ledger

PAUSE = (1.0, 8.0)
"""Seconds between two kills, by lot."""

IN_PAIRS = 0.25
"""How often two processes die at the same moment."""


@dataclass(slots=True)
class Killer:
    """Kills children of a supervisor, which starts them again."""

    family: list[Child]
    chance: Random
    ledger: Ledger
    kills: int = 0

    async def go(self, wanted: int) -> None:
        """Kill until `wanted` processes have died."""
        while self.kills < wanted:
            await asyncio.sleep(self.chance.uniform(*PAUSE))
            for child in self.chance.sample(self.alive(), min(self._at_once(wanted), len(self.alive()))):
                self.kill(child)

    def alive(self) -> list[Child]:
        """The processes that run now."""
        return [child for child in self.family if child.process is not None and child.process.returncode is None]

    def kill(self, child: Child) -> None:
        """End the process with everything that it started."""
        if child.process is None:
            return
        self.ledger.note(Entry("killed", child.name))
        os.killpg(child.process.pid, signal.SIGKILL)
        self.kills += 1

    def _at_once(self, wanted: int) -> int:
        return min(2 if self.chance.random() < IN_PAIRS else 1, wanted - self.kills)
