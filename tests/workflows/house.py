"""A house for one test: its settings, its workers in this process, and a person's way of sending commands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

from aiosmtpd.controller import Controller
from sqlmodel import col, select

from services.documents import issuer_keys
from services.documents.letters import Renderer
from services.records import cases, commands
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.commands import CommandRow, EffectRow, EffectState
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.people import Role
from services.settings import Settings
from services.workflows import means, relay
from services.workflows.desk import Desk
from services.workflows.worker import Workshop

PATIENCE = 30.0


class Mailbox:
    """A real SMTP server in this process that keeps what it accepts, and refuses the addresses it is told to."""

    def __init__(self) -> None:
        self.kept: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}
        self.arrived = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.server = Controller(self, hostname="127.0.0.1", port=0)

    async def handle_RCPT(self, _: object, __: object, envelope: Any, address: str, ___: object) -> str:  # noqa: ANN401, N802 - the server's own names
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: object, __: object, envelope: Any) -> str:  # noqa: ANN401, N802 - the server's own names
        self.kept.append(BytesParser(policy=default).parsebytes(envelope.content))
        self.loop.call_soon_threadsafe(self.arrived.set)
        return "250 OK"

    def to(self, person: Person) -> list[str]:
        """The subjects of the mails that this person got."""
        return [str(mail["Subject"]) for mail in self.kept if person.email in str(mail["To"])]


@dataclass(frozen=True, slots=True)
class House:
    """What a test works with."""

    settings: Settings
    database: Database
    desk: Desk
    shop: Workshop
    mailbox: Mailbox

    async def keep(
        self, case_id: UUID, kind: str, *, actor: Person, role: Role, body: object = None, version: int | None = None
    ) -> CommandRow:
        """Write the command down, as the API does before it answers; nothing is sent yet."""
        now = datetime.now(UTC)
        async with self.database.writing() as session:
            case = await cases.get(session, case_id)
            asked = commands.Asked(
                new_id(),
                case_id,
                kind,
                actor.id,
                (role,),
                case.version if version is None else version,
                bodies.Nothing() if body is None else body,
            )
            return await commands.accept(session, asked, now=now)

    async def send(
        self, case_id: UUID, kind: str, *, actor: Person, role: Role, body: object = None
    ) -> CommandRow:
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

    async def until(self, case_id: UUID, stage: Stage) -> Case:
        """Wait until the case stands in `stage`. Raises `TimeoutError`."""

        async def there() -> bool:
            return (await self.case(case_id)).stage is stage

        await self.wait(there)
        return await self.case(case_id)

    async def quiet(self, case_id: UUID) -> None:
        """Wait until no effect of the case waits any more. Raises `TimeoutError`."""

        async def settled() -> bool:
            async with self.database.reading() as session:
                rows = await session.exec(
                    select(EffectRow.key).where(
                        col(EffectRow.case_id) == case_id, col(EffectRow.state) == EffectState.PENDING
                    )
                )
                return rows.first() is None

        await self.wait(settled)

    async def wait(self, question: Callable[[], Awaitable[bool]], *, seconds: float = PATIENCE) -> None:
        """Ask `question` until the answer is yes. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while not await question():
                await asyncio.sleep(0.03)


def settings_for(folder: Path, *, database_url: str, temporal: str, namespace: str, smtp_port: int) -> Settings:
    """An installation of its own in `folder`, with a fresh signing key."""
    issuer_keys.create(folder / "issuer.pem")
    return Settings(
        data=str(folder),
        database=database_url,
        temporal=temporal,
        temporal_namespace=namespace,
        mail=f"smtp://127.0.0.1:{smtp_port}",
        issuer_key_file=str(folder / "issuer.pem"),
        base_url="http://localhost:8000",
    )


@asynccontextmanager
async def opened(
    database: Database, database_url: str, temporal: str, *, namespace: str, folder: Path, renderer: Renderer
) -> AsyncIterator[House]:
    """A house whose three workers run in this process; what its cases left running is ended with it."""
    mailbox = Mailbox()
    mailbox.server.start()
    settings = settings_for(
        folder,
        database_url=database_url,
        temporal=temporal,
        namespace=namespace,
        smtp_port=mailbox.server.server.sockets[0].getsockname()[1],  # type: ignore[union-attr]  # it has started
    )
    connection = await means.reach_desk(settings)
    shop = Workshop(settings, connection)
    try:
        async with AsyncExitStack() as open_things:
            open_things.push_async_callback(shop.database.close)
            await open_things.enter_async_context(await shop.effects_worker(renderer))
            await open_things.enter_async_context(shop.files_worker())
            await open_things.enter_async_context(shop.case_worker())
            yield House(settings, database, connection, shop, mailbox)
            await _end_workflows(database, connection)
    finally:
        mailbox.server.stop()


async def _end_workflows(database: Database, connection: Desk) -> None:
    """End what still runs, or the next test's worker would be handed this test's cases."""
    async with database.reading() as session:
        found = list(await session.exec(select(Case.id)))
    for case_id in found:
        handle = connection.client.get_workflow_handle(f"case/{case_id}")
        try:
            await handle.terminate("the test is over")
        except Exception as gone:  # noqa: BLE001 - never started or already ended: either is fine here
            if "not found" not in str(gone) and "already completed" not in str(gone):
                raise
