"""What waits for an administrator: commands that nobody has applied yet, and effects that failed for good."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import visibility
from services.records.tables.cases import Case
from services.records.tables.commands import CommandRow, CommandStatus, EffectRow, EffectState
from services.rules.people import Caller, Role

MOST = 50
"""Failed effects that are listed; the oldest come first, so that none is for ever out of sight."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many commands wait, and since when the first of them does."""

    waiting: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Failed:
    """An effect that failed: of which case, at which version that stands, what, and the kind of fault."""

    key: str
    case_id: UUID
    number: str
    version: int
    activity: str
    error: str | None
    at: datetime | None


def _kept_by(caller: Caller) -> ColumnElement[bool]:
    """Cases of the programmes that `caller` administers, without those in which they have a part or a conflict."""
    person = UUID(caller.id)
    reached = [visibility.reached_by(one) for one in caller.memberships if one.role is Role.PROGRAMME_ADMIN]
    return sa.and_(sa.or_(sa.false(), *reached), visibility.not_excluded(person), visibility.no_other_party(person))


async def backlog(session: AsyncSession, caller: Caller) -> Backlog:
    """Commands that wait to be applied."""
    found = await session.exec(
        select(sa.func.count(), sa.func.min(col(CommandRow.received_at)))
        .select_from(CommandRow)
        .join(Case, col(Case.id) == col(CommandRow.case_id))
        .where(col(CommandRow.status) == CommandStatus.PENDING, _kept_by(caller))
    )
    waiting, since = found.one()
    return Backlog(waiting, since)


async def failed(session: AsyncSession, caller: Caller) -> list[Failed]:
    """Effects that failed for good, oldest first."""
    rows = await session.exec(
        select(EffectRow, Case)
        .join(Case, col(Case.id) == col(EffectRow.case_id))
        .where(col(EffectRow.state) == EffectState.FAILED, _kept_by(caller))
        .order_by(col(EffectRow.settled_at), col(EffectRow.key))
        .limit(MOST)
    )
    return [
        Failed(row.key, case.id, case.number, case.version, row.activity, row.error, row.settled_at)
        for row, case in rows
    ]
