"""A house for one test: its settings, its workers in this process, and a person's way of sending commands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import col, select
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from services.documents import issuer_keys
from services.documents.letter_processes import Renderer
from services.records import cases, commands
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.commands import CommandRow, DeadlineRow, DeadlineState, EffectRow, EffectState
from services.records.tables.people import Person
from services.rules.case import Stage
from services.rules.people import Role
from services.settings import Settings
from services.workflows import relay
from services.workflows.clock import Clock, present
from services.workflows.desk import Desk
from services.workflows.worker import Workshop
from tests import temporal_servers
from tests.records import moving
from tests.workflows import mailbox as mailboxes
from tests.workflows.mailbox import Mailbox

PATIENCE = 90.0

Now = Callable[[], Awaitable[datetime]]
"""Answers what the Temporal server takes for the present."""


async def real_time() -> datetime:
    """The time of a server that cannot skip any."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class House:
    """What a test works with."""

    settings: Settings
    database: Database
    desk: Desk
    shop: Workshop
    mailbox: Mailbox
    now: Now = real_time

    async def keep(
        self, case_id: UUID, kind: str, *, actor: Person, role: Role, body: object = None, version: int | None = None
    ) -> CommandRow:
        """Write the command down, as the API does before it answers; nothing is sent yet."""
        now = await self.now()
        async with self.database.writing() as session:
            case = await cases.get(session, case_id)
            expected = case.version if version is None else version
            said = moving.unsaid(kind) if body is None else body
            asked = commands.Asked(new_id(), case_id, kind, actor.id, (role,), expected, said)
            return await commands.accept(session, asked, now=now)

    async def send(self, case_id: UUID, kind: str, *, actor: Person, role: Role, body: object = None) -> CommandRow:
        """Send a command as a person does, and answer its row as it stands then."""
        row = await self.keep(case_id, kind, actor=actor, role=role, body=body)
        await relay.deliver(self.database, self.desk, row)
        return await self.row(row.id)

    async def row(self, command_id: UUID) -> CommandRow:
        async with self.database.reading() as session:
            return await session.get_one(CommandRow, command_id)

    async def case(self, case_id: UUID) -> Case:
        async with self.database.reading() as session:
            return await cases.get(session, case_id)

    async def effects(self, case_id: UUID, *states: EffectState) -> list[EffectRow]:
        """The case's effects (in one of `states`), oldest first."""
        async with self.database.reading() as session:
            rows = await session.exec(
                select(EffectRow)
                .where(col(EffectRow.case_id) == case_id)
                .order_by(col(EffectRow.seq), col(EffectRow.step), col(EffectRow.key))
            )
            return [row for row in rows if not states or row.state in states]

    async def deadlines(self, case_id: UUID) -> dict[str, datetime]:
        """The case's open deadlines, without the number of the stage entry."""
        async with self.database.reading() as session:
            rows = await session.exec(
                select(DeadlineRow.key, DeadlineRow.at).where(
                    col(DeadlineRow.case_id) == case_id, col(DeadlineRow.state) == DeadlineState.OPEN
                )
            )
            return {key.partition("/")[2]: at for key, at in rows}

    async def until(self, case_id: UUID, stage: Stage) -> Case:
        """Wait until the case stands in `stage`. Raises `TimeoutError`."""

        async def there() -> bool:
            return (await self.case(case_id)).stage is stage

        await self.wait(there)
        return await self.case(case_id)

    async def quiet(self, case_id: UUID) -> None:
        """Wait until no effect of the case waits any more. Raises `TimeoutError`."""

        async def settled() -> bool:
            return not await self.effects(case_id, EffectState.PENDING)

        await self.wait(settled)

    async def over(self, case_id: UUID) -> str:
        """Wait until the case's workflow ends, and answer what it says."""
        handle = self.desk.client.get_workflow_handle(f"case/{case_id}", result_type=str)
        async with asyncio.timeout(PATIENCE):
            said: str = await handle.result()
        return said

    async def runs(self, case_id: UUID) -> bool:
        """Whether the case has a workflow that has not ended."""
        try:
            described = await self.desk.client.get_workflow_handle(f"case/{case_id}").describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return described.close_time is None

    async def wait(self, question: Callable[[], Awaitable[bool]], *, seconds: float = PATIENCE) -> None:
        """Ask `question` until the answer is yes. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not await question():  # noqa: ASYNC110 - a row tells nobody that it has changed
                await asyncio.sleep(0.02)

    @asynccontextmanager
    async def working(self, renderer: Renderer, *queues: str) -> AsyncIterator[None]:
        """Let the workers of `queues` (all of them unless said) run inside the block."""
        async with AsyncExitStack() as open_things:
            if "effects" in queues or not queues:
                await open_things.enter_async_context(await self.shop.effects_worker(renderer))
            if "files" in queues or not queues:
                await open_things.enter_async_context(self.shop.files_worker())
            if "case" in queues or not queues:
                await open_things.enter_async_context(self.shop.case_worker())
            yield


def settings_for(folder: Path, *, database_url: str, mailbox: Mailbox) -> Settings:
    """An installation of its own in `folder`, with a fresh signing key."""
    issuer_keys.create(folder / "issuer.pem")
    return Settings(
        data=str(folder),
        database=database_url,
        temporal_namespace=temporal_servers.NAMESPACE,
        mail=f"smtp://127.0.0.1:{mailbox.port}",
        issuer_key_file=str(folder / "issuer.pem"),
        base_url="http://localhost:8000",
    )


@asynccontextmanager
async def built(
    database: Database, database_url: str, client: Client, *, folder: Path, clock: Clock = present, now: Now = real_time
) -> AsyncIterator[House]:
    """A house in which nobody works yet; what its cases left running is ended with it."""
    async with mailboxes.opened() as mailbox:
        settings = settings_for(folder, database_url=database_url, mailbox=mailbox)
        shop = Workshop(settings, Desk(client), clock=clock)
        try:
            yield House(settings, database, Desk(client), shop, mailbox, now)
            await _end_workflows(database, client)
        finally:
            await shop.database.close()


async def _end_workflows(database: Database, client: Client) -> None:
    """End what still runs, or the next test's worker would be handed this test's cases."""
    async with database.reading() as session:
        found = list(await session.exec(select(Case.id)))
    for case_id in found:
        try:
            await client.get_workflow_handle(f"case/{case_id}").terminate("the test is over")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # never started, or already ended
                raise
