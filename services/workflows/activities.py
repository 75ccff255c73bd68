"""The two activities through which a case's workflow reads and writes the records."""

from dataclasses import dataclass
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from services.records import applying, cases, commands
from services.records.database import Database
from services.rules.case import Applied, CaseState, Command
from services.rules.people import Role
from services.rules.refusals import Refused
from services.workflows.clock import Clock, present

TIRED = 10
"""From this attempt on a person should look: a fault here holds the case's lock."""


@dataclass(frozen=True, slots=True)
class Records:
    """The activities of queue `acquis-case` that are one transaction each."""

    database: Database
    clock: Clock = present

    @activity.defn(name="load_case")
    async def load_case(self, case_id: str) -> CaseState:
        """The case as its rows say; a workflow of no case ends here."""
        try:
            async with self.database.reading() as session:
                return await cases.state(session, await cases.get(session, UUID(case_id)))
        except Refused as refused:
            raise _final(refused) from refused

    @activity.defn(name="apply_command")
    async def apply_command(self, command: Command, version: int) -> Applied:
        """Apply the command once; a refusal settles its row and fails with the code as type."""
        if activity.info().attempt == TIRED:
            await self._raise_flag(command)
        try:
            async with self.database.writing() as session:
                return await applying.apply(session, command, version=version, now=self.clock())
        except Refused as refused:
            return await self._settle(command, refused)

    async def _settle(self, command: Command, refused: Refused) -> Applied:
        """Store the refusal, unless the command was applied after all: the row decides."""
        settles = command.role is not Role.CLOCK and refused.code != "command_mismatch"
        if settles:
            async with self.database.writing() as session:
                row = await commands.refuse(session, UUID(command.id), refused, now=self.clock())
                if row.result is not None:
                    state = await cases.state(session, await cases.get(session, row.case_id))
                    return applying.answer(state, row)
        raise _final(refused) from refused

    async def _raise_flag(self, command: Command) -> None:
        async with self.database.writing() as session:
            await applying.set_aside(session, UUID(command.case_id), reason=f"stuck:{command.kind}")


def _final(refused: Refused) -> ApplicationError:
    """A refusal as an activity answers it: the code alone. Its facts can name a file, and stay on the row."""
    return ApplicationError(
        refused.code, type=refused.code, non_retryable=True, category=ApplicationErrorCategory.BENIGN
    )
