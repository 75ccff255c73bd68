"""Whatever is typed after `acquis` ends in a sentence and an exit code: 0 done or true, 1 not, 2 asked wrongly."""

import asyncio
import importlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from services import cli, cli_answers
from services.documents import proofs
from services.documents.issuer_keys import KeyState
from services.embedded import free_port
from services.records import database, migrating
from services.rules import programme_files
from services.rules.case import Stage
from services.rules.people import STAFF, Role
from services.settings import Settings
from services.workflows import clock
from tests.demo.test_command import PRODUCTION
from tests.documents import credential_makers as makers
from tests.records import makers as rows
from tests.workflows import record

HEAVY = {"asyncio", "sqlalchemy", "sqlmodel", "temporalio", "litestar", "httpx", "cryptography", "rich"}
EXAMPLE = Path(__file__).parent / "records" / "sample-programme.toml"


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty place of one machine, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACQUIS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


async def _published(folder: Path) -> tuple[Path, Path]:
    """A credential and the mirror that it can be checked against."""
    signer = makers.signer()
    credential = folder / "credential.json"
    credential.write_bytes(proofs.as_bytes(await makers.signed()))
    www = makers.mirror(
        folder / "www", did=makers.did_document((signer, KeyState.ACTIVE)), status=await makers.listing()
    )
    return credential, www


def test_help_loads_nothing_that_takes_time() -> None:
    asked = "import sys, services.cli; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY.isdisjoint(loaded)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["serve"],
        ["demo"],
        ["work", "--queue", "case"],
        ["work", "--queue", "effects", "--queue", "files"],
        ["api"],
        ["migrate"],
        ["doctor"],
        ["verify", "x"],
        ["import", "case", "x"],
        ["import", "esco", "--occupation", "x"],
        ["export", "case", "x"],
        ["programmes", "check"],
        ["programmes", "publish"],
        ["programmes", "retire"],
        ["programmes", "calendar"],
        ["people", "add"],
        ["people", "grant"],
        ["people", "end"],
        ["people", "password"],
        ["cohort", "import"],
        ["cohort", "export"],
        ["keys", "create"],
        ["keys", "show"],
        ["temporal", "rehydrate"],
        ["temporal", "renew"],
        ["temporal", "replay"],
    ],
)
def test_every_command_explains_itself(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run([*words, "--help"])
    assert ended.value.code == 0
    assert "usage: acquis" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run(["--version"])
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"acquis {project['version']}\n"


@pytest.mark.parametrize("words", [[], ["nonsense"], ["work"], ["work", "--queue", "other"], ["people", "add"]])
def test_a_wrong_question_ends_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run(words)
    assert ended.value.code == 2


def test_a_wrong_setting_is_named_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACQUIS_BASEURL", "http://localhost")
    assert cli.run(["migrate"]) == 2
    assert capsys.readouterr().err == "ACQUIS_BASEURL is not a setting of Acquis.\n"


def test_a_command_is_a_process_of_its_own_with_its_exit_code(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "verify", str(tmp_path / "missing.json")],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert done.returncode == 2
    assert "missing.json cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "fr_CA.UTF-8", "LC_ALL": "en_CA.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LC_MESSAGES": "fr_FR"}, "fr"),
    ],
)
def test_the_terminal_says_the_language(environment: dict[str, str], language: str) -> None:
    assert cli_answers.spoken(environment) == language


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setattr(clock, "present", lambda: makers.NOW)
    return asyncio.run(_published(tmp_path))


def test_a_valid_credential_is_called_valid_without_a_network(
    published: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    credential, www = published
    assert cli.run(["verify", "--offline", str(www), str(credential)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Valid\n")
    assert "\n  Keep food safe in a commercial kitchen\n  urn:uuid:" in told
    assert told.count("✓") == 7
    assert cli.run(["verify", "--language", "fr", "--offline", str(www), str(credential)]) == 0
    assert capsys.readouterr().out.startswith("Valide\n")


def test_a_changed_credential_is_called_changed(
    published: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    credential, www = published
    credential.write_text(credential.read_text().replace("Keep food safe", "Keep food warm"))
    assert cli.run(["verify", "--json", "--offline", str(www), str(credential)]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "changed"
    assert answer["credentials"][0]["achievement"] == ""
    assert [row["check"] for row in answer["credentials"][0]["checks"] if row["passed"] is False] == ["unchanged"]


def test_what_is_no_credential_is_refused_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "note.txt").write_text("hello")
    assert cli.run(["verify", "--language", "fr", "note.txt", "--offline", "."]) == 1
    assert "ni une attestation" in capsys.readouterr().err
    assert cli.run(["verify", "note.txt", "--offline", "nowhere"]) == 2
    assert capsys.readouterr().err == "There is no folder nowhere.\n"


def test_the_published_programmes_have_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["programmes", "check", "--language", "fr"]) == 0
    assert capsys.readouterr().out.count("aucune erreur") == 3


@pytest.mark.parametrize(
    ("language", "said"), [("en", "a jurist has still to confirm"), ("fr", "un juriste doit encore")]
)
def test_a_preset_that_no_jurist_has_confirmed_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str, said: str
) -> None:
    source = (programme_files.published() / "cnc-machining.toml").read_text(encoding="utf-8")
    path = tmp_path / "cnc-machining.toml"
    path.write_text(source.replace('policy = "generic"', 'policy = "qc-rac"'), encoding="utf-8")
    assert cli.run(["programmes", "check", "--language", language, str(path)]) == 0
    assert f"qc-rac-1+cnc-machining-1: {said}" in capsys.readouterr().out.replace("\u00a0:", ":")


def test_every_error_of_a_programme_is_named_in_the_readers_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "sample-programme.toml"
    broken.write_text(EXAMPLE.read_text().replace('policy = "generic"', 'policy = "none"').replace("hours = 45", ""))
    assert cli.run(["programmes", "check", str(broken)]) == 1
    english = capsys.readouterr().err
    assert cli.run(["programmes", "check", "--language", "fr", str(broken)]) == 1
    french = capsys.readouterr().err
    assert english.count("\n") == french.count("\n") >= 2
    assert english != french
    assert "sample-programme.toml, policy:" in english
    assert cli.run(["programmes", "check", str(tmp_path / "nowhere")]) == 2


def test_a_folder_without_programmes_is_not_called_fine(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert cli.run(["programmes", "check", str(tmp_path / "empty")]) == 1


def test_a_published_version_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own").mkdir()
    own = tmp_path / "own" / EXAMPLE.name
    own.write_text(EXAMPLE.read_text())
    assert cli.run(["programmes", "publish", "own"]) == 0
    assert cli.run(["programmes", "publish", "own"]) == 0
    own.write_text(EXAMPLE.read_text().replace("First competency", "Other competency"))
    capsys.readouterr()
    assert cli.run(["programmes", "publish", "own"]) == 1
    assert "sample-programme 1 is published with other contents" in capsys.readouterr().err
    own.write_text("nonsense")
    assert cli.run(["programmes", "publish", "own"]) == 1


def test_an_account_is_opened_with_a_role_and_a_password_that_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add = ["people", "add", "--email", "Lead@College.example", "--name", "Sample Lead", "--role", "lead"]
    assert cli.run(add) == 1  # nobody can be given a role before there is an institution
    assert cli.run(["programmes", "publish"]) == 0
    capsys.readouterr()
    assert cli.run(add) == 0
    told = capsys.readouterr().out
    assert told.startswith("lead@college.example can sign in with the password ")
    assert cli.run(add) == 1
    assert "has an account already" in capsys.readouterr().err
    grant = ["people", "grant", "--email", "lead@college.example", "--role", "auditor"]
    assert cli.run(grant) == 0
    assert cli.run([*grant, "--programme", "nothing"]) == 2
    assert cli.run([*grant, "--institution", "nobody"]) == 2
    assert cli.run(["people", "grant", "--email", "nobody@college.example", "--role", "auditor"]) == 1
    (tmp_path / "password").write_text("correct horse battery staple\n")
    learner = ["people", "add", "--email", "one@college.example", "--name", "Sample Learner", "--password-file"]
    assert cli.run([*learner, "nowhere"]) == 2
    capsys.readouterr()
    assert cli.run([*learner, "password"]) == 0
    assert capsys.readouterr().out == "one@college.example can sign in.\n"


def test_a_role_is_taken_away_and_an_account_is_closed(capsys: pytest.CaptureFixture[str]) -> None:
    email = ["--email", "lead@college.example"]
    assert cli.run(["programmes", "publish"]) == 0
    assert cli.run(["people", "add", *email, "--name", "Sample Lead", "--role", "lead"]) == 0
    capsys.readouterr()
    end = ["people", "end", *email]
    assert cli.run([*end, "--role", "auditor"]) == 1
    assert "lead@college.example is not auditor at " in capsys.readouterr().err
    assert cli.run([*end, "--role", "lead", "--programme", "cnc-machining"]) == 1  # held for all, not for this one
    assert cli.run([*end, "--role", "lead"]) == 0
    assert cli.run([*end, "--role", "lead"]) == 1
    capsys.readouterr()
    assert cli.run(end) == 0
    assert capsys.readouterr().out == "lead@college.example cannot sign in any more.\n"
    assert cli.run(["people", "end", "--email", "nobody@college.example"]) == 1


def test_an_account_gets_a_new_password(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    email = ["--email", "one@college.example"]
    assert cli.run(["people", "password", *email]) == 1
    assert cli.run(["people", "add", *email, "--name", "Sample Learner"]) == 0
    capsys.readouterr()
    assert cli.run(["people", "password", *email]) == 0
    told = capsys.readouterr().out
    assert told.startswith("one@college.example has a new password: ")
    (tmp_path / "chosen").write_text("correct horse battery staple\n")
    assert cli.run(["people", "password", *email, "--password-file", "chosen"]) == 0
    assert capsys.readouterr().out == "one@college.example has a new password.\n"
    (tmp_path / "chosen").write_text("short\n")
    assert cli.run(["people", "password", *email, "--password-file", "chosen"]) == 1


def test_a_retired_version_takes_no_new_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["programmes", "publish"]) == 0
    capsys.readouterr()
    assert cli.run(["programmes", "retire", "cnc-machining", "--version", "1"]) == 0
    assert capsys.readouterr().out == "cnc-machining 1 takes no new cases any more.\n"
    grant = ["people", "add", "--email", "one@college.example", "--name", "Sample", "--role", "advisor"]
    assert cli.run([*grant, "--programme", "cnc-machining"]) == 2
    assert cli.run(["programmes", "retire", "cnc-machining", "--version", "99"]) == 1
    assert cli.run(["programmes", "retire", "cnc-machining", "--version", "1", "--until", "2020-01-31"]) == 1
    capsys.readouterr()
    assert cli.run(["programmes", "retire", "cnc-machining", "--version", "1", "--until", "2099-01-31"]) == 0
    assert "until 2099-01-31" in capsys.readouterr().out


def test_a_weak_password_opens_no_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "weak").write_text("short\n")
    add = ["people", "add", "--email", "one@college.example", "--name", "Sample", "--password-file", "weak"]
    assert cli.run(add) == 1
    assert "12" in capsys.readouterr().err


def test_a_key_is_drawn_once_and_shown_by_its_public_half(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["keys", "show"]) == 1
    assert cli.run(["keys", "create"]) == 0
    private = (tmp_path / "data" / "keys" / "issuer.pem").read_bytes()
    capsys.readouterr()
    assert cli.run(["keys", "create"]) == 1
    assert (tmp_path / "data" / "keys" / "issuer.pem").read_bytes() == private
    assert cli.run(["keys", "show"]) == 0
    told = capsys.readouterr().out
    assert "did:web:localhost%3A8000#z6Mk" in told
    assert "http://localhost:8000/.well-known/did.json" in told


def test_a_framework_comes_out_as_it_went_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["programmes", "publish"]) == 0
    assert cli.run(["export", "case", "cnc-machining", "--out", "ours.json"]) == 0
    ours = json.loads((tmp_path / "ours.json").read_text())
    assert cli.run(["import", "case", "ours.json"]) == 0
    capsys.readouterr()
    assert cli.run(["export", "case", ours["CFDocument"]["identifier"]]) == 0
    assert json.loads(capsys.readouterr().out) == ours
    assert cli.run(["export", "case", "nothing"]) == 1
    assert cli.run(["export", "case", "cnc-machining", "--out", "no/where.json"]) == 2


@pytest.mark.needs_data("frameworks")
def test_frameworks_of_others_come_out_as_they_went_in_and_none_takes_the_place_of_another_unasked(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted((shared_data / "frameworks" / "case").glob("*[gk].json"))
    kept: dict[str, str] = {}
    for file in files:
        package = json.loads(file.read_text(encoding="utf-8"))
        document = package["CFDocument"]
        if (other := kept.get(document["identifier"])) is not None:
            assert cli.run(["import", "case", str(file), "--language", "fr"]) == 1
            assert f"porte l’identifiant de «\u00a0{other}\u00a0»" in capsys.readouterr().err
        assert cli.run(["import", "case", str(file), "--replace"]) == 0
        assert cli.run(["import", "case", str(file)]) == 0
        assert cli.run(["export", "case", document["identifier"], "--out", "out.json"]) == 0
        assert json.loads((tmp_path / "out.json").read_text()) == package
        kept[document["identifier"]] = document["title"]
    assert (len(files), len(kept)) == (4, 2)


def test_a_file_that_is_no_framework_is_refused_with_its_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.json").write_text("{}")
    assert cli.run(["import", "case", "bad.json"]) == 1
    assert "CFDocument" in capsys.readouterr().err
    assert cli.run(["import", "case", "missing.json"]) == 2


@pytest.mark.needs_data("frameworks")
def test_a_draft_is_made_from_an_occupation(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archives = str(shared_data / "frameworks" / "esco")
    occupation = "http://data.europa.eu/esco/occupation/1009be17-7efd-45f1-a033-566bf179c588"
    asked = ["import", "esco", "--archives", archives, "--out", "chef.toml", "--occupation"]
    assert cli.run([*asked, occupation]) == 0
    assert tomllib.loads((tmp_path / "chef.toml").read_text())["title"]["en"] == "chef"
    capsys.readouterr()
    assert cli.run([*asked, "http://data.europa.eu/esco/occupation/chef"]) == 1
    assert occupation in capsys.readouterr().err


def test_missing_archives_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["import", "esco", "--occupation", "http://data.europa.eu/esco/occupation/x", "--archives"]
    assert cli.run([*asked, "nowhere"]) == 2
    (tmp_path / "empty").mkdir()
    capsys.readouterr()
    assert cli.run([*asked, "empty"]) == 2
    assert "esco-v1.1.1-en.zip" in capsys.readouterr().err


def test_a_server_that_does_not_answer_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACQUIS_TEMPORAL_PORT", str(free_port("127.0.0.1", 0)))
    assert cli.run(["migrate"]) == 0
    for words in (["temporal", "rehydrate"], ["temporal", "renew"], ["temporal", "replay"]):
        assert cli.run(words) != 0
        assert "does not answer" in capsys.readouterr().err
    assert cli.run(["temporal", "replay", "nowhere.json"]) == 2


def _recorded(*, mailed_by: str = "send_notice") -> str:
    """A case that was granted, as the server kept it, with the activity that mailed people."""
    return record.kept("grant").read_text("utf-8").replace("send_notice", mailed_by)


def test_a_history_that_would_go_another_way_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "same.json").write_text(_recorded())
    assert cli.run(["temporal", "replay", "same.json"]) == 0
    assert capsys.readouterr().out == "1 of 1 histories go the same way.\n"
    (tmp_path / "other.json").write_text(_recorded(mailed_by="something_else"))
    assert cli.run(["temporal", "replay", "same.json", "other.json"]) == 1
    told = capsys.readouterr()
    assert told.out == "1 of 2 histories go the same way.\n"
    assert told.err.startswith("other: ")


async def _open_cases(data: Path) -> None:
    opened = database.connect(f"sqlite:///{data / 'acquis.db'}")
    async with opened.writing() as session:
        for stage in (Stage.DRAFT, Stage.ELIGIBLE, Stage.ELIGIBLE, Stage.CLOSED):
            await rows.case(session, stage=stage)
    await opened.close()


def test_open_cases_get_their_workflow_and_can_be_renewed_and_replayed(
    tmp_path: Path, temporal_server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACQUIS_TEMPORAL", temporal_server)
    assert cli.run(["migrate"]) == 0
    asyncio.run(_open_cases(tmp_path / "data"))
    capsys.readouterr()
    assert cli.run(["temporal", "replay"]) == 0
    assert capsys.readouterr().err.count("has no workflow; see acquis temporal rehydrate") == 2
    for _ in range(2):  # again: what runs is left alone
        assert cli.run(["temporal", "rehydrate"]) == 0
        assert capsys.readouterr().out == "2 open cases have their workflow.\n"
    assert cli.run(["temporal", "renew"]) == 0
    assert capsys.readouterr().out == "2 workflows were asked to begin anew.\n"
    assert cli.run(["temporal", "replay", "--open", "1"]) == 0
    assert capsys.readouterr().out == "1 of 1 histories go the same way.\n"


@pytest.mark.parametrize(
    ("words", "module", "told"),
    [
        (["api"], "services.api.serve", ()),
        (
            ["work", "--queue", "files", "--queue", "case", "--queue", "files"],
            "services.workflows.worker",
            (("files", "case"),),
        ),
    ],
)
def test_a_process_is_run_with_the_settings(
    words: list[str], module: str, told: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[object, ...]] = []
    monkeypatch.setattr(importlib.import_module(module), "run", lambda *asked, **_: ran.append(asked))
    assert cli.run(words) == 0
    [(house, *others)] = ran
    assert isinstance(house, Settings)
    assert house.data == str(tmp_path / "data")
    assert tuple(others) == told


def test_serving_in_production_is_the_api_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Settings] = []
    monkeypatch.setattr(importlib.import_module("services.api.serve"), "run", lambda house, **_: ran.append(house))
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    assert cli.run(["serve"]) == 0
    assert [house.production for house in ran] == [True]


def test_whoever_stops_reading_gets_no_complaint() -> None:
    command = [sys.executable, "-m", "services.cli", "programmes", "check"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[1]
    ) as asked:
        assert asked.stdout is not None
        assert asked.stderr is not None
        asked.stdout.close()
        assert asked.stderr.read() == b""
    assert asked.returncode == 1


def test_an_old_database_is_not_written_to(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["migrate"]) == 0
    monkeypatch.setattr(migrating, "head", lambda: "9999")
    assert cli.run(["programmes", "publish"]) == 2
    assert "acquis migrate" in capsys.readouterr().err


def test_a_database_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ACQUIS_DATABASE", f"postgresql://acquis@127.0.0.1:{free_port('127.0.0.1', 0)}/acquis")
    assert cli.run(["migrate"]) == 1
    assert cli.run(["programmes", "publish"]) == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_a_changed_calendar_is_kept_and_one_that_is_none_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["programmes", "publish"]) == 0
    own = tmp_path / "qc.toml"
    source = (programme_files.published() / "calendars" / "qc.toml").read_text(encoding="utf-8")
    own.write_text(source.replace("closures = []", "closures = [2026-12-24]"), encoding="utf-8")
    capsys.readouterr()
    assert cli.run(["programmes", "calendar", "--language", "en", str(own)]) == 0
    assert "qc: 0 cases take it up" in capsys.readouterr().out
    own.write_text("zone = 1", encoding="utf-8")
    assert cli.run(["programmes", "calendar", str(own)]) == 1


def test_every_role_that_an_institution_gives_can_be_given() -> None:
    assert set(cli.ROLES[1:]) == STAFF
    assert cli.ROLES[0] == Role.LEARNER
