"""A first draft of a programme from an occupation of ESCO, for a person to finish.

The archives are read row by row, as the European Commission publishes them: English of v1.1.1, French of v1.0, joined
by address. What ESCO does not have (criteria, levels, evidence, credit) stays empty in the draft, and
`programme_files.check` reports exactly that.
"""

import csv
import difflib
import gzip
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

NOTICE = (
    "This service uses the ESCO classification of the European Commission.",
    "A subset is used: one occupation and its essential skills, in English (v1.1.1) and French (v1.0).",
    "Ce service utilise la classification ESCO de la Commission européenne ; seul un sous-ensemble est repris.",
)
ENGLISH, RELATIONS = "esco-v1.1.1-en.zip", "esco-v1.1.1-relations.zip"
FRENCH_SKILLS, FRENCH_OCCUPATIONS = "skills_fr_v1.0.8.csv.gz", "occupations_fr_v1.0.csv.gz"
FRENCH_GROUPS = "ISCOGroups_fr.csv"
KEY_LENGTH = 60
CRITERIA, LEVELS = 3, 4
NEAREST = 5

Row = dict[str, str]


class OccupationUnknown(Exception):  # noqa: N818 - the domain's word
    """No occupation has this address; `nearest` are (address, English label) of those whose label is closest."""

    def __init__(self, asked: str, nearest: tuple[tuple[str, str], ...]) -> None:
        super().__init__(asked)
        self.asked = asked
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of ESCO with its labels; `fr` is empty where the French edition does not have it."""

    uri: str
    en: str
    fr: str = ""
    description: str = ""
    group: str = ""


def draft(archives: Path, occupation_uri: str) -> str:
    """The TOML text of a draft programme for an occupation: one competency for each of its essential skills.

    `archives` is the folder of the ESCO files. Raises `OccupationUnknown`, and `FileNotFoundError` for a missing file.
    """
    occupation = _occupation(archives, occupation_uri)
    skills = _essential_skills(archives, occupation.uri)
    field = _field_of_study(archives, occupation.group)
    return "\n".join([*_header(occupation, field, skills), *_competencies(skills)]) + "\n"


@contextmanager
def _rows(archive: Path, member: str = "") -> Iterator[Iterator[Row]]:
    """The rows of a CSV file: a member of a zip archive, a gz file or a plain one; never whole in memory."""
    if member:
        with zipfile.ZipFile(archive) as whole, whole.open(member) as stream:
            yield csv.DictReader(io.TextIOWrapper(stream, "utf-8", newline=""))
    elif archive.suffix == ".gz":
        with gzip.open(archive, "rt", encoding="utf-8", newline="") as text:
            yield csv.DictReader(text)
    else:
        with archive.open(encoding="utf-8", newline="") as text:
            yield csv.DictReader(text)


def _label(text: str) -> str:
    """A text of ESCO on one line; control characters would break a comment of the draft."""
    return re.sub(r"[\x00-\x20\x7f]+", " ", text).strip()


def _occupation(archives: Path, uri: str) -> Concept:
    labels: dict[str, str] = {}
    found = None
    with _rows(archives / ENGLISH, "occupations_en.csv") as rows:
        for row in rows:
            labels[row["conceptUri"]] = _label(row["preferredLabel"])
            if row["conceptUri"] == uri:
                found = Concept(uri, labels[uri], description=_label(row["description"]), group=row["iscoGroup"])
    if found is None:
        raise OccupationUnknown(uri, _nearest(uri, labels))
    with _rows(archives / FRENCH_OCCUPATIONS) as rows:
        french = next((_label(row["preferredLabel"]) for row in rows if row["conceptUri"] == uri), "")
    return replace(found, fr=french)


def _nearest(asked: str, labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The occupations whose label is closest to what was asked, read as words: people also paste a label or a slug."""
    words = re.sub(r"[-_+]+", " ", unquote(asked.rstrip("/").rsplit("/", 1)[-1])).casefold()
    by_label = {label: uri for uri, label in labels.items()}
    containing = sorted((label for label in by_label if words in label.casefold()), key=len)
    close = difflib.get_close_matches(words, by_label, n=NEAREST, cutoff=0.4)
    chosen = list(dict.fromkeys([*containing[:NEAREST], *close]))[:NEAREST]
    return tuple((by_label[label], label) for label in chosen)


def _essential_skills(archives: Path, occupation: str) -> list[Concept]:
    """The essential skills and knowledge of an occupation, by English title."""
    with _rows(archives / RELATIONS, "occupationSkillRelations.csv") as rows:
        wanted = {
            row["skillUri"] for row in rows if row["occupationUri"] == occupation and row["relationType"] == "essential"
        }
    with _rows(archives / FRENCH_SKILLS) as rows:
        french = {row["conceptUri"]: _label(row["preferredLabel"]) for row in rows if row["conceptUri"] in wanted}
    with _rows(archives / ENGLISH, "skills_en.csv") as rows:
        skills = [
            Concept(
                row["conceptUri"],
                _label(row["preferredLabel"]),
                french.get(row["conceptUri"], ""),
                _label(row["description"]),
            )
            for row in rows
            if row["conceptUri"] in wanted
        ]
    return sorted(skills, key=lambda skill: skill.en)


def _field_of_study(archives: Path, group: str) -> Concept:
    """The ISCO group of an occupation, which says its field in both languages."""
    with _rows(archives / ENGLISH, "ISCOGroups_en.csv") as rows:
        english = next((row["preferredLabel"] for row in rows if row["code"] == group), "")
    with _rows(archives / FRENCH_GROUPS) as rows:
        french = next((row["preferredLabel"] for row in rows if row["code"] == group), "")
    return Concept("", _label(english), _label(french))


def _key(label: str) -> str:
    """A label as a key: lower-case ASCII words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().casefold()
    words = re.sub(r"[^a-z0-9]+", "-", plain)[:KEY_LENGTH].strip("-")
    return words if words[:1].isalpha() else f"skill-{words}".strip("-")


def _keys(skills: list[Concept]) -> list[str]:
    """A key for each skill, none twice."""
    keys: list[str] = []
    for skill in skills:
        key, number = _key(skill.en), 2
        while key in keys:
            key, number = f"{_key(skill.en)}-{number}", number + 1
        keys.append(key)
    return keys


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)


def _pair(text: Concept) -> str:
    return f"{{ en = {_quoted(text.en)}, fr = {_quoted(text.fr)} }}"


def _both(text: Concept) -> str:
    """Both labels as the last value of a line, which says so where the French one is missing."""
    return _pair(text) + ("" if text.fr else " # to be written: ESCO has no French label")


def _header(occupation: Concept, field: Concept, skills: list[Concept]) -> list[str]:
    slug = _key(occupation.en)
    without = [skill.en for skill in skills if not skill.fr]
    framework = Concept("", f"ESCO v1.1.1: {occupation.en}", f"ESCO v1.1.1 : {occupation.fr}" if occupation.fr else "")
    return [
        f"# DRAFT, to be finished by a person, then saved as {slug}.toml.",
        "# Every empty value below has to be filled; `acquis programmes check` lists what is still missing.",
        *(f"# {line}" for line in NOTICE),
        f"# Occupation: <{occupation.uri}>",
        *(["# Without a French label, to be translated by hand:"] if without else []),
        *(f"#   {label}" for label in without),
        f'slug = "{slug}"',
        "version = 1",
        'institution = "" # to be written: the name of a file in institutions/',
        'policy = "generic"',
        'calendar = "" # to be written: the name of a file in calendars/',
        'rubric = "four-levels"',
        f"title = {_both(occupation)}",
        f"framework = {_both(framework)}",
        f"field_of_study = {_both(field)}",
        f"# ESCO says of the occupation: {occupation.description}",
        'summary = { en = "", fr = "" } # to be written, for the people who will apply',
        "",
        *_question(),
    ]


def _question() -> list[str]:
    """The question that every portfolio form begins with."""
    label = Concept("", "Where have you done this work?", "Où avez-vous exercé ce travail ?")
    hint = Concept(
        "",
        "For each place: the years, your position and what you did. Unpaid work counts too.",
        "Pour chaque lieu : les années, votre poste et ce que vous faisiez. Le travail bénévole compte aussi.",
    )
    return [
        "[[question]]",
        'key = "experience"',
        'kind = "long_text"',
        "required = true",
        f"label = {_both(label)}",
        f"hint = {_both(hint)}",
    ]


def _competencies(skills: list[Concept]) -> Iterator[str]:
    for number, (key, skill) in enumerate(zip(_keys(skills), skills, strict=True), 1):
        alignment = f'uri = "{skill.uri}", target_type = "ext:esco", framework = "ESCO v1.1.1"'
        yield from [
            "",
            "[[competency]]",
            f'key = "{key}"',
            f'code = "C-{number:03}"',
            f"title = {_both(skill)}",
            f"# ESCO says: {skill.description}",
            'explanation = { en = "", fr = "" } # to be written in plain language',
            "usual_evidence = [] # to be written: what usually convinces, each { en, fr }",
            "methods = [] # to be chosen: portfolio, interview, challenge_test, observation, simulation, third_party",
            "credit = 0 # to be set",
            "hours = 0 # to be set: the course hours that it replaces",
            f"alignment = [{{ {alignment}, name = {_pair(skill)} }}]",
        ]
        for criterion in range(1, CRITERIA + 1):
            yield from ["[[competency.criterion]]", f'key = "criterion-{criterion}"', "mandatory = true"]
            yield from ['en = "" # to be written', 'fr = "" # to be written']
        for level in range(1, LEVELS + 1):
            yield from ["[[competency.level]]", f"level = {level}"]
            yield from ['en = "" # to be written', 'fr = "" # to be written']
