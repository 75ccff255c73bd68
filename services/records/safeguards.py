"""What kept judgements independent and set decisions right, and which skills were decided on, by quarter.

Grouped in the database: there are more lines of these than anybody needs one by one. Source: case design, section 13
(C1, D5, D6).
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import sampling
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, CaseExclusion, Claim, ConflictOverride
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind
from services.records.tables.moderation import DecisionReturn
from services.rules.agreement import Quarter
from services.rules.case import SeatState
from services.rules.claims import ClaimState
from services.rules.progress import ALL, Measure

TEN_YEARS = 40
"""Quarters that are told apart where everything is counted anew; what lies before counts in the first of them."""

Happened = tuple[Quarter, Measure, str, int]
CHANGES = (DecisionKind.REVOCATION, DecisionKind.SUSPENSION, DecisionKind.REINSTATEMENT)


async def happened(
    session: AsyncSession, programme: str, *, first: Quarter | None, today: Quarter, zone: str
) -> tuple[Happened, ...]:
    """How often each thing happened in each quarter, from `first` on where that is given."""
    quarters = _quarters(first or today.later(1 - TEN_YEARS), today)
    found: list[Happened] = []
    for measure, at, word, asked in _questions(programme):
        quarter = sa.case(
            *((at >= sampling.begin(one, zone), str(one)) for one in reversed(quarters)), else_=str(quarters[0])
        ).label("quarter")
        said = word.label("said")
        counted = asked.add_columns(quarter, said, sa.func.count()).group_by(quarter, said)
        if first is not None:
            counted = counted.where(at >= sampling.begin(first, zone))
        rows = await session.exec(counted)  # type: ignore[call-overload]  # a select of columns
        found += [(Quarter.parse(row[0]), measure, str(row[1]), row[2]) for row in rows]
    return tuple(found)


def _quarters(first: Quarter, last: Quarter) -> Sequence[Quarter]:
    found = [first]
    while found[-1] != last:
        found.append(found[-1].later(1))
    return found


Column = Any  # SQLModel says of its columns what they hold, SQLAlchemy what they are


def _questions(programme: str) -> Sequence[tuple[Measure, Column, Column, sa.Select[*tuple[Any, ...]]]]:
    """What is counted: when it happened, in which word, of which rows."""

    def of(table: Any, *conditions: Column) -> sa.Select[*tuple[Any, ...]]:  # noqa: ANN401 - any table with a case
        joined = sa.select().select_from(table).join(Case, col(Case.id) == col(table.case_id))
        return joined.where(col(Case.programme) == programme, *conditions)

    first_decisions = of(
        Decision, col(Decision.kind) == DecisionKind.RECOGNITION, col(Decision.supersedes_id).is_(None)
    )
    claims = first_decisions.join(DecisionClaim, col(DecisionClaim.decision_id) == col(Decision.id))
    competencies = claims.join(Claim, col(Claim.id) == col(DecisionClaim.claim_id))
    outcome, decided_at = sa.cast(col(DecisionClaim.outcome), sa.String), col(Decision.decided_at)
    told: Column = sa.case(
        (col(Assignment.state) == SeatState.DECLINED, "declined"),
        (
            (col(Assignment.state) == SeatState.CONFLICT) & col(Assignment.due_at).is_not(None),
            "conflict_late",
        ),
        (col(Assignment.state) == SeatState.CONFLICT, "conflict"),
        else_="accepted",
    )
    changed: Column = sa.case(
        (col(Decision.kind) == DecisionKind.RECOGNITION, "corrected"), else_=sa.cast(col(Decision.kind), sa.String)
    )
    superseding = (col(Decision.kind) == DecisionKind.RECOGNITION) & col(Decision.supersedes_id).is_not(None)
    return (
        (Measure.CLAIMS, decided_at, outcome, claims),
        (Measure.CLAIMS_GRANTED, decided_at, col(Claim.competency), competencies.where(outcome == ClaimState.GRANTED)),
        (Measure.CLAIMS_NOT_YET, decided_at, col(Claim.competency), competencies.where(outcome == ClaimState.NOT_YET)),
        (
            Measure.CLAIMS,
            col(Claim.withdrawn_at),
            sa.literal("withdrawn"),
            of(Claim, col(Claim.state) == ClaimState.WITHDRAWN, col(Claim.withdrawn_at).is_not(None)),
        ),
        (
            Measure.OFFERS_ANSWERED,
            col(Assignment.answered_at),
            told,
            of(Assignment, col(Assignment.answered_at).is_not(None)),
        ),
        (
            Measure.BARRED,
            col(CaseExclusion.at),
            sa.case((col(CaseExclusion.declared), "declared"), else_="detected"),
            of(CaseExclusion),
        ),
        (Measure.SET_ASIDE, col(ConflictOverride.at), sa.literal(ALL), of(ConflictOverride)),
        (Measure.CHANGED, decided_at, changed, of(Decision, col(Decision.kind).in_(CHANGES) | superseding)),
        (Measure.RETURNED, col(DecisionReturn.at), sa.literal(ALL), of(DecisionReturn)),
    )
