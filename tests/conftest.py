"""What every test stands on: no network beyond this machine, shared data where it is, and an honest exit code."""

import gc
import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer
from xdist.workermanage import WorkerController

from tests import lanes, temporal_servers

SHARED = Path(os.environ.get("ACQUIS_SHARED", Path(__file__).parents[2] / "shared"))
"""The data set that some tests read; it lies beside the checkout and is not part of it."""

SESSION = pytest.StashKey[pytest.Session]()
PORT = pytest.StashKey[int]()
SERVERS = pytest.StashKey[ExitStack]()


def _stays_on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"", "localhost"} or host.endswith(".localhost")


def _refuse_outside(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: nothing of ours may need the network at run time, so a test that reaches for it fails."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a Unix socket's address is a path
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if isinstance(name, str) and not _stays_on_this_machine(name):
        message = f"a test reached for the network: {event} {name}"
        raise RuntimeError(message)


FAST = Path("/dev/shm")  # noqa: S108 - memory in place of a disk, for databases that live for one test
ENOUGH = 6 * 1024**3

if FAST.is_dir() and os.access(FAST, os.W_OK) and shutil.disk_usage(FAST).free > ENOUGH:
    os.environ.setdefault("TMPDIR", str(FAST))
    tempfile.tempdir = None

sys.addaudithook(_refuse_outside)

gc.disable()  # until everything is imported, which lives as long as the process: see `pytest_collection_finish`

# How fast a machine is, while it measures coverage or has other work, says nothing about a rule.
hypothesis.settings.register_profile("acquis", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("acquis")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole installations, and leave out, with the reason, what needs shared data that is not here."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None and not lanes.is_shared(item.nodeid))
    for item in items:
        for marker in item.iter_markers("needs_data"):
            folder = SHARED / "data" / marker.args[0]
            if not folder.is_dir():
                item.add_marker(pytest.mark.skip(reason=f"the shared data {folder} is not here (ACQUIS_SHARED)"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> lanes.Lanes:
    """Share the tests out among processes, where there are several."""
    return lanes.Lanes(config, log)


def pytest_collection_finish() -> None:
    """What was imported stays: to look through it for garbage takes a third of collecting, and a tenth of a run.

    What tests leave behind is small and many: to look for it less often takes a twentieth less.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Tell each process where the run's one Temporal server is; it is started with the first of them."""
    config: pytest.Config = node.config
    if SERVERS not in config.stash:
        config.stash[SERVERS] = ExitStack()
        folder = config.stash[SERVERS].enter_context(tempfile.TemporaryDirectory(prefix="acquis-temporal-"))
        namespaces = ("acquis", *(f"acquis-{one.id}" for one in node.nodemanager.specs))
        server = temporal_servers.started(Path(folder) / "server.log", *namespaces)
        config.stash[PORT] = config.stash[SERVERS].enter_context(server)
    node.workerinput["temporal"] = config.stash[PORT]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The shared data set's folder; tests that use it carry `needs_data`."""
    return SHARED / "data"


@pytest.fixture(scope="session")
def temporal_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the run's Temporal dev server."""
    shared: dict[str, int] = getattr(request.config, "workerinput", {})
    if "temporal" in shared:
        temporal_servers.wait_for(shared["temporal"])
        yield f"127.0.0.1:{shared['temporal']}"
        return
    with temporal_servers.running(tmp_path_factory.mktemp("temporal") / "server.log") as address:
        yield address


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.stash[SESSION] = session


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave with the status that pytest found.

    A process that imported temporalio may abort while the interpreter is taken down and report 134 for a green run.
    """
    if SERVERS in config.stash:
        config.stash[SERVERS].close()
    session = config.stash.get(SESSION, None)
    if session is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(session.exitstatus))
