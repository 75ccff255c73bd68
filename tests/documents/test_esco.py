"""An occupation of ESCO becomes a draft programme whose gaps, and nothing else, are left for a person."""

import gzip
import resource
import time
import zipfile
from pathlib import Path

import pytest

from services.documents import esco
from services.documents.esco import OccupationUnknown
from services.rules import programme_files

BASE = "http://data.europa.eu/esco"
MACHINIST = f"{BASE}/occupation/5c082067-ea18-4ccb-8c43-e70b18ad8120"
WAITER = f"{BASE}/occupation/d5db9d5c-2ebf-4a54-a79a-1b7e7ff70471"
LAMP_KEEPER, LAMP_MAKER, SKILL = f"{BASE}/occupation/1", f"{BASE}/occupation/2", f"{BASE}/skill"
SECONDS, MEBIBYTES = 30, 300

OF_EVERY_COMPETENCY = {
    *(f"explanation.{language}" for language in ("en", "fr")),
    *(f"criterion[{number}].{language}" for number in (1, 2, 3) for language in ("en", "fr")),
    *(f"level[{number}].{language}" for number in (1, 2, 3, 4) for language in ("en", "fr")),
    "usual_evidence",
    "methods",
    "credit",
    "hours",
}
"""What ESCO does not have and a person writes, for each competency."""
OF_THE_PROGRAMME = {"institution", "calendar", "summary.en", "summary.fr"}

OCCUPATIONS = f"""conceptUri,iscoGroup,preferredLabel,description
{LAMP_KEEPER},1234,"lamp
 keeper",Keeps lamps.
{LAMP_MAKER},1234,lamp maker,Makes lamps.
"""
SKILLS = f"""conceptUri,preferredLabel,description
{SKILL}/a,trim a wick,Trim it.
{SKILL}/b,"trim   a wick","Trim it
again ""well""."
{SKILL}/c,3D lamps,\x7fModel lamps.
{SKILL}/d,polish brass,Polish it.
"""
RELATIONS = f"""occupationUri,relationType,skillType,skillUri
{LAMP_KEEPER},essential,skill/competence,{SKILL}/a
{LAMP_KEEPER},essential,skill/competence,{SKILL}/b
{LAMP_KEEPER},essential,knowledge,{SKILL}/c
{LAMP_KEEPER},optional,skill/competence,{SKILL}/d
{LAMP_MAKER},essential,skill/competence,{SKILL}/d
"""


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """A small edition of the ESCO files, in the form in which they are published."""
    with zipfile.ZipFile(tmp_path / esco.ENGLISH, "w") as archive:
        archive.writestr("occupations_en.csv", OCCUPATIONS)
        archive.writestr("skills_en.csv", SKILLS)
        archive.writestr("ISCOGroups_en.csv", "code,preferredLabel\n1234,Light workers\n")
    with zipfile.ZipFile(tmp_path / esco.RELATIONS, "w") as archive:
        archive.writestr("occupationSkillRelations.csv", RELATIONS)
    with gzip.open(tmp_path / esco.FRENCH_SKILLS, "wt", encoding="utf-8") as text:
        text.write(f"conceptUri,preferredLabel\n{SKILL}/a,couper la mèche\n{SKILL}/c,lampes en 3D\n")
    with gzip.open(tmp_path / esco.FRENCH_OCCUPATIONS, "wt", encoding="utf-8") as text:
        text.write(f"conceptUri,preferredLabel\n{LAMP_KEEPER},personne lampiste\n")
    (tmp_path / esco.FRENCH_GROUPS).write_text("code,preferredLabel\n1234,Métiers de la lumière\n", encoding="utf-8")
    return tmp_path


def gaps(folder: Path, text: str, *, slug: str) -> list[str]:
    """The keys that are still to be filled in a draft, as `check` reports them."""
    path = folder / f"{slug}.toml"
    path.write_text(text, encoding="utf-8")
    return [problem.key for problem in programme_files.check(path)]


def test_a_draft_lacks_exactly_what_esco_lacks(archives: Path) -> None:
    found = gaps(archives, esco.draft(archives, LAMP_KEEPER), slug="lamp-keeper")
    of_each = {f"competency[{number}].{key}" for number in (1, 2, 3) for key in OF_EVERY_COMPETENCY}
    untranslated = {"competency[3].title.fr", "competency[3].alignment[1].name.fr"}
    assert sorted(found) == sorted(OF_THE_PROGRAMME | of_each | untranslated)


def test_only_essential_skills_become_competencies_each_with_a_key_of_its_own(archives: Path) -> None:
    text = esco.draft(archives, LAMP_KEEPER)
    assert [line for line in text.splitlines() if line.startswith("key = ") and "criterion" not in line] == [
        'key = "experience"',
        'key = "skill-3d-lamps"',
        'key = "trim-a-wick"',
        'key = "trim-a-wick-2"',
    ]


def test_what_has_no_french_label_is_listed_and_marked(archives: Path) -> None:
    lines = esco.draft(archives, LAMP_KEEPER).splitlines()
    assert lines[lines.index("# Without a French label, to be translated by hand:") + 1] == "#   trim a wick"
    assert 'title = { en = "trim a wick", fr = "" } # to be written: ESCO has no French label' in lines
    assert 'title = { en = "lamp keeper", fr = "personne lampiste" }' in lines
    assert 'field_of_study = { en = "Light workers", fr = "Métiers de la lumière" }' in lines


def test_an_occupation_without_french_label_leaves_its_titles_to_a_person(archives: Path) -> None:
    found = gaps(archives, esco.draft(archives, LAMP_MAKER), slug="lamp-maker")
    assert {"title.fr", "framework.fr"} <= set(found)


def test_a_draft_names_its_source_and_says_that_it_is_a_subset(archives: Path) -> None:
    text = esco.draft(archives, LAMP_KEEPER)
    assert "# This service uses the ESCO classification of the European Commission." in text
    assert "# A subset is used" in text
    assert f"<{LAMP_KEEPER}>" in text


def test_a_finished_draft_is_a_programme(archives: Path) -> None:
    text = esco.draft(archives, LAMP_MAKER).replace('en = ""', 'en = "Words"').replace('fr = ""', 'fr = "Mots"')
    for empty, filled in {
        'institution = ""': 'institution = "college-exemple"',
        'calendar = ""': 'calendar = "qc"',
        "usual_evidence = []": 'usual_evidence = [{ en = "A lamp", fr = "Une lampe" }]',
        "methods = []": 'methods = ["observation"]',
        "credit = 0": "credit = 1.5",
        "hours = 0": "hours = 45",
    }.items():
        assert empty in text
        text = text.replace(empty, filled)
    path = archives / "lamp-maker.toml"
    path.write_text(text, encoding="utf-8")
    programme = programme_files.read_one(path)
    assert programme.competency("polish-brass").alignment[0].uri.endswith("skill/d")


def test_an_unknown_occupation_is_refused_with_the_nearest_ones(archives: Path) -> None:
    with pytest.raises(OccupationUnknown, match="/lamp-keper") as unknown:
        esco.draft(archives, f"{BASE}/occupation/lamp-keper")
    assert unknown.value.nearest[0] == (LAMP_KEEPER, "lamp keeper")
    with pytest.raises(OccupationUnknown, match=r"^occupation") as unknown:
        esco.draft(archives, "occupation/00000000-0000-0000-0000-000000000000")
    assert unknown.value.nearest == ()


@pytest.mark.needs_data("frameworks/esco")
@pytest.mark.parametrize(("uri", "slug", "skills"), [(MACHINIST, "computer-numerical-control-machine-operator", 19)])
def test_a_real_occupation_is_drafted_in_time_and_memory(
    uri: str, slug: str, skills: int, shared_data: Path, tmp_path: Path
) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    text = esco.draft(shared_data / "frameworks/esco", uri)
    assert time.process_time() - started < SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MEBIBYTES
    assert text.count("[[competency]]") == skills
    assert len(gaps(tmp_path, text, slug=slug)) == len(OF_THE_PROGRAMME) + skills * len(OF_EVERY_COMPETENCY)


@pytest.mark.needs_data("frameworks/esco")
def test_a_pasted_word_finds_the_occupation_it_means(shared_data: Path) -> None:
    with pytest.raises(OccupationUnknown) as unknown:
        esco.draft(shared_data / "frameworks/esco", f"{BASE}/occupation/waiter")
    assert unknown.value.nearest[0] == (WAITER, "waiter/waitress")
