"""A grant is put under review and comes back; each is a decision with reasons, a letter and a right of appeal."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, credentials, decisions
from services.records.moves import deciding, superseding
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.cases import Claim
from services.records.tables.credentials import CredentialState
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind
from services.rules.claims import OPEN_CLAIMS, ClaimState
from services.rules.refusals import Refused


async def _may_suspend(setting: Setting) -> None:
    """Raises `Refused`: claim_unknown, not_granted, reasons_missing."""
    claim = await deciding.named_claim(setting)
    if claim.state is not ClaimState.CREDENTIALED:
        raise Refused("not_granted")
    _explained(setting)


def _explained(setting: Setting) -> None:
    if not setting.body.explanation.strip():
        raise Refused("reasons_missing")


async def _suspend(setting: Setting) -> Outcome:
    """From this commit on the credential does not hold, whoever asks; the published list follows."""
    claim = await deciding.named_claim(setting)
    decision = await _decided(setting, claim, DecisionKind.SUSPENSION)
    claim.state, claim.grant_active = ClaimState.SUSPENDED, False
    await credentials.withdraw(
        setting.session, claim_id=claim.id, decision=decision, state=CredentialState.SUSPENDED, now=setting.now
    )
    await deciding.stays_open(setting, decision)
    return _outcome(claim, decision)


async def _may_lift(setting: Setting) -> None:
    """Raises `Refused`: claim_unknown, not_suspended, judged_anew, or as for a suspension and for a grant."""
    claim = await deciding.named_claim(setting)
    if claim.state is not ClaimState.SUSPENDED:
        raise Refused("not_suspended")
    await _not_judged_anew(setting, claim)
    _explained(setting)
    await deciding.may_be_recognised(setting, [claim])


async def _something_to_lift(setting: Setting) -> None:
    """Raises `Refused`: not_suspended, judged_anew where that holds of every claim, and that the sender took part."""
    await deciding.may_sign_about({ClaimState.SUSPENDED}, "not_suspended")(setting)
    if not await liftable(setting.session, setting.case.id):
        raise Refused("judged_anew")


async def _lift(setting: Setting) -> Outcome:
    """The grant holds again, by the reading that it rested on; a place once set in the list stays set."""
    session = setting.session
    claim = await deciding.named_claim(setting)
    decision = await _decided(setting, claim, DecisionKind.REINSTATEMENT)
    former = await superseding.granted_by(setting, claim)
    claim.state, claim.grant_active = former.outcome, True
    session.add(
        DecisionClaim(
            decision_id=decision.id,
            claim_id=claim.id,
            outcome=former.outcome,
            judgement_id=former.judgement_id,
            check_id=former.check_id,
        )
    )
    try:
        await session.flush()
    except sa.exc.IntegrityError as taken:
        raise Refused("double_credit") from taken
    await deciding.stays_open(setting, decision)
    return _outcome(claim, decision)


async def liftable(session: AsyncSession, case_id: UUID) -> list[Claim]:
    """The suspended claims of which nobody judges anew, after an appeal, whether they hold."""
    claims = await cases.claims_of(session, case_id)
    return [
        claim
        for claim in claims
        if claim.state is ClaimState.SUSPENDED
        and not any(
            other.competency == claim.competency and other.attempt > claim.attempt and other.state in OPEN_CLAIMS
            for other in claims
        )
    ]


async def _not_judged_anew(setting: Setting, claim: Claim) -> None:
    """Raises `Refused('judged_anew')`."""
    if claim.id not in {one.id for one in await liftable(setting.session, setting.case.id)}:
        raise Refused("judged_anew")


async def _decided(setting: Setting, claim: Claim, kind: DecisionKind) -> Decision:
    return await decisions.record(
        setting,
        kind=kind,
        capacity=setting.programme.institution.signatory_title.in_(setting.case.language),
        reasons=setting.body.explanation.strip(),
        facts={"claim": str(claim.id), "competency": claim.competency},
    )


def _outcome(claim: Claim, decision: Decision) -> Outcome:
    return Outcome(
        result={"decision": str(decision.id)},
        decision=decision,
        logged={"decision": str(decision.id), "claim": str(claim.id)},
    )


CONTENT = {
    "suspend_grant": Content(_may_suspend, _suspend, deciding.may_sign_about({ClaimState.CREDENTIALED}, "not_granted")),
    "lift_suspension": Content(_may_lift, _lift, _something_to_lift),
}
