"""An installation for tests: every process real, on free ports, in a folder that is thrown away."""

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
from sqlmodel import col, select

from services import embedded
from services.demo import seed, story
from services.demo.visitor import Visitor, sign_in
from services.embedded import Child
from services.records import invariants, people, programmes, sessions
from services.records.database import Database
from services.records.tables.commands import CommandRow, CommandStatus, EffectRow, EffectState
from services.rules.case import Lane
from services.rules.people import Role
from services.settings import Settings
from services.workflows import means

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[2]

PORTS = range(20_000, 32_000)
"""Below those that the system gives to whoever connects: while a process is down, nobody is given its port."""


def free_port() -> int:
    """A port that nobody listens on."""
    return next(port for port in random.sample(PORTS, len(PORTS)) if embedded.port_is_free(HOST, port))


def settings(folder: Path, *, database: str = "", mail: str = "") -> Settings:
    """An installation of one machine in `folder`, on ports that are free; SQLite unless `database` says otherwise."""
    port = free_port()
    return Settings(
        data=str(folder / "data"),
        port=port,
        temporal_port=free_port(),
        base_url=f"http://localhost:{port}",
        database=database,
        mail=mail,
    )


@dataclass(frozen=True, slots=True)
class Installation:
    """A running installation: its processes, its database, and a line to its API."""

    settings: Settings
    family: list[Child]
    database: Database
    http: httpx.AsyncClient
    named: dict[str, Visitor] = field(default_factory=dict)
    signing: dict[str, str] = field(default_factory=dict)

    def child(self, name: str) -> Child:
        """The process `temporal`, `case`, `effects` or `api`."""
        return next(child for child in self.family if child.name == name)

    async def join(self, key: str, role: Role, *, language: str = "en") -> Visitor:
        """Somebody new, signed in; the journey of a password is told elsewhere."""
        now = datetime.now(UTC)
        name = f"Sample {key.replace('.', ' ').title()}"
        async with self.database.writing() as session:
            person = await people.add(
                session,
                name=name,
                email=f"{key}@college-exemple.example",
                language=language,
                password_hash=None,
                organisation=None,
                now=now,
            )
            if role is not Role.LEARNER:
                offered = await programmes.published(session)
                await people.grant_role(session, person.id, role=role, institution=offered[0].institution, now=now)
            token = await sessions.start(session, person.id, now=now)
        return Visitor(self.http, name, str(person.id), {"Authorization": f"Bearer acq_{token}"})

    async def open_accounts(self) -> None:
        """Open accounts for everybody of the demo's story, as an operator does."""
        self.signing["password"] = await seed.people_of_the_story(self.database)

    async def enter(self, sample: story.Sample) -> Visitor:
        """A person of the demo's story, who signs in with a password when first asked for."""
        if sample.key not in self.named:
            self.named[sample.key] = await sign_in(
                self.http,
                email=sample.email,
                password=self.signing["password"],
                name=sample.name,
                origin=self.settings.base_url,
            )
        return self.named[sample.key]

    async def stop(self, name: str) -> None:
        """Take one process down, and keep it down."""
        await self.child(name).stop()

    async def start_again(self, name: str) -> None:
        """Bring back what was taken down."""
        child = self.child(name)
        child.wanted = True
        child.keeper = asyncio.create_task(child.keep(lambda: None))

    async def row(self, command_id: str) -> CommandRow | None:
        """What the database holds of a command."""
        async with self.database.reading() as session:
            return await session.get(CommandRow, UUID(command_id))

    async def under_way(self, case_id: str) -> str | None:
        """Which work on a decision of the case is next to be done, or being done."""
        async with self.database.reading() as session:
            rows = await session.exec(
                select(EffectRow.activity)
                .where(
                    col(EffectRow.case_id) == UUID(case_id),
                    col(EffectRow.state) == EffectState.PENDING,
                    col(EffectRow.lane) == Lane.ISSUE,
                )
                .order_by(col(EffectRow.seq), col(EffectRow.step))
                .limit(1)
            )
            return rows.first()

    async def broken(self) -> list[invariants.Broken]:
        """What must always hold and does not."""
        async with self.database.reading() as session:
            return await invariants.broken(session, now=datetime.now(UTC))

    async def settled(self) -> bool:
        """Whether nothing is left to apply or to carry out."""
        async with self.database.reading() as session:
            asked = select(CommandRow.id).where(col(CommandRow.status) == CommandStatus.PENDING).limit(1)
            waiting = select(EffectRow.key).where(col(EffectRow.state) == EffectState.PENDING).limit(1)
            return (await session.exec(asked)).first() is None and (await session.exec(waiting)).first() is None


@asynccontextmanager
async def line(chosen: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A line to the API of these settings."""
    async with httpx.AsyncClient(
        base_url=f"http://{chosen.host}:{chosen.port}",
        headers={"Host": f"localhost:{chosen.port}", "Accept-Language": "en"},
        timeout=60,
        trust_env=False,
    ) as http:
        yield http


async def answering(http: httpx.AsyncClient, *, seconds: float = 30) -> None:
    """Wait until somebody answers. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(httpx.TransportError):
                await http.get("/health")
                return
            await asyncio.sleep(0.1)


def pids(chosen: Settings) -> dict[str, int]:
    """The processes that run now, by name, as their supervisor noted them."""
    noted: dict[str, int] = json.loads((chosen.data_folder / embedded.NOTE).read_text())
    return noted


@asynccontextmanager
async def served(chosen: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """`acquis serve` as a process of its own, up and answering."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.cli", "serve"),
        env=os.environ | chosen.environment(),
        cwd=ROOT,
        start_new_session=True,
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(embedded.START_LIMIT):
            while line := await process.stderr.readline():
                if b"ready address=" in line:
                    break
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
            embedded.end_leftovers(chosen.data_folder)


@asynccontextmanager
async def running(chosen: Settings) -> AsyncIterator[Installation]:
    """The whole installation, up and answering inside the block."""
    async with embedded.running(chosen) as family, line(chosen) as http:
        opened = means.open_database(chosen)
        try:
            yield Installation(chosen, family, opened, http)
        finally:
            await opened.close()
