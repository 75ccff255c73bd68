"""The programmes that we publish are complete, readable at grade 8 and written in two real languages."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from services.rules import deadlines, programme_files
from services.rules.deadlines import Unit
from services.rules.programme_tables import write
from services.rules.programmes import Programme, Text

PROGRAMMES = programme_files.read(programme_files.published())
EACH = pytest.mark.parametrize("programme", PROGRAMMES.values(), ids=PROGRAMMES.keys())
NO_BREAK = "\u00a0"
GRADE = 9.0


def texts(programme: Programme) -> Iterator[Text]:
    """Every text of a programme, wherever it stands."""

    def inside(tree: object) -> Iterator[Text]:
        if isinstance(tree, dict):
            if "en" in tree and "fr" in tree:
                yield Text(tree["en"], tree["fr"])
            yield from (text for value in tree.values() for text in inside(value))
        elif isinstance(tree, list):
            yield from (text for value in tree for text in inside(value))

    return inside(write(programme))


def syllables(word: str) -> int:
    """Vowel groups of an English word, a silent last e left out."""
    groups = len(re.findall(r"[aeiouy]+", word.casefold()))
    silent = word.endswith("e") and not word.endswith("le") and groups > 1
    return max(1, groups - silent)


def grade(text: str) -> float:
    """Flesch–Kincaid grade level of an English text."""
    sentences = [part for part in re.split(r"[.!?]+", text) if part.strip()]
    words = re.findall(r"[A-Za-z’-]+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_grade_of_a_text_rises_with_its_difficulty() -> None:
    assert grade("The cat sat. The dog ran.") < 1
    assert (
        grade("Institutional accreditation necessitates comprehensive documentation of professional experience.") > 20
    )


def test_three_programmes_are_published() -> None:
    assert set(PROGRAMMES) == {"early-childhood-education", "cnc-machining", "dining-room-service"}


@EACH
def test_a_programme_is_complete(programme: Programme) -> None:
    assert len(programme.competencies) >= 8
    assert 4 <= len(programme.form) <= 6
    assert programme.institution.name == Text("Example College", "Collège Exemple")
    assert programme.policy.version.startswith("generic-1+")
    for competency in programme.competencies:
        assert 3 <= len(competency.criteria) <= 8
        assert competency.mandatory
        assert [level.level for level in competency.levels] == [1, 2, 3, 4]
        assert 2 <= len(competency.usual_evidence) <= 4
        assert competency.methods
        assert competency.credit > 0
        assert competency.hours > 0
        assert competency.alignment
        assert 2 <= competency.explanation.en.count(".") <= 4


@EACH
def test_keys_and_codes_are_never_used_twice(programme: Programme) -> None:
    for values in ([each.key for each in programme.competencies], [each.code for each in programme.competencies]):
        assert len(set(values)) == len(values)


@EACH
def test_anchors_are_written_for_their_own_competency(programme: Programme) -> None:
    anchors = [level.anchor.en for competency in programme.competencies for level in competency.levels]
    assert len(set(anchors)) == len(anchors)


@EACH
def test_both_languages_are_written(programme: Programme) -> None:
    for text in texts(programme):
        assert text.en.strip()
        assert text.fr.strip()
        if len(text.en.split()) > 2:
            assert text.en != text.fr


@EACH
def test_french_follows_its_typography(programme: Programme) -> None:
    for text in texts(programme):
        for before, sign in pairwise(text.fr):
            assert sign not in ":;?!»" or before == NO_BREAK, text.fr
            assert before != "«" or sign == NO_BREAK, text.fr
        assert not set("'\"") & set(text.fr), text.fr


@EACH
def test_explanations_are_readable_at_grade_8(programme: Programme) -> None:
    grades = [grade(competency.explanation.en) for competency in programme.competencies]
    assert sum(grades) / len(grades) <= GRADE
    assert max(grades) <= GRADE + 1


@pytest.mark.needs_data("frameworks/esco")
@EACH
def test_alignments_name_skills_that_esco_has(programme: Programme, shared_data: Path) -> None:
    with (
        zipfile.ZipFile(shared_data / "frameworks/esco/esco-v1.1.1-en.zip") as archive,
        archive.open("skills_en.csv") as stream,
    ):
        known = {row["conceptUri"] for row in csv.DictReader(io.TextIOWrapper(stream, "utf-8", newline=""))}
    named = {alignment.uri for competency in programme.competencies for alignment in competency.alignment}
    assert named <= known


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("qc", {"01-01", "04-03", "05-18", "06-24", "07-01", "09-07", "10-12", "12-25"}),
        ("on", {"01-01", "02-16", "04-03", "05-18", "07-01", "09-07", "10-12", "12-25", "12-26"}),
    ],
)
def test_calendars_hold_the_holidays_of_2026(tmp_path: Path, name: str, days: set[str]) -> None:
    source = (programme_files.published() / "cnc-machining.toml").read_text(encoding="utf-8")
    path = tmp_path / "cnc-machining.toml"
    path.write_text(source.replace('calendar = "qc"', f'calendar = "{name}"'), encoding="utf-8")
    calendar = programme_files.read_one(path).policy.calendar
    assert {day.strftime("%m-%d") for day in deadlines.holidays(calendar, 2026)} == days


def test_a_second_warning_lies_between_the_first_and_the_lapse() -> None:
    policy = PROGRAMMES["cnc-machining"].policy
    spans = [policy.eligible_idle_warning, policy.eligible_idle_second, policy.eligible_idle_lapse]
    assert [span.amount for span in spans] == [165, 195, 240]
    assert {span.unit for span in spans} == {Unit.DAY}


def test_every_default_says_where_it_comes_from() -> None:
    lines = (programme_files.published() / "policies" / "generic.toml").read_text(encoding="utf-8").splitlines()
    values = [line for line in lines if re.match(r"\w+ =", line) and not line.startswith("version")]
    assert len(values) > 30
    assert [line for line in values if "# " not in line or not re.search(r"case \d|own proposal", line)] == []
