"""A decision is corrected by another one with reasons: both stay readable, and no grant is lowered lightly."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from services.records import credentials, decisions, letters
from services.records.judgements import STANDING
from services.records.moves import deciding, superseding
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.assessment import Assignment, Judgement
from services.records.tables.cases import Claim
from services.records.tables.credentials import CredentialState
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind
from services.rules import claims as rules
from services.rules import deadlines
from services.rules.claims import IN_FAVOUR, RECOGNISED, ClaimState, Recommendation
from services.rules.commands import CorrectionGround
from services.rules.refusals import Refused

SETTLES = frozenset({ClaimState.GRANTED, ClaimState.NOT_YET})
"""How a correction can settle a claim."""

CORRECTABLE = RECOGNISED | {ClaimState.NOT_YET}
"""Claims that a correction speaks of: what was withdrawn or suspended since has a decision of its own."""


@dataclass(frozen=True, slots=True)
class _Settled:
    """A claim as the decision in force settles it, and as the correction does."""

    claim: Claim
    row: DecisionClaim
    outcome: ClaimState

    @property
    def raised(self) -> bool:
        return self.outcome in IN_FAVOUR and self.row.outcome not in IN_FAVOUR

    @property
    def lowered(self) -> bool:
        return self.outcome not in IN_FAVOUR and self.row.outcome in IN_FAVOUR


async def _in_force(setting: Setting) -> Decision:
    """The decision that settles the case's claims today. Raises `Refused('nothing_to_correct')`."""
    decision = await decisions.latest(setting.session, setting.case.id, DecisionKind.RECOGNITION)
    if decision is None:
        raise Refused("nothing_to_correct")
    return decision


async def _settled(setting: Setting, decision: Decision) -> list[_Settled]:
    """Each claim of `decision`, as it will be settled. Raises `Refused`: claim_unknown, malformed."""
    wanted = {one.claim: one.outcome for one in setting.body.claims}
    if not SETTLES.issuperset(wanted.values()):
        raise Refused("malformed", field="claims")
    rows = await setting.session.exec(
        select(DecisionClaim, Claim)
        .join(Claim, col(Claim.id) == col(DecisionClaim.claim_id))
        .where(col(DecisionClaim.decision_id) == decision.id, col(Claim.state).in_(CORRECTABLE))
        .order_by(col(Claim.id))
    )
    found = [_Settled(claim, row, _outcome(row, wanted.get(str(claim.id)))) for row, claim in rows]
    if wanted.keys() - {str(one.claim.id) for one in found}:
        raise Refused("claim_unknown")
    return found


def _outcome(row: DecisionClaim, wanted: str | None) -> ClaimState:
    """How the claim is settled now: as before unless another word is said; a transfer that stays granted stays one."""
    if wanted is None or (wanted == ClaimState.GRANTED and row.outcome in IN_FAVOUR):
        return row.outcome
    return ClaimState(wanted)


async def _may_correct(setting: Setting) -> None:
    """Hold the correction against what was granted and what was found.

    Raises `Refused`: reasons_missing, malformed, nothing_to_correct, claim_unknown, correction_barred,
    recommendation_missing, double_credit, share_exceeded, and that the sender took part in the case.
    """
    body = setting.body
    if not body.reasons.strip():
        raise Refused("reasons_missing")
    if body.ground not in set(CorrectionGround):
        raise Refused("malformed", field="ground")
    await deciding.may_sign(setting)
    decision = await _in_force(setting)
    settled = await _settled(setting, decision)
    raised, lowered = [one for one in settled if one.raised], [one for one in settled if one.lowered]
    only_words = not body.claims and body.ground == CorrectionGround.CLERICAL_ERROR
    if not (raised or lowered or only_words):
        raise Refused("nothing_to_correct")
    if lowered:
        await _may_lower(setting, decision)
    for one in raised:
        await _recommended(setting, one.claim)
    await deciding.may_be_recognised(setting, [one.claim for one in raised])


async def _may_lower(setting: Setting, decision: Decision) -> None:
    """What a letter granted stands, but for fraud and for a clerical error that is found soon."""
    if setting.body.ground == CorrectionGround.FRAUD:
        return
    told = [one.released_at for one in await letters.of_decision(setting.session, decision.id) if one.released_at]
    policy, zone = setting.programme.policy, setting.case.zone
    soon = told and setting.now <= deadlines.due(
        policy.calendar, min(told), policy.correction_window, zone=zone, learner=False
    )
    if setting.body.ground != CorrectionGround.CLERICAL_ERROR or not soon:
        raise Refused("correction_barred")


async def _recommended(setting: Setting, claim: Claim) -> Judgement:
    """A locked reading that recommends the claim: nothing is granted that nobody found. Raises `Refused`."""
    rows = await setting.session.exec(
        select(Judgement)
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .where(
            col(Judgement.claim_id) == claim.id,
            col(Judgement.locked_at).is_not(None),
            col(Judgement.recommendation) == Recommendation.MET,
            col(Assignment.state).in_(STANDING),
        )
        .order_by(col(Judgement.locked_at).desc())
        .limit(1)
    )
    found = rows.first()
    if found is None:
        raise Refused("recommendation_missing")
    return found


async def _correct(setting: Setting) -> Outcome:
    """Write the decision anew, with what changes; credentials of what stays as it was stay as they are."""
    session, case = setting.session, setting.case
    former = await _in_force(setting)
    settled = await _settled(setting, former)
    decision = await decisions.record(
        setting,
        kind=DecisionKind.RECOGNITION,
        capacity=setting.programme.institution.signatory_title.in_(case.language),
        reasons=setting.body.reasons.strip(),
        facts={"ground": setting.body.ground},
        supersedes=former.id,
    )
    for one in settled:
        await _settle(setting, one, decision)
    try:
        await session.flush()
    except sa.exc.IntegrityError as taken:
        raise Refused("double_credit") from taken
    newest = await deciding.newest_attempts(setting)
    case.outcome = str(rules.outcome(claim.state for claim in newest))
    case.decided_at, case.appeal_until = setting.now, decision.appeal_until
    changed = {str(one.claim.id): one.outcome.value for one in settled if one.raised or one.lowered}
    return Outcome(
        result={"decision": str(decision.id), "outcome": case.outcome},
        decision=decision,
        logged={"decision": str(decision.id), "supersedes": str(former.id), "claims": changed},
    )


async def _settle(setting: Setting, one: _Settled, decision: Decision) -> None:
    judgement_id = one.row.judgement_id
    if one.raised:
        judgement_id = (await _recommended(setting, one.claim)).id
        one.claim.state, one.claim.grant_active = ClaimState.GRANTED, True
        await superseding.drop_later_attempts(setting, {one.claim.id})
    elif one.lowered:
        one.claim.state, one.claim.grant_active = ClaimState.NOT_YET, False
        await credentials.withdraw(
            setting.session,
            claim_id=one.claim.id,
            decision=decision,
            state=CredentialState.REVOKED,
            now=setting.now,
        )
    setting.session.add(
        DecisionClaim(
            decision_id=decision.id,
            claim_id=one.claim.id,
            outcome=one.outcome,
            judgement_id=judgement_id,
            check_id=one.row.check_id,
        )
    )


CONTENT = {"correct_decision": Content(_may_correct, _correct)}
