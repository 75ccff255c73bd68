"""What waits for those who decide, and the appeals of those who lead or hear them; access is in every statement."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.appeals import Appeal
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.records.visibility import cases_seen_as
from services.rules.appeals import Matter
from services.rules.case import OPEN_APPEALS, AppealState, Stage, WaitingOn
from services.rules.people import Caller, Role

MOST = 200
"""Rows of one list; those that are due first are the ones that count."""

REVIEWING = frozenset({Role.APPEAL_REVIEWER_1, Role.APPEAL_REVIEWER_2, Role.LEAD, Role.AUDITOR})
"""Who finds appeals in a list: whoever hears them, and whoever sees to their panels."""


@dataclass(frozen=True, slots=True)
class ToDecide:
    """A case that waits for a signature: a recognition, or with `refusal` a refusal that an advisor proposes."""

    id: UUID
    number: str
    learner: str
    programme: str
    stage: Stage
    refusal: bool
    due_at: datetime | None
    zone: str


@dataclass(frozen=True, slots=True)
class Lodged:
    """An appeal in a list."""

    case_id: UUID
    number: str
    level: int
    matter: Matter
    state: AppealState
    lodged_at: datetime
    due_at: datetime | None
    zone: str


async def to_decide(session: AsyncSession, *, caller: Caller) -> list[ToDecide]:
    """What waits for `caller` as the one who decides, due first; nothing that they had another part in."""
    rows = await session.exec(  # type: ignore[call-overload]  # a select of many columns
        sa.select(
            col(Case.id),
            col(Case.number),
            col(Person.name),
            col(Case.programme),
            col(Case.stage),
            col(Case.refusal_proposed),
            col(Case.due_at),
            col(Case.zone),
        )
        .join(Person, col(Person.id) == col(Case.learner_id))
        .where(col(Case.waiting_on) == WaitingOn.DECISION_MAKER, cases_seen_as(caller, {Role.DECISION_MAKER}))
        .order_by(col(Case.due_at).is_(None), col(Case.due_at), col(Case.id))
        .limit(MOST)
    )
    return [ToDecide(*row) for row in rows]


async def open_appeals(session: AsyncSession, *, caller: Caller) -> list[Lodged]:
    """The appeals under way that `caller` hears or leads, due first."""
    rows = await session.exec(  # type: ignore[call-overload]  # a select of many columns
        sa.select(
            col(Case.id),
            col(Case.number),
            col(Appeal.level),
            col(Appeal.matter),
            col(Appeal.state),
            col(Appeal.lodged_at),
            col(Case.due_at),
            col(Case.zone),
        )
        .join(Case, col(Case.id) == col(Appeal.case_id))
        .where(col(Appeal.state).in_(sorted(OPEN_APPEALS)), cases_seen_as(caller, REVIEWING))
        .order_by(col(Case.due_at).is_(None), col(Case.due_at), col(Case.id))
        .limit(MOST)
    )
    return [Lodged(*row) for row in rows]
