"""What may be sent, made from the rules' own types: the same fields, and nothing beside them, each with its limit.

A body of the rules is a plain dataclass. Here it becomes a form that refuses unknown fields and endless texts, and
what was sent becomes that dataclass again.
"""

import dataclasses
import types
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

LONGEST_TEXT = 20_000
"""Characters of one text; the body as a whole is limited as well."""

MOST_ENTRIES = 500
"""Entries of one list."""

NO_CONTROL = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$"
"""No character that nobody can type: PostgreSQL cannot store the first of them, and no letter can print the others."""

Written = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT, pattern=NO_CONTROL)]
"""What somebody wrote."""

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment, with its distance from UTC."""

LIMITED: dict[Any, Any] = {str: Written, datetime: Instant}
"""What is taken only within limits."""

T = TypeVar("T")


@cache
def strict(kind: type, suffix: str = "") -> type[msgspec.Struct]:
    """The form of `kind`, a dataclass of the rules: unknown fields are refused, texts and lists have an end.

    `suffix` ends its name in the description of the API, where `kind` itself is part of an answer.
    """
    hints = get_type_hints(kind)
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for field in dataclasses.fields(kind):
        form = _form(hints[field.name], suffix)
        has_default = field.default is not dataclasses.MISSING
        fields.append((field.name, form, field.default) if has_default else (field.name, form))
    made = msgspec.defstruct(
        f"{kind.__name__}{suffix}", fields, kw_only=True, forbid_unknown_fields=True, module=__name__
    )
    made.__doc__ = kind.__doc__
    return made


def _form(hint: Any, suffix: str) -> Any:  # noqa: ANN401 - type hints have no common type
    if hint in LIMITED:
        return LIMITED[hint]
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)  # noqa: S101 - a hint is a class, never an instance
        return strict(hint, suffix)
    origin, inside = get_origin(hint), get_args(hint)
    if origin is tuple:
        entry = _form(inside[0], suffix)
        return Annotated[tuple[entry, ...], msgspec.Meta(max_length=MOST_ENTRIES)]  # type: ignore[valid-type]  # made here
    if origin is dict:
        value = inside[1]
        return Annotated[dict[Written, value], msgspec.Meta(max_length=MOST_ENTRIES)]  # type: ignore[valid-type]  # made here
    if origin in (types.UnionType, Union):
        return Union[tuple(_form(part, suffix) for part in inside)]  # noqa: UP007 - built at run time
    if hint in (bool, int, date, Decimal, type(None)) or issubclass(hint, Enum):
        return hint
    raise TypeError(hint)


def plain(sent: msgspec.Struct | None, kind: type[T]) -> T:
    """What was sent, as the dataclass `kind` that the rules know; None stands for a body without words."""
    return msgspec.convert(msgspec.to_builtins(sent) if sent is not None else {}, kind)
