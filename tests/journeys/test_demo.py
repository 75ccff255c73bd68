"""`acquis demo --once` leads cases from portfolio to credentials, and what it wrote can be verified without it.

`make test` tells the first story and `make chaos` all of them: what the others are about is held by the tests of the
workflows, and one of them is led to its end in `test_whole_case.py`.
"""

import io
import json
import os
import socket
import subprocess
import sys
import wave
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from services import cli
from services.demo import appeal_story, evidence_files, gap_story, outputs, panel_story, stories, story
from services.rules import evidence, programme_files
from services.rules.programmes import Method

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Told:
    """One run of the demo: what it was asked to tell, how it ended, what it said, and where it wrote."""

    word: str
    code: int
    said: str
    folder: Path

    @property
    def output(self) -> Path:
        return self.folder / "demo-output"

    @property
    def credentials(self) -> list[Path]:
        return sorted((self.output / "credentials").glob("*.json"))


def taken_port() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    return listening


EVERYTHING = pytest.param(stories.ALL, marks=pytest.mark.chaos)
"""All stories."""


@pytest.fixture(scope="module", params=[stories.FIRST, EVERYTHING])
def word(request: pytest.FixtureRequest) -> str:
    """What the demo is asked to tell."""
    return str(request.param)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, word: str) -> Told:
    """The demo, told once to a terminal that is none, where another program holds the usual port."""
    folder = tmp_path_factory.mktemp("demo")
    with taken_port() as taken:
        port = str(taken.getsockname()[1])
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ACQUIS_")}
        done = subprocess.run(
            [sys.executable, "-m", "services.cli", "demo", "--once", "--language", "en", "--story", word],
            cwd=folder,
            env=environment | {"PYTHONPATH": str(ROOT), "ACQUIS_PORT": port, "ACQUIS_TEMPORAL_PORT": port},
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"Port {port} is in use" in done.stdout
    return Told(word, done.returncode, done.stdout, folder)


def test_every_step_is_told_once(told: Told) -> None:
    steps = [line for line in told.said.splitlines() if line and not line.startswith(" ")]
    chosen = [stories.STORIES[key] for key in stories.chosen(told.word)]
    titles = [steps.index(one.title.en) for one in chosen]
    lengths = [end - start - 1 for start, end in pairwise([*titles, len(steps)])]
    assert lengths == [one.steps for one in chosen]
    assert len(steps) == 1 + stories.steps(told.word)  # the start is told before the bar is shown
    assert "Sample Registrar  reads 4 judgements and decides: 3 recognised, 1 not yet." in steps


@pytest.mark.parametrize("word", [EVERYTHING], indirect=True)
@pytest.mark.parametrize(
    "line",
    [
        "signs the minutes: “Read technical drawings” is met by two votes to one.",
        "accepts the plan; the case waits, and everything that was shown is kept.",
        "reads 1 judgement and decides: 1 recognised, 0 not yet.",
        "rules, with both votes: the decision is varied, and the competency is recognised.",
    ],
)
def test_the_other_stories_come_to_their_ends(told: Told, line: str) -> None:
    assert line in told.said


OTHER_FILES = (
    *("letter-panel-en.pdf", "credentials/panel/shop-safety.json", "credentials/panel/technical-drawings.json"),
    *("letter-gap-before-en.pdf", "letter-gap-fr.pdf", "credentials/gap/observation.json"),
    *("letter-appeal-before-fr.pdf", "letter-appeal-en.pdf", "credentials/appeal/solving-complaints.json"),
)
"""Of what the other stories leave: a letter of each decision, and what was recognised in the end."""


def test_letters_are_written_in_both_languages_with_the_credentials_inside(told: Told) -> None:
    import pikepdf

    for language in ("en", "fr"):
        with pikepdf.open(told.output / f"letter-{language}.pdf") as letter:
            assert letter.Root.Lang == f"{language}-CA"
            assert len(letter.attachments) == 3


def test_one_credential_is_written_for_each_competency_that_was_granted(told: Told) -> None:
    granted = [finding.claim for finding in story.FINDINGS if finding.recommendation == "met"]
    assert [file.stem for file in told.credentials] == sorted(granted)


FILES = (
    *("letter-en.pdf", "letter-fr.pdf", "credentials/activity-planning.json"),
    *("credentials/child-health-safety.json", "credentials/meals-and-nutrition.json"),
)
"""What the first story leaves."""


@pytest.mark.parametrize(
    ("word", "name"),
    [
        *((stories.FIRST, name) for name in FILES),
        *(pytest.param(stories.ALL, name, marks=pytest.mark.chaos) for name in (*FILES, *OTHER_FILES)),
    ],
    indirect=["word"],
)
def test_everything_is_valid_against_the_mirror_alone(
    told: Told, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    www = str(told.output / "www")
    assert cli.run(["verify", "--json", "--offline", www, str(told.output / name)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "valid"
    assert all(one["status"] == "valid" for one in answer["credentials"])


def test_a_changed_word_is_found(told: Told, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = tmp_path / "changed.json"
    changed.write_text(told.credentials[0].read_text().replace("Plan and lead", "Plan and join"))
    assert changed.read_bytes() != told.credentials[0].read_bytes()
    assert cli.run(["verify", "--json", "--offline", str(told.output / "www"), str(changed)]) == 1
    assert json.loads(capsys.readouterr().out)["status"] == "changed"


def test_without_its_publications_nothing_is_called_valid(told: Told, tmp_path: Path) -> None:
    assert cli.run(["verify", "--offline", str(tmp_path), str(told.credentials[0])]) == 1


def test_the_mirror_holds_what_the_credentials_name(told: Told) -> None:
    www = told.output / "www"
    assert json.loads((www / ".well-known" / "did.json").read_text())["assertionMethod"]
    for file in told.credentials:
        credential = json.loads(file.read_text())
        achievement = credential["credentialSubject"]["achievement"]
        for address in (credential["credentialStatus"]["statusListCredential"], achievement["id"]):
            assert json.loads((www / address.split("/", 3)[3]).read_text())["id"] == address


def test_the_data_is_kept_out_of_sight_of_git_and_of_others(told: Told) -> None:
    data = told.folder / "demo-data"
    assert (data / ".gitignore").read_text() == "*\n"
    assert data.stat().st_mode & 0o777 == 0o700


def test_nothing_is_left_running(told: Told) -> None:
    assert not (told.folder / "demo-data" / "run.json").exists()


def test_the_doctor_finds_nothing_wrong_afterwards(
    told: Told, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACQUIS_DATA", str(told.folder / "demo-data"))
    monkeypatch.setenv("ACQUIS_BASE_URL", told.said.split("the API on ", 1)[1].split()[0].rstrip("."))
    assert cli.run(["doctor", "--thorough"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("name", evidence_files.FILES)
def test_every_file_of_the_story_is_what_its_name_says(name: str) -> None:
    kind = evidence.kind_of_name(name)
    assert evidence.agrees(kind, evidence_files.FILES[name]()[:8192])


def test_the_files_can_be_read_by_other_software() -> None:
    import pikepdf
    from PIL import Image

    picture = Image.open(io.BytesIO(evidence_files.photo()))
    assert picture.getexif().get_ifd(0x8825)[1] == "N"
    with pikepdf.open(io.BytesIO(evidence_files.FILES["safety-checklists.pdf"]())) as document:
        assert len(document.pages) == 2
    with zipfile.ZipFile(io.BytesIO(evidence_files.FILES["activity-plans.docx"]())) as document:
        assert document.testzip() is None
    with wave.open(io.BytesIO(evidence_files.recording())) as sound:
        assert sound.getnframes() == evidence_files.SAMPLE_RATE * evidence_files.SECONDS


@pytest.mark.parametrize(
    ("tale", "findings"),
    [
        (story.FIRST, story.FINDINGS),
        (panel_story.TALE, (*panel_story.FIRST_READING, *panel_story.SECOND_READING, *panel_story.OF_THE_PANEL)),
        (gap_story.TALE, (*gap_story.AT_FIRST, *gap_story.IN_THE_END)),
        (appeal_story.TALE, (*appeal_story.FINDINGS, *appeal_story.SEEN_AGAIN)),
    ],
)
def test_every_story_speaks_of_a_programme_that_exists(tale: story.Tale, findings: tuple[story.Finding, ...]) -> None:
    programme = programme_files.read(programme_files.published())[tale.programme]
    for finding in findings:
        competency = programme.competency(finding.claim)
        assert {Method(method) for method in finding.methods} <= set(competency.methods)
        assert set(finding.lacking or {}) <= {criterion.key for criterion in competency.criteria}
    assert set(tale.claims) == {finding.claim for finding in findings}
    assert {field.key for field in programme.form} == set(tale.answers)


def test_the_command_offers_every_story_and_nothing_of_one_is_left_to_the_next_demo() -> None:
    assert stories.CHOICES == cli.STORIES
    assert set(outputs.TOLD) == {"", *stories.STORIES} - {stories.FIRST}


def test_everybody_in_the_story_is_visibly_a_sample() -> None:
    assert all(person.name.startswith("Sample ") and person.email.endswith(".example") for person in story.PEOPLE)
