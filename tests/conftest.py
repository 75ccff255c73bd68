"""What every test stands on: no network beyond this machine, shared data where it is, and an honest exit code."""

import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from xdist.remote import Producer

from tests import lanes, temporal_servers

SHARED = Path(os.environ.get("ACQUIS_SHARED", Path(__file__).parents[2] / "shared"))
"""The data set that some tests read; it lies beside the checkout and is not part of it."""

SESSION = pytest.StashKey[pytest.Session]()


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

# How fast a machine is, while it measures coverage or has other work, says nothing about a rule.
hypothesis.settings.register_profile("acquis", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("acquis")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with whole installations, and leave out, with the reason, what needs shared data that is not here."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        for marker in item.iter_markers("needs_data"):
            folder = SHARED / "data" / marker.args[0]
            if not folder.is_dir():
                item.add_marker(pytest.mark.skip(reason=f"the shared data {folder} is not here (ACQUIS_SHARED)"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> lanes.Lanes:
    """Share the tests out among processes, where there are several."""
    return lanes.Lanes(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The shared data set's folder; tests that use it carry `needs_data`."""
    return SHARED / "data"


@pytest.fixture(scope="session")
def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of this test process's Temporal dev server; two processes must not take each other's work."""
    with temporal_servers.running(tmp_path_factory.mktemp("temporal") / "server.log") as address:
        yield address


def pytest_sessionfinish(session: pytest.Session) -> None:
    session.config.stash[SESSION] = session


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave with the status that pytest found.

    A process that imported temporalio may abort while the interpreter is taken down and report 134 for a green run.
    """
    session = config.stash.get(SESSION, None)
    if session is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(session.exitstatus))
