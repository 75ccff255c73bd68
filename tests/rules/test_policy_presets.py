"""Each preset says what case design 12 says of it, names its sources, and rests on the generic one for the rest."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from services.rules import programme_files
from services.rules.deadlines import Span
from services.rules.programmes import Policy

PRESETS = ("generic", "qc-rac", "on-college", "fr-vae", "au-vet")
ZONES = {"qc-rac": "America/Toronto", "on-college": "America/Toronto", "fr-vae": "Europe/Paris"}
SAID: dict[str, dict[str, object]] = {
    "generic": {
        "terms": "fr-CA",
        "information_meeting": False,
        "eligibility_limit": "10bd",
        "silence_means_eligible": False,
        "eligible_validity": "12mo",
        "confirm_every": None,
        "completeness_limit": "3bd",
        "assigning_limit": "5bd",
        "assessment_limit": "20bd",
        "decision_limit": "5bd",
        "service_standard": "50bd",
        "letter_limit": "15d",
        "appeal_lodge": "30d",
        "interview_required": False,
        "interview_assessors": 1,
    },
    "qc-rac": {
        "interview_required": True,
        "interview_assessors": 2,
        "information_meeting": True,
        "appeal_lodge": "30d",
        "fee_file": 100,
        "fee_competency": 50,
        "fee_competencies_most": 500,
        "fee_reactivation": 50,
    },
    "on-college": {
        "eligibility_limit": "5bd",
        "eligible_validity": "25bd",
        "completeness_limit": "2bd",
        "assigning_limit": "3bd",
        "assessment_limit": "12bd",
        "decision_limit": "3bd",
        "service_standard": "25bd",
        "appeal_lodge": "7bd",
    },
    "fr-vae": {
        "terms": "fr-FR",
        "eligibility_limit": "2mo",
        "silence_means_eligible": True,
        "confirm_every": "6mo",
        "confirm_notice": "14d",
        "letter_group_by": "block",
        "letter_limit": "15d",
        "service_standard": "3mo",
    },
    "au-vet": {"export_avetmiss": True, "agents": "flagged"},
}
"""The cells of the design's table; an empty one is the generic value."""


def file_of(preset: str) -> Path:
    return programme_files.published() / "policies" / f"{preset}.toml"


def resolved(tmp_path: Path, preset: str, *, calendar: str = "") -> Policy:
    """The policy of a programme that names `preset`, and a calendar of its own where one is given."""
    source = (programme_files.published() / "cnc-machining.toml").read_text(encoding="utf-8")
    source = re.sub(r'policy = "\w+"', f'policy = "{preset}"', source)
    source = re.sub(r'calendar = "\w+"\n', f'calendar = "{calendar}"\n' if calendar else "", source)
    source = re.sub(r"\[override\]\n(.+\n)+", "", source)
    path = tmp_path / "cnc-machining.toml"
    path.write_text(source, encoding="utf-8")
    return programme_files.read_one(path).policy


def plain(value: object) -> object:
    return str(value) if isinstance(value, Span) else value


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_the_values_of_the_design_and_otherwise_the_generic_ones(tmp_path: Path, preset: str) -> None:
    policy = resolved(tmp_path, preset, calendar="qc")
    generic = resolved(tmp_path, "generic", calendar="qc")
    own = set(tomllib.loads(file_of(preset).read_text(encoding="utf-8")))
    for field in fields(Policy):
        expected = SAID[preset].get(field.name, plain(getattr(generic, field.name)))
        if field.name in SAID[preset] or field.name not in own:
            assert plain(getattr(policy, field.name)) == expected, field.name


@pytest.mark.parametrize("preset", PRESETS[1:])
def test_a_preset_brings_the_calendar_of_its_jurisdiction_and_a_programme_may_name_another(
    tmp_path: Path, preset: str
) -> None:
    assert resolved(tmp_path, preset).calendar.zone == ZONES.get(preset, "Australia/Sydney")
    assert resolved(tmp_path, preset, calendar="fr").calendar.zone == "Europe/Paris"


@pytest.mark.parametrize("preset", PRESETS)
def test_whatever_no_jurist_has_confirmed_says_so(tmp_path: Path, preset: str) -> None:
    assert resolved(tmp_path, preset, calendar="qc").review_by_jurist is (preset != "generic")


@pytest.mark.parametrize("preset", PRESETS[1:])
def test_every_value_of_a_preset_says_where_it_comes_from(preset: str) -> None:
    text = file_of(preset).read_text(encoding="utf-8")
    values = [line for line in text.splitlines() if re.match(r"\w+ =", line) and not line.startswith(("base", "ver"))]
    assert values
    assert [line for line in values if not re.search(r"# \S", line)] == []
    assert "case design, section 12" in " ".join(text.replace("#", " ").split())


def test_a_preset_that_stands_on_none_is_named(tmp_path: Path) -> None:
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "own.toml").write_text('base = "nothing"\nversion = "own-1"\n', encoding="utf-8")
    source = (programme_files.published() / "cnc-machining.toml").read_text(encoding="utf-8")
    path = tmp_path / "cnc-machining.toml"
    path.write_text(re.sub(r'policy = "\w+"', 'policy = "own"', source), encoding="utf-8")
    problems: tuple[Any, ...] = programme_files.check(path)
    assert [(problem.file, problem.key) for problem in problems] == [("policies/own.toml", "policy")]
