"""Turns plain tables (of TOML or JSON) into the frozen classes of a programme and back, naming every error at once.

One reader over annotations: a field added to a class is read, checked and written without a line here.
"""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from functools import cache
from importlib import resources
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from services.rules.deadlines import Span
from services.rules.programmes import Beside, Between, OneOf, Shape, Spelled, Text

T = TypeVar("T")
Table = Mapping[str, Any]
LONG_ENOUGH_TO_DIFFER = 8
"""Words from which one text in both languages means that nobody translated it; shorter ones may be names."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one file; `key` is its path, entries counted from 1: `competency[3].criterion[1].fr`."""

    file: str
    key: str
    wrong: Text
    right: Text

    def in_(self, language: str) -> str:
        """The whole problem as one line in `language` (`en` or `fr`)."""
        place = f"{self.file}, {self.key}" if self.key else self.file
        return f"{place}: {self.wrong.in_(language)} {self.right.in_(language)}"


class Gap(Enum):
    """Stands where a value could not be read; the problem has been reported."""

    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which file the reader is, and the problems found so far, shared by all places of one reading."""

    file: str
    key: str = ""
    problems: list[Problem] = field(default_factory=list)

    def inside(self, name: str) -> "Place":
        """The place of the key `name` in the table that stands here."""
        return Place(self.file, f"{self.key}.{name}" if self.key else name, self.problems)

    def entry(self, position: int) -> "Place":
        """The place of the entry at `position`, counted from 0, in the list that stands here."""
        return Place(self.file, f"{self.key}[{position + 1}]", self.problems)

    def of(self, file: str) -> "Place":
        """The top of another file that is read on the way."""
        return Place(file, "", self.problems)

    def report(self, code: str, **facts: object) -> Gap:
        """Add the problem `code`, its sentences filled with `facts`, and answer the gap that it leaves."""
        said = _catalogue()[code]
        wrong, right = (
            Text(said[part]["en"].format_map(facts), said[part]["fr"].format_map(facts)) for part in ("wrong", "right")
        )
        self.problems.append(Problem(self.file, self.key, wrong, right))
        return Gap.GAP


@cache
def _catalogue() -> dict[str, Any]:
    source = resources.files("services") / "locales" / "programme_problems.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def read(kind: type[T], table: object, at: Place, *, given: Mapping[str, object] | None = None) -> T | Gap:
    """An instance of the dataclass `kind` from `table`, or a gap with its problems in `at`.

    `given` holds fields that were read elsewhere, by name; the table does not spell them.
    """
    if not isinstance(table, Mapping):
        return at.report("not_a_table", found=_shown(table))
    values: dict[str, object] = dict(given or {})
    spelled = {
        name: each
        for each in fields(kind)  # type: ignore[arg-type] # only dataclasses come here
        if each.name not in values
        for name in _names(kind, each)
    }
    for name in table:
        if name not in spelled:
            nearest = difflib.get_close_matches(str(name), spelled, n=1, cutoff=0.5)
            at.inside(str(name)).report("unknown_key", nearest=nearest[0] if nearest else ", ".join(spelled))
    for each in dict.fromkeys(spelled.values()):
        values[each.name] = _field(kind, each, table, at)
    if any(value is Gap.GAP for value in values.values()):
        return Gap.GAP
    return kind(**values)


def write(value: object) -> Any:  # noqa: ANN401 - plain JSON
    """The plain JSON form of `value`: what `read` reads, with every key present."""
    if is_dataclass(value) and not isinstance(value, (type, Span)):
        table: dict[str, Any] = {}
        for each in fields(value):
            written = write(getattr(value, each.name))
            names = _names(type(value), each)
            table |= written if len(names) > 1 else {names[0]: written}
        return table
    if isinstance(value, tuple):
        return [write(entry) for entry in value]
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _names(kind: type, each: Field[Any]) -> tuple[str, ...]:
    """How a file spells a field: its own name, the name said for it, or one key a language."""
    for mark in _marks(_hints(kind)[each.name])[1]:
        if isinstance(mark, Spelled):
            return (mark.name,)
        if isinstance(mark, Beside):
            return tuple(language.name for language in fields(Text))
    return (each.name,)


def _marks(hint: Any) -> tuple[Any, tuple[Any, ...]]:  # noqa: ANN401 - a type hint is any object
    """A hint's type and what is said of it beside."""
    if get_origin(hint) is Annotated:
        kind, *marks = get_args(hint)
        return kind, tuple(marks)
    return hint, ()


def _field(kind: type, each: Field[Any], table: Table, at: Place) -> object:
    names = _names(kind, each)
    hint = _hints(kind)[each.name]
    if len(names) > 1:
        return _value(Text, {name: table[name] for name in names if name in table}, at)
    if names[0] in table:
        return _value(hint, table[names[0]], at.inside(names[0]))
    if each.default is not MISSING:
        return each.default
    if NoneType in get_args(hint):
        return None
    return at.inside(names[0]).report("missing", **expected(hint))


def _value(hint: Any, found: object, at: Place) -> object:  # noqa: ANN401 - a type hint is any object
    """`found` as the annotation `hint` wants it, or a gap."""
    kind, marks = _marks(hint)
    if get_origin(kind) is UnionType:
        return None if found is None else _value(get_args(kind)[0], found, at)
    if get_origin(kind) is tuple:
        read_value: object = _entries(kind, found, at)
    elif isinstance(kind, type) and is_dataclass(kind) and kind is not Span:
        read_value = read(kind, found, at)
        if isinstance(read_value, Text) and _untranslated(read_value):
            return at.report("untranslated")
    else:
        read_value = _plain(kind, found, at)
    if read_value is Gap.GAP:
        return Gap.GAP
    return next((Gap.GAP for mark in marks if _breaks(mark, read_value, at)), read_value)


def _breaks(mark: object, value: object, at: Place) -> bool:
    """Whether `value` breaks what the annotation says beside its type; if so it has been reported."""
    size = len(value) if isinstance(value, tuple) else value
    if isinstance(mark, Between) and isinstance(size, int | Decimal) and not mark.low <= size <= mark.high:
        code = "wrong_count" if isinstance(value, tuple) else "out_of_range"
        at.report(code, found=size, low=mark.low, high=mark.high)
    elif isinstance(mark, Shape) and re.fullmatch(mark.pattern, str(value)) is None:
        at.report("wrong_shape", found=_shown(value), example=mark.example)
    elif isinstance(mark, OneOf) and value not in mark.words:
        at.report("not_one_of", found=_shown(value), words=", ".join(mark.words))
    else:
        return False
    return True


def _untranslated(text: Text) -> bool:
    return text.en == text.fr and len(text.en.split()) >= LONG_ENOUGH_TO_DIFFER


def _entries(kind: Any, found: object, at: Place) -> object:  # noqa: ANN401 - a type hint is any object
    """A tuple from a list: of one kind throughout, or of one kind a place; keys of one list differ."""
    if not isinstance(found, list | tuple):
        return at.report("not_a_list", found=_shown(found))
    kinds = get_args(kind)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(found)
    elif len(kinds) != len(found):
        return at.report("wrong_count", found=len(found), low=len(kinds), high=len(kinds))
    values = tuple(
        _value(each, entry, at.entry(position)) for position, (each, entry) in enumerate(zip(kinds, found, strict=True))
    )
    keys = Counter(entry["key"] for entry in found if isinstance(entry, Mapping) and isinstance(entry.get("key"), str))
    for key in (key for key, times in keys.items() if times > 1):
        values = (*values, at.report("twice", found=key))
    return Gap.GAP if Gap.GAP in values else values


def _decimal(found: object) -> object:
    if not isinstance(found, str | int | Decimal) or isinstance(found, bool):
        return None
    number = Decimal(found)
    return number if number.is_finite() else None


def _text(found: object) -> object:
    return found if isinstance(found, str) and found == found.strip() else None


def _day(found: object) -> object:
    return found if type(found) is date else date.fromisoformat(str(found))


PLAIN: dict[type, Callable[[object], object]] = {
    str: _text,
    bool: lambda found: found if isinstance(found, bool) else None,
    int: lambda found: found if isinstance(found, int) and not isinstance(found, bool) else None,
    Decimal: _decimal,
    date: _day,
    Span: lambda found: Span.parse(str(found)),
}
"""How each plain kind is read; None or an error of its own means that it is something else."""


def _plain(kind: type, found: object, at: Place) -> object:
    if issubclass(kind, StrEnum):
        words = {str(word): word for word in kind}
        return words.get(str(found)) or at.report("not_one_of", found=_shown(found), **_words(kind))
    if kind is str and isinstance(found, str) and not found.strip():
        return at.report("empty")
    try:
        value = PLAIN[kind](found)
    except (ValueError, InvalidOperation):
        value = None
    return at.report("wrong_kind", found=_shown(found), **expected(kind)) if value is None else value


def _words(kind: type[StrEnum]) -> dict[str, str]:
    return {"words": ", ".join(kind)}


def expected(hint: Any) -> dict[str, str]:  # noqa: ANN401 - a type hint is any object
    """What would be right at a place with this annotation: `en` and `fr` facts for a sentence."""
    kind = _marks(hint)[0]
    if get_origin(kind) is tuple:
        name = "list"
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        said = _catalogue()["kinds"]["word"]
        return {language: text.format_map(_words(kind)) for language, text in said.items()}
    elif is_dataclass(kind) and kind is not Span:
        name = "text" if kind is Text else "table"
    else:
        name = kind.__name__.lower()
    return dict(_catalogue()["kinds"][name])


def _shown(found: object) -> str:
    """A value as the message quotes it: short, whatever it was."""
    text = str(found)
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - about half a line
