"""A question about columns that is asked alone: made once, put straight to the driver, its answer read by columns.

SQLAlchemy makes the statement from the tables, and knows what is bound and what comes back; for what every request asks
it is then left out, for its way of carrying out a statement costs several times the statement itself.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import TypeEngine

Rows = Sequence[tuple[Any, ...]]
Columns = sa.Select[*tuple[Any, ...]] | sa.CompoundSelect[*tuple[Any, ...]]

_Whole = Callable[[Sequence[Any]], Sequence[Any]]
_One = Callable[[Any], Any]

LINES = 5
"""How many questions are asked alone at the same moment; each takes the database less than a thousandth of a second."""


@runtime_checkable
class ReadsColumns(Protocol):
    """A type of ours that reads a whole column at once."""

    def whole_column(self, values: Sequence[Any], dialect: Dialect) -> Sequence[Any]:
        """The values of a column as the driver gave them, in their type."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as a driver takes it: `order` of its parameters where they have no names, `columns` as they come."""

    text: str
    fixed: Mapping[str, object]
    asked: Mapping[str, _One | None]
    order: Sequence[str] | None
    columns: Sequence[_Whole | None]

    def bound(self, params: Mapping[str, object]) -> Mapping[str, object] | Sequence[object]:
        """The values of `params` as the driver takes them. Raises `KeyError` for one that is missing."""
        values = dict(self.fixed)
        for name, bind in self.asked.items():
            values[name] = params[name] if bind is None else bind(params[name])
        return values if self.order is None else [values[name] for name in self.order]

    def read(self, found: Rows) -> Rows:
        """What the driver answered, in the types of the columns."""
        if not found:
            return found
        read = (
            values if as_kind is None else as_kind(values)
            for as_kind, values in zip(self.columns, zip(*found, strict=True), strict=True)
        )
        return list(zip(*read, strict=True))


class Lines:
    """The connections that only carry questions asked alone: opened when all others are busy, `LINES` at most.

    They are taken from the engine and never given back to its pool, whose way of lending and taking back costs more
    than a question. Nothing is ever begun on one, so that each question sees what is committed in its own moment.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._put = _to_sqlite if engine.dialect.name == "sqlite" else _to_postgresql
        self._free = _unopened()

    async def rows(self, statement: Columns, params: Mapping[str, object]) -> Rows:
        """The rows of one question.

        Raises what SQLAlchemy raises where there is no connection, and the driver's own errors.
        """
        prepared = prepare(statement, self._engine.dialect)
        free = self._free
        line = await free.get()
        try:
            line = line or await self._opened()
            found = await self._put(line, prepared.text, prepared.bound(params))
        except BaseException:
            free.put_nowait(None)  # nobody knows in what state it is
            if line:
                await line.close()
            raise
        free.put_nowait(line)
        return prepared.read(found)

    async def _opened(self) -> Any:  # noqa: ANN401 - the driver's own connection has no shared type
        lent = await self._engine.raw_connection()
        line = lent.driver_connection
        lent.detach()
        if self._engine.dialect.name == "postgresql":
            await line.set_autocommit(True)  # type: ignore[union-attr]  # of psycopg
        return line

    async def close(self) -> None:
        """Close those that are free; they are opened again for whoever asks after that."""
        free, self._free = self._free, _unopened()
        while not free.empty():
            if line := free.get_nowait():
                await line.close()


def _unopened() -> "asyncio.LifoQueue[Any]":
    """Places for lines; the one that was given back last is taken first, so that a quiet house opens but one."""
    free: asyncio.LifoQueue[Any] = asyncio.LifoQueue()
    for _ in range(LINES):
        free.put_nowait(None)
    return free


async def _to_sqlite(line: Any, text: str, values: object) -> Rows:  # noqa: ANN401 - `one_step.Connection`
    found: Rows = await line.rows(text, values)
    return found


async def _to_postgresql(line: Any, text: str, values: object) -> Rows:  # noqa: ANN401 - of psycopg
    # What is binary is read in fewer steps than what is spelled.
    found: Rows = await (await line.execute(text, values, binary=True)).fetchall()
    return found


@lru_cache(maxsize=512)
def prepare(statement: Columns, dialect: Dialect) -> Prepared:
    """The statement as the driver of `dialect` takes it; what it asks for at each call is what has no value yet."""
    compiled = statement.compile(dialect=dialect)
    missing = {name for name, bind in compiled.binds.items() if bind.required}
    # Lists of words become one parameter for each of them, as many as there are when it is made.
    state = compiled.construct_expanded_state(dict.fromkeys(missing))
    binding = {
        name: state.processors.get(name)
        or (compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) if name in compiled.binds else None)
        for name in state.parameters
    }
    return Prepared(
        text=state.statement,
        fixed={
            name: value if (bind := binding[name]) is None else bind(value)
            for name, value in state.parameters.items()
            if name not in missing
        },
        asked={name: binding[name] for name in missing},
        order=state.positiontup,
        columns=[_reader(column.type, dialect) for column in statement.selected_columns],
    )


def _reader(kind: TypeEngine[Any], dialect: Dialect) -> _Whole | None:
    """How a column of values of `kind` is read, if it is not as it comes from the driver."""
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:
        words = {None: None} | {member.value: member for member in kind.enum_class}
        return lambda column: [words[value] for value in column]
    if isinstance(kind, ReadsColumns):
        return lambda column: kind.whole_column(column, dialect)
    if isinstance(kind, sa.Uuid) and dialect.name == "sqlite":
        return lambda column: msgspec.convert(column, list[UUID | None])
    one = kind.dialect_impl(dialect).result_processor(dialect, None)
    return None if one is None else lambda column: [one(value) for value in column]
