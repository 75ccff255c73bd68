"""Where many tests begin, a case is led once: whoever asks again for the same steps gets a copy of what they left.

`prepared` marks a function that leads a database somewhere, such as `moving.judged`. The first test of a process that
asks does the steps; the next one whose database stands where the first one's stood, and who gives the same arguments,
gets the rows that the steps wrote and the answer that they gave. A database that anything else has written to, and one
whose test replaces parts of the code, is led step by step.
"""

import functools
import pickle
import sqlite3
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from services.records.database import Database
from tests.records.databases import line

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

MOST = 60
"""States that a process keeps, of a megabyte and a half each; the one that was not asked for longest goes first."""


class Store(Protocol):
    """Where the rows of one test's database are."""

    def mark(self) -> object:
        """What changes whenever somebody writes."""

    def take(self) -> bytes:
        """Every row."""

    def put(self, content: bytes) -> None:
        """Have these rows and no others."""


class SqliteStore:
    """A database that is a file."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.log = Path(f"{path}-wal")

    def mark(self) -> object:
        file = self.path.stat()
        if not self.log.exists() or not (size := self.log.stat().st_size):
            return file.st_mtime_ns, file.st_size
        with self.log.open("rb") as log:
            return file.st_mtime_ns, file.st_size, size, log.read(32)  # its head changes when it begins anew

    def take(self) -> bytes:
        connection = sqlite3.connect(self.path)
        try:
            content = connection.serialize()
        finally:
            connection.close()
        return content[:18] + b"\1\1" + content[20:]  # what is in memory can have no write-ahead log

    def put(self, content: bytes) -> None:
        kept, connection = sqlite3.connect(":memory:"), sqlite3.connect(self.path)
        try:
            kept.deserialize(content)
            kept.backup(connection)
        finally:
            connection.close()
            kept.close()


TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  AND pg_relation_size(oid) > 0 AND relname <> 'alembic_version' ORDER BY relname
"""
SEQUENCES = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"


class PostgresqlStore:
    """A database on a server that is this process's own: its next transaction's number changes when anything writes."""

    def __init__(self, url: str) -> None:
        self.url = url

    def mark(self) -> object:
        return line(self.url).execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()

    def take(self) -> bytes:
        connection, rows = line(self.url), {}
        for (name,) in connection.execute(TABLES).fetchall():
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT binary)'.encode()) as copy:
                rows[name] = b"".join(bytes(part) for part in copy)
        return pickle.dumps((rows, connection.execute(SEQUENCES).fetchall()))

    def put(self, content: bytes) -> None:
        rows, sequences = pickle.loads(content)  # noqa: S301 - our own bytes
        connection = line(self.url)
        with connection.transaction():
            # No trigger that forbids to delete, and none that would write what is being written.
            connection.execute("SET LOCAL lock_timeout = '2s'; SET LOCAL session_replication_role = replica")
            filled = {name for (name,) in connection.execute(TABLES).fetchall()}
            for name in filled:
                connection.execute(f'DELETE FROM "{name}"'.encode())  # noqa: S608 - names of our own
            for name, part in rows.items():
                with connection.cursor().copy(f'COPY "{name}" FROM STDIN (FORMAT binary)'.encode()) as copy:
                    copy.write(part)
            for name, last in sequences:
                connection.execute("SELECT setval(%s, %s)", (name, last))


Steps = tuple[object, ...]
"""The steps that were taken since a database was made."""


@dataclass(slots=True)
class Place:
    """How far the database of a running test was led, and the mark that it has as long as nobody else writes."""

    store: Store
    steps: Steps
    mark: object
    awaited: bytes | None = None

    def stands_at(self) -> Steps | None:
        """The steps that lead here; nothing where somebody wrote since."""
        return self.steps if self.awaited or self.store.mark() == self.mark else None

    def arrive(self, steps: Steps, rows: bytes | None = None) -> None:
        """Stand where these steps lead; where `rows` are said, the database has them as soon as anybody looks."""
        self.steps, self.awaited = steps, rows
        if rows is None:
            self.mark = self.store.mark()

    def fill(self, *_: object) -> None:
        """Write down what is awaited. Called before a connection is given out: several steps are one copy."""
        if self.awaited:
            rows, self.awaited = self.awaited, None
            self.store.put(rows)
            self.mark = self.store.mark()


_PLACES: dict[AsyncEngine, Place] = {}
_KEPT: OrderedDict[Steps, tuple[bytes, bytes]] = OrderedDict()
"""By the steps that lead there: every row, and the answer of the last step."""


@contextmanager
def watched(database: Database, url: str) -> Iterator[None]:
    """Let steps be taken from what is kept while this fresh database at `url` is in use."""
    parts = make_url(url)
    name = parts.get_backend_name()
    store = SqliteStore(str(parts.database)) if name == "sqlite" else PostgresqlStore(url)
    place = _PLACES[database.engine] = Place(store, (name,), store.mark())
    event.listen(database.engine.sync_engine, "checkout", place.fill)
    try:
        yield
    finally:
        event.remove(database.engine.sync_engine, "checkout", place.fill)
        del _PLACES[database.engine]


def prepared(work: Callable[Given, Awaitable[Answer]]) -> Callable[Given, Awaitable[Answer]]:
    """Take the steps of `work`, whose first argument is the database, from what is kept where it has them."""

    @functools.wraps(work)
    async def led(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        database, *others = args
        place = _PLACES.get(database.engine) if isinstance(database, Database) else None
        step = None if place is None else _said((work.__module__, work.__qualname__, others, sorted(kwargs.items())))
        before = None if place is None or step is None else place.stands_at()
        if place is None or before is None:
            return await work(*args, **kwargs)
        steps = (*before, step)
        if steps in _KEPT:
            _KEPT.move_to_end(steps)
            rows, told = _KEPT[steps]
            place.arrive(steps, rows)
            answer: Answer = pickle.loads(told)  # noqa: S301 - our own bytes
            return answer
        answer = await work(*args, **kwargs)
        place.fill()
        _KEPT[steps] = place.store.take(), pickle.dumps(answer)
        if len(_KEPT) > MOST:
            _KEPT.popitem(last=False)
        place.arrive(steps)
        return answer

    return led


def _said(value: object) -> object | None:
    """`value` as something that is equal exactly where it says the same; nothing where that cannot be told."""
    try:
        return _plain(value)
    except TypeError:
        return None


def _plain(value: object) -> object:
    if isinstance(value, SQLModel):
        return type(value), _plain({name: part for name, part in vars(value).items() if not name.startswith("_")})
    if value is None or isinstance(value, str | int | float | bytes | UUID | datetime | date | timedelta | Enum):
        return type(value), value
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), tuple(_plain(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return dict, tuple((key, _plain(part)) for key, part in sorted(value.items()))
    if isinstance(value, tuple | list):
        return type(value), tuple(_plain(part) for part in value)
    if isinstance(value, frozenset | set):
        return type(value), frozenset(_plain(part) for part in value)
    raise TypeError(type(value))
