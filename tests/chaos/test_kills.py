"""Processes die at any moment of twenty running cases; whatever anybody was told before stays true.

In every run a house that answers before it commits comes first: a checker that finds nothing there is blind.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Self

import pytest

from services import embedded, foundations
from services.demo.visitor import Visitor
from services.embedded import Child
from services.records import invariants, migrating
from services.rules.people import Role
from services.settings import Settings
from services.workflows import means
from tests.chaos import checker, scripts
from tests.chaos.checker import Verdict
from tests.chaos.clients import Client, FaultyAnswerError
from tests.chaos.killer import Killer
from tests.chaos.ledger import Entry, Ledger
from tests.chaos.ledger import read as read_ledgers
from tests.chaos.scripts import Script
from tests.journeys import installations, lives
from tests.journeys.installations import Installation
from tests.records.databases import PostgresqlTemplate, postgresql_server

CASES, CLIENTS, EDITORS = 20, 6, 2
"""Cases that run at the same time, clients that lead them, and clients that write drafts meanwhile."""

KILLS = 25

ROUNDS = 30
"""Kills after which a control that found nothing makes the run fail."""

QUIET_WITHIN = 180.0
"""Seconds in which everything must be settled after the last kill."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its seed and where it writes; leaving it closes its ledgers."""

    seed: int
    folder: Path
    ledgers: list[Ledger] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.folder.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        for ledger in self.ledgers:
            ledger.close()

    def ledger(self, name: str) -> Ledger:
        """The ledger `name` of this run."""
        self.ledgers.append(Ledger(self.folder / f"{name}.jsonl"))
        return self.ledgers[-1]

    def entries(self) -> list[Entry]:
        """Every line of every ledger, as it stands on disk."""
        return read_ledgers(self.folder.glob("*.jsonl"))


@pytest.fixture
def seed() -> int:
    """`CHAOS_SEED` of the environment repeats a run's lots."""
    return int(os.environ.get("CHAOS_SEED", secrets.randbelow(10**6)))


@pytest.fixture(params=["sqlite", "postgresql"])
def engines(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Two empty databases of the engine: for the careless house and for the sound one; empty texts on SQLite."""
    if request.param == "sqlite":
        yield ["", ""]
        return
    with postgresql_server() as url:
        template = PostgresqlTemplate(url)
        made = [template.empty(), template.empty()]
        yield made
        for one in made:
            template.drop(one)
        template.close()


@pytest.mark.chaos
async def test_what_was_acknowledged_survives_kills_at_any_moment_of_twenty_cases(
    engines: list[str], seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control, then the run; prints one line that sums both up."""
    print(f"seed={seed}")  # noqa: T201 - whoever repeats a run needs it
    # Started again at once: how long the supervisor waits is not what is tried here.
    monkeypatch.setattr(embedded, "LAST_PAUSE", embedded.FIRST_PAUSE)
    with Run(seed, tmp_path / "control") as run:
        lost_by_careless = await _control(_settings(tmp_path / "careless", engines[0]), run)
    with Run(seed, tmp_path / "ledgers") as run:
        verdict, killed, entries = await _run(_settings(tmp_path / "sound", engines[1]), run)
    print(  # noqa: T201 - the line by which runs are compared
        f"kills={killed} acked={verdict.acked} lost={len(verdict.lost)} duplicated={len(verdict.duplicated)} "
        f"unacked_present={verdict.unacked_present} control_lost={lost_by_careless} "
        f"recovery_max_s={_slowest_recovery(entries):.1f}"
    )
    assert lost_by_careless, "blind: a house that answers before it commits was not found to lose anything"
    assert killed >= KILLS
    assert (verdict.lost, verdict.duplicated) == ([], [])


def _settings(folder: Path, database: str) -> Settings:
    folder.mkdir()
    chosen = installations.settings(folder, database=database)
    if database:
        migrating.upgrade(database)
    return chosen


# the house that answers too early


async def _control(chosen: Settings, run: Run) -> int:
    """Kill a careless API while drafts are written; answers how many acknowledged writes were lost."""
    await asyncio.to_thread(foundations.lay, chosen)
    chance = Random(run.seed)
    for _ in range(ROUNDS):
        async with _careless(chosen) as town:
            await _write_until_killed(town, chance, run)
        opened = means.open_database(chosen)
        async with opened.reading() as session:
            verdict = await checker.losses(session, means.open_blobs(chosen), run.entries())
        await opened.close()
        if verdict.lost:
            return len(verdict.lost)
    return 0


@asynccontextmanager
async def _careless(chosen: Settings) -> AsyncIterator[Installation]:
    """The careless API alone: drafts need no workflow."""
    environment = os.environ | chosen.environment() | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "tests.chaos.careless"]
    log = chosen.data_folder / "careless.log"
    api = Child("api", command, log, embedded.API_GRACE, environment)
    api.keeper = asyncio.create_task(api.keep(lambda: None))
    opened = means.open_database(chosen)
    try:
        async with installations.line(chosen) as http:
            await installations.answering(http)
            yield Installation(chosen, [api], opened, http)
    finally:
        await opened.close()
        await api.stop()


async def _write_until_killed(town: Installation, chance: Random, run: Run) -> None:
    tag = secrets.token_hex(4)
    people = [await town.join(f"learner.{tag}.{number}", Role.LEARNER) for number in range(CLIENTS)]
    ledgers = [run.ledger(f"{tag}-{number}") for number in range(CLIENTS)]
    # The next request waits for the late commit; on a slow machine the careless house trips over itself all the same.
    clients = [Client(ledger, chance, rest=0.1) for ledger in ledgers]
    async with asyncio.TaskGroup() as group:
        writing = [
            group.create_task(_cancellable(scripts.edit(client, person), trips=True))
            for client, person in zip(clients, people, strict=True)
        ]
        await asyncio.sleep(chance.uniform(1.5, 3.0))
        api = town.child("api")
        api.wanted = False
        Killer([api], chance, ledgers[0]).kill(api)
        for task in writing:
            task.cancel()


async def _edit_carelessly(client: Client, learner: Visitor) -> None:
    """Begin the next draft wherever the careless house, on a slow machine, does not know what it has just promised."""
    while True:
        with suppress(FaultyAnswerError):
            await scripts.edit(client, learner)


async def _cancellable(work: Awaitable[None], *, trips: bool = False) -> None:
    """In a group of tasks, one that is cancelled has simply ended; so has one that may trip over an answer."""
    with suppress(asyncio.CancelledError, *([FaultyAnswerError] if trips else [])):
        await work


# the house as it is


async def _run(chosen: Settings, run: Run) -> tuple[Verdict, int, list[Entry]]:
    """Twenty cases under kills, until all is quiet; answers what the checker found."""
    chance = Random(run.seed)
    async with installations.running(chosen) as town:
        led = await _scripts(town, run, chance)
        editors = [
            (
                Client(run.ledger(f"editor-{number}"), Random(chance.random())),
                await town.join(f"editor.{number}", Role.LEARNER),
            )
            for number in range(EDITORS)
        ]
        killer = Killer(town.family, chance, run.ledger("killer"))
        async with asyncio.TaskGroup() as group:
            editing = [group.create_task(_cancellable(scripts.edit(client, learner))) for client, learner in editors]
            leading = [group.create_task(scripts.lead(client, mine)) for client, mine in led]
            await killer.go(KILLS)
            await asyncio.gather(*leading)
            for task in editing:
                task.cancel()
        await _quiet(town)
        async with town.database.reading() as session:
            outbox = Path(chosen.mail_place)
            verdict = await checker.judge(session, means.open_blobs(chosen), run.entries(), outbox=outbox)
            broken = await invariants.broken(session, now=datetime.now(UTC), patience=timedelta(0))
        assert broken == []
        reached = [script for _, mine in led for script in mine]
        assert len(reached) == CASES
        return verdict, killer.kills, run.entries()


async def _scripts(town: Installation, run: Run, chance: Random) -> list[tuple[Client, list[Script]]]:
    """The twenty cases, dealt out to the clients that lead them."""
    who = await lives.staff(town)
    learners = [await town.join(f"learner.{number}", Role.LEARNER) for number in range(CASES)]
    criteria = await scripts.criteria(learners[0])
    clients = [Client(run.ledger(f"client-{number}"), Random(chance.random())) for number in range(CLIENTS)]
    dealt: list[tuple[Client, list[Script]]] = [(client, []) for client in clients]
    for number, learner in enumerate(learners):
        client, mine = dealt[number % CLIENTS]
        goal = scripts.GOALS[number % len(scripts.GOALS)]
        asks_evidence = goal == "more_evidence" or chance.random() < 0.3
        mine.append(Script(client, who, learner, goal, criteria, chance.random() < 0.3, asks_evidence))
    return dealt


async def _quiet(town: Installation) -> None:
    """Wait until nothing is left to apply or to carry out. Raises `TimeoutError`."""
    async with asyncio.timeout(QUIET_WITHIN):
        while not await town.settled():  # noqa: ASYNC110 - other processes settle it
            await asyncio.sleep(0.5)


def _slowest_recovery(entries: Sequence[Entry]) -> float:
    """Seconds from a kill to the next acknowledgement that anybody got, at worst."""
    acked = [entry.at for entry in entries if entry.event in {"answered", "settled"} and entry.status in {200, 201}]
    kills = [entry.at for entry in entries if entry.event == "killed"]
    return max((min((at for at in acked if at > kill), default=kill) - kill for kill in kills), default=0.0)
