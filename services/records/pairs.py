"""Who has read together too often of late: a pair that always reads together ends by agreeing out of habit.

Source: case design, section 5 (`avoid_same_pair`).
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case
from services.rules.case import OPEN_SEATS, READING_SEATS, SeatKind, SeatState

READ = (SeatState.ACCEPTED, SeatState.SUBMITTED, SeatState.FINAL)


async def worn(session: AsyncSession, *, case: Case, kind: SeatKind, last: int) -> set[UUID]:
    """Whom a seat of `kind` is not offered to: those with whom a reader of the case shared the `last` double readings.

    No more than the newest double readings of the case's own readers are looked at.
    """
    if kind not in READING_SEATS:
        return set()
    partners = await session.exec(
        select(Assignment.person_id)
        .where(
            col(Assignment.case_id) == case.id,
            col(Assignment.seat).in_([one for one in READING_SEATS if one is not kind]),
            col(Assignment.state).in_(OPEN_SEATS),
        )
        .distinct()
    )
    tired: set[UUID] = set()
    for partner in sorted(partners):
        shared = await _shared(session, partner, but=case.id, last=last)
        if len(shared) == last:
            tired |= set.intersection(*shared)
    return tired


async def _shared(session: AsyncSession, person: UUID, *, but: UUID, last: int) -> list[set[UUID]]:
    """With whom `person` shared each of their `last` double readings, the newest first."""
    mine, theirs = aliased(Assignment), aliased(Assignment)
    together = (
        col(mine.person_id) == person,
        col(mine.state).in_(READ),
        col(mine.seat).in_(READING_SEATS),
        col(mine.case_id) != but,
        col(theirs.case_id) == col(mine.case_id),
        col(theirs.seat) != col(mine.seat),
        col(theirs.seat).in_(READING_SEATS),
        col(theirs.state).in_(READ),
    )
    newest = await session.exec(
        select(mine.case_id, sa.func.max(mine.answered_at))
        .join(theirs, sa.true())
        .where(*together)
        .group_by(col(mine.case_id))
        .order_by(sa.func.max(mine.answered_at).desc(), col(mine.case_id).desc())
        .limit(last)
    )
    cases = [case_id for case_id, _ in newest]
    rows = await session.exec(
        select(mine.case_id, theirs.person_id).join(theirs, sa.true()).where(*together, col(mine.case_id).in_(cases))
    )
    found: dict[UUID, set[UUID]] = {case_id: set() for case_id in cases}
    for case_id, partner in rows:
        found[case_id].add(partner)
    return list(found.values())
