"""Agreements with sponsors: made and read by those who lead the programme, and by nobody else.

Who pays for whom must not weigh on anybody's judgement, so assessors, panels and those who decide learn of none of it.
Source: case design, section 2 ("never see fees, sponsor milestones or payments").
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, programmes, wording
from services.records.drafts import Purpose
from services.records.ids import new_id
from services.records.tables.cohorts import SponsorAgreement
from services.rules.people import Caller, Role
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is agreed: who pays, under which reference of ours, for which programme, what people want it for, when."""

    sponsor: str
    reference: str
    programme: str
    purpose: Purpose
    starts_on: date
    ends_on: date


async def make(session: AsyncSession, agreed: Agreed, *, caller: Caller, now: datetime) -> SponsorAgreement:
    """Write an agreement down; it stays as it is.

    Raises `Refused`: programme_unknown where the caller does not lead it, programme_closed, malformed, reference_taken.
    """
    version = await programmes.last_published(session, agreed.programme)
    if not caller.holds(Role.LEAD, version.institution_id, version.slug):
        raise Refused("programme_unknown")
    if version.retired_at is not None:
        raise Refused("programme_closed")
    sponsor, reference = agreed.sponsor.strip(), agreed.reference.strip()
    for field, text, most in (("sponsor", sponsor, 200), ("reference", reference, 64)):
        wording.check(field, text, most=most)
        if not text:
            raise Refused("malformed", field=field)
    if agreed.ends_on < agreed.starts_on:
        raise Refused("malformed", field="ends_on")
    known = select(SponsorAgreement.id).where(
        col(SponsorAgreement.institution_id) == version.institution_id, col(SponsorAgreement.reference) == reference
    )
    if (await session.exec(known)).first() is not None:
        raise Refused("reference_taken")
    row = SponsorAgreement(
        id=new_id(),
        institution_id=version.institution_id,
        programme=version.slug,
        sponsor=sponsor,
        reference=reference,
        purpose=agreed.purpose,
        starts_on=agreed.starts_on,
        ends_on=agreed.ends_on,
        made_by=UUID(caller.id),
        made_at=now,
    )
    session.add(row)
    await session.flush()
    await log(session, row, caller=caller, action="agreement_made", now=now)
    return row


async def led_by(session: AsyncSession, caller: Caller) -> list[SponsorAgreement]:
    """Every agreement of the programmes that the caller leads, newest first."""
    leads = [one for one in caller.memberships if one.role is Role.LEAD]
    reach = [
        sa.and_(
            col(SponsorAgreement.institution_id) == one.institution,
            sa.true() if one.programme is None else col(SponsorAgreement.programme) == one.programme,
        )
        for one in leads
    ]
    rows = select(SponsorAgreement).where(sa.or_(sa.false(), *reach)).order_by(col(SponsorAgreement.id).desc())
    return list(await session.exec(rows))


async def one(session: AsyncSession, agreement_id: UUID, *, caller: Caller, lock: bool = False) -> SponsorAgreement:
    """An agreement that the caller leads. Raises `Refused('not_found')`."""
    asked = select(SponsorAgreement).where(col(SponsorAgreement.id) == agreement_id)
    row = (await session.exec(asked.with_for_update() if lock else asked)).first()
    if row is None or not caller.holds(Role.LEAD, row.institution_id, row.programme):
        raise Refused("not_found")
    return row


async def log(
    session: AsyncSession,
    agreement: SponsorAgreement,
    *,
    caller: Caller,
    action: str,
    now: datetime,
    details: dict[str, int] | None = None,
) -> None:
    """Note what a lead did about an agreement, where auditors read what that lead did."""
    await audit.log(
        session,
        stream=f"person:{caller.id}",
        actor=caller.id,
        action=action,
        subject=str(agreement.id),
        details=details or {},
        now=now,
    )
