"""What a learner writes before anything is asked of anybody: the case, its claims, the form, the employers.

Plain rows without a workflow: a draft is data, and only its learner changes it, or whoever writes for them (`person`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import attestations, audit, claiming, ids, portfolio, programmes, wording
from services.records.tables.cases import Case, CaseParty, CaseSpan, Claim, Employer
from services.records.tables.evidence import Pointer
from services.rules import stages
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS, ClaimState, SelfAssessment
from services.rules.people import Role
from services.rules.programmes import FieldKind, FormField, Programme
from services.rules.refusals import Refused


class Purpose(StrEnum):
    """What the learner wants it for; asked at intake. Source: case design, section 1."""

    UPSKILL = "upskill"
    RESKILL = "reskill"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class NamedEmployer:
    """An employer or referee: shown to whoever is asked to assess, and matched by the system; `until` None: still."""

    organisation: str
    email: str | None = None
    referee: str | None = None
    until: date | None = None


NAMEABLE = frozenset({Stage.DRAFT, Stage.INCOMPLETE, Stage.ELIGIBLE, Stage.GAP_TRAINING})
"""Stages in which employers may change: later ones have been shown to whoever was asked to assess."""

LONGEST = {FieldKind.TEXT: 500, FieldKind.LONG_TEXT: 20_000, FieldKind.CHOICE: 64, FieldKind.DATE: 10}
"""Characters of an answer to the portfolio form."""

YEARS = range(1900, 2201)
"""Years that a date of a working life can lie in."""


async def open_case(
    session: AsyncSession,
    *,
    learner: UUID,
    programme: str,
    language: str,
    purpose: Purpose,
    competencies: Sequence[str],
    employers: Sequence[NamedEmployer],
    now: datetime,
    actor: UUID | None = None,
) -> Case:
    """Open a draft on the newest version of `programme` (a slug); `actor` where somebody else opens it for them.

    Raises `Refused`: programme_unknown, programme_closed, claim_unknown, malformed.
    """
    version = await programmes.newest(session, programme)
    published = await programmes.read(session, version.id)
    facts = stages.STAGES[Stage.DRAFT]
    case = Case(
        id=ids.new_id(),
        number=ids.number("R", now.year),
        institution_id=version.institution_id,
        programme=version.slug,
        programme_version_id=version.id,
        learner_id=learner,
        language=language,
        purpose=purpose,
        zone=published.policy.calendar.zone,
        stage=Stage.DRAFT,
        waiting_on=facts.waiting_on,
        clock=facts.clock,
        created_at=now,
        active_at=now,
    )
    session.add(case)
    await session.flush()
    session.add(CaseParty(case_id=case.id, person_id=learner, role=Role.LEARNER, since=now))
    session.add(
        CaseSpan(
            case_id=case.id,
            seq=1,
            stage=case.stage,
            waiting_on=case.waiting_on,
            clock=case.clock,
            started_at=now,
        )
    )
    for key in dict.fromkeys(competencies):
        _claim(session, case=case, programme=published, competency=key)
    _name(session, case=case, employers=employers)
    await session.flush()
    await audit.log(
        session,
        stream=f"case:{case.id}",
        actor=str(actor or learner),
        action="case_opened",
        subject=str(case.id),
        details={"programme": version.slug, "version": version.version}
        | ({"on_behalf_of": str(learner)} if actor else {}),
        now=now,
    )
    return case


def _claim(session: AsyncSession, *, case: Case, programme: Programme, competency: str) -> Claim:
    if competency not in {known.key for known in programme.competencies}:
        raise Refused("claim_unknown")
    claim = Claim(
        id=ids.new_id(),
        case_id=case.id,
        learner_id=case.learner_id,
        competency=competency,
        competency_key=f"{programme.slug}/{competency}",
        state=ClaimState.CLAIMED,
    )
    session.add(claim)
    return claim


async def assess_oneself(
    session: AsyncSession,
    *,
    case_id: UUID,
    competency: str,
    said: SelfAssessment | None,
    now: datetime,
    person: UUID | None = None,
) -> Claim:
    """Claim a competency in a draft, say of an open claim how one sees it, or claim again what one took back.

    Raises `Refused`: not_found, portfolio_locked (a new claim outside of a draft among them), claim_unknown,
    share_reached.
    """
    case = await portfolio.editable(session, case_id)
    claim = await _latest(session, case_id=case_id, competency=competency)
    if claim is None:
        if case.stage is not Stage.DRAFT:
            raise Refused("portfolio_locked")
        programme = await programmes.of_case(session, case)
        claim = _claim(session, case=case, programme=programme, competency=competency)
    if claim.state is ClaimState.WITHDRAWN and _documenting(case):
        if competency not in {known.key for known in (await programmes.of_case(session, case)).competencies}:
            raise Refused("claim_unknown")  # left behind with an older version
        await claiming.room_for(session, case=case, claims=[claim])
        claim.state, claim.withdrawn_at = ClaimState.CLAIMED, None
    if claim.state not in OPEN_CLAIMS:
        raise Refused("portfolio_locked")
    claim.self_assessment = said
    await session.flush()
    await portfolio.changed(
        session, case, person=person or case.learner_id, action="claim_assessed_by_learner", subject=claim.id, now=now
    )
    return claim


def _documenting(case: Case) -> bool:
    """Whether the portfolio is still to be sent, so that a claim taken back can be taken up with the others."""
    before = case.return_to is Stage.ELIGIBILITY_REVIEW
    return case.stage in {Stage.ELIGIBLE, Stage.GAP_TRAINING} or (case.stage is Stage.INCOMPLETE and before)


async def drop_claim(
    session: AsyncSession, *, case_id: UUID, competency: str, now: datetime, person: UUID | None = None
) -> None:
    """Take a claim out of a draft, with what was pointed at it.

    Raises `Refused`: not_found, portfolio_locked, claim_unknown.
    """
    case = await portfolio.editable(session, case_id)
    if case.stage is not Stage.DRAFT:
        raise Refused("portfolio_locked")
    claim = await _latest(session, case_id=case_id, competency=competency)
    if claim is None:
        raise Refused("claim_unknown")
    await session.exec(sa.delete(Pointer).where(col(Pointer.claim_id) == claim.id))
    await attestations.forget_claim(session, claim, now=now)
    await session.delete(claim)
    await portfolio.changed(
        session, case, person=person or case.learner_id, action="claim_dropped", subject=claim.id, now=now
    )


async def _latest(session: AsyncSession, *, case_id: UUID, competency: str) -> Claim | None:
    rows = await session.exec(
        select(Claim)
        .where(col(Claim.case_id) == case_id, col(Claim.competency) == competency)
        .order_by(col(Claim.attempt).desc())
        .limit(1)
    )
    return rows.first()


async def answer_form(
    session: AsyncSession,
    *,
    case_id: UUID,
    answers: Mapping[str, str],
    version: int,
    now: datetime,
    person: UUID | None = None,
) -> Case:
    """Keep the answers to the programme's portfolio form, all of them; `version` is the one that they replace.

    Raises `Refused`: not_found, portfolio_locked, stale_version, malformed.
    """
    case = await portfolio.editable(session, case_id)
    if case.answers_version != version:
        raise Refused("stale_version", version=str(case.answers_version))
    form = {field.key: field for field in (await programmes.of_case(session, case)).form}
    for key, text in answers.items():
        if key not in form:
            raise Refused("malformed", field=f"answers.{key}")
        _check(form[key], text)
    case.answers, case.answers_version = dict(answers), version + 1
    await portfolio.changed(
        session, case, person=person or case.learner_id, action="form_answered", subject=case.id, now=now
    )
    return case


def _check(field: FormField, text: str) -> None:
    at = f"answers.{field.key}"
    wording.check(at, text, most=LONGEST[field.kind], lines=field.kind is FieldKind.LONG_TEXT)
    if not text:
        return
    if field.kind is FieldKind.CHOICE and text not in {word for word, _ in field.choices}:
        raise Refused("malformed", field=at)
    if field.kind is FieldKind.DATE:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Refused("malformed", field=at) from None
        _check_year(at, day)


def _check_year(field: str, day: date | None) -> None:
    """Raises `Refused`: malformed, for a day with which no date can be reckoned that anybody means."""
    if day is not None and day.year not in YEARS:
        raise Refused("malformed", field=field)


async def name_employers(
    session: AsyncSession,
    *,
    case_id: UUID,
    employers: Sequence[NamedEmployer],
    now: datetime,
    person: UUID | None = None,
) -> list[NamedEmployer]:
    """Replace the employers and referees of a case. Raises `Refused`: not_found, portfolio_locked, malformed."""
    case = await portfolio.editable(session, case_id)
    if case.stage not in NAMEABLE:
        raise Refused("portfolio_locked")
    await session.exec(sa.delete(Employer).where(col(Employer.case_id) == case_id))
    _name(session, case=case, employers=employers)
    await portfolio.changed(
        session, case, person=person or case.learner_id, action="employers_named", subject=case.id, now=now
    )
    return list(employers)


def _name(session: AsyncSession, *, case: Case, employers: Sequence[NamedEmployer]) -> None:
    for employer in employers:
        for field, text, most in (
            ("organisation", employer.organisation, 200),
            ("email", employer.email or "", 320),
            ("referee", employer.referee or "", 200),
        ):
            wording.check(f"employers.{field}", text, most=most)
        if not employer.organisation.strip():
            raise Refused("malformed", field="employers.organisation")
        _check_year("employers.until", employer.until)
        session.add(
            Employer(
                id=ids.new_id(),
                case_id=case.id,
                organisation=employer.organisation.strip(),
                email=employer.email,
                referee=employer.referee,
                until=employer.until,
            )
        )
