"""Which evidence is so old that somebody might ask whether it still holds: pointed out to both sides, never rejected.

Source: case design, section 4.2 (the rule "current").
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, programmes
from services.records.tables.evidence import EvidenceItem, PortfolioVersion
from services.rules import deadlines, evidence
from services.rules.programmes import Text


async def warnings(session: AsyncSession, case_id: UUID, *, now: datetime) -> Mapping[UUID, Text]:
    """What is said of each old piece, by its id; counted from when the portfolio was last sent, or from today."""
    case = await cases.get(session, case_id)
    years = (await programmes.of_case(session, case)).policy.currency_warn_years
    dated = await session.exec(
        select(EvidenceItem.id, col(EvidenceItem.period_end)).where(
            col(EvidenceItem.case_id) == case_id,
            col(EvidenceItem.removed_at).is_(None),
            col(EvidenceItem.period_end).is_not(None),
        )
    )
    periods = list(dated)
    if not periods or not years:
        return {}
    sent = await session.exec(
        select(PortfolioVersion.frozen_at)
        .where(col(PortfolioVersion.case_id) == case_id)
        .order_by(col(PortfolioVersion.number).desc())
        .limit(1)
    )
    day = deadlines.local_day(sent.first() or now, case.zone)
    said = evidence.old_words(years)
    return {item: said for item, end in periods if end and evidence.is_old(end, sent=day, years=years)}
