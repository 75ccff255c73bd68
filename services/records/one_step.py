"""A SQLite statement in one visit to the connection's thread: cursor, statement, rows and end together.

aiosqlite crosses over once for each of the four, and on one machine that costs more than the statement itself.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite

Row = tuple[Any, ...]


class Cursor:
    """The part of a cursor that SQLAlchemy asks for; its rows are all here once `execute` is done."""

    arraysize = 1

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: list[Row] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Run one statement and take its rows."""
        await self._connection.visit(self._run, statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Run one statement for each of the parameters."""
        await self._connection.visit(self._run_many, statement, parameters)
        return self

    async def fetchall(self) -> list[Row]:
        """The rows of the last statement."""
        return self._rows

    async def close(self) -> None:
        """Nothing is held open."""

    def _run(self, connection: sqlite3.Connection, statement: str, parameters: Sequence[Any]) -> None:
        self._take(connection.execute(statement, parameters))

    def _run_many(self, connection: sqlite3.Connection, statement: str, parameters: Iterable[Sequence[Any]]) -> None:
        self._take(connection.executemany(statement, parameters))

    def _take(self, cursor: sqlite3.Cursor) -> None:
        # Rows first: `rowcount` of a statement that returns rows is known when the last one was taken.
        self._rows = cursor.fetchall()
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        cursor.close()


class Connection(aiosqlite.Connection):
    """aiosqlite's connection and thread, with the cursors of this module."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy only enters it, so nothing need be awaited
        return Cursor(self)

    async def visit(self, run: Callable[..., None], *arguments: object) -> None:
        """Call `run` with the driver's connection in its thread."""
        await self._execute(run, self._conn, *arguments)  # type: ignore[no-untyped-call]  # it has no types


def opened(path: str, **options: Any) -> Connection:  # noqa: ANN401 - the driver's own options
    """A connection to the file at `path`, opened when it is awaited. It is what `async_creator_fn` wants."""
    connection = Connection(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)
    # A process that ends without closing must not wait for this thread.
    connection._thread.daemon = True  # noqa: SLF001 - what SQLAlchemy does with the connections that it makes itself
    return connection
