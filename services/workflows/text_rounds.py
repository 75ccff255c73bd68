"""The sweep that reads the text of files that came in, once each, and keeps the marks by which near texts are found."""

import logging
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity

from services.documents import text_marks
from services.records import blobs, likeness
from services.records.database import Database
from services.workflows.clock import Clock, present

PAGE = 100
log = logging.getLogger("acquis.text_rounds")


@dataclass(frozen=True, slots=True)
class TextRounds:
    """The sweep `texts` of queue `acquis-files`: a file at a time, in a process that may be killed."""

    database: Database
    store: blobs.Blobs
    clock: Clock = present

    @activity.defn(name="sweep_texts")
    async def texts(self) -> int:
        """Read what was not read yet; answers how many files were. A file whose bytes are gone waits for them."""
        touched, after = 0, UUID(int=0)
        while page := await self._unread(after):
            for evidence_id, kind, sha256 in page:
                touched += await self._read(evidence_id, kind, sha256)
                activity.heartbeat()
            after = page[-1][0]
        return touched

    async def _unread(self, after: UUID) -> list[tuple[UUID, str, str]]:
        async with self.database.reading() as session:
            return await likeness.unread(session, kinds=text_marks.KINDS, after=after, limit=PAGE)

    async def _read(self, evidence_id: UUID, kind: str, sha256: str) -> bool:
        if not await self.store.exists(sha256):
            log.error("no bytes to read the text of evidence=%s", evidence_id)
            return False
        marks = await text_marks.of(kind, self.store.read(sha256))
        async with self.database.writing() as session:
            return await likeness.keep(session, evidence_id, marks, now=self.clock())
