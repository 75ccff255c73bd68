"""A Temporal dev server, as the embedded installation starts it, in memory: one for all processes of a run of tests.

Each process has a namespace of its own there, so that nobody takes another's work.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services import embedded

NAMESPACE = "-".join(filter(None, ("acquis", os.environ.get("PYTEST_XDIST_WORKER"))))
"""The namespace of this process."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(log: Path, *namespaces: str) -> Iterator[int]:
    """The port of a server that lives as long as the block, and listens a moment after it begins."""
    port = free_port()
    command = [
        str(embedded.temporal_binary()),
        *("server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), *embedded.QUICK_AND_QUIET),
        *(part for namespace in namespaces for part in ("--namespace", namespace)),
    ]
    with log.open("ab") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        yield port
    finally:
        # Its own group: a child of the server left behind would keep the port.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@contextmanager
def running(log: Path) -> Iterator[str]:
    """The address of a server of this process's own; what it says goes to `log`."""
    with started(log, NAMESPACE) as port:
        wait_for(port)
        yield f"127.0.0.1:{port}"


def wait_for(port: int, *, seconds: float = 30) -> None:
    """Wait until somebody listens on `port`. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # a port gives no event to wait for
    raise TimeoutError(port)
