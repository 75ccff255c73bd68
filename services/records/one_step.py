"""A SQLite statement in one visit to the connection's thread: cursor, statement, rows and end together.

aiosqlite crosses over once for each of the four, and on one machine that costs more than the statement itself. For the
same reason a transaction begins in the visit of its first statement, and one that only read is not waited for to end.
A transaction that writes visits the thread to begin and to commit, where it waits for others and for the disk. Between
the two nobody can hold it up, and its statements, each about a row or a few, are run where they are asked for.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite

Row = tuple[Any, ...]

READS, WRITES = "BEGIN", "BEGIN IMMEDIATE"
"""How a transaction begins. A writer takes the lock at once: one that reads first and writes later could only fail."""


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
    """A connection to the file at `path`, with a thread of its own; opened when it is awaited."""

    def __init__(self, path: str, **options: Any) -> None:  # noqa: ANN401 - the driver's own options
        super().__init__(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)
        # A process that ends without closing must not wait for this thread.
        self._thread.daemon = True  # what SQLAlchemy does with the connections that it makes itself
        self._to_begin: str | None = None
        self._begun: str | None = None

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy only enters it, so nothing need be awaited
        return Cursor(self)

    async def rows(self, statement: str, parameters: Sequence[Any]) -> list[Row]:
        """The rows of a statement that is asked alone, in a transaction of its own."""
        found: list[Row] = await self._execute(_rows, self._conn, statement, parameters)  # type: ignore[no-untyped-call]  # it has no types
        return found

    def begin(self, how: str) -> None:
        """Begin a transaction with the statement `how` as soon as there is another one; without one, never."""
        self._to_begin = how

    async def visit(self, run: Callable[..., None], *arguments: object) -> None:
        """Call `run` with the driver's connection: in its thread, unless a writer has begun and holds the lock."""
        if self._to_begin is None and self._begun == WRITES:
            run(self._conn, *arguments)
            return
        if self._to_begin is None:
            await self._execute(run, self._conn, *arguments)  # type: ignore[no-untyped-call]  # it has no types
            return
        # Noted before it is sent: whoever is cancelled meanwhile ends what the thread is about to begin.
        self._begun, self._to_begin = self._to_begin, None
        await self._execute(_begin_and, self._begun, run, self._conn, *arguments)  # type: ignore[no-untyped-call]  # as above

    async def commit(self) -> None:
        """End the transaction, if one was begun; when that fails it is still there to be rolled back."""
        self._to_begin = None
        if self._begun:
            await super().commit()
            self._begun = None

    async def rollback(self) -> None:
        """Give up the transaction, if one was begun."""
        begun, self._begun, self._to_begin = self._begun, None, None
        if begun == READS:
            # Nothing can come of it, and what comes next on this connection waits for it in the same thread.
            self._tx.put_nowait((None, self._conn.rollback))
        elif begun:
            await super().rollback()


def _begin_and(how: str, run: Callable[..., None], connection: sqlite3.Connection, *arguments: object) -> None:
    connection.execute(how)
    run(connection, *arguments)


def _rows(connection: sqlite3.Connection, statement: str, parameters: Sequence[Any]) -> list[Row]:
    return connection.execute(statement, parameters).fetchall()
