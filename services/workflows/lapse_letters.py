"""The letter of a lapse: that a limit closed a case, that this decides nothing, and the ways back with their dates.

No person decided anything, so that no decision is named; the office that keeps the programme signs.
Source: case design, sections 3 (a lapse is not a refusal) and 10.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from services.documents import letter_steps, letters
from services.documents.letter_processes import Renderer
from services.documents.letters import Appeal, Contact, Lapse, LetterKind, Versions
from services.documents.letters import Claim as Told
from services.records import audit, blobs, cases, lapses, programmes
from services.records import ids as numbers
from services.records import letters as rows
from services.records.database import Database
from services.records.lapses import Lapsed
from services.records.tables.cases import Case, Claim
from services.records.tables.people import Person
from services.rules import appeals, deadlines
from services.rules.programmes import Language, Programme
from services.workflows import letter_files
from services.workflows.clock import Clock, present
from services.workflows.issuing import failing_for_good


@dataclass(frozen=True, slots=True)
class Facts:
    """What the letters of one lapse are made of; `claims` are those that the lapse left as they were."""

    lapsed: Lapsed
    case: Case
    programme: Programme
    learner: Person
    advisor: Person | None
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class LapseLetters:
    """The activity that writes the letter of a lapse; one commit makes both languages readable."""

    database: Database
    store: blobs.Blobs
    renderer: Renderer
    clock: Clock = present

    @activity.defn(name="write_lapse_letter")
    async def write(self, effect_key: str) -> None:
        """Write what is missing and release it; a second call answers as the first."""
        with failing_for_good():
            async with self.database.reading() as session:
                facts = await facts_of(session, effect_key)
                present = {letter.language for letter in await rows.of_lapse(session, facts.lapsed.command_id)}
            for language in rows.LANGUAGES:
                if language not in present:
                    await self._draft(facts, Language(language))
            await self._release(facts)

    async def _draft(self, facts: Facts, language: Language) -> None:
        letter = compose(facts, language=language, number=numbers.number("L", facts.lapsed.at.year))
        content = await self.renderer.render(
            letter, attachments=[], identifier=facts.lapsed.command_id.bytes, created=facts.lapsed.at
        )
        await letter_files.keep(self.database, self.store, letter, content, about=facts.lapsed, now=self.clock())

    async def _release(self, facts: Facts) -> None:
        now = self.clock()
        async with self.database.writing() as session:
            if await rows.release(session, facts.lapsed, now=now):
                await audit.log(
                    session,
                    stream=f"case:{facts.case.id}",
                    actor="clock",
                    action="lapse_letter_released",
                    subject=str(facts.lapsed.command_id),
                    now=now,
                )


async def facts_of(session: AsyncSession, effect_key: str) -> Facts:
    """What the letters of the lapse that the effect tells of are made of."""
    lapsed = await lapses.told_by(session, effect_key)
    case = await cases.get(session, lapsed.case_id)
    every = await cases.claims_of(session, case.id)
    return Facts(
        lapsed=lapsed,
        case=case,
        programme=await programmes.of_case(session, case),
        learner=await session.get_one(Person, case.learner_id),
        advisor=await session.get(Person, case.advisor_id) if case.advisor_id else None,
        claims=tuple(claim for claim in every if cases.is_open(claim, case.stage)),
    )


def _challenge_until(facts: Facts) -> datetime:
    """Until when a lead can be asked, and the case be reopened: the same span. Source: case design, section 3.2."""
    case, policy = facts.case, facts.programme.policy
    return deadlines.due(
        policy.calendar,
        facts.lapsed.at,
        policy.reopen_window,
        zone=case.zone,
        learner=True,
        extra_time=case.extra_time,
    )


def compose(facts: Facts, *, language: Language, number: str) -> letters.Letter:
    """The letter of a lapse in one language."""
    case, programme, zone = facts.case, facts.programme, facts.case.zone
    institution, policy = programme.institution, programme.policy
    office = institution.unit.in_(language)
    until = deadlines.local_day(_challenge_until(facts), zone)
    appeal = appeals.window_end(policy, sent=facts.lapsed.at, opened=None, zone=zone)
    return letters.Letter(
        kind=LetterKind.LAPSE,
        language=language,
        number=number,
        case_number=case.number,
        institution=institution,
        name=facts.learner.name,
        programme=programme.title.in_(language),
        decided=deadlines.local_day(facts.lapsed.at, zone),
        versions=Versions(programme.framework.in_(language), programme.version, policy.version),
        appeal=Appeal(deadline=deadlines.local_day(appeal, zone)),
        signatory=office,
        signatory_title=institution.name.in_(language),
        received=deadlines.local_day(case.submitted_at, zone) if case.submitted_at else None,
        claims=tuple(_told(claim, programme, language) for claim in facts.claims),
        next_steps=letter_steps.next_steps(LetterKind.LAPSE, language, until=until, terms=policy.terms),
        contact=Contact(facts.advisor.name, facts.advisor.email)
        if facts.advisor
        else Contact(office, institution.email, institution.phone, advisor=False),
        written_in=language,
        terms=policy.terms,
        lapse=Lapse(
            facts.lapsed.limit,
            tuple(dict.fromkeys(deadlines.local_day(one, zone) for one in facts.lapsed.warned)),
            until,
        ),
    )


def _told(claim: Claim, programme: Programme, language: Language) -> Told:
    competency = programme.competency(claim.competency)
    return Told(competency.title.in_(language), code=competency.code)
