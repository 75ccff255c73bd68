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

from services.records import credentials, decisions
from services.records.moves import deciding
from services.records.moves.content import Setting
from services.records.tables.cases import Claim
from services.records.tables.credentials import CredentialState
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


@dataclass(frozen=True, slots=True)
class Settled:
    """A claim of a decision, and how it stands today: a credential is what a grant became."""

    claim: Claim
    stands: Change

    @property
    def in_favour(self) -> bool:
        return self.stands.outcome in rules.IN_FAVOUR


async def settled_by(setting: Setting, decision: Decision) -> list[Settled]:
    """The claims of `decision`, each as it stands today; one that a later attempt took the place of has its own."""
    rows = await setting.session.exec(
        select(DecisionClaim, Claim)
        .join(Claim, col(Claim.id) == col(DecisionClaim.claim_id))
        .where(col(DecisionClaim.decision_id) == decision.id, col(Claim.state) != ClaimState.SUPERSEDED)
        .order_by(col(Claim.id))
    )
    return [Settled(claim, await _as_it_stands(setting, claim, row)) for row, claim in rows.all()]


async def _as_it_stands(setting: Setting, claim: Claim, row: DecisionClaim) -> Change:
    if claim.state in rules.RECOGNISED:
        return await granted_by(setting, claim)
    return Change(claim.state, row.judgement_id, row.check_id)


async def granted_by(setting: Setting, claim: Claim) -> Change:
    """How `claim`, which was granted, was granted last: whatever became of the grant since."""
    rows = await setting.session.exec(
        select(DecisionClaim)
        .join(Decision, col(Decision.id) == col(DecisionClaim.decision_id))
        .where(col(DecisionClaim.claim_id) == claim.id, col(DecisionClaim.outcome).in_(rules.IN_FAVOUR))
        .order_by(col(Decision.case_version).desc())
        .limit(1)
    )
    granted = rows.one()
    return Change(granted.outcome, granted.judgement_id, granted.check_id)


async def supersede(setting: Setting, *, older: Decision, changes: Mapping[UUID, Change], signed: Signed) -> Decision:
    """Replace the recognition `older` by a new decision that settles `changes` (by claim) and repeats all the rest.

    What is lowered loses its credential for good; a later attempt at what is now recognised asks for nothing any more;
    the case stays open for as long as the new decision can be contested. Raises `Refused`: double_credit,
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
    for settled in await settled_by(setting, older):
        claim, change = settled.claim, changes.get(settled.claim.id, settled.stands)
        if claim.id in changes:
            await _change(setting, settled, change, decision)
        session.add(
            DecisionClaim(
                decision_id=decision.id,
                claim_id=claim.id,
                outcome=change.outcome,
                judgement_id=change.judgement_id,
                check_id=change.check_id,
            )
        )
    await _drop_later_attempts(setting, {claim for claim, change in changes.items() if _in_favour(change)})
    try:
        await session.flush()
    except sa.exc.IntegrityError as taken:
        # Granted in another case at the same moment: the index lets only one of them through.
        raise Refused("double_credit") from taken
    case.outcome = str(rules.outcome(claim.state for claim in await deciding.newest_attempts(setting)))
    case.decided_at = setting.now
    case.appeal_until = max(case.appeal_until or decision.appeal_until, decision.appeal_until)
    return decision


async def _change(setting: Setting, settled: Settled, change: Change, decision: Decision) -> None:
    claim = settled.claim
    claim.state, claim.grant_active = change.outcome, _in_favour(change)
    if settled.in_favour and not _in_favour(change):
        await credentials.withdraw(
            setting.session, claim_id=claim.id, decision=decision, state=CredentialState.REVOKED, now=setting.now
        )


def _in_favour(change: Change) -> bool:
    return change.outcome in rules.IN_FAVOUR


async def _drop_later_attempts(setting: Setting, recognised: set[UUID]) -> None:
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
