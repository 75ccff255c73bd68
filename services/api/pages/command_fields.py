"""A command's form on a page, made from the type that the rules name for its body: what to ask, and what came back.

A field is called by its path: `reason`, or `claims-2-reasons` in the third row of a list.
"""

import dataclasses
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec

from services.api import forms, problem_words
from services.api.pages.sent import Sent
from services.rules.programmes import Language


class Asks(StrEnum):
    """How a field is asked for."""

    TEXT = "text"
    SEVERAL = "several"
    FLAG = "flag"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    PART = "part"
    ROWS = "rows"
    TICKS = "ticks"


TICKED = "yes"
"""What a ticked box sends."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body: `inside` are those of a part or of each row; `required` has no default in the rules."""

    name: str
    asks: Asks
    required: bool
    inside: tuple["Field", ...] = ()


SCALARS: dict[Any, Asks] = {
    str: Asks.TEXT,
    bool: Asks.FLAG,
    int: Asks.NUMBER,
    Decimal: Asks.NUMBER,
    date: Asks.DAY,
    datetime: Asks.MOMENT,
}


def of(body: type) -> tuple[Field, ...]:
    """The fields of a body, in its own order."""
    hints = get_type_hints(body)
    return tuple(_field(field, hints[field.name]) for field in dataclasses.fields(body))


def _field(field: "dataclasses.Field[Any]", hint: Any) -> Field:  # noqa: ANN401 - type hints have no common type
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    if get_origin(hint) in (types.UnionType, Union):
        hint = next(part for part in get_args(hint) if part is not type(None))
    if hint in SCALARS:
        return Field(field.name, SCALARS[hint], required and hint is not bool)
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)  # noqa: S101 - a hint is a class, never an instance
        return Field(field.name, Asks.PART, required, of(hint))
    if get_origin(hint) is dict:
        return Field(field.name, Asks.TICKS, required)
    if get_origin(hint) is tuple:
        entry = get_args(hint)[0]
        if dataclasses.is_dataclass(entry):
            assert isinstance(entry, type)  # noqa: S101 - as above
            return Field(field.name, Asks.ROWS, required, of(entry))
        return Field(field.name, Asks.SEVERAL, required)
    return Field(field.name, Asks.TEXT, required)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field: its path, and the sentence."""

    at: str
    says: str


class Unreadable(Exception):  # noqa: N818 - an answer, not a fault
    """What was sent is not what the body needs."""

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        super().__init__(wrong)
        self.wrong = wrong


def read(body: type, sent: Sent, *, zone: str, language: Language) -> object:
    """The body that a form sent; rows of which nothing was filled in do not count. Raises `Unreadable`."""
    fields = of(body)
    values = _values(fields, sent, "", zone)
    missing = problem_words.field("missing", language)
    if empty := tuple(Wrong(path, missing) for path in _empty(fields, values, "")):
        raise Unreadable(empty)
    try:
        return forms.plain(msgspec.convert(values, forms.strict(body), strict=False), body)
    except msgspec.ValidationError as error:
        says, _, where = str(error).partition(" - at `$")
        path = where.rstrip("`").lstrip(".").replace("[", "-").replace("]", "").replace(".", "-")
        raise Unreadable((Wrong(path, problem_words.read_fault(says, language)[2]),)) from error


def _values(fields: tuple[Field, ...], sent: Sent, before: str, zone: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        value = _value(field, sent, before + field.name, zone)
        if value is not None:
            found[field.name] = value
    return found


def _value(field: Field, sent: Sent, path: str, zone: str) -> Any:  # noqa: ANN401 - JSON
    read: dict[Asks, Callable[[], Any]] = {
        Asks.SEVERAL: lambda: [line for value in sent.all(path) for line in value.split("\n") if line.strip()],
        Asks.FLAG: lambda: sent.one(path) == TICKED,
        Asks.TICKS: lambda: {name: value == TICKED for name, value in sent.under(f"{path}-").items()},
        Asks.PART: lambda: _values(field.inside, sent, f"{path}-", zone),
        Asks.ROWS: lambda: [row for _, row in rows(field, sent, path, zone)],
        Asks.MOMENT: lambda: _instant(sent.one(path), zone),
    }
    return read[field.asks]() if field.asks in read else sent.one(path) or None


def rows(field: Field, sent: Sent, path: str, zone: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows in which something was written or chosen by hand, with their numbers.

    What a row is about (a hidden `claim`) does not make it count: a row says its own name in `{path}-N-of`.
    """
    for number in sent.rows(path):
        row = _values(field.inside, sent, f"{path}-{number}-", zone)
        fixed = set(sent.all(f"{path}-{number}-of"))
        if any(value not in (None, False, [], {}) for name, value in row.items() if name not in fixed):
            yield number, row


def _empty(fields: tuple[Field, ...], values: dict[str, Any], before: str) -> Iterator[str]:
    for field in fields:
        value = values.get(field.name)
        if field.required and value in (None, []):
            yield before + field.name
        if field.asks is Asks.PART and isinstance(value, dict):
            yield from _empty(field.inside, value, f"{before}{field.name}-")
        if field.asks is Asks.ROWS:
            for number, row in enumerate(value or ()):
                yield from _empty(field.inside, row, f"{before}{field.name}-{number}-")


def _instant(written: str, zone: str) -> datetime | str | None:
    """A day and time as typed, in the time of the case; what cannot be read is left for the form to refuse."""
    if not written:
        return None
    try:
        typed = datetime.fromisoformat(written)
    except ValueError:
        return written
    return typed if typed.tzinfo else typed.replace(tzinfo=ZoneInfo(zone))
