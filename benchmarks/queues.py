"""A queue page of fifty at 100,000 cases, over HTTP, signed in and with every rule of access, beside the raw driver.

The limit is a bare ASGI application on the same server that asks the bare driver (sqlite3 in a thread, psycopg) for
fifty rows, without any rule of access. `python -m benchmarks.queues [cases]`
"""

import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from benchmarks import serving
from benchmarks.figure import Figure, paired
from benchmarks.loading import Loaded, load
from services.records.database import connect
from tests.records.databases import PostgresqlTemplate, SqliteTemplate, postgresql_server

WANTED = {"sqlite": 0.28, "postgresql": 0.40}
GROWTH_ALLOWED = 2.0
ROUNDS = 200
COLUMNS = "id, number, programme, due_at, stage, waiting_on, needs_attention"
OPEN = "stage NOT IN ('closed', 'decided', 'not_eligible') AND due_at IS NOT NULL"
Ask = Callable[[], Awaitable[bytes]]


async def bare_sqlite(url: str, advisor: str) -> Ask:
    """The raw driver in a thread, one statement, one connection."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)
    asked = f"SELECT {COLUMNS} FROM cases WHERE {OPEN} AND advisor_id = ? ORDER BY due_at, id LIMIT 50"  # noqa: S608 - constants

    def ask() -> bytes:
        return msgspec.json.encode(connection.execute(asked, (advisor.replace("-", ""),)).fetchall())

    return lambda: asyncio.to_thread(ask)


async def bare_postgresql(url: str, advisor: str) -> Ask:
    """The raw driver, prepared."""
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
    asked = f"SELECT {COLUMNS} FROM cases WHERE {OPEN} AND advisor_id = %s ORDER BY due_at, id LIMIT 50"  # noqa: S608 - constants

    async def ask() -> bytes:
        cursor = await connection.execute(asked, (advisor,), prepare=True)
        return msgspec.json.encode(await cursor.fetchall())

    return ask


def bare(url: str, advisor: str) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """The limit as an application."""
    opening = bare_sqlite if url.startswith("sqlite") else bare_postgresql
    opened: list[Ask] = []

    async def app(_: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - bare ASGI
        if not opened:
            opened.append(await opening(url, advisor))
        await receive()
        body = await opened[0]()
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    return app


async def prepared(url: str, *, cases: int) -> tuple[Loaded, str, str]:
    """A database with cases, and the advisor and the lead signed in."""
    database = connect(url)
    loaded = await load(database, cases=cases)
    tokens = [await serving.signed_in(database, caller) for caller in (loaded.advisor, loaded.lead)]
    await database.close()
    return loaded, tokens[0], tokens[1]


def measure(engine: str, url: str, *, cases: int) -> float:
    """Print the figures of one database and answer the milliseconds of the advisor's page."""
    loaded, advisor, lead = asyncio.run(prepared(url, cases=cases))
    path = "/api/v1/queue"
    with (
        tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as folder,
        serving.api(Path(folder), url) as (port, _),
        serving.printing_its_port("benchmarks.queues", "bare", url, loaded.advisor.id) as (bare_port, _),
        serving.Line(port, path, f"Authorization: {advisor}") as ours,
        serving.Line(port, path, f"Authorization: {lead}") as of_the_lead,
        serving.Line(bare_port, "/") as limit,
    ):
        rows = len(msgspec.json.decode(ours.ask())["waiting"])
        assert rows == len(msgspec.json.decode(limit.ask())), "both sides must answer the same rows"
        took, limited = paired(ours.ask, limit.ask, rounds=ROUNDS)
        lead_took, lead_limited = paired(of_the_lead.ask, limit.ask, rounds=ROUNDS)
    name = f"{rows} rows, {engine}, {cases:,} cases"
    print(Figure(f"queue page of an advisor, {name}", took, limited, unit="ms", wanted=WANTED[engine]).line())
    print(
        f"queue page of the lead, {engine}, {cases:,} cases: {lead_took:.2f} ms, share {lead_limited / lead_took:.2f}"
    )
    return took


def main(cases: int = 100_000) -> None:
    """Print the figures of both engines, and how they grow from a hundredth of the cases."""
    with tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as folder, postgresql_server() as server:
        for engine in ("sqlite", "postgresql"):
            template = SqliteTemplate(Path(folder)) if engine == "sqlite" else PostgresqlTemplate(server)
            few = measure(engine, template.make(), cases=cases // 100)
            many = measure(engine, template.make(), cases=cases)
            verdict = "reached" if many / few <= GROWTH_ALLOWED else "WORSE THAN WANTED"
            growth = f"{cases // 100:,} to {cases:,} cases costs ×{many / few:.2f}"
            print(f"queue page, {engine}: {growth} (wanted ≤ {GROWTH_ALLOWED:.0f}) {verdict}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["bare"]:
        serving.answer_bare(bare(*sys.argv[2:]))
    else:
        main(*map(int, sys.argv[1:]))
