"""The activity that tells a person: compose the mail, hand it over, note that it was accepted, once per effect."""

from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from uuid import UUID, uuid5

from temporalio import activity
from temporalio.exceptions import ApplicationError

from services.documents import calendar_files, notices
from services.documents.notices import CalendarFile, Envelope
from services.records import attestation_links, attestations, cases, effects, programmes
from services.records.database import Database
from services.records.tables.attestations import AttestationRequest
from services.records.tables.commands import EffectRow, EffectState, Mail
from services.records.tables.people import Institution, Person
from services.rules import deadlines
from services.rules.attestations import RequestState
from services.rules.programmes import Language, Text
from services.workflows.clock import Clock, present
from services.workflows.post import AddressRefused, Post


@dataclass(frozen=True, slots=True)
class _Reader:
    """To whom a mail goes, and where its link leads; `institution` says who writes to somebody without an account."""

    address: str
    language: str
    link: str
    institution: str = ""


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
    async def send_notice(self, effect_key: str) -> bool:
        """Send the mail of an effect, unless the mail service has accepted it before.

        Answers whether the effect is settled: with the note that the mail was accepted, in one transaction, so that
        the case need not be told. Otherwise the case settles it as it does every other effect.
        Between the service's yes and our note a crash may send it again: with the same Message-ID.
        """
        async with self.database.reading() as session:
            effect = await session.get_one(EffectRow, effect_key)
            if await session.get(Mail, effect_key) is not None:
                return effect.state is EffectState.DONE
            terms = (await programmes.of_case(session, await cases.get(session, effect.case_id))).policy.terms
            person = await session.get(Person, effect.recipient) if effect.recipient else None
        reader = self._person(effect, person) if person else await self._third_party(effect)
        if reader is None:
            return False  # the request ended while its mail waited: nobody is written to without consent
        mail = self._mail(effect, reader)
        message = notices.compose(
            mail.notice,
            Language(reader.language),
            number=str(effect.facts.get("number", "")),
            link=reader.link,
            envelope=Envelope(self.sender, reader.address, mail.message_id, effect.queued_at),
            due=_due(effect),
            institution=reader.institution,
            calendar=self._calendar(effect, reader),
            terms=terms,
        )
        try:
            await self.post.send(message)
        except AddressRefused as refused:
            if effect.attestation_id is not None:
                await self._give_up(effect.attestation_id)
                return False  # and the learner is told, which the case has to learn of
            raise ApplicationError("address_refused", type="address_refused", non_retryable=True) from refused
        async with self.database.writing() as session:
            return await effects.note(session, mail, now=self.clock())

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

    def _person(self, effect: EffectRow, person: Person) -> _Reader:
        return _Reader(person.email, person.language, f"{self.base_url}/cases/{effect.case_id}")

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

    def _mail(self, effect: EffectRow, reader: _Reader) -> Mail:
        identity = uuid5(UUID(str(effect.case_id)), effect.key)
        return Mail(
            effect_key=effect.key,
            message_id=f"<{identity}@{self.domain}>",
            case_id=effect.case_id,
            notice=str(effect.notice),
            recipient=effect.recipient,
            attestation_id=effect.attestation_id,
            language=reader.language,
            accepted_at=effect.queued_at,
        )


def _due(effect: EffectRow) -> date | None:
    """The day by which something has to happen, in the case's time zone."""
    told = effect.facts.get("due")
    zone = str(effect.facts.get("zone", "UTC"))
    return deadlines.local_day(datetime.fromisoformat(str(told)), zone) if told else None
