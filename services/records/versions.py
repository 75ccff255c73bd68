"""Which open cases may still take a newer version of their programme, and the one mail that says so."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, effects, programmes
from services.records.tables.assessment import Judgement
from services.records.tables.cases import Case, Claim
from services.records.tables.programmes import ProgrammeVersion
from services.rules.claims import ClaimState
from services.rules.moves.upkeep import BEFORE_THE_PORTFOLIO

SOON = timedelta(days=30)
"""How long before its end a learner is told again that their version ends. Source: own proposal."""

UNTOUCHED = frozenset({ClaimState.CLAIMED, ClaimState.WITHDRAWN})
"""States of a claim that was neither sent with a portfolio nor judged."""


async def relied_on(session: AsyncSession, case_id: UUID) -> bool:
    """Whether a claim was sent, judged or settled under the version of the case: then the case is finished under it."""
    claims = await cases.claims_of(session, case_id)
    if any(claim.state not in UNTOUCHED for claim in claims):
        return True
    judged = await session.exec(select(Judgement.id).where(col(Judgement.case_id) == case_id).limit(1))
    return judged.first() is not None


async def behind(session: AsyncSession, *, after: UUID, limit: int) -> list[UUID]:
    """Open cases, by id, whose programme has a newer version that takes new cases, while they could still change."""
    own, other = aliased(ProgrammeVersion), aliased(ProgrammeVersion)
    rows = await session.exec(
        select(Case.id)
        .join(own, col(own.id) == col(Case.programme_version_id))
        .where(
            col(Case.id) > after,
            col(Case.stage).in_(BEFORE_THE_PORTFOLIO),
            sa.exists().where(
                col(other.slug) == col(Case.programme),
                col(other.institution_id) == col(Case.institution_id),
                col(other.version) > col(own.version),
                col(other.retired_at).is_(None),
            ),
            ~sa.exists().where(col(Claim.case_id) == col(Case.id), col(Claim.state).not_in(UNTOUCHED)),
        )
        .order_by(col(Case.id))
        .limit(limit)
    )
    return list(rows)


async def ended(session: AsyncSession, case: Case, *, now: datetime) -> bool:
    """Whether no portfolio may be sent any more under the version of the case, as it could take a newer one."""
    own = await session.get_one(ProgrammeVersion, case.programme_version_id)
    if own.ends_at is None or now <= own.ends_at:
        return False
    return await programmes.newer(session, case) is not None and not await relied_on(session, case.id)


async def tell(session: AsyncSession, case_id: UUID, *, now: datetime) -> bool:
    """Write to the learner about the newer version, once for each, and again shortly before the present one ends.

    Answers whether something was written now.
    """
    case = await cases.get(session, case_id, lock=True)
    row = await programmes.newer(session, case)
    if case.stage not in BEFORE_THE_PORTFOLIO or row is None or await relied_on(session, case_id):
        return False
    ends = (await session.get_one(ProgrammeVersion, case.programme_version_id)).ends_at
    due = {"due": ends.isoformat()} if ends and now <= ends else {}
    fresh = await effects.tell(
        session,
        case=case,
        notice="newer_version",
        person=case.learner_id,
        facts=due,
        now=now,
        occasion=f"version-{row.version}",
    )
    if not fresh and due and ends and now >= ends - SOON:
        fresh = await effects.tell(
            session,
            case=case,
            notice="version_ending",
            person=case.learner_id,
            facts=due,
            now=now,
            occasion=f"version-ends-{ends.date()}",
        )
    await session.flush()
    return fresh
