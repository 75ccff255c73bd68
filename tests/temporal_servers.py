"""One Temporal dev server for all the processes of a test run."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services import embedded

NAMESPACES = ("master", *(f"gw{number}" for number in range(8)))
"""One for each process that pytest-xdist may start; two processes must not take each other's work."""


@contextlib.contextmanager
def shared(place: Path, *, user: str) -> Iterator[str]:
    """Use the server noted at `place`, which is started by its first user and ended by its last."""
    place.mkdir(parents=True, exist_ok=True)
    with _noted(place) as note:
        if not note.get("users"):
            note["port"] = embedded.free_port("127.0.0.1", 0)
            note["pid"] = start(note["port"], log=place / "server.log").pid
        note["users"] = [*note.get("users", []), user]
    wait_for(note["port"])
    try:
        yield f"127.0.0.1:{note['port']}"
    finally:
        with _noted(place) as note:
            note["users"].remove(user)
            if not note["users"]:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(note["pid"], signal.SIGKILL)


@contextlib.contextmanager
def _noted(place: Path) -> Iterator[dict[str, Any]]:
    """The note about the server, held while it is read and written."""
    with (place / "note.json").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        note = json.loads(file.read() or "{}")
        yield note
        file.truncate(0)
        file.write(json.dumps(note))


def start(port: int, *, log: Path, database: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a server of our own process group; in memory unless `database` names a file."""
    command = [
        str(embedded.temporal_binary()),
        *("server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--headless", "--log-level", "error"),
        *(word for name in NAMESPACES for word in ("--namespace", name)),
        *(("--db-filename", str(database)) if database else ()),
    ]
    with log.open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)


def wait_for(port: int, *, seconds: float = 30) -> None:
    """Wait until somebody listens on `port`. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # a port gives no event to wait for
    raise TimeoutError(port)
