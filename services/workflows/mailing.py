"""The activity that tells a person: compose the mail, hand it over, note that it was accepted, once per effect."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from services.documents import notices
from services.documents.notices import Envelope
from services.records.database import Database
from services.records.tables.commands import EffectRow, Mail
from services.records.tables.people import Person
from services.rules import deadlines
from services.rules.programmes import Language
from services.workflows.clock import Clock, present
from services.workflows.post import AddressRefused, Post


@dataclass(frozen=True, slots=True)
class Mailing:
    """Sends what is queued; a mail holds a link, a date and the case number, never content."""

    database: Database
    post: Post
    sender: str
    domain: str
    base_url: str
    clock: Clock = present

    @activity.defn(name="send_notice")
    async def send_notice(self, effect_key: str) -> None:
        """Send the mail of an effect, unless the mail service has accepted it before.

        Between the service's yes and our note a crash may send it again: with the same Message-ID.
        """
        async with self.database.reading() as session:
            if await session.get(Mail, effect_key) is not None:
                return
            effect = await session.get_one(EffectRow, effect_key)
            person = await session.get_one(Person, effect.recipient)
        mail = self._mail(effect, person)
        message = notices.compose(
            mail.notice,
            Language(person.language),
            number=str(effect.facts.get("number", "")),
            link=f"{self.base_url}/cases/{effect.case_id}",
            envelope=Envelope(self.sender, person.email, mail.message_id, effect.queued_at),
            due=_due(effect),
        )
        try:
            await self.post.send(message)
        except AddressRefused as refused:
            raise ApplicationError("address_refused", type="address_refused", non_retryable=True) from refused
        async with self.database.writing() as session:
            await _note(session, mail, now=self.clock())

    def _mail(self, effect: EffectRow, person: Person) -> Mail:
        identity = uuid5(UUID(str(effect.case_id)), effect.key)
        return Mail(
            effect_key=effect.key,
            message_id=f"<{identity}@{self.domain}>",
            case_id=effect.case_id,
            notice=str(effect.notice),
            recipient=person.id,
            language=person.language,
            accepted_at=effect.queued_at,
        )


async def _note(session: AsyncSession, mail: Mail, *, now: datetime) -> None:
    if await session.get(Mail, mail.effect_key) is None:
        mail.accepted_at = now
        session.add(mail)


def _due(effect: EffectRow) -> date | None:
    """The day by which something has to happen, in the case's time zone."""
    told = effect.facts.get("due")
    zone = str(effect.facts.get("zone", "UTC"))
    return deadlines.local_day(datetime.fromisoformat(str(told)), zone) if told else None
