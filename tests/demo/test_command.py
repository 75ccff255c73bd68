"""The demo runs on this machine alone, in a folder of its own, at ports that are free, until it is asked to stop."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from services import cli
from services.cli_answers import NotDone
from services.demo import command
from services.demo.telling import Teller
from services.demo.visitor import StoryBroke, Visitor
from services.demo.walk import Decided
from services.settings import Settings

PRODUCTION = {
    "ACQUIS_MODE": "production",
    "ACQUIS_BASE_URL": "https://recognition.college.example",
    "ACQUIS_DATABASE": "postgresql://acquis@db/acquis",
    "ACQUIS_BLOBS": "s3://acquis",
    "ACQUIS_TEMPORAL": "temporal:7233",
    "ACQUIS_MAIL": "smtp://mail:25",
    "ACQUIS_ISSUER_DID": "did:web:recognition.college.example",
    "ACQUIS_ISSUER_KEY_FILE": "/run/secrets/key",
    "ACQUIS_ACCEPT_UNSCANNED": "yes",
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("environment", [PRODUCTION, {"ACQUIS_HOST": "0.0.0.0"}])  # noqa: S104 - what is refused
def test_the_demo_prints_passwords_and_therefore_stays_on_this_machine(environment: dict[str, str]) -> None:
    with pytest.raises(NotDone, match="prints passwords"):
        command.settings_of(environment)


def test_the_demo_has_a_folder_of_its_own_unless_one_is_named() -> None:
    assert command.settings_of({}).data == "demo-data"
    assert command.settings_of({"ACQUIS_DATA": "mine"}).data == "mine"


def test_the_port_of_a_local_base_address_is_the_one_that_is_used() -> None:
    assert command.settings_of({"ACQUIS_BASE_URL": "http://localhost:18555"}).port == 18555
    assert command.settings_of({"ACQUIS_BASE_URL": "http://localhost:18555", "ACQUIS_PORT": "18556"}).port == 18556
    public = command.settings_of({"ACQUIS_BASE_URL": "https://recognition.college.example"})
    assert (public.port, public.issuer) == (8000, "did:web:recognition.college.example")


def test_a_port_in_use_gives_way_to_a_free_one_and_the_base_address_follows() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings, moved = command.at_free_ports(Settings(port=port, base_url=f"http://localhost:{port}"))
        assert settings.port != port
        assert settings.base_url == f"http://localhost:{settings.port}"
        assert f"Port {port} is in use; the demo takes {settings.port}." in [said.en for said in moved]
        elsewhere, _ = command.at_free_ports(Settings(port=port, base_url="https://recognition.college.example"))
        assert elsewhere.base_url == "https://recognition.college.example"


def test_a_folder_that_is_no_demo_is_never_emptied(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "records").mkdir()
    (place / "records" / "acquis.db").write_text("somebody's records")
    monkeypatch.setenv("ACQUIS_DATA", "records")
    assert cli.run(["demo", "--once"]) == 1
    assert (place / "records" / "acquis.db").read_text() == "somebody's records"


def test_a_story_that_breaks_off_is_told_as_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def breaks(_: Settings, __: Teller, *, once: bool, wanted: str) -> int:
        await asyncio.sleep(0)
        raise StoryBroke(f"nobody was asked to assess, once={once}, {wanted}")

    monkeypatch.setattr(command, "tell", breaks)
    assert cli.run(["demo", "--once"]) == 1
    assert "The story broke off: nobody was asked to assess, once=True, first" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "code"), [(["demo"], 0), (["demo", "--once"], 1)])
def test_the_demo_ends_when_it_is_asked_to(words: list[str], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned = []

    async def stays(_: Settings, __: Teller, *, once: bool, wanted: str) -> int:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append((once, wanted))
        return 0

    monkeypatch.setattr(command, "tell", stays)
    assert cli.run(words) == code  # a story that was cut off is not a story that ended well
    assert len(cleaned) == 1


def test_a_second_demo_begins_afresh(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def leaves_something(settings: Settings, __: Teller, *, once: bool, wanted: str) -> int:
        assert not (settings.data_folder / "left").exists()
        (settings.data_folder / "left").write_text(f"{once} {wanted}")
        await asyncio.sleep(0)
        return 0

    monkeypatch.setattr(command, "tell", leaves_something)
    assert cli.run(["demo", "--once"]) == 0
    assert cli.run(["demo", "--once"]) == 0
    assert (place / "demo-data" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(("language", "sentence"), [("en", "Password of all these accounts"), ("fr", "Mot de passe")])
async def test_whoever_stays_is_told_what_to_try(
    language: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with httpx.AsyncClient() as http:
        decided = Decided("case", Visitor(http, "Sample", "id", {}), [], [{"code": "AAAA-BBBB-CCCC"}])
        settings = Settings(port=18555, base_url="https://recognition.college.example")
        command.invite(settings, Teller(language), decided, password="sample-password")
    told = capsys.readouterr().out
    assert sentence in told
    assert f"http://127.0.0.1:18555/{language}/verify/AAAA-BBBB-CCCC" in told
    assert "registrar@college-exemple.example" in told
    assert told.count("sample-password") == 1
