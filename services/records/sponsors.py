"""Whether a sponsor may be told: agreed to by the learner alone, taken back at any time, and then nothing is told.

That somebody has work they say in a survey, whose answers are counted without a name. Whoever wants their sponsor to
know it ticks that there; only this is noted, and it goes when the agreement to tell goes.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases
from services.records.ids import new_id
from services.records.tables.cases import Case, Consent
from services.records.tables.cohorts import CohortEmployment, CohortMember, SponsorAgreement
from services.rules import cohorts
from services.rules.refusals import Refused

RUNS = (col(Consent.purpose) == cohorts.PURPOSE, col(Consent.withdrawn_at).is_(None))
"""A consent to tell the sponsor that its person has not taken back."""


@dataclass(frozen=True, slots=True)
class Sponsored:
    """A case of one's own under an agreement: who pays, and since when they may be told; None: they may not."""

    case_id: UUID
    number: str
    sponsor: str
    agreed_at: datetime | None


_JOINED = aliased(Case)
"""The case that joined a cohort. Where it was merged into another one, that one goes on for it."""

GOES_ON = (
    sa.select(
        col(_JOINED.id).label("joined"), sa.func.coalesce(col(_JOINED.merged_into_id), col(_JOINED.id)).label("id")
    )
    .join(CohortMember, col(CohortMember.case_id) == col(_JOINED.id))
    .subquery()
)
"""Which case goes on (`id`) for each that joined a cohort."""


async def of_person(session: AsyncSession, person: UUID) -> list[Sponsored]:
    """Every case of this learner that belongs to an agreement, newest first."""
    rows = await session.exec(
        select(Case, SponsorAgreement, Consent)
        .join(GOES_ON, GOES_ON.c.id == col(Case.id))
        .join(CohortMember, col(CohortMember.case_id) == GOES_ON.c.joined)
        .join(SponsorAgreement, col(SponsorAgreement.id) == col(CohortMember.agreement_id))
        .outerjoin(Consent, sa.and_(col(Consent.case_id) == col(CohortMember.case_id), *RUNS))
        .where(col(CohortMember.learner_id) == person)
        .order_by(col(CohortMember.case_id).desc())
    )
    return [
        Sponsored(case.id, case.number, agreement.sponsor, consent.given_at if consent else None)
        for case, agreement, consent in rows
    ]


async def choose(session: AsyncSession, case_id: UUID, *, tell: bool, person: UUID, now: datetime) -> None:
    """Let the sponsor of a case of one's own be told of milestones, or no longer; to say it twice changes nothing.

    Raises `Refused('not_found')` for a case of somebody else, and for one that nobody sponsors.
    """
    member = await _member(session, case_id)
    if member is None or member.learner_id != person:
        raise Refused("not_found")
    await cases.get(session, member.case_id, lock=True)
    consent = await _running(session, member)
    if tell and consent is None:
        consent = Consent(
            id=new_id(),
            case_id=member.case_id,
            person_id=person,
            purpose=cohorts.PURPOSE,
            text_version=cohorts.TEXT,
            given_at=now,
        )
        session.add(consent)
        await _log(session, consent, action="sponsor_agreed", now=now)
    elif not tell and consent is not None:
        await session.exec(sa.delete(CohortEmployment).where(col(CohortEmployment.case_id) == member.case_id))
        consent.withdrawn_at = now
        await _log(session, consent, action="sponsor_withdrawn", now=now)


async def _member(session: AsyncSession, case_id: UUID) -> CohortMember | None:
    rows = await session.exec(
        select(CohortMember)
        .join(GOES_ON, GOES_ON.c.joined == col(CohortMember.case_id))
        .where(GOES_ON.c.id == case_id)
        .order_by(col(CohortMember.case_id))
        .limit(1)
    )
    return rows.first()


async def _running(session: AsyncSession, member: CohortMember) -> Consent | None:
    return (await session.exec(select(Consent).where(col(Consent.case_id) == member.case_id, *RUNS))).first()


async def told_of_work(session: AsyncSession, case_id: UUID, *, wave: int) -> str | None:
    """The sponsor who can be told in this wave that somebody has work; None where nobody can."""
    member = await _member(session, case_id) if wave in cohorts.EMPLOYED else None
    if member is None or await _running(session, member) is None:
        return None
    return (await session.get_one(SponsorAgreement, member.agreement_id)).sponsor


async def tell_of_work(session: AsyncSession, case_id: UUID, *, wave: int, now: datetime) -> None:
    """Note that somebody wants their sponsor to know that they have work.

    Raises `Refused('malformed')` where no sponsor can be told it.
    """
    member = await _member(session, case_id) if wave in cohorts.EMPLOYED else None
    consent = await _running(session, member) if member else None
    if member is None or consent is None:
        raise Refused("malformed", field="tell_sponsor")
    line = await _log(session, consent, action="employment_told", now=now, wave=wave)
    told = CohortEmployment(case_id=member.case_id, wave=wave, consent_id=consent.id, told_at=now, line_hash=line)
    session.add(told)
    await session.flush()


async def _log(session: AsyncSession, consent: Consent, *, action: str, now: datetime, wave: int | None = None) -> str:
    await session.flush()
    return await audit.log(
        session,
        stream=f"case:{consent.case_id}",
        actor=str(consent.person_id),
        action=action,
        subject=str(consent.id),
        details={} if wave is None else {"months": wave},
        now=now,
    )
