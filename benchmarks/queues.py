"""A queue page of fifty at 100,000 cases, with every rule of access, beside the raw driver.

The limit is the same fifty rows asked of the bare driver (sqlite3 in a thread, psycopg), without any rule of access.
`python -m benchmarks.queues [cases]`
"""

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import psycopg

from benchmarks.figure import Figure, paired_async
from benchmarks.loading import load
from services.records import queue
from services.records.database import connect
from services.rules.people import Caller
from tests.records.databases import PostgresqlTemplate, SqliteTemplate, postgresql_server

WANTED = {"sqlite": 0.28, "postgresql": 0.40}
ROUNDS = 60
COLUMNS = "id, number, programme, due_at, stage, waiting_on, needs_attention"
OPEN = "stage NOT IN ('closed', 'decided', 'not_eligible') AND due_at IS NOT NULL"


def bare_sqlite(path: str, advisor: str) -> Callable[[], Awaitable[object]]:
    """The raw driver in a thread, one statement, one connection."""
    connection = sqlite3.connect(path, check_same_thread=False)
    asked = f"SELECT {COLUMNS} FROM cases WHERE {OPEN} AND advisor_id = ? ORDER BY due_at, id LIMIT 50"  # noqa: S608 - constants

    def ask() -> bytes:
        return msgspec.json.encode(connection.execute(asked, (advisor.replace("-", ""),)).fetchall())

    return lambda: asyncio.to_thread(ask)


async def bare_postgresql(url: str, advisor: str) -> Callable[[], Awaitable[object]]:
    """The raw driver, prepared."""
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    asked = f"SELECT {COLUMNS} FROM cases WHERE {OPEN} AND advisor_id = %s ORDER BY due_at, id LIMIT 50"  # noqa: S608 - constants

    async def ask() -> object:
        cursor = await connection.execute(asked, (advisor,), prepare=True)
        return msgspec.json.encode(await cursor.fetchall())

    return ask


async def measure(engine: str, url: str, *, cases: int) -> float:
    """Print the figure of one engine and answer our milliseconds."""
    database = connect(url)
    loaded = await load(database, cases=cases)
    bare = (
        bare_sqlite(url.removeprefix("sqlite:///"), loaded.advisor.id)
        if engine == "sqlite"
        else await bare_postgresql(url, loaded.advisor.id)
    )

    async def page(caller: Caller) -> object:
        async with database.reading() as session:
            return msgspec.json.encode(await queue.waiting(session, caller=caller))

    ours, limit = await paired_async(lambda: page(loaded.advisor), bare, rounds=ROUNDS)
    print(Figure(f"queue page, {engine}, {cases:,} cases", ours, limit, unit="ms", wanted=WANTED[engine]).line())
    lead, _ = await paired_async(lambda: page(loaded.lead), bare, rounds=ROUNDS)
    print(f"queue page of the lead, {engine}, {cases:,} cases: {lead:.2f} ms")
    await database.close()
    return ours


def main(cases: int = 100_000) -> None:
    """Print the figures of both engines, and how they grow from a hundredth of the cases."""
    with tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as folder, postgresql_server() as server:
        made = {"sqlite": SqliteTemplate(Path(folder)), "postgresql": PostgresqlTemplate(server)}
        for engine, template in made.items():
            few = asyncio.run(measure(engine, template.make(), cases=cases // 100))
            many = asyncio.run(measure(engine, template.make(), cases=cases))
            print(f"queue page, {engine}: {cases // 100:,} to {cases:,} cases costs ×{many / few:.2f} (wanted ≤ 2)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
