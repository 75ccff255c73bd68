"""Whose word is waited for when the portfolio has a newer version than the one that they judged.

All readings of a claim are compared on one version: a judgement that was locked on an earlier one is confirmed by its
author first. Source: case design, section 6 (blind rule).
"""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.assessment import (
    Assignment,
    FinalReading,
    Judgement,
    JudgementConfirmation,
    SecondReading,
)
from services.records.tables.evidence import PortfolioVersion
from services.rules.case import READING_SEATS, SeatState

_LATEST = (
    sa.select(sa.func.max(col(PortfolioVersion.number)))
    .where(col(PortfolioVersion.case_id) == col(Judgement.case_id))
    .correlate(Judgement)
    .scalar_subquery()
)
_CONFIRMED = sa.exists().where(
    col(JudgementConfirmation.judgement_id) == col(Judgement.id),
    col(JudgementConfirmation.portfolio_version) == _LATEST,
)


async def behind(session: AsyncSession, case_id: UUID) -> list[tuple[Assignment, Judgement]]:
    """Locked readings of claims that are read twice and not settled, whose author has not seen the newest version."""
    rows = await session.exec(
        select(Assignment, Judgement)
        .join(Judgement, col(Judgement.assignment_id) == col(Assignment.id))
        .where(
            col(Assignment.case_id) == case_id,
            col(Assignment.state) == SeatState.SUBMITTED,
            col(Assignment.seat).in_(READING_SEATS),
            col(Judgement.locked_at).is_not(None),
            col(Judgement.portfolio_version) < _LATEST,
            ~_CONFIRMED,
            sa.exists().where(col(SecondReading.claim_id) == col(Judgement.claim_id)),
            ~sa.exists().where(col(FinalReading.claim_id) == col(Judgement.claim_id)),
        )
        .order_by(col(Assignment.id), col(Judgement.id))
    )
    return list(rows)


async def awaited(session: AsyncSession, case_id: UUID) -> list[Assignment]:
    """The seats whose holders have to confirm what they sent in."""
    return list({seat.id: seat for seat, _ in await behind(session, case_id)}.values())


async def confirm(
    session: AsyncSession, *, case_id: UUID, author: UUID, version: int, command_id: UUID, now: datetime
) -> list[UUID]:
    """Let everything that `author` has to confirm stand on `version` as well; answers the judgements."""
    theirs = [row.id for seat, row in await behind(session, case_id) if seat.person_id == author]
    session.add_all(
        JudgementConfirmation(judgement_id=judgement, portfolio_version=version, command_id=command_id, at=now)
        for judgement in theirs
    )
    await session.flush()
    return theirs
