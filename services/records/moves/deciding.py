"""A person decides, the decision is published, and a grant can be withdrawn; nothing is granted without a signature."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import (
    assignments,
    cases,
    claiming,
    clarity,
    contested,
    credentials,
    decisions,
    equivalences,
    independence,
    judgements,
    limits,
    plans,
    transfers,
)
from services.records.moves import documentation
from services.records.moves.content import Check, Content, Outcome, Setting, Told
from services.records.tables.cases import Case, Claim
from services.records.tables.credentials import Credential, CredentialState
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind, Letter, LetterState
from services.rules import claims as rules
from services.rules import transfers as transferring
from services.rules.case import SeatState, Stage
from services.rules.claims import OPEN_CLAIMS, ClaimState
from services.rules.commands import RevocationReason
from services.rules.people import Role
from services.rules.programmes import Programme
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind

LONGEST_CAPACITY = 200

WITHDRAWABLE = frozenset({ClaimState.CREDENTIALED, ClaimState.SUSPENDED})
"""Claims whose grant can be withdrawn: what holds, and what is under review."""


async def may_sign(setting: Setting) -> None:
    """Raises `Refused`: conflict_of_interest, separation_of_duties."""
    person = UUID(setting.command.actor)
    await independence.check(setting.session, case=setting.case, person=person, role=setting.command.role)


async def _can_be_decided(setting: Setting) -> None:
    """Raises `Refused`: clarity_awaited, claims_open, double_credit, share_exceeded, or that the sender took part."""
    await may_sign(setting)
    if await clarity.awaited(setting.session, setting.case.id):
        raise Refused("clarity_awaited")
    granted = [ground.claim for ground in await _grounds(setting) if ground.settles_as in rules.IN_FAVOUR]
    await may_be_recognised(setting, granted)


async def _may_decide(setting: Setting) -> None:
    """Raises `Refused('malformed')`."""
    if not 0 < len(setting.body.capacity.strip()) <= LONGEST_CAPACITY:
        raise Refused("malformed", field="capacity")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a decision on one claim stands on: the judgement that stands, or for a transfer the check that does."""

    claim: Claim
    settles_as: ClaimState
    judgement: UUID | None = None
    check: UUID | None = None


async def _grounds(setting: Setting) -> list[Ground]:
    return await grounds(setting.session, setting.case, setting.programme)


async def grounds(session: AsyncSession, case: Case, programme: Programme) -> list[Ground]:
    """The ground for each open claim. Raises `Refused('claims_open')` for one that has none yet."""
    found = await judgements.recommendations(session, case.id)
    checked = await transfers.checks(session, case.id)
    stands: list[Ground] = []
    for claim in await cases.claims_of(session, case.id):
        if claim.state not in OPEN_CLAIMS:
            continue
        judgement, check = found.get(claim.id), checked.get(claim.id)
        if claim.kind is ClaimKind.TRANSFER and check is not None:
            seen = transferring.Check(check.issuer_holds, check.date_holds, check.equivalent)
            stands.append(Ground(claim, transferring.settles_as(seen), check=check.id))
        elif judgement is not None and judgement.recommendation is not None and claim.state in judgements.JUDGED:
            stands.append(Ground(claim, rules.settles_as(judgement.recommendation), judgement=judgement.id))
        else:
            raise Refused("claims_open", **documentation.competency_facts(programme, claim.competency))
    return stands


async def may_be_recognised(setting: Setting, granted: list[Claim]) -> None:
    """Hold what is to be `granted` against what the learner holds already.

    Raises `Refused`: double_credit, for one that they hold, or its like; share_exceeded, where no more may count.
    """
    for claim in await equivalences.held(setting.session, setting.case.learner_id, granted):
        raise Refused("double_credit", **documentation.competency_facts(setting.programme, claim.competency))
    over = await claiming.over_share(
        setting.session, case=setting.case, claims=granted, programme=setting.programme, code="share_exceeded"
    )
    if granted and over:
        raise over


async def _decide(setting: Setting) -> Outcome:
    """Confirm the recommendation of each open claim unchanged."""
    session, case = setting.session, setting.case
    decision = await decisions.record(
        setting,
        kind=DecisionKind.RECOGNITION,
        capacity=setting.body.capacity.strip(),
        reasons=setting.body.note.strip(),
        role=setting.command.role,
    )
    grounds = await _grounds(setting)
    for ground in grounds:
        ground.claim.state = ground.settles_as
        ground.claim.grant_active = ground.settles_as in rules.IN_FAVOUR
        session.add(
            DecisionClaim(
                decision_id=decision.id,
                claim_id=ground.claim.id,
                outcome=ground.settles_as,
                judgement_id=ground.judgement,
                check_id=ground.check,
            )
        )
    try:
        await session.flush()
    except sa.exc.IntegrityError as taken:
        # Two cases of one learner were decided at the same moment: the index lets only one of them through.
        raise Refused("double_credit") from taken
    await _end_seats(setting)
    await plans.draft(setting)
    case.outcome = str(rules.outcome(claim.state for claim in await newest_attempts(setting)))
    case.decided_at, case.appeal_until = setting.now, decision.appeal_until
    return Outcome(
        result={"decision": str(decision.id), "outcome": case.outcome},
        decision=decision,
        logged={
            "decision": str(decision.id),
            "outcome": case.outcome,
            "claims": {str(ground.claim.id): ground.settles_as.value for ground in grounds},
        },
    )


async def newest_attempts(setting: Setting) -> list[Claim]:
    """One claim per competency: a later attempt stands for the earlier ones, unless it was withdrawn."""
    rows = await setting.session.exec(
        select(Claim)
        .where(col(Claim.case_id) == setting.case.id, col(Claim.state) != ClaimState.WITHDRAWN)
        .order_by(col(Claim.attempt))
    )
    return list({claim.competency: claim for claim in rows}.values())


async def _end_seats(setting: Setting) -> None:
    case = setting.case
    for seat in await assignments.of_case(setting.session, case.id, SeatState.SUBMITTED):
        await assignments.end(setting.session, seat=seat, state=SeatState.FINAL, now=setting.now)
    for seat in await assignments.of_case(setting.session, case.id, *assignments.BUSY):
        await assignments.end(setting.session, seat=seat, state=SeatState.CANCELLED, now=setting.now)


# publication


async def _letter_released(setting: Setting, decision: Decision | None) -> None:
    """Raises `Refused('letter_missing')`: a decided case always has its letter."""
    if decision is None:
        raise Refused("letter_missing")
    released = await setting.session.exec(
        select(Letter.language).where(col(Letter.decision_id) == decision.id, col(Letter.state) == LetterState.RELEASED)
    )
    if setting.case.language not in set(released):
        raise Refused("letter_missing")


async def _is_published(setting: Setting) -> None:
    """The letter can be read and every claim just granted has its active credential."""
    decision = await decisions.latest(setting.session, setting.case.id, DecisionKind.RECOGNITION)
    await _letter_released(setting, decision)
    active = await setting.session.exec(
        select(Credential.claim_id).where(
            col(Credential.case_id) == setting.case.id, col(Credential.state) == CredentialState.ACTIVE
        )
    )
    published = set(active)
    for claim in await _granted(setting):
        if claim.id not in published:
            raise Refused("letter_missing")


async def _granted(setting: Setting) -> list[Claim]:
    rows = await setting.session.exec(
        select(Claim).where(col(Claim.case_id) == setting.case.id, col(Claim.state).in_(rules.IN_FAVOUR))
    )
    return list(rows)


async def _publish(setting: Setting) -> Outcome:
    for claim in await _granted(setting):
        claim.state = ClaimState.CREDENTIALED
    return Outcome()


async def _may_close(setting: Setting) -> None:
    """Raises `Refused`: letter_missing, letter_undelivered while nothing shows that the learner can have read it."""
    decision = await decisions.latest(setting.session, setting.case.id, *DecisionKind)
    await _letter_released(setting, decision)
    if decision is not None and setting.command.role is Role.CLOCK and setting.case.stage is not Stage.GAP_TRAINING:
        case, policy = setting.case, setting.programme.policy
        time = await contested.window(setting.session, case=case, policy=policy, decision=decision)
        if time.stopped or (time.late and setting.now < time.until):
            raise Refused("letter_undelivered")


async def _close(setting: Setting) -> Outcome:
    """A gap plan that is left, or whose time is over, leaves its attempts; they can be taken up again."""
    case = setting.case
    if case.stage is not Stage.GAP_TRAINING:
        return Outcome()
    for claim in await documentation.open_claims(setting):
        claim.state, claim.withdrawn_at = ClaimState.WITHDRAWN, setting.now
    people = [case.learner_id, *([case.advisor_id] if case.advisor_id else [])]
    return Outcome(told=tuple(Told("gap_over", person) for person in people))


# withdrawal of a grant


async def named_claim(setting: Setting) -> Claim:
    """The claim that is named. Raises `Refused('claim_unknown')`."""
    rows = await setting.session.exec(select(Claim).where(col(Claim.case_id) == setting.case.id))
    for claim in rows:
        if str(claim.id) == setting.body.claim:
            return claim
    raise Refused("claim_unknown")


def may_sign_about(states: Collection[ClaimState], code: str) -> Check:
    """The sender may sign, and a claim is in one of `states`. Raises `Refused`: `code`, and what `may_sign` does."""

    async def beforehand(setting: Setting) -> None:
        await may_sign(setting)
        if not any(claim.state in states for claim in await cases.claims_of(setting.session, setting.case.id)):
            raise Refused(code)

    return beforehand


async def _may_revoke(setting: Setting) -> None:
    """Raises `Refused`: claim_unknown, already_revoked, not_granted, malformed, reasons_missing."""
    claim = await named_claim(setting)
    if claim.state is ClaimState.REVOKED:
        raise Refused("already_revoked")
    if claim.state not in WITHDRAWABLE:
        raise Refused("not_granted")
    if setting.body.reason not in set(RevocationReason):
        raise Refused("malformed", field="reason")
    if not setting.body.explanation.strip():
        raise Refused("reasons_missing")


async def stays_open(setting: Setting, decision: Decision) -> None:
    """A decided case stays open as long as `decision` can be appealed."""
    case = setting.case
    if case.stage is Stage.DECIDED and case.appeal_until is not None and decision.appeal_until > case.appeal_until:
        case.appeal_until = decision.appeal_until
        await limits.extend(
            setting.session, case=case, policy=setting.programme.policy, now=setting.now, until=case.appeal_until
        )
    elif case.stage is Stage.UNDER_REVIEW:
        case.appeal_until = max(case.appeal_until or decision.appeal_until, decision.appeal_until)


async def _revoke(setting: Setting) -> Outcome:
    """From this commit on the credential is withdrawn, whoever asks; the published list follows."""
    session, case, now = setting.session, setting.case, setting.now
    claim = await named_claim(setting)
    decision = await decisions.record(
        setting,
        kind=DecisionKind.REVOCATION,
        capacity=setting.programme.institution.signatory_title.in_(case.language),
        reasons=setting.body.explanation.strip(),
        facts={"claim": str(claim.id), "competency": claim.competency, "reason": setting.body.reason},
    )
    claim.state, claim.grant_active = ClaimState.REVOKED, False
    await credentials.withdraw(session, claim_id=claim.id, decision=decision, state=CredentialState.REVOKED, now=now)
    await stays_open(setting, decision)
    return Outcome(
        result={"decision": str(decision.id)},
        decision=decision,
        logged={"decision": str(decision.id), "claim": str(claim.id), "reason": setting.body.reason},
    )


CONTENT = {
    "decide": Content(_may_decide, _decide, _can_be_decided),
    "published": Content(_is_published, _publish),
    "close": Content(carry=_close, beforehand=_may_close),
    "revoke_grant": Content(_may_revoke, _revoke, may_sign_about(WITHDRAWABLE, "not_granted")),
}
