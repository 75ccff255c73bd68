"""Challenges of a lapse: what a learner says against it, and how a lead ruled."""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.support import LapseChallenge


async def of_case(session: AsyncSession, case_id: UUID) -> list[LapseChallenge]:
    """Every challenge of the case, oldest first."""
    rows = await session.exec(
        select(LapseChallenge).where(col(LapseChallenge.case_id) == case_id).order_by(col(LapseChallenge.challenged_at))
    )
    return list(rows)


async def waiting(session: AsyncSession, case_id: UUID) -> LapseChallenge | None:
    """The challenge that waits for its ruling, if there is one."""
    rows = await session.exec(
        select(LapseChallenge).where(col(LapseChallenge.case_id) == case_id, col(LapseChallenge.ruled_at).is_(None))
    )
    return rows.first()


async def overtaken(session: AsyncSession, *, case_id: UUID, by: UUID, now: datetime) -> None:
    """Settle a waiting challenge in the learner's favour: the case is reopened, so nothing is left to rule on."""
    challenge = await waiting(session, case_id)
    if challenge is not None:
        challenge.restored, challenge.ruled_by, challenge.ruled_at = True, by, now
        await session.flush()
