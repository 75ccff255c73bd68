"""The activity that tells a person: compose the mail, hand it over, note that it was accepted, once per effect.

Reminders of one person on one day leave as one mail, which is noted for each of them. That somebody wrote is told once,
after a while, until it is read.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlmodel import col, select
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from services.documents import calendar_files, notices
from services.documents.notices import CalendarFile, Envelope, Task
from services.records import (
    attestation_links,
    attestations,
    cases,
    effects,
    invitations,
    looking_back,
    messages,
    programmes,
    reminders,
)
from services.records.tables.attestations import AttestationRequest
from services.records.tables.cases import Case
from services.records.tables.commands import EffectRow, EffectState, Mail
from services.records.tables.people import Institution, Person
from services.rules import deadlines
from services.rules.attestations import RequestState
from services.rules.programmes import Language, Text
from services.workflows.post import AddressRefused, Writer


@dataclass(frozen=True, slots=True)
class _Reader:
    """To whom a mail goes, and where its link leads; `institution` says who writes to somebody without an account."""

    address: str
    language: str
    link: str
    institution: str = ""


@dataclass(frozen=True, slots=True)
class Mailing(Writer):
    """Sends what is queued; a mail holds a link, a date and the case number, never content."""

    @activity.defn(name="send_notice")
    async def send_notice(self, effect_key: str) -> bool:
        """Send the mail of an effect, unless the mail service has accepted it before.

        Answers whether the effect is settled: with the note that the mail was accepted, in one transaction, so that
        the case need not be told. Otherwise the case settles it as it does every other effect.
        Between the service's yes and our note a crash may send it again: with the same Message-ID. A reminder fails
        with the time after which it is to be tried again while others of the same morning are still to come.
        """
        async with self.database.reading() as session:
            found: Any = (await session.exec(_TO_SEND, params={"key": effect_key})).one()
            effect, person, sent, version = found
            if sent is not None:
                return bool(effect.state is EffectState.DONE)
        together = await self._gathered(effect)
        if not together:
            return await self._spared(effect)  # it is noted by now, or there is nothing left to remind of
        reader = await self._person(effect, person) if person else await self._third_party(effect)
        if reader is None:
            return await self._spared(effect)  # the request ended: nobody is written to without consent
        mail = self._mail(effect, reader)
        message = await self._composed(mail, reader, together, terms=await programmes.terms_of(self.database, version))
        try:
            await self.post.send(message)
        except AddressRefused as refused:
            if effect.attestation_id is not None:
                await self._give_up(effect.attestation_id)
                return False  # and the learner is told, which the case has to learn of
            raise ApplicationError("address_refused", type="address_refused", non_retryable=True) from refused
        async with self.database.writing() as session:
            settled = [
                await effects.note(session, self._mail(one, reader, within=mail.message_id), now=self.clock())
                for one in together
            ]
        return all(settled)

    async def _spared(self, effect: EffectRow) -> bool:
        """Note that nothing has to be sent; the case settles the effect."""
        async with self.database.writing() as session:
            await effects.spare(session, effect.key)
        return False

    async def _gathered(self, effect: EffectRow) -> tuple[EffectRow, ...]:
        """What goes in the mail of `effect`: itself, and other reminders of the same person that came up meanwhile."""
        if effect.notice in messages.NOTICES:
            return await self._unread(effect)
        if effect.limit_id is None:
            return (effect,)
        async with self.database.writing() as session:
            planned = await reminders.plan(session, effect.key, now=self.clock())
        if isinstance(planned, reminders.Wait):
            raise _later(planned.delay)
        return planned.effects

    async def _unread(self, effect: EffectRow) -> tuple[EffectRow, ...]:
        """The mail of a message once it has waited a while; nothing where its reader has read the message by then."""
        if (delay := effect.queued_at + messages.A_WHILE - self.clock()) > timedelta():
            raise _later(delay)
        async with self.database.reading() as session:
            return () if await messages.needless(session, effect) else (effect,)

    async def _composed(
        self, mail: Mail, reader: _Reader, together: tuple[EffectRow, ...], *, terms: str
    ) -> EmailMessage:
        """The mail in the words of `terms`, the French of its case's programme."""
        language, (effect, *others) = Language(reader.language), together
        if others:
            queued = max(one.queued_at for one in together)
            envelope = Envelope(self.sender, reader.address, mail.message_id, queued)
            return notices.compose_together(await self._tasks(together), language, envelope=envelope)
        return notices.compose(
            mail.notice,
            language,
            number=str(effect.facts.get("number", "")),
            link=reader.link,
            envelope=Envelope(self.sender, reader.address, mail.message_id, effect.queued_at),
            due=_due(effect),
            institution=reader.institution,
            calendar=self._calendar(effect, reader),
            terms=terms,
        )

    async def _tasks(self, together: tuple[EffectRow, ...]) -> list[Task]:
        async with self.database.reading() as session:
            pinned = select(Case.id, Case.programme_version_id).where(
                col(Case.id).in_({one.case_id for one in together})
            )
            terms = {
                case_id: await programmes.terms_of(session, version) for case_id, version in await session.exec(pinned)
            }
        return [self._task(one, terms=terms[one.case_id]) for one in together]

    def _task(self, effect: EffectRow, *, terms: str) -> Task:
        link, number = f"{self.base_url}/cases/{effect.case_id}", str(effect.facts.get("number", ""))
        return Task(str(effect.notice), number, link, due=_due(effect), terms=terms)

    def _calendar(self, effect: EffectRow, reader: _Reader) -> CalendarFile | None:
        """The calendar file of a booking or a hearing as it was when the mail was queued; most mails have none."""
        facts = effect.facts
        if "calendar" not in facts:
            return None
        entry = calendar_files.Entry(
            identity=UUID(facts["identity"]),
            sequence=int(facts["sequence"]),
            about=str(facts["about"]),
            starts=datetime.fromisoformat(facts["starts"]),
            ends=datetime.fromisoformat(facts["ends"]),
            zone=str(facts["zone"]),
            place=facts["place"],
            number=str(facts["number"]),
            link=reader.link,
            written=effect.queued_at,
        )
        does = str(facts["calendar"])
        # An address alone: programs put the organizer's name into the entry, and ours is in the mail already.
        organizer = parseaddr(self.sender)[1]
        addresses = {"organizer": organizer, "attendee": reader.address}
        content = calendar_files.made(entry, Language(reader.language), does=does, domain=self.domain, **addresses)
        return CalendarFile(content, does)

    async def _person(self, effect: EffectRow, person: Person) -> _Reader | None:
        """Who is written to; an invitation has a link of its own, and is nobody's once there is a password."""
        if effect.notice in messages.NOTICES:
            there = f"{self.base_url}/{person.language}/cases/{effect.case_id}/messages"
            return _Reader(person.email, person.language, there)
        if effect.notice in looking_back.NOTICES:
            return _Reader(person.email, person.language, f"{self.base_url}/look-backs")
        if effect.notice not in invitations.NOTICES:
            return _Reader(person.email, person.language, f"{self.base_url}/cases/{effect.case_id}")
        until = datetime.fromisoformat(str(effect.facts["due"]))
        async with self.database.writing() as session:
            token = await invitations.make(session, person.id, expires_at=until, now=self.clock())
        link = f"{self.base_url}/{person.language}/invitations/{token}"
        return _Reader(person.email, person.language, link) if token else None

    async def _third_party(self, effect: EffectRow) -> _Reader | None:
        """Who is asked, with a link of this very mail; None once nothing is asked any more.

        A mail that is sent again after a crash has another link in it, and both open the form: only hashes are kept.
        """
        async with self.database.writing() as session:
            request = await session.get_one(AttestationRequest, effect.attestation_id)
            if request.state is not RequestState.OPEN:
                return None
            case = await cases.get(session, request.case_id)
            institution = await session.get_one(Institution, case.institution_id)
            token = await attestation_links.make(session, request, now=self.clock())
        name = Text(institution.name_en, institution.name_fr).in_(request.language)
        return _Reader(request.email, request.language, f"{self.base_url}/attestations/{token}", name)

    async def _give_up(self, request: UUID) -> None:
        async with self.database.writing() as session:
            await attestations.could_not_reach(session, request, now=self.clock())

    def _mail(self, effect: EffectRow, reader: _Reader, *, within: str = "") -> Mail:
        """The note of a mail; `within`: the Message-ID of the one in which the effect goes with others."""
        identity = uuid5(UUID(str(effect.case_id)), effect.key)
        return Mail(
            effect_key=effect.key,
            message_id=within or f"<{identity}@{self.domain}>",
            case_id=effect.case_id,
            notice=str(effect.notice),
            recipient=effect.recipient,
            attestation_id=effect.attestation_id,
            language=reader.language,
            accepted_at=effect.queued_at,
        )


_TO_SEND = (
    select(EffectRow, Person, Mail.effect_key, Case.programme_version_id)
    .join(Case, col(Case.id) == col(EffectRow.case_id))
    .outerjoin(Person, col(Person.id) == col(EffectRow.recipient))
    .outerjoin(Mail, col(Mail.effect_key) == col(EffectRow.key))
    .where(col(EffectRow.key) == sa.bindparam("key", type_=sa.String()))
)
"""An effect, the person to be told, the note of a mail that was sent, and the version that its case is pinned to."""


def _later(delay: timedelta) -> ApplicationError:
    """Not yet: the mail is tried again after `delay`, and nobody is alarmed."""
    return ApplicationError(
        "gathering", type="gathering", next_retry_delay=delay, category=ApplicationErrorCategory.BENIGN
    )


def _due(effect: EffectRow) -> date | None:
    """The day by which something has to happen, in the case's time zone."""
    told = effect.facts.get("due")
    zone = str(effect.facts.get("zone", "UTC"))
    return deadlines.local_day(datetime.fromisoformat(str(told)), zone) if told else None
