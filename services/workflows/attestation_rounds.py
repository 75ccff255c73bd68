"""The daily sweep over people who were asked to attest: reminders, silence, ended links, statements that waited.

A sweep and no limit of the case: a request may begin in a draft, which has no workflow, and outlives the stages that
the case goes through meanwhile.
"""

from dataclasses import dataclass
from uuid import UUID

from temporalio import activity

from services.records import attestations, statements
from services.records.database import Database
from services.workflows.clock import Clock, present
from services.workflows.desk import Desk

PAGE = 200


@dataclass(frozen=True, slots=True)
class AttestationRounds:
    """The sweep `attestations` of queue `acquis-case`."""

    database: Database
    desk: Desk
    clock: Clock = present

    @activity.defn(name="sweep_attestations")
    async def attestations(self) -> int:
        """Do what is due for every request; answers how many had something to do. Safe to repeat."""
        return await self._requests() + await self._held()

    async def _requests(self) -> int:
        touched, after = 0, UUID(int=0)
        while page := await self._page(after):
            for request_id, case_id in page:
                async with self.database.writing() as session:
                    written = await attestations.look_after(
                        session, case_id=case_id, request_id=request_id, now=self.clock()
                    )
                if written:
                    touched += 1
                    await self.desk.wake(case_id)
            activity.heartbeat()
            after = page[-1][0]
        return touched

    async def _page(self, after: UUID) -> list[tuple[UUID, UUID]]:
        async with self.database.reading() as session:
            return await attestations.waiting(session, after=after, limit=PAGE)

    async def _held(self) -> int:
        async with self.database.reading() as session:
            waiting = await statements.held(session)
        laid = 0
        for case_id, request_id in waiting:
            async with self.database.writing() as session:
                laid += await statements.lay_held(session, case_id=case_id, request_id=request_id, now=self.clock())
            activity.heartbeat()
        return laid
