"""Frameworks as other systems exchange them: CASE 1.0 CFPackages, read without loss and written from a programme.

Source: 1EdTech Competencies and Academic Standards Exchange 1.0. What this module has no word for is kept as it
stood, so that a framework that passes through comes out equal.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from services.rules.programme_tables import Gap, Place, Problem, Table
from services.rules.programmes import Spelled

T = TypeVar("T")
Json = dict[str, Any]
MAX_BYTES = 33_554_432
"""32 MiB: the largest published frameworks have about 10; more is not a framework."""
MAX_DEPTH = 64
"""CASE itself nests eight deep; what is deeper could exhaust whoever reads it after us."""
LONGEST_NUMBER = 18
"""Characters: what fits into 64 bits; a database has no room for more."""
IDENTIFIER = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class PackageInvalid(Exception):  # noqa: N818 - the domain's word
    """A file that is no CFPackage; `problems` are all of them, in both languages."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.in_("en") for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Link:
    """A pointer to an entry of this or another package; outside CASE the identifier may be any text."""

    title: str
    identifier: str
    uri: str
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """The framework itself; `changed` and dates are ISO 8601 as they stood."""

    identifier: str
    uri: str
    creator: str
    title: str
    changed: Annotated[str, Spelled("lastChangeDateTime")]
    description: str | None = None
    language: str | None = None
    version: str | None = None
    publisher: str | None = None
    status: Annotated[str | None, Spelled("adoptionStatus")] = None
    source: Annotated[str | None, Spelled("officialSourceURL")] = None
    package: Annotated[Link | None, Spelled("CFPackageURI")] = None
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of the framework: a competency, a criterion, a heading."""

    identifier: str
    uri: str
    statement: Annotated[str, Spelled("fullStatement")]
    changed: Annotated[str, Spelled("lastChangeDateTime")]
    code: Annotated[str | None, Spelled("humanCodingScheme")] = None
    short: Annotated[str | None, Spelled("abbreviatedStatement")] = None
    kind: Annotated[str | None, Spelled("CFItemType")] = None
    kind_link: Annotated[Link | None, Spelled("CFItemTypeURI")] = None
    notes: str | None = None
    language: str | None = None
    document: Annotated[Link | None, Spelled("CFDocumentURI")] = None
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Association:
    """How two entries belong together; `kind` such as isChildOf, exactMatchOf, isRelatedTo."""

    identifier: str
    uri: str
    kind: Annotated[str, Spelled("associationType")]
    origin: Annotated[Link, Spelled("originNodeURI")]
    destination: Annotated[Link, Spelled("destinationNodeURI")]
    changed: Annotated[str, Spelled("lastChangeDateTime")]
    sequence: Annotated[int | None, Spelled("sequenceNumber")] = None
    document: Annotated[Link | None, Spelled("CFDocumentURI")] = None
    extra: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Package:
    """A whole framework; definitions, rubrics and whatever else came with it stay JSON in `extra`."""

    document: Annotated[Document, Spelled("CFDocument")]
    items: Annotated[tuple[Item, ...] | None, Spelled("CFItems")] = None
    associations: Annotated[tuple[Association, ...] | None, Spelled("CFAssociations")] = None
    extra: Json = field(default_factory=dict)


def read(content: bytes) -> Package:
    """The package that `content` (JSON in UTF-8) holds. Raises `PackageInvalid` with every problem found."""
    at = Place("CFPackage")
    tree = _parse(content, at)
    package = Gap.GAP if at.problems else _read(Package, tree, at)
    if isinstance(package, Package):
        for name, entries in (("CFItems", package.items or ()), ("CFAssociations", package.associations or ())):
            _check_identifiers(name, [entry.identifier for entry in entries], at)
        if not at.problems:
            return package
    raise PackageInvalid(tuple(at.problems))


def write(package: Package) -> bytes:
    """The package as JSON in UTF-8 (escaped to ASCII, which every consumer reads); `read` reads it back equal."""
    return json.dumps(as_json(package), ensure_ascii=True, indent=1).encode()


def as_json(value: Package | Document | Item | Association | Link) -> Json:
    """The plain JSON of a package or of a part of it, keys that were absent left out."""
    table: Json = {}
    for each in fields(value):
        found = getattr(value, each.name)
        if each.name == "extra":
            table |= found
        elif isinstance(found, tuple):
            table[_name(type(value), each)] = [as_json(entry) for entry in found]
        elif found is not None:
            table[_name(type(value), each)] = found if isinstance(found, str | int) else as_json(found)
    return table


def _parse(content: bytes, at: Place) -> object:
    if len(content) > MAX_BYTES:
        return at.report("too_large", found=len(content), high=MAX_BYTES)

    def once(pairs: list[tuple[str, Any]]) -> Json:
        for key in (key for key, times in Counter(key for key, _ in pairs).items() if times > 1):
            at.report("key_repeated", found=key)
        return dict(pairs)

    numbers = _Numbers(at)
    try:
        tree: object = json.loads(
            content.decode("utf-8-sig"),
            object_pairs_hook=once,
            parse_constant=numbers.none,
            parse_int=numbers.whole,
            parse_float=numbers.finite,
        )
        for place in [place for place, text in _texts(tree, at) if UNSTORABLE.search(text)]:
            place.report("text_broken")
    except UnicodeDecodeError as broken:
        return at.report("not_json", line=content[: broken.start].count(b"\n") + 1)
    except json.JSONDecodeError as broken:
        return at.report("not_json", line=broken.lineno)
    except RecursionError:
        return at.report("too_deep", high=MAX_DEPTH)
    return tree


@dataclass(frozen=True, slots=True)
class _Numbers:
    """How JSON's numbers are read; what a database has no room for is reported."""

    at: Place

    def none(self, written: str) -> int:
        self.at.report("not_a_number", found=written[: 2 * LONGEST_NUMBER])
        return 0

    def whole(self, written: str) -> int:
        return int(written) if len(written) <= LONGEST_NUMBER else self.none(written)

    def finite(self, written: str) -> float:
        number = float(written)
        return number if math.isfinite(number) else self.none(written)


def _texts(tree: object, at: Place, depth: int = 0) -> Iterator[tuple[Place, str]]:
    """Every text of a parsed tree, keys included, with its place. Raises `RecursionError` where it is too deep."""
    if depth > MAX_DEPTH:
        raise RecursionError
    if isinstance(tree, str):
        yield at, tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield at, key
            yield from _texts(value, at.inside(key), depth + 1)
    elif isinstance(tree, list):
        for position, value in enumerate(tree):
            yield from _texts(value, at.entry(position), depth + 1)


def _check_identifiers(name: str, identifiers: list[str], at: Place) -> None:
    for position, identifier in enumerate(identifiers):
        if IDENTIFIER.fullmatch(identifier) is None:
            place = at.inside(name).entry(position).inside("identifier")
            place.report("wrong_shape", found=identifier, example="9d8d5691-3c65-4f95-af82-858844732458")
    for identifier in (each for each, times in Counter(identifiers).items() if times > 1):
        at.inside(name).report("identifier_repeated", found=identifier)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _name(kind: type, each: Field[Any]) -> str:
    hint = _hints(kind)[each.name]
    return get_args(hint)[1].name if get_origin(hint) is Annotated else each.name


def _wanted(kind: type, each: Field[Any]) -> tuple[Any, bool]:
    """The type of a field and whether its entries come as a list."""
    hint = _hints(kind)[each.name]
    wanted = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    options = (
        [option for option in get_args(wanted) if option is not NoneType] if NoneType in get_args(wanted) else [wanted]
    )
    many = get_origin(options[0]) is tuple
    return (get_args(options[0])[0] if many else options[0]), many


def _read(kind: type[T], table: object, at: Place) -> T | Gap:
    """An instance of `kind`; optional keys of another type than ours are kept as they stand, in `extra`."""
    if not isinstance(table, Mapping):
        return at.report("not_a_table", found=str(table)[:60])
    extra = dict(table)
    values: dict[str, object] = {}
    for each in fields(kind):  # type: ignore[arg-type] # only our own dataclasses come here
        if each.name == "extra":
            continue
        name = _name(kind, each)
        wanted, many = _wanted(kind, each)
        found = table.get(name)
        there = at.inside(name)
        if many and isinstance(found, list):
            entries = tuple(_read(wanted, entry, there.entry(position)) for position, entry in enumerate(found))
            values[each.name] = Gap.GAP if Gap.GAP in entries else entries
        elif wanted in {str, int}:
            values[each.name] = found if type(found) is wanted else None
        elif isinstance(found, Mapping):
            values[each.name] = _read(wanted, found, there)
        if values.get(each.name) is None and each.default is MISSING:
            values[each.name] = _not_there(name, table, there)
        elif values.get(each.name) is not None:
            extra.pop(name)
    if Gap.GAP in values.values():
        return Gap.GAP
    values["extra"] = extra
    return kind(**values)


def _not_there(name: str, table: Table, at: Place) -> Gap:
    """Report a key that CASE 1.0 requires and that is absent or of another type."""
    if name in table:
        return at.report("wrong_kind", found=str(table[name])[:60], en="what CASE 1.0 asks", fr="ce que CASE 1.0 exige")
    return at.report("missing", en="it, as CASE 1.0 asks", fr="cette clé, exigée par CASE 1.0")
