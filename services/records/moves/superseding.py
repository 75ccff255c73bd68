"""A decision is replaced by another one, which says again how every claim of it stands and what has changed.

Decisions are never changed: both stay readable, and the later one names the earlier. What was issued and still stands
is not issued again; the letter of the later decision lists all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from services.records import decisions
from services.records.moves import deciding
from services.records.moves.content import Setting
from services.records.tables.cases import Claim
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind
from services.rules import claims as rules
from services.rules.claims import OPEN_CLAIMS, ClaimState
from services.rules.people import Role
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Change:
    """How a claim is settled from now on, and by which judgement, or by which check of a transfer."""

    outcome: ClaimState
    judgement_id: UUID | None = None
    check_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """Who replaces a decision and why; `until`: the end of the time to appeal, where it is not the policy's."""

    role: Role
    capacity: str
    reasons: str
    next_step: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None


async def supersede(setting: Setting, *, older: Decision, changes: Mapping[UUID, Change], signed: Signed) -> Decision:
    """Replace the recognition `older` by a new decision that settles `changes` (by claim) and repeats all the rest.

    A later attempt at what is now recognised asks for nothing any more. Raises `Refused`: double_credit,
    separation_of_duties.
    """
    session, case = setting.session, setting.case
    decision = await decisions.record(
        setting,
        kind=DecisionKind.RECOGNITION,
        capacity=signed.capacity,
        reasons=signed.reasons,
        next_step=signed.next_step,
        facts=dict(signed.facts),
        role=signed.role,
        supersedes=older.id,
        until=signed.until,
    )
    for row, claim in await settled_by(setting, older):
        change = changes.get(claim.id)
        if change is not None:
            claim.state, claim.grant_active = change.outcome, change.outcome in rules.IN_FAVOUR
        now = change or Change(as_it_stands(claim, row), row.judgement_id, row.check_id)
        session.add(
            DecisionClaim(
                decision_id=decision.id,
                claim_id=claim.id,
                outcome=now.outcome,
                judgement_id=now.judgement_id,
                check_id=now.check_id,
            )
        )
    await drop_later_attempts(setting, {claim for claim, change in changes.items() if _in_favour(change)})
    try:
        await session.flush()
    except sa.exc.IntegrityError as taken:
        # Granted in another case at the same moment: the index lets only one of them through.
        raise Refused("double_credit") from taken
    case.outcome = str(rules.outcome(claim.state for claim in await deciding.newest_attempts(setting)))
    case.decided_at = setting.now
    return decision


async def settled_by(setting: Setting, decision: Decision) -> list[tuple[DecisionClaim, Claim]]:
    """How `decision` settled its claims, and each claim as it is today."""
    rows = await setting.session.exec(
        select(DecisionClaim, Claim)
        .join(Claim, col(Claim.id) == col(DecisionClaim.claim_id))
        .where(col(DecisionClaim.decision_id) == decision.id)
        .order_by(col(Claim.id))
    )
    return list(rows)


def as_it_stands(claim: Claim, row: DecisionClaim) -> ClaimState:
    """How a decision that repeats what stands says it: a credential is what a grant became."""
    return row.outcome if claim.state is ClaimState.CREDENTIALED else claim.state


def _in_favour(change: Change) -> bool:
    return change.outcome in rules.IN_FAVOUR


async def drop_later_attempts(setting: Setting, recognised: set[UUID]) -> None:
    """What is recognised after all is not tried again: later attempts at the claims `recognised` end."""
    rows = list(
        await setting.session.exec(
            select(Claim).where(col(Claim.case_id) == setting.case.id).order_by(col(Claim.attempt))
        )
    )
    first = {claim.competency: claim.attempt for claim in rows if claim.id in recognised}
    for claim in rows:
        if claim.attempt > first.get(claim.competency, claim.attempt) and claim.state in OPEN_CLAIMS:
            claim.state = ClaimState.WITHDRAWN
