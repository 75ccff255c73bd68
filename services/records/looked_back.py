"""What readings after the fact came to, beside what was found first: for the figures of agreement, and for leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.assessment import Judgement
from services.records.tables.cases import Case, Claim
from services.records.tables.looking_back import LookBack, LookBackFinding
from services.records.tables.people import Person
from services.records.visibility import cases_seen_as
from services.rules.case import SeatState
from services.rules.claims import Recommendation
from services.rules.people import Caller, Role

LISTED = 200
"""Differences that one list holds."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One claim with the judgement that was locked on it, and what somebody found who read it again."""

    case_id: UUID
    competency: str
    assessor: UUID
    first: Recommendation
    content: dict[str, Any]
    locked_at: datetime
    reader: UUID
    again: Recommendation
    ratings: dict[str, str]
    found_at: datetime


def _findings(*columns: Any) -> sa.Select[*tuple[Any, ...]]:  # noqa: ANN401 - columns of any type
    """`columns` of every finding that counts: a reader who found a tie later on has none."""
    return (
        sa.select(*columns)
        .select_from(LookBackFinding)
        .join(LookBack, col(LookBack.id) == col(LookBackFinding.look_back_id))
        .join(Judgement, col(Judgement.id) == col(LookBackFinding.judgement_id))
        .join(Claim, col(Claim.id) == col(LookBackFinding.claim_id))
        .where(col(LookBack.state) == SeatState.SUBMITTED)
    )


async def pairs(session: AsyncSession, programme: str, *, since: datetime | None) -> Sequence[Pair]:
    """Every pair of `programme` whose second half was found at `since` or later."""
    asked = _findings(
        col(Judgement.case_id),
        col(Claim.competency),
        col(Judgement.assessor_id),
        col(Judgement.recommendation),
        col(Judgement.content),
        col(Judgement.locked_at),
        col(LookBack.reader_id),
        col(LookBackFinding.recommendation),
        col(LookBackFinding.ratings),
        col(LookBackFinding.found_at),
    ).where(col(LookBack.programme) == programme)
    if since is not None:
        asked = asked.where(col(LookBackFinding.found_at) >= since)
    rows = await session.exec(asked.order_by(col(LookBackFinding.claim_id), col(LookBack.id)))  # type: ignore[call-overload]  # many columns
    return [Pair(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Differing:
    """A claim of which the reading after the fact recommends something else; what was decided stands."""

    case_id: UUID
    number: str
    programme: str
    competency: str
    quarter: str
    assessor: str
    first: Recommendation
    again: Recommendation
    sent_at: datetime


async def differing(session: AsyncSession, caller: Caller) -> list[Differing]:
    """Every such claim of the cases that `caller` leads or audits, the newest first."""
    asked = _findings(
        col(Case.id),
        col(Case.number),
        col(Case.programme),
        col(Claim.competency),
        col(LookBack.quarter),
        col(Person.name),
        col(Judgement.recommendation),
        col(LookBackFinding.recommendation),
        col(LookBack.sent_at),
    )
    rows = await session.exec(  # type: ignore[call-overload]  # many columns
        asked.join(Case, col(Case.id) == col(LookBack.case_id))
        .join(Person, col(Person.id) == col(LookBack.assessor_id))
        .where(
            col(Judgement.recommendation) != col(LookBackFinding.recommendation),
            cases_seen_as(caller, {Role.LEAD, Role.AUDITOR}),
        )
        .order_by(col(LookBack.sent_at).desc(), col(Claim.id))
        .limit(LISTED)
    )
    return [Differing(*row) for row in rows]
