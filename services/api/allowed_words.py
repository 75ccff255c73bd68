"""Which words a field takes, so that a refusal can name them: read from what the route asks for."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from litestar.handlers import BaseRouteHandler
from msgspec import inspect

BODY = "data"
"""What handlers call the body."""

PIECE = re.compile(r"\[[^\]]*\]|[^.\[\]]+")
"""A step of a place such as `offers[0].way`: into a list or a table, or to a field."""


def at(handler: BaseRouteHandler, place: str, *, in_body: bool) -> tuple[str, ...]:
    """The words that may stand at `place` of a request to `handler`; empty where they are not known."""
    name = BODY if in_body else place
    asked = handler.parsed_fn_signature.parameters.get(name)
    if asked is None:
        return ()
    steps = PIECE.findall(place.removeprefix(BODY)) if in_body else []
    return tuple(dict.fromkeys(_words(_known(asked.annotation), steps)))


@cache
def _known(annotation: Any) -> inspect.Type:  # noqa: ANN401 - a hint has no common type
    return inspect.type_info(annotation)


def _words(kind: inspect.Type, steps: list[str]) -> Iterator[str]:
    if isinstance(kind, inspect.Metadata):
        yield from _words(kind.type, steps)
    elif isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _words(one, steps)
    elif not steps:
        yield from _of(kind)
    else:
        for inside in _inside(kind, steps[0]):
            yield from _words(inside, steps[1:])


def _of(kind: inspect.Type) -> Iterator[str]:
    if isinstance(kind, inspect.EnumType):
        yield from (str(one.value) for one in kind.cls)
    elif isinstance(kind, inspect.LiteralType):
        yield from map(str, kind.values)


def _inside(kind: inspect.Type, step: str) -> Iterator[inspect.Type]:
    if isinstance(kind, inspect.StructType):
        yield from (field.type for field in kind.fields if field.encode_name == step)
    elif isinstance(kind, inspect.ListType | inspect.VarTupleType | inspect.SetType | inspect.FrozenSetType):
        yield kind.item_type
    elif isinstance(kind, inspect.DictType):
        yield kind.value_type
