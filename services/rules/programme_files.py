"""Reads programmes from the files that institutions publish, and pins a programme as one plain document.

A programme names its institution, policy preset, calendar and rubric; each is a file of its own beside it, so that
a letterhead or a limit is written once. A preset may stand on another one and bring the calendar of its jurisdiction.
Every error of every file is found before anything is said.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.rules import deadlines, programme_tables
from services.rules.deadlines import Calendar
from services.rules.programme_tables import Gap, Place, Problem, Table
from services.rules.programmes import Beside, Between, FieldKind, Institution, Policy, Programme, Spelled, Text

T = TypeVar("T")
RUBRIC_LEVELS = [1, 2, 3, 4]
"""Not yet, partly, fully, beyond. Source: case design, section 1 (rubric)."""

COMMON_YEAR = 2026
"""A year without 29 February: a holiday has to exist in every year."""

SHARED = {
    "institution": "institutions",
    "policy": "policies",
    "calendar": "calendars",
    "rubric": "rubrics",
}
"""What a programme names, and the folder beside it where files of that name lie."""


class ProgrammeInvalid(Exception):  # noqa: N818 - the domain's word
    """Programme files that cannot be used; `problems` are all of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.in_("en") for problem in problems))
        self.problems = problems


def published() -> Path:
    """The folder of the programmes that this installation publishes."""
    return Path(str(resources.files("portfolio_templates"))) / "programmes"


def read(folder: Path) -> dict[str, Programme]:
    """Every programme of `folder` by slug. Raises `ProgrammeInvalid` with all problems of all files."""
    found = [_programme(path) for path in sorted(folder.glob("*.toml"))]
    problems = _all_of(each for _, each in found)
    programmes = {programme.slug: programme for programme, _ in found if programme is not None}
    if problems:
        raise ProgrammeInvalid(problems)
    return programmes


def read_one(path: Path) -> Programme:
    """The programme of one file; what it names is looked for beside it, then among the published ones.

    Raises `ProgrammeInvalid`.
    """
    programme, problems = _programme(path)
    if programme is None:
        raise ProgrammeInvalid(problems)
    return programme


def read_calendar(path: Path) -> Calendar:
    """The calendar of one file, named after it. Raises `ProgrammeInvalid`."""
    at = Place(path.name)
    table = _load(path, at)
    calendar = Gap.GAP if table is None else programme_tables.read(Calendar, table, at)
    if isinstance(calendar, Calendar):
        _check_calendar(calendar, at)
    if at.problems or not isinstance(calendar, Calendar):
        raise ProgrammeInvalid(tuple(at.problems))
    return replace(calendar, name=path.stem)


def check(path: Path) -> tuple[Problem, ...]:
    """All problems of one programme file, or of every programme in a folder; empty when all can be used."""
    paths = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    return _all_of(_programme(each)[1] for each in paths)


def _all_of(found: Iterable[tuple[Problem, ...]]) -> tuple[Problem, ...]:
    """Each problem once: a file that several programmes name is read with each of them."""
    return tuple(dict.fromkeys(chain.from_iterable(found)))


def as_document(programme: Programme) -> dict[str, Any]:
    """The programme with all that it names, as plain JSON types; `from_document` reads it back equal."""
    document: dict[str, Any] = programme_tables.write(programme)
    return document


def from_document(document: Mapping[str, Any]) -> Programme:
    """The programme that `as_document` wrote. Raises `ProgrammeInvalid`."""
    at = Place("document")
    programme = programme_tables.read(Programme, document, at)
    if isinstance(programme, Gap):
        raise ProgrammeInvalid(tuple(at.problems))
    return programme


def fingerprint(programme: Programme) -> str:
    """SHA-256 (hex) of the programme's document in one canonical form: equal content, equal fingerprint."""
    canonical = json.dumps(as_document(programme), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _RubricLevel:
    level: int
    name: Annotated[Text, Beside()]


@dataclass(frozen=True, slots=True)
class _Rubric:
    levels: Annotated[tuple[_RubricLevel, ...], Spelled("level"), Between(4, 4)]


def _programme(path: Path) -> tuple[Programme | None, tuple[Problem, ...]]:
    """The programme of one file, or None, and every problem of it and of the files it names."""
    at = Place(path.name)
    table = _load(path, at)
    if table is not None:
        folders = (path.parent, published())
        _name_levels(table, _named(_Rubric, "rubric", table, at, folders=folders))
        preset, there = _preset(table, at, folders=folders)
        if preset is not None and "calendar" in preset:
            table.setdefault("calendar", preset.pop("calendar"))
        calendar = _named(Calendar, "calendar", table, at, folders=folders)
        if isinstance(calendar, Calendar):
            _check_calendar(calendar, at.of(f"{SHARED['calendar']}/{table['calendar']}.toml"))
            calendar = replace(calendar, name=str(table["calendar"]))
        given = {
            "institution": _named(Institution, "institution", table, at, folders=folders),
            "policy": _policy(table, at, preset=preset, there=there, calendar=calendar),
        }
        own = {name: value for name, value in table.items() if name not in {*SHARED, "override"}}
        _check_whole(own, path.stem, at)
        programme = programme_tables.read(Programme, own, at, given=given)
        if isinstance(programme, Programme) and not at.problems:
            return programme, ()
    return None, tuple(at.problems)


def _load(path: Path, at: Place) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as lost:
        at.report("unreadable", reason=lost.strerror)
    except UnicodeDecodeError as broken:
        at.report("not_utf8", line=broken.object[: broken.start].count(b"\n") + 1)
    except tomllib.TOMLDecodeError as broken:
        at.report("not_toml", line=_line(str(broken), path))
    return None


def _line(told: str, path: Path) -> int:
    """The line that Python names in English at the end of what it says of TOML; else the last one."""
    named = re.search(r"at line (\d+), column \d+\)$", told)
    return int(named[1]) if named else len(path.read_text(encoding="utf-8").splitlines())


def _table_of(part: str, table: Table, at: Place, *, folders: tuple[Path, ...]) -> tuple[dict[str, Any] | None, Place]:
    """The table of the file that `table` names as its `part`, and the place to report its problems at."""
    lying = {path.stem: path for folder in reversed(folders) for path in (folder / SHARED[part]).glob("*.toml")}
    name = table.get(part)
    if not isinstance(name, str) or name not in lying:
        at.inside(part).report("not_found" if name else "not_named", found=name, words=", ".join(sorted(lying)))
        return None, at
    there = at.of(f"{SHARED[part]}/{name}.toml")
    return _load(lying[name], there), there


def _named(kind: type[T], part: str, table: Table, at: Place, *, folders: tuple[Path, ...]) -> T | Gap:
    found, there = _table_of(part, table, at, folders=folders)
    return Gap.GAP if found is None else programme_tables.read(kind, found, there)


def _preset(table: Table, at: Place, *, folders: tuple[Path, ...]) -> tuple[dict[str, Any] | None, Place]:
    """The policy preset that a programme names, its own values over those of the preset that it stands on."""
    preset, there = _table_of("policy", table, at, folders=folders)
    if preset is None or "base" not in preset:
        return preset, there
    base, _ = _table_of("policy", {"policy": preset.pop("base")}, there, folders=folders)
    return (None if base is None else {**base, **preset}), there


def _policy(
    table: Table, at: Place, *, preset: dict[str, Any] | None, there: Place, calendar: Calendar | Gap
) -> Policy | Gap:
    """The preset with the programme's own values over it; an overridden policy carries the programme in its version."""
    override = table.get("override", {})
    if not isinstance(override, Mapping):
        return at.inside("override").report("not_a_table", found=override)
    given = {"calendar": calendar}
    policy = Gap.GAP if preset is None else programme_tables.read(Policy, preset, there, given=given)
    if override:
        own = Place(at.file, "override")
        below: Table = preset if preset is not None else {}
        version = f"{below.get('version')}+{table.get('slug')}-{table.get('version')}"
        policy = programme_tables.read(Policy, {**below, "version": version, **override}, own, given=given)
        # What the override does not say was judged with the preset, or cannot be without one.
        spelled = tuple(own.inside(str(name)).key for name in override)
        at.problems.extend(problem for problem in own.problems if problem.key in spelled)
    return policy


def _name_levels(table: Table, rubric: _Rubric | Gap) -> None:
    """Give each level of each competency the name that the rubric has for it."""
    names: dict[object, dict[str, str]] = {}
    if isinstance(rubric, _Rubric):
        names = {each.level: {"en": each.name.en, "fr": each.name.fr} for each in rubric.levels}
    for _, competency in _tables(table.get("competency")):
        for _, level in _tables(competency.get("level")):
            # Without a readable rubric, already reported, the number stands in: one error is not told forty times.
            number = level.get("level")
            level.setdefault("name", names.get(number, {"en": str(number), "fr": str(number)}))


def _check_whole(table: Table, name: str, at: Place) -> None:
    """What no single value shows: the file's name, the order of levels, something mandatory, choices to choose from."""
    if isinstance(table.get("slug"), str) and table["slug"] != name:
        at.inside("slug").report("other_slug", found=table["slug"], name=name)
    for position, competency in _tables(table.get("competency")):
        there = at.inside("competency").entry(position)
        levels = [level.get("level") for _, level in _tables(competency.get("level"))]
        if levels and levels != RUBRIC_LEVELS:
            there.inside("level").report("levels_out_of_order", found=", ".join(map(str, levels)))
        criteria = [criterion for _, criterion in _tables(competency.get("criterion"))]
        if criteria and not any(criterion.get("mandatory") for criterion in criteria):
            there.inside("criterion").report("nothing_mandatory")
    for position, question in _tables(table.get("question")):
        if question.get("kind") == FieldKind.CHOICE and not question.get("choices"):
            at.inside("question").entry(position).inside("choices").report("choices_missing")


def _check_calendar(calendar: Calendar, at: Place) -> None:
    try:
        ZoneInfo(calendar.zone)
    except (ZoneInfoNotFoundError, ValueError):
        at.inside("zone").report("zone_unknown", found=calendar.zone)
    for position, holiday in enumerate(calendar.holidays):
        try:
            deadlines.holidays(Calendar(zone=calendar.zone, holidays=(holiday,)), COMMON_YEAR)
        except ValueError as reason:
            at.inside("holidays").entry(position).report("no_such_day", reason=reason)


def _tables(entries: object) -> list[tuple[int, dict[str, Any]]]:
    """The entries of a list that are tables, with their positions; anything else is reported by the reader."""
    found = entries if isinstance(entries, list) else []
    return [(position, entry) for position, entry in enumerate(found) if isinstance(entry, dict)]
