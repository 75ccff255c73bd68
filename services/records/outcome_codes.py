"""The outcomes of a programme's claims as national statistics ask for them: a line per claim, for its own staff.

Who reads it finds the cases that they may see as a lead or an auditor, and no other; no name stands in it.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import programmes, sampling
from services.records.tables.cases import Case, Claim, StageHistory
from services.records.tables.decisions import Decision, DecisionClaim
from services.records.visibility import cases_seen_as
from services.rules import avetmiss
from services.rules.agreement import Quarter
from services.rules.case import Stage
from services.rules.people import BY_ROLE, Action, Caller
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind

YEARS = range(2000, 2200)
"""Years in which a case can have been sent."""


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt at one competency: the case, the competency by its published code, and the outcome's code.

    `decided_at`: when it was last decided on, if it was.
    """

    case: str
    competency: str
    attempt: int
    outcome: avetmiss.Code
    decided_at: datetime | None


async def of_year(session: AsyncSession, slug: str, year: int, *, caller: Caller) -> list[Line]:
    """The claims of cases that were sent in a year of the programme's zone, case by case.

    Raises `Refused`: not_found for no year of ours; programme_unknown where the caller leads or audits nothing of it,
    or where it reports no such codes.
    """
    version = await programmes.last_published(session, slug)
    if year not in YEARS:
        raise Refused("not_found")
    roles = BY_ROLE[Action.EXPORT_CODES] or frozenset()
    if not any(one.role in roles and one.covers(version.institution_id, slug) for one in caller.memberships):
        raise Refused("programme_unknown")
    programme = await programmes.read(session, version.id)
    if not programme.policy.export_avetmiss:
        raise Refused("programme_unknown")
    zone = programme.policy.calendar.zone
    codes = {one.key: one.code for one in programme.competencies}
    decided = (
        sa.select(col(DecisionClaim.claim_id), sa.func.max(col(Decision.decided_at)).label("at"))
        .join(Decision, col(Decision.id) == col(DecisionClaim.decision_id))
        .group_by(col(DecisionClaim.claim_id))
        .subquery()
    )
    trained = sa.exists().where(
        col(StageHistory.case_id) == col(Case.id), col(StageHistory.to_stage) == Stage.GAP_TRAINING
    )
    rows = await session.exec(  # type: ignore[call-overload]  # a select of many columns
        sa.select(
            col(Case.number),
            col(Case.stage),
            col(Claim.competency),
            col(Claim.attempt),
            col(Claim.kind),
            col(Claim.state),
            trained,
            decided.c.at,
        )
        .join(Claim, col(Claim.case_id) == col(Case.id))
        .outerjoin(decided, decided.c.claim_id == col(Claim.id))
        .where(
            col(Case.programme) == slug,
            col(Case.submitted_at) >= sampling.begin(Quarter(year, 1), zone),
            col(Case.submitted_at) < sampling.begin(Quarter(year + 1, 1), zone),
            cases_seen_as(caller, roles),
        )
        .order_by(col(Case.id), col(Claim.competency), col(Claim.attempt))
    )
    return [
        Line(
            case=number,
            competency=codes.get(competency, competency),
            attempt=attempt,
            outcome=avetmiss.code(
                state,
                transfer=kind is ClaimKind.TRANSFER,
                case_closed=stage is Stage.CLOSED,
                after_training=attempt > 1 and after_training,
            ),
            decided_at=at,
        )
        for number, stage, competency, attempt, kind, state, after_training, at in rows
    ]
