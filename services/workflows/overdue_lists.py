"""The sweep that tells programme administrators, once a week, how many cases take twice the time they should."""

import logging
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity

from services.documents import notices
from services.documents.notices import Envelope
from services.records import overdue
from services.records.tables.commands import OverdueList
from services.records.tables.people import Person
from services.rules.programmes import Language
from services.workflows.post import AddressRefused, Writer

PAGE = 200
log = logging.getLogger("acquis.overdue_lists")


@dataclass(frozen=True, slots=True)
class OverdueLists(Writer):
    """The sweep `overdue` of queue `acquis-effects`, whose worker has the mail service."""

    @activity.defn(name="sweep_overdue")
    async def weekly(self) -> int:
        """Write the lists of this week and send those that were not sent; answers how many were.

        It goes round every day, so that a list which could not be sent is sent the day after. Between the mail
        service's yes and our note a crash may send a list again: with the same Message-ID.
        """
        counts = await self._counts()
        async with self.database.writing() as session:
            await overdue.keep(session, counts, now=self.clock())
        async with self.database.reading() as session:
            waiting = await overdue.unsent(session, now=self.clock())
        sent = 0
        for one in waiting:
            sent += await self._send(one)
            activity.heartbeat()
        return sent

    async def _counts(self) -> overdue.Counts:
        counts: overdue.Counts = {}
        after, now = UUID(int=0), self.clock()
        while page := await self._late(after):
            async with self.database.reading() as session:
                for case_id in page:
                    await overdue.count(session, case_id, counts=counts, now=now)
            activity.heartbeat()
            after = page[-1]
        return counts

    async def _late(self, after: UUID) -> list[UUID]:
        async with self.database.reading() as session:
            return await overdue.late(session, after=after, now=self.clock(), limit=PAGE)

    async def _send(self, one: OverdueList) -> bool:
        async with self.database.reading() as session:
            person = await session.get_one(Person, one.person_id)
            lines = await overdue.lines(session, one)
        message = notices.compose(
            "overdue_list",
            Language(person.language),
            number="",
            link=f"{self.base_url}/programmes",
            envelope=Envelope(self.sender, person.email, f"<{one.id}@{self.domain}>", one.made_at),
            lines=lines,
        )
        try:
            await self.post.send(message)
        except AddressRefused:
            log.warning("address refused list=%s", one.id)
            return False
        async with self.database.writing() as session:
            (await session.get_one(OverdueList, one.id)).accepted_at = self.clock()
        return True
