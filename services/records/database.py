"""The one door to the database: engine, transactions, and the column types that both engines share.

Nobody in this room commits: `reading` and `writing` are the only scopes, and the caller opens them.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import lone, one_step

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""A JSON document, binary on PostgreSQL; nothing is NULL, not the document `null`."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, always UTC and aware; a naive value is a fault of ours and refused with `ValueError`."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(value)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - signature of SQLAlchemy
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def whole_column(self, values: Sequence[Any], dialect: Dialect) -> Sequence[datetime | None]:
        """The same for all values of a column as the driver gave them."""
        if dialect.name == "sqlite":
            return [value and datetime.fromisoformat(value + "+00:00") for value in values]
        return [value and value.astimezone(UTC) for value in values]


def words(kind: type[StrEnum], *, name: str = "") -> sa.Enum:
    """A column that holds the words of `kind`, checked by the database; a table's second of a kind needs a `name`."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


@dataclass(frozen=True, slots=True)
class Database:
    """An open database, and how its readers, its writers and questions asked alone reach it; close it with `close`."""

    engine: AsyncEngine
    reader: AsyncEngine
    writer: AsyncEngine
    lines: lone.Lines

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads.

        On SQLite all of its questions see one moment. PostgreSQL shows each question its own moment in any case
        (read committed), so no transaction is begun and ended around them: that would be two round trips for nothing.
        """
        async with AsyncSession(self.reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session that commits when the block ends well and rolls back otherwise."""
        async with AsyncSession(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    async def exec(self, statement: lone.Columns, *, params: Mapping[str, object]) -> lone.Rows:
        """The rows of one question about columns that is asked alone: for a fraction of what a session costs."""
        try:
            return await self.lines.rows(statement, params)
        except self.engine.dialect.loaded_dbapi.Error:
            # Asked again as every other question, which says what is wrong and gives up every connection that is lost.
            async with self.reading() as session:
                return (await session.exec(statement, params=params)).all()  # type: ignore[call-overload,no-any-return]  # many columns

    async def close(self) -> None:
        """Give every connection back."""
        await self.lines.close()
        await self.engine.dispose()


PATIENCE = 5
"""Seconds to wait for a lock, or for a server that does not answer, before somebody is told to come back later."""


def connect(url: str, *, pool: int = 10) -> Database:
    """Open `sqlite:///path` or `postgresql://…`; no connection is made before the first question.

    What was written or asked for is left out of the texts of errors: they end up in logs.
    """
    if url.startswith("sqlite"):
        engine = create_async_engine(
            url.replace("sqlite:", "sqlite+aiosqlite:", 1),
            connect_args={"timeout": PATIENCE, "async_creator_fn": one_step.Connection},
            hide_parameters=True,
            json_serializer=_json,
            json_deserializer=msgspec.json.decode,
        )
        event.listen(engine.sync_engine, "connect", _sqlite_settings)
        event.listen(engine.sync_engine, "begin", _sqlite_begin)
    else:
        engine = create_async_engine(
            url.replace("postgresql:", "postgresql+psycopg:", 1),
            connect_args={"connect_timeout": PATIENCE},
            hide_parameters=True,
            pool_size=pool,
            json_serializer=_json,
            json_deserializer=msgspec.json.decode,
        )
        event.listen(engine.sync_engine, "connect", _postgresql_settings)
    sqlite = engine.dialect.name == "sqlite"
    reader = engine if sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
    return Database(engine, reader, engine.execution_options(acquis_writes=True), lone.Lines(engine))


Asked: TypeAlias = AsyncSession | Database
"""Whom a question can be put to: a session, or the database itself where nothing else is asked with it."""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _sqlite_settings(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's own connection has no shared type
    connection.isolation_level = None  # transactions are begun by `_sqlite_begin`, not by the driver
    cursor = connection.cursor()
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={PATIENCE * 1000}",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _postgresql_settings(connection: Any, _: object) -> None:  # noqa: ANN401 - as above
    cursor = connection.cursor()
    # Every time is read in UTC: none has to be moved there.
    cursor.execute(f"SET lock_timeout = '{PATIENCE}s'; SET TIME ZONE 'UTC'")
    cursor.close()
    connection.commit()  # a setting made in a transaction that is rolled back would be gone


def _sqlite_begin(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    writes = connection.get_execution_options().get("acquis_writes", False)
    driver.begin(one_step.WRITES if writes else one_step.READS)


REQUIRED_SQLITE = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1"}
REQUIRED_POSTGRESQL = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


async def unsafe_settings(database: Database) -> dict[str, str]:
    """Settings under which an acknowledged row could be lost, with their present value; empty when sound."""
    async with database.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        wanted, ask = (REQUIRED_SQLITE, "PRAGMA {}") if sqlite else (REQUIRED_POSTGRESQL, "SHOW {}")
        found = {name: str((await connection.exec_driver_sql(ask.format(name))).scalar()) for name in wanted}
    return {name: value for name, value in found.items() if value.lower() != wanted[name]}
