"""The nightly roll-up of 100,000 decided cases, a fifth of them read twice: seconds, and memory of its own.

Ten programmes with three competencies of three criteria, six quarters, three thousand assessors. Everything is rolled
up at once, as after a change of definitions; a usual night computes five quarters. `python -m benchmarks.statistics
[cases]`
"""

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel
from temporalio.testing import ActivityEnvironment

from services.records import self_identification
from services.records.database import Database, connect
from services.records.ids import new_id
from services.records.tables.assessment import Assignment, AssignmentClaim, Judgement, SeatTime
from services.records.tables.cases import Case, CaseParty, CaseSpan, Claim, StageHistory
from services.records.tables.commands import CommandRow, CommandStatus
from services.records.tables.people import Person
from services.rules.case import Clock, SeatKind, SeatState, Stage, WaitingOn
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.progress import ON_FILE
from services.rules.self_identification import ANSWERS
from services.workflows.rolling_up import RollingUp
from tests.records import makers
from tests.records.databases import PostgresqlTemplate, SqliteTemplate, postgresql_server

SECONDS, MEGABYTES = 60, 500
PROGRAMMES, ASSESSORS, LEARNERS = 10, 3_000, 20_000
SAY_SOMETHING = 0.5
"""How many learners say something of themselves."""
READ_TWICE = 0.2
START = datetime(2026, 1, 5, 14, tzinfo=UTC)
DAYS = 540
STANDS = timedelta(days=40)
"""From a portfolio to its letter."""

TABLES: tuple[type[SQLModel], ...] = (
    Case,
    Claim,
    CaseParty,
    Assignment,
    AssignmentClaim,
    CommandRow,
    Judgement,
    SeatTime,
    StageHistory,
    CaseSpan,
)
BATCH = 500
"""Cases that are written at once, with everything that belongs to them."""

SAID = (Recommendation.MET, Recommendation.PARTIAL, Recommendation.NOT_YET, Recommendation.INSUFFICIENT_EVIDENCE)
SHARES = (55, 20, 20, 5)
READERS = (SeatKind.FIRST, SeatKind.SECOND)
AGREES = 0.6
"""How often the second reader says what the first said, beyond chance: kappa is near 0.6."""


@dataclass(frozen=True, slots=True)
class World:
    """What every case leans on."""

    versions: tuple[tuple[str, UUID], ...]
    learners: tuple[UUID, ...]
    assessors: tuple[UUID, ...]


async def load(database: Database, *, cases: int, seed: int = 1) -> None:
    """Write `cases` decided cases with three claims each, a fifth of them with a second original on every claim."""
    chance = random.Random(seed)
    async with database.writing() as session:
        plain = makers.programme()
        versions = []
        for number in range(PROGRAMMES):
            version = await makers.published(session, replace(plain, slug=f"{plain.slug}-{number}"))
            versions.append((version.slug, version.id))
    people = [new_id() for _ in range(LEARNERS + ASSESSORS)]
    rows = [
        {"id": one, "email": f"load.{n}@example.org", "name": f"Sample {n}", "language": "en", "created_at": START}
        for n, one in enumerate(people)
    ]
    await _insert(database, {Person: rows})
    world = World(tuple(versions), tuple(people[:LEARNERS]), tuple(people[LEARNERS:]))
    async with database.writing() as session:
        for person in world.learners[: int(LEARNERS * SAY_SOMETHING)]:
            said = {str(asked): chance.choice(words) for asked, words in ANSWERS.items()}
            await self_identification.keep(session, person, said, now=START)
    numbers = iter(range(cases))
    while batch := list(islice(numbers, BATCH)):
        written: dict[type[SQLModel], list[dict[str, Any]]] = {table: [] for table in TABLES}
        for number in batch:
            for table, row in _case(number, world, chance):
                written[table].append(row)
        await _insert(database, written)
    async with database.engine.execution_options(acquis_writes=True).begin() as connection:
        await connection.exec_driver_sql("ANALYZE")


Rows = Iterator[tuple[type[SQLModel], dict[str, Any]]]


def _case(number: int, world: World, chance: random.Random) -> Rows:
    slug, version = chance.choice(world.versions)
    case, learner = new_id(), chance.choice(world.learners)
    at = START + timedelta(minutes=chance.randrange(DAYS * 1_440))
    yield (
        Case,
        {
            "id": case,
            "number": f"RPL-2026-{number:07d}",
            "institution_id": makers.INSTITUTION,
            "programme": slug,
            "programme_version_id": version,
            "learner_id": learner,
            "language": "en",
            "purpose": "upskill",
            "zone": "America/Toronto",
            "stage": Stage.DECIDED,
            "version": 9,
            "waiting_on": WaitingOn.NONE,
            "clock": Clock.STOPPED,
            "created_at": at,
            "active_at": at,
            "submitted_at": at,
            "decided_at": at + STANDS,
        },
    )
    claims = [(new_id(), key) for key in makers.COMPETENCIES]
    for claim, key in claims:
        settled = {"learner_id": learner, "competency": key, "competency_key": f"{slug}/{key}"}
        yield Claim, {"id": claim, "case_id": case, "state": ClaimState.NOT_YET, **settled}
    filed = Filed(case, slug, at)
    first = [chance.choices(SAID, SHARES)[0] for _ in claims]
    readers = chance.sample(world.assessors, 2 if chance.random() < READ_TWICE else 1)
    for kind, reader in zip(READERS, readers, strict=False):
        said = (
            first
            if kind is SeatKind.FIRST
            else [one if chance.random() < AGREES else chance.choices(SAID, SHARES)[0] for one in first]
        )
        yield from _seat(filed, reader, kind, list(zip((claim for claim, _ in claims), said, strict=True)))
    yield from _history(case, learner, at)


def _history(case: UUID, learner: UUID, at: datetime) -> Rows:
    """The portfolio, a fortnight in which the case waits for its learner, and the letter."""
    sent, told = (
        (7, "submit_portfolio", Stage.ELIGIBLE, Stage.PORTFOLIO_SUBMITTED, at),
        (10, "published", Stage.ISSUING, Stage.DECIDED, at + STANDS),
    )
    for version, move, source, target, when in (sent, told):
        command = new_id()
        yield (
            CommandRow,
            {
                "id": command,
                "case_id": case,
                "kind": move,
                "actor": str(learner),
                "role": Role.LEARNER,
                "expected_version": version - 1,
                "status": CommandStatus.APPLIED,
                "fingerprint": command.hex * 2,
                "received_at": when,
                "settled_at": when,
                "version": version,
                "result": {},
            },
        )
        moved = {"from_stage": source, "to_stage": target, "at": when}
        yield StageHistory, {"case_id": case, "version": version, "command_id": command, "move": move, **moved}
    waited = {"started_at": at + timedelta(days=3), "ended_at": at + timedelta(days=17)}
    stood = {"stage": Stage.MORE_EVIDENCE, "waiting_on": WaitingOn.LEARNER, "clock": Clock.STOPPED}
    yield CaseSpan, {"case_id": case, "seq": 1, **stood, **waited}


@dataclass(frozen=True, slots=True)
class Filed:
    """A portfolio that was sent."""

    case: UUID
    programme: str
    at: datetime


def _seat(filed: Filed, reader: UUID, kind: SeatKind, said: list[tuple[UUID, Recommendation]]) -> Rows:
    """One reader of a case: party, seat, command, a locked judgement a claim; every other one says how long it took."""
    case, at = filed.case, filed.at
    seat, command = new_id(), new_id()
    yield CaseParty, {"case_id": case, "person_id": reader, "role": Role.ASSESSOR, "since": at}
    yield (
        Assignment,
        {
            "id": seat,
            "case_id": case,
            "person_id": reader,
            "seat": kind,
            "state": SeatState.FINAL,
            "offered_at": at,
            "respond_by": at,
        },
    )
    yield (
        CommandRow,
        {
            "id": command,
            "case_id": case,
            "kind": "submit_judgements",
            "actor": str(reader),
            "role": Role.ASSESSOR,
            "expected_version": READERS.index(kind) + 7,
            "status": CommandStatus.APPLIED,
            "fingerprint": command.hex * 2,
            "received_at": at,
            "settled_at": at,
            "version": READERS.index(kind) + 8,
            "result": {},
        },
    )
    yield (
        SeatTime,
        {
            "assignment_id": seat,
            "command_id": command,
            "case_id": case,
            "programme": filed.programme,
            "method": ON_FILE,
            "minutes": 20 + reader.int % 90 if reader.int % 2 else None,
            "sealed_at": at,
        },
    )
    for claim, recommendation in said:
        yield AssignmentClaim, {"assignment_id": seat, "claim_id": claim}
        yield (
            Judgement,
            {
                "id": new_id(),
                "case_id": case,
                "claim_id": claim,
                "assignment_id": seat,
                "assessor_id": reader,
                "portfolio_version": 1,
                "content": makers.finding(recommendation),
                "recommendation": recommendation,
                "updated_at": at,
                "locked_at": at,
                "command_id": command,
            },
        )


async def _insert(database: Database, written: dict[type[SQLModel], list[dict[str, Any]]]) -> None:
    async with database.writing() as session:
        for table, rows in written.items():
            defaults = {
                name: field.get_default(call_default_factory=True)
                for name, field in table.model_fields.items()
                if not field.is_required()
            }
            await session.exec(sa.insert(table), params=[defaults | row for row in rows])


async def roll_up(url: str) -> int:
    """The sweep, as the worker runs it."""
    database = connect(url)
    figures = await ActivityEnvironment().run(RollingUp(database, lambda: START + timedelta(days=DAYS + 1)).statistics)
    await database.close()
    return int(figures)


async def _loaded(url: str, cases: int) -> None:
    database = connect(url)
    await load(database, cases=cases)
    await database.close()


def _peak() -> float:
    """Most memory this process ever held, in MiB; `ru_maxrss` would be that of the process that started it."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM")


def measure(url: str) -> None:
    """In a process of its own: roll up, and print seconds, those of them that it computed, megabytes and figures."""
    began, computed = time.perf_counter(), time.process_time()
    figures = asyncio.run(roll_up(url))
    print(f"{time.perf_counter() - began} {time.process_time() - computed} {_peak()} {figures}")


def _measured(url: str) -> list[str]:
    command = [sys.executable, "-m", "benchmarks.statistics", "measure", url]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def main(cases: int = 100_000) -> None:
    """Print the figures of both engines."""
    with tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as folder, postgresql_server() as server:
        for engine in ("sqlite", "postgresql"):
            template = SqliteTemplate(Path(folder)) if engine == "sqlite" else PostgresqlTemplate(server)
            url = template.make()
            asyncio.run(_loaded(url, cases))
            seconds, computed, megabytes, figures = _measured(url)
            verdict = "reached" if float(seconds) < SECONDS and float(megabytes) < MEGABYTES else "WORSE THAN WANTED"
            print(
                f"roll-up of {cases:,} decided cases, {engine}: {float(seconds):.1f} s, "
                f"{float(computed):.1f} s of them computing here (wanted < {SECONDS} s), "
                f"{float(megabytes):.0f} MiB (wanted < {MEGABYTES}), {figures} figures, {verdict}",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(sys.argv[2])
    else:
        main(*map(int, sys.argv[1:]))
