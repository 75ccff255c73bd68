"""Which reasons are to be said more clearly, by whom and until when, and the words that took the place of others.

A return waits while its limit is under way: with the stage it ends by itself, as everything does that waits there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import limits
from services.records.tables.assessment import Assignment, Judgement
from services.records.tables.clarity import JudgementClarification, JudgementReturn
from services.records.tables.commands import LimitRow
from services.rules.case import SeatState

LIMIT = "clarity"


@dataclass(frozen=True, slots=True)
class Awaited:
    """Reasons that wait for clearer words: whose, on which claim, what was asked, and until when."""

    id: UUID
    claim_id: UUID
    judgement_id: UUID
    author: UUID
    note: str
    returned_by: UUID
    asked_at: datetime
    due_at: datetime


def key(awaited: UUID) -> str:
    """The key of the limit in which a return is to be answered."""
    return f"{LIMIT}:{awaited}"


async def awaited(session: AsyncSession, case_id: UUID, *, author: UUID | None = None) -> list[Awaited]:
    """What waits in the case for clearer words, oldest first; of `author` alone where one is named."""
    asked = (
        select(JudgementReturn, LimitRow.due_at)
        .join(LimitRow, col(LimitRow.id) == col(JudgementReturn.limit_id))
        .where(col(JudgementReturn.case_id) == case_id, col(LimitRow.state).in_(limits.UNDER_WAY))
        .order_by(col(JudgementReturn.id))
    )
    if author is not None:
        asked = asked.where(col(JudgementReturn.author_id) == author)
    return [
        Awaited(row.id, row.claim_id, row.judgement_id, row.author_id, row.note, row.returned_by, row.at, due)
        for row, due in await session.exec(asked)
    ]


async def authors(session: AsyncSession, case_id: UUID, *, subject: str) -> list[UUID]:
    """Who is to answer the return `subject`, or any of the case where that is empty."""
    return [one.author for one in await awaited(session, case_id) if subject in ("", str(one.id))]


async def spoken(session: AsyncSession, judgements: Collection[UUID]) -> dict[UUID, JudgementClarification]:
    """The newest words for each of `judgements` whose reasons were said anew."""
    rows = await session.exec(
        select(JudgementClarification)
        .where(col(JudgementClarification.judgement_id).in_(judgements))
        .order_by(col(JudgementClarification.return_id))
    )
    return {row.judgement_id: row for row in rows}


async def due_by_seat(session: AsyncSession, person: UUID) -> dict[UUID, datetime]:
    """The seats of `person` that were sent in and wait for clearer words, each with the first of its dates."""
    rows = await session.exec(
        select(Judgement.assignment_id, LimitRow.due_at)
        .join(JudgementReturn, col(JudgementReturn.judgement_id) == col(Judgement.id))
        .join(LimitRow, col(LimitRow.id) == col(JudgementReturn.limit_id))
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .where(
            col(JudgementReturn.author_id) == person,
            col(LimitRow.state).in_(limits.UNDER_WAY),
            col(Assignment.state) == SeatState.SUBMITTED,
        )
        .order_by(col(LimitRow.due_at).desc())
    )
    return dict(rows.all())
