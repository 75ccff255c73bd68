"""A decision is corrected by another one with reasons: both stay readable, and no grant is lowered lightly."""

from dataclasses import dataclass

from sqlmodel import col, select

from services.records import decisions, letters
from services.records.judgements import STANDING
from services.records.moves import deciding, superseding
from services.records.moves.content import Content, Outcome, Setting
from services.records.moves.superseding import Change, Settled, Signed
from services.records.tables.assessment import Assignment, Judgement
from services.records.tables.cases import Claim
from services.records.tables.decisions import Decision, DecisionKind
from services.rules import deadlines
from services.rules.claims import IN_FAVOUR, RECOGNISED, ClaimState, Recommendation
from services.rules.commands import CorrectionGround
from services.rules.refusals import Refused

SETTLES = frozenset({ClaimState.GRANTED, ClaimState.NOT_YET})
"""How a correction can settle a claim."""

CORRECTABLE = RECOGNISED | {ClaimState.NOT_YET}
"""Claims that a correction speaks of: what was withdrawn or suspended since has a decision of its own."""


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A claim as it stands, and the outcome that the correction gives it."""

    settled: Settled
    outcome: ClaimState

    @property
    def claim(self) -> Claim:
        return self.settled.claim

    @property
    def raised(self) -> bool:
        return self.outcome in IN_FAVOUR and not self.settled.in_favour

    @property
    def lowered(self) -> bool:
        return self.outcome not in IN_FAVOUR and self.settled.in_favour


async def _in_force(setting: Setting) -> Decision:
    """The decision that settles the case's claims today. Raises `Refused('nothing_to_correct')`."""
    decision = await decisions.latest(setting.session, setting.case.id, DecisionKind.RECOGNITION)
    if decision is None:
        raise Refused("nothing_to_correct")
    return decision


async def _corrected(setting: Setting, decision: Decision) -> list[_Corrected]:
    """The claims of `decision` that are named, and their new outcome. Raises `Refused`: claim_unknown, malformed."""
    wanted = {one.claim: one.outcome for one in setting.body.claims}
    if not SETTLES.issuperset(wanted.values()):
        raise Refused("malformed", field="claims")
    found = {
        str(one.claim.id): one
        for one in await superseding.settled_by(setting, decision)
        if one.claim.state in CORRECTABLE
    }
    if wanted.keys() - found.keys():
        raise Refused("claim_unknown")
    return [_Corrected(one, ClaimState(wanted[key])) for key, one in found.items() if key in wanted]


async def _something_to_correct(setting: Setting) -> None:
    """Raises `Refused`: nothing_to_correct, and that the sender took part in the case."""
    await deciding.may_sign(setting)
    await _in_force(setting)


async def _may_correct(setting: Setting) -> None:
    """Hold the correction against what was granted and what was found.

    Raises `Refused`: reasons_missing, malformed, nothing_to_correct, claim_unknown, correction_barred,
    recommendation_missing, double_credit, share_exceeded.
    """
    body = setting.body
    if not body.reasons.strip():
        raise Refused("reasons_missing")
    if body.ground not in set(CorrectionGround):
        raise Refused("malformed", field="ground")
    decision = await _in_force(setting)
    corrected = await _corrected(setting, decision)
    raised, lowered = [one for one in corrected if one.raised], [one for one in corrected if one.lowered]
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
    former = await _in_force(setting)
    changed = [one for one in await _corrected(setting, former) if one.raised or one.lowered]
    decision = await superseding.supersede(
        setting,
        older=former,
        changes={one.claim.id: await _change(setting, one) for one in changed},
        signed=Signed(
            role=setting.command.role,
            capacity=setting.programme.institution.signatory_title.in_(setting.case.language),
            reasons=setting.body.reasons.strip(),
            facts={"ground": setting.body.ground},
        ),
    )
    return Outcome(
        result={"decision": str(decision.id), "outcome": setting.case.outcome},
        decision=decision,
        logged={
            "decision": str(decision.id),
            "supersedes": str(former.id),
            "claims": {str(one.claim.id): one.outcome.value for one in changed},
        },
    )


async def _change(setting: Setting, one: _Corrected) -> Change:
    """What is raised stands on the reading that recommends it; what is lowered keeps the one that it rested on."""
    stands = one.settled.stands
    judgement = (await _recommended(setting, one.claim)).id if one.raised else stands.judgement_id
    return Change(one.outcome, judgement, stands.check_id)


CONTENT = {"correct_decision": Content(_may_correct, _correct, _something_to_correct)}
