"""Whether the institution keeps its own word on how long it takes, from the portfolio to the letter.

Only time that is the institution's counts: while a case waits for its learner, the date moves on by the business days.
Source: case design, section 12 (`service_standard`, stop-clock).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.cases import Case, CaseSpan, StageHistory
from services.rules import deadlines
from services.rules.case import Clock, Stage
from services.rules.programmes import Policy


@dataclass(frozen=True, slots=True)
class Standard:
    """By when the letter is due, None while the clock of an undecided case stands, and whether it came by then.

    `kept` is None as long as no letter could be read.
    """

    due_at: datetime | None
    kept: bool | None


async def of_case(session: AsyncSession, case: Case, *, policy: Policy) -> Standard | None:
    """The standard as it stands for the first portfolio and the first letter after it; None before a portfolio."""
    sent = await _first(session, case, Stage.PORTFOLIO_SUBMITTED)
    if sent is None:
        return None
    told = await _first(session, case, Stage.DECIDED, after=sent)
    if told is None and case.clock is Clock.STOPPED:
        return Standard(None, None)
    stops = await _stops(session, case, sent=sent, told=told)
    by = due(policy, sent=sent, stops=stops, zone=case.zone)
    return Standard(by, None if told is None else told <= by)


def due(policy: Policy, *, sent: datetime, stops: Sequence[tuple[datetime, datetime]], zone: str) -> datetime:
    """By when the letter on a portfolio of `sent` is due, whose case stood at `stops` (from, to; first to last)."""
    by = deadlines.due(policy.calendar, sent, policy.service_standard, zone=zone, learner=False)
    for stopped, resumed in stops:
        by = deadlines.later_by(policy.calendar, by, stopped=stopped, resumed=resumed, zone=zone)
    return by


async def _first(session: AsyncSession, case: Case, stage: Stage, *, after: datetime | None = None) -> datetime | None:
    """When a move first led the case into `stage`, since `after` where that is given."""
    asked = select(sa.func.min(StageHistory.at)).where(
        col(StageHistory.case_id) == case.id,
        col(StageHistory.to_stage) == stage,
        col(StageHistory.from_stage) != stage,
    )
    if after is not None:
        asked = asked.where(col(StageHistory.at) >= after)
    return (await session.exec(asked)).one()


async def _stops(
    session: AsyncSession, case: Case, *, sent: datetime, told: datetime | None
) -> list[tuple[datetime, datetime]]:
    """The times, first to last, in which the clock stood between the portfolio and the letter."""
    asked = select(CaseSpan).where(
        col(CaseSpan.case_id) == case.id,
        col(CaseSpan.clock) == Clock.STOPPED,
        col(CaseSpan.started_at) >= sent,
        col(CaseSpan.ended_at).is_not(None),
    )
    if told is not None:
        asked = asked.where(col(CaseSpan.started_at) < told)
    rows = await session.exec(asked.order_by(col(CaseSpan.seq)))
    return [(row.started_at, row.ended_at) for row in rows if row.ended_at is not None]
