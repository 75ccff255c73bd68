"""The nightly sweep that asks people, once a wave, what became of them after their decision."""

import logging
from dataclasses import dataclass
from uuid import UUID

from temporalio import activity

from services.documents import notices
from services.documents.notices import Envelope
from services.records import surveys
from services.rules.programmes import Language
from services.workflows.post import AddressRefused, NotTaken, Writer

PAGE = 200
log = logging.getLogger("acquis.survey_rounds")


@dataclass(frozen=True, slots=True)
class SurveyRounds(Writer):
    """The sweep `surveys` of queue `acquis-effects`, whose worker has the mail service.

    No limit of a case: most are closed by then, and have no workflow.
    """

    @activity.defn(name="sweep_surveys")
    async def surveys(self) -> int:
        """Write down who is to be asked, and send what was not sent; answers how many mails left.

        Whoever could not be written to tonight is written to tomorrow. Between the mail service's yes and our note a
        crash may send a mail again: with the same Message-ID.
        """
        after = UUID(int=0)
        while page := await self._agreed(after):
            async with self.database.writing() as session:
                for consent in page:
                    await surveys.invite(session, consent, now=self.clock())
            activity.heartbeat()
            after = page[-1]
        async with self.database.reading() as session:
            waiting = await surveys.unsent(session, now=self.clock())
        sent = 0
        for invitation in waiting:
            sent += await self._send(invitation)
            activity.heartbeat()
        return sent

    async def _agreed(self, after: UUID) -> list[UUID]:
        async with self.database.reading() as session:
            return await surveys.agreed(session, after=after, limit=PAGE)

    async def _send(self, invitation: UUID) -> bool:
        async with self.database.writing() as session:
            letter = await surveys.letter(session, invitation, now=self.clock())
        if letter is None:
            return False  # they stopped all surveys meanwhile, or have no account any more
        language = Language(letter.language)
        message = notices.compose(
            surveys.NOTICE,
            language,
            number="",
            link=f"{self.base_url}/{language}/survey/{letter.token}",
            envelope=Envelope(self.sender, letter.address, f"<{invitation}@{self.domain}>", letter.made_at),
            due=letter.until,
            institution=letter.institution.in_(language),
        )
        try:
            await self.post.send(message)
        except AddressRefused:
            log.warning("address refused invitation=%s", invitation)
            async with self.database.writing() as session:
                await surveys.unreachable(session, invitation, now=self.clock())
            return False
        except (NotTaken, OSError) as failed:
            log.warning("not taken invitation=%s because=%s", invitation, type(failed).__name__)
            return False
        async with self.database.writing() as session:
            await surveys.accepted(session, invitation, now=self.clock())
        return True
