"""What a client remembers for itself: a line before each request and one after it, each on disk before it goes on.

The checker believes these lines and nothing else: what a client was told must be true for ever.
"""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `event`: sent, answered, gone (no answer came), settled (asked after), killed.

    `kind` is the command, or `upload`, `describe`, `answers`, `open`, `point`, `judge`; `key` the command's id;
    `at` is in seconds of one clock for all ledgers of a run.
    """

    event: str
    kind: str
    key: str = ""
    case: str = ""
    status: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)


class Ledger:
    """One client's file."""

    def __init__(self, path: Path) -> None:
        self.entries: list[Entry] = []
        self._file = path.open("ab", buffering=0)

    def note(self, entry: Entry) -> Entry:
        """Write the line down and sync it."""
        self._file.write(json.dumps(asdict(entry)).encode() + b"\n")
        os.fsync(self._file.fileno())
        self.entries.append(entry)
        return entry

    def close(self) -> None:
        """Nothing more is noted."""
        self._file.close()


def read(paths: Iterable[Path]) -> list[Entry]:
    """Every line of these files, oldest first."""
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return sorted((Entry(**json.loads(line)) for line in lines), key=lambda entry: entry.at)
