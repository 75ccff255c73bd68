"""On SQLite a session crosses over to its connection's thread as seldom as it can, and never leaves a lock behind."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiosqlite
import pytest
import sqlalchemy as sa

from services.records import people
from services.records.database import Database, connect
from services.records.tables.people import Person
from tests.records import makers
from tests.records.databases import SqliteTemplate


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(SqliteTemplate(tmp_path).make().removeprefix("sqlite:///"))


@pytest.fixture
async def opened(file: Path) -> AsyncIterator[Database]:
    database = connect(f"sqlite:///{file}")
    async with database.reading() as session:
        await people.memberships(session, uuid4())
    yield database
    await database.close()


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch, opened: Database) -> list[str]:  # noqa: ARG001 - once it is open
    """What was waited for from now on."""
    waited: list[str] = []
    really = aiosqlite.Connection._execute  # noqa: SLF001 - what is counted

    async def execute(self: aiosqlite.Connection, run: Any, *arguments: Any) -> Any:  # noqa: ANN401 - as the library's
        waited.append(run.__name__)
        return await really(self, run, *arguments)  # type: ignore[no-untyped-call]  # as the library's

    monkeypatch.setattr(aiosqlite.Connection, "_execute", execute)
    return waited


async def test_one_question_is_one_visit(opened: Database, visits: list[str]) -> None:
    async with opened.reading() as session:
        await people.memberships(session, uuid4())
    assert len(visits) == 1


async def test_a_writer_visits_to_begin_and_to_commit(opened: Database, visits: list[str]) -> None:
    async with opened.writing() as session:
        await makers.person(session)
    assert len(visits) == 2
    visits.clear()
    async with opened.writing() as session:
        for _ in range(3):
            person = await makers.person(session)
            await people.memberships(session, person.id)
    assert len(visits) == 2
    visits.clear()
    async with opened.writing():
        """Nothing to do."""
    assert visits == []


async def test_readers_see_one_moment_until_they_are_done(opened: Database) -> None:
    async with opened.reading() as session:
        asked = sa.select(sa.func.count()).select_from(Person)
        before = (await session.exec(asked)).one()  # type: ignore[call-overload]  # a select of sqlalchemy's
        async with opened.writing() as other:
            await makers.person(other)
        assert (await session.exec(asked)).one() == before  # type: ignore[call-overload]  # as above
    async with opened.reading() as session:
        assert (await session.exec(asked)).one() != before  # type: ignore[call-overload]  # as above


async def test_a_writer_that_was_cancelled_while_it_waited_leaves_no_lock(opened: Database, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None, timeout=2)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with opened.writing() as session:
            await makers.person(session)

    waiting = asyncio.create_task(write())
    _, still = await asyncio.wait([waiting], timeout=0.1)
    assert still
    waiting.cancel()
    other.execute("COMMIT")
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await write()
    other.execute("BEGIN IMMEDIATE")
    assert other.execute("SELECT count(*) FROM people").fetchone() == (1,)
    other.close()
