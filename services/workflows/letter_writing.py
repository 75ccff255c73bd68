"""From a decision to its letters: gather what was decided and why, set it in both languages, publish it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession
from temporalio import activity

from services.documents import credential_codes, letter_steps, letters
from services.documents.letter_processes import Renderer
from services.documents.letters import Appeal, Contact, LetterKind, Outcome, Planned, Versions
from services.documents.letters import Claim as Told
from services.documents.letters import Credential as Shown
from services.records import (
    appeals,
    audit,
    blobs,
    cases,
    credentials,
    fees,
    judgements,
    panels,
    plans,
    programmes,
    transfers,
)
from services.records import ids as numbers
from services.records import letters as rows
from services.records.database import Database
from services.records.tables.cases import Case, Claim
from services.records.tables.credentials import Credential
from services.records.tables.decisions import Decision, DecisionKind
from services.records.tables.people import Person
from services.records.tables.plans import GapRow
from services.records.tables.transfers import TransferCheck
from services.rules import claims, deadlines
from services.rules.appeals import Ruling
from services.rules.fees import Service
from services.rules.programmes import Language, Programme, Text
from services.workflows import letter_files
from services.workflows.clock import Clock, present
from services.workflows.issuing import failing_for_good
from services.workflows.letter_foreseen import Foreseen

TAKEN: dict[DecisionKind, claims.ClaimState] = {
    DecisionKind.REVOCATION: claims.ClaimState.REVOKED,
    DecisionKind.SUSPENSION: claims.ClaimState.SUSPENDED,
}
"""Decisions that take a grant away, for good or for a time."""

ONE_THING: dict[DecisionKind, LetterKind] = {
    DecisionKind.ELIGIBILITY_REFUSAL: LetterKind.NOT_ELIGIBLE,
    DecisionKind.REVOCATION: LetterKind.REVOCATION,
    DecisionKind.SUSPENSION: LetterKind.SUSPENSION,
    DecisionKind.REINSTATEMENT: LetterKind.REINSTATEMENT,
}
"""Decisions whose letter is always of one kind."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the letters of one decision are made of; `carried`: by claim, criteria kept from before, with their day.

    `checks`: by claim, the check of a transfer that the decision confirmed; `plan`: what is proposed for the gaps.
    `heard_by`: how many people heard the appeal that the decision rules on.
    `waived`: another assessment costs the learner nothing.
    `readers`: by name, the assessors who read what was settled; `panel`: the members of a panel who voted on it.
    """

    decision: Decision
    case: Case
    programme: Programme
    learner: Person
    signatory: Person
    advisor: Person | None
    settled: tuple[tuple[Claim, claims.ClaimState, tuple[judgements.Found, ...]], ...]
    issued: tuple[Credential, ...]
    carried: Mapping[UUID, Mapping[str, date]]
    replaces: datetime | None = None
    readers: tuple[str, ...] = ()
    panel: tuple[str, ...] = ()
    checks: Mapping[UUID, TransferCheck] = field(default_factory=dict)
    heard_by: int = 0
    plan: tuple[GapRow, ...] = ()
    waived: bool = False


@dataclass(frozen=True, slots=True)
class LetterWriting:
    """The activities around letters; `renderer` is None in a process that only publishes."""

    database: Database
    store: blobs.Blobs
    base_url: str
    renderer: Renderer | None
    clock: Clock = present

    @activity.defn(name="render_letter")
    async def render(self, effect_key: str) -> None:
        """Write the decision's letter in each language; what is already written stays as it is."""
        with failing_for_good():
            async with self.database.reading() as session:
                decision = await credentials.decision_of(session, effect_key)
                present = {letter.language for letter in await rows.of_decision(session, decision.id)}
                facts = await facts_of(session, decision)
        for language in rows.LANGUAGES:
            if language not in present:
                await self._write(facts, Language(language))

    async def _write(self, facts: Facts, language: Language) -> None:
        if self.renderer is None:
            raise RuntimeError("render_letter")
        number = numbers.number("L", facts.decision.decided_at.year)
        letter = compose(facts, language=language, number=number, base_url=self.base_url)
        titles = {claim.id: facts.programme.competency(claim.competency).title for claim, _, _ in facts.settled}
        given = facts.issued if facts.decision.kind in credentials.ISSUED_FOR else ()
        content = await self.renderer.render(
            letter,
            attachments=letter_files.attached(given, titles, language),
            identifier=facts.decision.id.bytes,
            created=facts.decision.decided_at,
        )
        await letter_files.keep(self.database, self.store, letter, content, about=facts.decision, now=self.clock())

    @activity.defn(name="publish_decision")
    async def publish(self, effect_key: str) -> None:
        """The pivot: credentials and letters become visible together, or not at all."""
        now = self.clock()
        with failing_for_good():
            async with self.database.writing() as session:
                decision = await credentials.decision_of(session, effect_key)
                published = await credentials.publish(session, decision, now=now)
                if not await rows.release(session, decision, now=now):
                    return
                await audit.log(
                    session,
                    stream=f"case:{decision.case_id}",
                    actor="clock",
                    action="decision_published",
                    subject=str(decision.id),
                    details={"credentials": published},
                    now=now,
                )


async def facts_of(session: AsyncSession, decision: Decision, *, foreseen: Foreseen | None = None) -> Facts:
    """What the letters of `decision` are made of, read in the caller's transaction; `foreseen`: nobody signed it."""
    case = await cases.get(session, decision.case_id)
    found = [one for one in await judgements.of_case(session, case.id) if one.locked_at is not None]
    outcomes = dict(foreseen.outcomes) if foreseen else await rows.outcomes(session, decision.id)
    if decision.kind in TAKEN:
        outcomes = {UUID(str(decision.facts["claim"])): TAKEN[decision.kind]}
    every = await cases.claims_of(session, case.id)
    programme = await programmes.of_case(session, case)
    settled = tuple(
        (claim, outcomes[claim.id], tuple(one for one in found if one.claim_id == claim.id))
        for claim in every
        if claim.id in outcomes
    )
    if decision.kind is DecisionKind.ELIGIBILITY_REFUSAL:
        settled = tuple((claim, claim.state, ()) for claim in every)
    if decision.kind is DecisionKind.APPEAL:
        told = await appeals.told_by(session, decision)
        settled = tuple(
            (claim, claim.state, tuple(one for one in found if one.claim_id == claim.id and not told.anew))
            for claim in told.claims
        )
    former = await session.get(Decision, decision.supersedes_id) if decision.supersedes_id else None
    planned = await plans.made_by(session, decision.command_id)
    return Facts(
        decision=decision,
        case=case,
        programme=programme,
        learner=await session.get_one(Person, case.learner_id),
        signatory=await session.get_one(Person, decision.decided_by),
        advisor=await session.get(Person, case.advisor_id) if case.advisor_id else None,
        settled=settled,
        issued=tuple(await _issued(session, decision, [claim.id for claim, _, _ in settled])),
        carried={
            claim.id: await judgements.carried_until(session, claim, programme.policy, decision.decided_at)
            for claim, _, _ in settled
        },
        checks=foreseen.checks if foreseen else await transfers.confirmed_by(session, decision.id),
        replaces=former.decided_at if former else None,
        heard_by=await appeals.voters(session, decision),
        plan=foreseen.plan if foreseen else planned.rows if planned else (),
        waived=Service.COMPETENCIES in await fees.waivers(session, case.id),
        readers=tuple(await judgements.readers(session, [claim.id for claim, _, found in settled if found])),
        panel=tuple(await panels.voters(session, [one.id for _, _, found in settled for one in found])),
    )


async def _issued(session: AsyncSession, decision: Decision, claims: list[UUID]) -> list[Credential]:
    """The credentials that the letter shows: what was decided on, or all that stand where it repeats an earlier one."""
    if decision.kind in TAKEN:
        return [one for one in await credentials.of_claim(session, claims[0]) if one.revoked_by == decision.id]
    if decision.supersedes_id is not None:
        return await credentials.standing_of(session, claims)
    return await credentials.credentials_of(session, decision.id)


def _ruling(facts: Facts) -> Ruling | None:
    """What the appeal came to that the decision rules on, if it does."""
    word = facts.decision.facts.get("ruling")
    return Ruling(word) if word else None


def _kind(facts: Facts) -> LetterKind:
    if _ruling(facts) is not None:
        return LetterKind.APPEAL
    if facts.decision.kind in ONE_THING:
        return ONE_THING[facts.decision.kind]
    states = [state for _, state, _ in facts.settled]
    granted = sum(state in claims.IN_FAVOUR for state in states)
    if granted == len(states):
        transferred = all(state is claims.ClaimState.GRANTED_BY_TRANSFER for state in states)
        return LetterKind.TRANSFER if transferred else LetterKind.FULL
    return LetterKind.PARTIAL if granted else LetterKind.NOT_YET


def compose(facts: Facts, *, language: Language, number: str, base_url: str) -> letters.Letter:
    """The letter of a decision in one language; what people wrote stays in the language they wrote it in."""
    decision, case, programme = facts.decision, facts.case, facts.programme
    zone, institution = case.zone, programme.institution
    kind = _kind(facts)
    decided = deadlines.local_day(decision.decided_at, zone)
    until = deadlines.add(programme.policy.calendar, decided, programme.policy.carry)
    ruling = _ruling(facts)
    steps = letter_steps.next_steps(
        f"appeal_{ruling}" if ruling else kind.value, language, until=until, terms=programme.policy.terms
    )
    office = institution.unit.in_(language)
    contact = (
        Contact(facts.advisor.name, facts.advisor.email)
        if facts.advisor
        else Contact(office, institution.email, institution.phone, advisor=False)
    )
    return letters.Letter(
        kind=kind,
        language=language,
        number=number,
        case_number=case.number,
        institution=institution,
        name=facts.learner.name,
        programme=programme.title.in_(language),
        decided=decided,
        versions=Versions(
            framework=programme.framework.in_(language),
            programme=programme.version,
            policy=programme.policy.version,
            portfolio=decision.portfolio_version,
        ),
        appeal=Appeal(deadline=deadlines.local_day(decision.appeal_until, zone), final="final" in decision.facts),
        signatory=facts.signatory.name,
        signatory_title=_title(
            decision.capacity, institution.appeal_body if ruling else institution.signatory_title, language
        ),
        received=deadlines.local_day(case.submitted_at, zone) if case.submitted_at else None,
        claims=tuple(
            _in_block(programme, row[0], language, _told(facts, row, language=language, base_url=base_url))
            for row in facts.settled
        ),
        reasons=decision.reasons,
        next_steps=(
            *((decision.next_step,) if decision.next_step else ()),
            *steps,
            *letter_steps.costs(kind, programme.policy, language, waived=facts.waived),
        ),
        contact=contact,
        judged_by=_judged_by(facts, language),
        alone=_judged_alone(facts),
        written_in=Language(case.language),
        terms=programme.policy.terms,
        replaces=deadlines.local_day(facts.replaces, zone) if facts.replaces and not ruling else None,
        ruling=ruling,
        plan=tuple(_planned(row, programme, language) for row in facts.plan),
        hours_saved=sum(
            programme.competency(claim.competency).hours
            for claim, state, _ in facts.settled
            if state in claims.IN_FAVOUR
        ),
    )


def _in_block(programme: Programme, claim: Claim, language: Language, told: Told) -> Told:
    """A claim under its block of the framework, where the programme's letters list results by block."""
    block = programme.competency(claim.competency).block if programme.policy.letter_group_by == "block" else None
    return replace(told, block=block.in_(language)) if block else told


def _planned(row: GapRow, programme: Programme, language: Language) -> Planned:
    competency = programme.competency(row.competency)
    gap = competency.criterion(row.criterion).text.in_(language) if row.criterion else ""
    offer = row.offer or {}
    named = f"{offer['title'][language]}, {offer['provider']}" if offer else ""
    return Planned(competency.title.in_(language), row.way, gap, named, row.hours)


def _title(capacity: str, usual: Text, language: Language) -> str:
    """The capacity in which a person signed; the institution's usual one is said in the letter's language."""
    return usual.in_(language) if capacity in {"", usual.en, usual.fr} else capacity


def _judged_by(facts: Facts, language: Language) -> tuple[str, ...]:
    if _ruling(facts) is not None:
        return letter_steps.reviewers(facts.heard_by, language)
    named = facts.programme.policy.reveal_assessor == "name"
    names = tuple(dict.fromkeys((*facts.readers, *facts.panel))) if named else ()
    return (*letter_steps.capacities(len(facts.readers), language, panel=len(facts.panel)), *names)


def _judged_alone(facts: Facts) -> bool:
    return facts.heard_by == 1 if _ruling(facts) is not None else (len(facts.readers), len(facts.panel)) == (1, 0)


def _told(
    facts: Facts,
    row: tuple[Claim, claims.ClaimState, tuple[judgements.Found, ...]],
    *,
    language: Language,
    base_url: str,
) -> Told:
    claim, state, found = row
    competency = facts.programme.competency(claim.competency)
    title = competency.title.in_(language)
    shown = next(
        (
            Shown(credential_codes.display(one.code), f"{base_url}/v/{one.code}")
            for one in facts.issued
            if one.claim_id == claim.id
        ),
        None,
    )
    if state in TAKEN.values():
        day = deadlines.local_day(facts.decision.decided_at, facts.case.zone)
        return Told(title, Outcome(state), code=competency.code, settled=day, credential=shown)
    if claim.id in facts.checks:
        check = facts.checks[claim.id]
        transferred = state is claims.ClaimState.GRANTED_BY_TRANSFER
        return Told(
            title,
            Outcome.TRANSFERRED if transferred else Outcome.NOT_YET,
            code=competency.code,
            credit=competency.credit if transferred else Decimal(0),
            settled=deadlines.local_day(check.checked_at, facts.case.zone),
            reasons="" if transferred else check.reasons,
            credential=shown,
            transfer=True,
        )
    if not found:
        return Told(title, code=competency.code)
    last = found[-1]
    day = deadlines.local_day(last.locked_at or facts.decision.decided_at, facts.case.zone)
    if state is claims.ClaimState.GRANTED:
        return Told(
            title,
            Outcome.GRANTED,
            code=competency.code,
            credit=competency.credit,
            methods=last.content.methods,
            settled=day,
            credential=shown,
        )
    met, kept = claims.met_criteria(last.content), facts.carried.get(claim.id, {})
    kept = {key: until for key, until in kept.items() if key not in met}
    until = deadlines.add(facts.programme.policy.calendar, day, facts.programme.policy.carry)
    return Told(
        title,
        Outcome.NOT_YET,
        code=competency.code,
        methods=last.content.methods,
        settled=day,
        criteria_met=tuple(competency.criterion(key).text.in_(language) for key in (*met, *kept)),
        criteria_missing=tuple(
            competency.criterion(key).text.in_(language)
            for key in claims.missing_criteria(last.content, competency)
            if key not in kept
        ),
        reasons=last.content.rationale,
        carried_until=min([until, *kept.values()]),
    )
