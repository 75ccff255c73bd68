"""Desks without a Temporal server: one that applies at once what it is handed, one that nobody answers at."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio.client import Client

from services.documents.achievements import Issuer
from services.documents.issuer_keys import FileSigner
from services.records import applying, cases, credentials, ids, lapses, letters
from services.records.blobs import Blobs
from services.records.database import Database
from services.records.lapses import Lapsed
from services.records.tables.decisions import Decision
from services.rules import stages
from services.rules.case import Applied, Command, own
from services.workflows.desk import Desk, Question
from services.workflows.issuing import Issuing
from services.workflows.letter_writing import LetterWriting

Clock = Callable[[], datetime]


NO_CLIENT: Client = cast("Client", None)


@dataclass(frozen=True, slots=True)
class ClosedDesk(Desk):
    """The server is down: every command is kept and waits."""

    client: Client = NO_CLIENT
    sent: list[Command] = field(default_factory=list)

    async def send(self, command: Command, *, case_open: Question) -> bool:  # noqa: ARG002 - as the desk is asked
        self.sent.append(command)
        return False

    async def wake(self, case_id: UUID) -> bool:  # noqa: ARG002 - as the desk is asked
        return False

    async def healthy(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class DirectDesk(Desk):
    """Does in this process what a case's workflow would have done by now, effects of decisions included.

    Letters are a line of text here: how they look is not the API's business.
    """

    client: Client
    database: Database
    blobs: Blobs
    clock: Clock
    issuing: Issuing
    publishing: LetterWriting

    @property
    def effects(self) -> dict[str, Callable[[str], Awaitable[object]]]:
        """Who carries out which effect."""
        return {
            "reserve_issuance": self.issuing.reserve,
            "sign_credentials": self.issuing.sign,
            "rebuild_status_list": self.issuing.rebuild,
            "render_letter": self.write_letters,
            "write_lapse_letter": self.tell_of_lapse,
            "publish_decision": self.publishing.publish,
            "send_notice": self.send_nothing,
        }

    async def send(self, command: Command, *, case_open: Question) -> bool:  # noqa: ARG002 - as the desk is asked
        await self.apply(command)
        await self.settle(UUID(command.case_id))
        return True

    async def wake(self, case_id: UUID) -> bool:
        await self.settle(case_id)
        return True

    async def healthy(self) -> bool:
        return True

    async def apply(self, command: Command) -> Applied:
        """One command in one transaction, as the activity does."""
        async with self.database.writing() as session:
            case = await cases.get(session, UUID(command.case_id))
            return await applying.apply(session, command, version=case.version, now=self.clock())

    async def settle(self, case_id: UUID) -> None:
        """Everything that the case does by itself now."""
        while True:
            async with self.database.reading() as session:
                state = await cases.state(session, await cases.get(session, case_id))
            if move := stages.by_itself(state):
                await self.apply(own(state, move))
            elif state.effects:
                effect = state.effects[0]
                await self.effects[effect.activity](effect.key)
                await self.apply(own(state, "effect_done", effect.key))
            else:
                return

    async def write_letters(self, effect_key: str) -> None:
        """A letter per language, its bytes kept."""
        async with self.database.writing() as session:
            decision = await credentials.decision_of(session, effect_key)
            await self._keep(session, decision, kind="full", year=decision.decided_at.year)

    async def tell_of_lapse(self, effect_key: str) -> None:
        """The same for a lapse, readable at once."""
        async with self.database.writing() as session:
            lapsed = await lapses.told_by(session, effect_key)
            await self._keep(session, lapsed, kind="lapse", year=lapsed.at.year)
            await letters.release(session, lapsed, now=self.clock())

    async def _keep(self, session: AsyncSession, about: Decision | Lapsed, *, kind: str, year: int) -> None:
        for language in letters.LANGUAGES:
            content = f"%PDF-1.7 sample letter {about} {language}".encode()
            async with self.blobs.incoming() as incoming:
                await incoming.write(content)
                stored = await incoming.keep()
            assert stored.sha256 == hashlib.sha256(content).hexdigest()
            await letters.keep(
                session,
                about=about,
                language=language,
                kind=kind,
                number=ids.number("L", year),
                sha256=stored.sha256,
                size=stored.size,
                now=self.clock(),
            )

    async def send_nothing(self, effect_key: str) -> None:
        """Mails are somebody else's business."""


def direct(database: Database, blobs: Blobs, clock: Clock, *, issuer: Issuer, signer: FileSigner) -> DirectDesk:
    """A desk that applies at once what it is handed."""
    issuing = Issuing(database, issuer, signer, clock)
    publishing = LetterWriting(database, blobs, issuer.base_url, None, clock)
    return DirectDesk(NO_CLIENT, database, blobs, clock, issuing, publishing)
