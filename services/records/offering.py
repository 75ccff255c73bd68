"""What can be done with a case now: the moves of the table, without those that its content leaves nothing for.

Pages and programs offer from here, and an inbox or a worker holds a command against the same two questions first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.moves import registry
from services.records.moves.content import Content, Setting
from services.records.tables.cases import Case
from services.rules import stages
from services.rules.case import CaseState, Command
from services.rules.people import Role
from services.rules.programmes import Programme
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Desk:
    """A case as somebody stands before it: `actor` is their id, `subject` the seat that their page is about."""

    session: AsyncSession
    case: Case
    state: CaseState
    programme: Programme
    actor: str
    now: datetime
    subject: str = ""

    async def offers(self, roles: Iterable[Role]) -> list[str]:
        """The commands that can be sent in one of `roles`, in the order of the table."""
        offered = [
            command
            for role in roles
            for command in stages.allowed(self.state, role, actor=self.actor, subject=self.subject)
            if await self.against(command, role) is None
        ]
        return list(dict.fromkeys(offered))

    async def against(self, command: str, role: Role) -> Refused | None:
        """Why a command that the table allows would be refused whatever its sender said; None where nothing is."""
        sent = Command("", command, self.state.id, self.actor, role, self.state.version, self.subject)
        setting = Setting(self.session, self.case, self.programme, sent, None, self.now)
        try:
            await registry.CONTENT.get(command, Content()).beforehand(setting)
        except Refused as refused:
            return refused
        return None
