"""The panel of an appeal rules: dismissed, varied by a decision that replaces the first, or judged anew by others.

Nothing that was recognised is ever lowered here. Source: case design, section 11.
"""

from uuid import UUID

from sqlmodel import col, select

from services.records import appeals, attempts, decisions, dossier, independence, judgements, pointers, recordings
from services.records.contested import STILL_OPEN
from services.records.ids import new_id
from services.records.moves import appeal_panels, deciding, documentation, lapses, seats, superseding
from services.records.moves.appeals import facts, stays_open, the_open, until
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.moves.superseding import Change, Signed
from services.records.tables.appeals import Appeal, AppealRuling, AppealVote
from services.records.tables.assessment import Assignment, Judgement, Standing
from services.records.tables.cases import Claim
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind
from services.rules import appeals as rules
from services.rules import sending_in
from services.rules.appeals import VOTED_ON, Bench, Cause, Count, Matter, Ruling, VoteGap
from services.rules.case import AppealState, SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind

REMITTED = "remitted"
"""Why whoever judged or decided before takes no further part: the appeal body asked for somebody else."""

GAP_CODES: dict[VoteGap, str] = {
    VoteGap.QUORUM: "votes_missing",
    VoteGap.CHAIR: "votes_missing",
    VoteGap.TIE: "vote_tied",
    VoteGap.CASTING_VOTE: "vote_tied",
}
"""How votes that do not count are refused; every other way is a mistake of form."""

LAPSES = frozenset({Stage.INCOMPLETE, Stage.ELIGIBLE})
"""Stages in which a case that comes back waits for its learner, under a limit that can close it again."""

ON_CLAIMS = frozenset(STILL_OPEN)
"""Matters whose ruling names claims, unless the appeal is dismissed."""


async def _count(setting: Setting, appeal: Appeal) -> Count:
    """What the panel voted for. Raises `Refused`: malformed, votes_missing, vote_tied."""
    body = setting.body
    sitting = {str(seat.person_id) for seat in await appeals.seats_of(setting.session, appeal)}
    votes = {vote.person: vote.ruling for vote in body.votes}
    words = set(Ruling)
    if len(votes) != len(body.votes) or not words.issuperset(votes.values()):
        raise Refused("malformed", field="votes")
    if body.casting and body.casting not in words:
        raise Refused("malformed", field="casting")
    counted = rules.count(
        Bench(frozenset(sitting), setting.command.actor, setting.programme.policy.appeal_reviewers),
        {person: Ruling(word) for person, word in votes.items()},
        casting=Ruling(body.casting) if body.casting else None,
        choices=VOTED_ON[appeal.matter],
    )
    if isinstance(counted, VoteGap):
        code = GAP_CODES.get(counted)
        raise Refused(code) if code else Refused("malformed", field="votes")
    return counted


async def _named(setting: Setting, appeal: Appeal, ruling: Ruling) -> list[Claim]:
    """The claims that are varied or judged anew.

    Raises `Refused`: malformed, claims_missing, claim_unknown, appeal_overtaken where somebody decided on one since.
    """
    if appeal.matter not in ON_CLAIMS or ruling is Ruling.DISMISSED:
        if setting.body.claims:
            raise Refused("malformed", field="claims")
        return []
    contested = {str(claim.id): claim for claim in await appeals.contested_claims(setting.session, appeal)}
    if not set(setting.body.claims) <= contested.keys():
        raise Refused("claim_unknown")
    named = [claim for key, claim in contested.items() if key in setting.body.claims]
    if not named:
        raise Refused("claims_missing")
    if any(claim.state is not STILL_OPEN[appeal.matter] for claim in named):
        raise Refused("appeal_overtaken")
    return named


async def _heard(setting: Setting) -> None:
    """Raises `Refused`: hearing_missing, conflict_of_interest, separation_of_duties."""
    appeal = await the_open(setting)
    hearing = await appeals.hearing_of(setting.session, appeal)
    if (appeal.hearing_wished and hearing is None) or (hearing is not None and hearing.at > setting.now):
        raise Refused("hearing_missing")
    await deciding.may_sign(setting)


async def _may_rule(setting: Setting) -> None:
    """Raises `Refused`: reasons_missing, malformed, and why votes, claims or judgements do not do."""
    body = setting.body
    appeal = await the_open(setting)
    if not body.reasons.strip():
        raise Refused("reasons_missing")
    if body.cause not in set(Cause):
        raise Refused("malformed", field="cause")
    ruling = (await _count(setting, appeal)).ruling
    named = await _named(setting, appeal, ruling)
    if ruling is Ruling.VARIED:
        if appeal.matter is Matter.RECOGNITION:
            for claim in named:
                await _may_be_met(setting, claim)
        await deciding.may_be_recognised(setting, named)


async def _written(setting: Setting, claim: Claim) -> Judgement | None:
    """What the chair has written on the claim for this appeal, and nobody has locked."""
    kinds = sorted(appeals.KINDS)
    rows = await setting.session.exec(
        select(Judgement)
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .where(
            col(Judgement.claim_id) == claim.id,
            col(Judgement.assessor_id) == UUID(setting.command.actor),
            col(Judgement.locked_at).is_(None),
            col(Assignment.seat).in_(kinds),
            col(Assignment.state) == SeatState.ACCEPTED,
        )
    )
    return rows.first()


async def _may_be_met(setting: Setting, claim: Claim) -> None:
    """The rule for `met` binds the appeal body as it binds everybody. Raises `Refused` as `sending_in.check`."""
    row = await _written(setting, claim)
    if row is None or judgements.read(row).recommendation is not Recommendation.MET:
        raise Refused("claims_open", **documentation.competency_facts(setting.programme, claim.competency))
    sending_in.check(
        judgements.read(row),
        competency=setting.programme.competency(claim.competency),
        items=(
            *await pointers.for_claim(setting.session, claim.id),
            *await recordings.weighed(setting.session, claim.id),
        ),
        rationale_minimum=setting.programme.policy.rationale_minimum,
        rounds_used=await dossier.rounds_on(setting.session, claim.id),
        nothing_more=await dossier.nothing_more(setting.session, claim.id),
        carried=await judgements.carried(setting.session, claim, setting.programme.policy, setting.now),
    )


async def _rule(setting: Setting) -> Outcome:
    appeal = await the_open(setting)
    counted = await _count(setting, appeal)
    named = await _named(setting, appeal, counted.ruling)
    if counted.ruling is Ruling.VARIED and appeal.matter in ON_CLAIMS:
        decision = await _vary(setting, appeal, named)
    else:
        decision = await _decide(setting, appeal, counted.ruling)
    await _keep(setting, appeal, counted=counted, named=named, decision=decision)
    await appeal_panels.dissolve(setting, appeal, served=SeatState.FINAL)
    stays_open(setting, decision.appeal_until)
    target, told = await _leads_to(setting, appeal, ruling=counted.ruling, named=named)
    return Outcome(
        result={"decision": str(decision.id), "ruling": counted.ruling.value},
        told=told,
        decision=decision,
        logged={
            "appeal": str(appeal.id),
            "ruling": counted.ruling.value,
            "decision": str(decision.id),
            "claims": [str(claim.id) for claim in named],
        },
        leads_to=target,
        due_at_least=lapses.restored_until(setting) if target in LAPSES else None,
    )


# what is decided


async def _decide(setting: Setting, appeal: Appeal, ruling: Ruling) -> Decision:
    """A ruling that settles no claim; one that finds for the learner replaces a refusal at the door."""
    replaces = ruling is not Ruling.DISMISSED and appeal.matter is Matter.ELIGIBILITY
    return await decisions.record(
        setting,
        kind=DecisionKind.APPEAL,
        capacity=setting.programme.institution.appeal_body.in_(setting.case.language),
        reasons=setting.body.reasons.strip(),
        next_step=setting.body.next_step.strip(),
        facts=facts(setting, appeal, ruling),
        role=setting.command.role,
        supersedes=appeal.root_id if replaces else None,
        until=until(setting, appeal),
    )


async def _vary(setting: Setting, appeal: Appeal, named: list[Claim]) -> Decision:
    """A decision that replaces the one that stands, and recognises the claims named."""
    changes = {claim.id: await _ground(setting, appeal, claim) for claim in named}
    return await superseding.supersede(
        setting,
        older=await _standing(setting, named),
        changes=changes,
        signed=Signed(
            role=setting.command.role,
            capacity=setting.programme.institution.appeal_body.in_(setting.case.language),
            reasons=setting.body.reasons.strip(),
            next_step=setting.body.next_step.strip(),
            facts=facts(setting, appeal, Ruling.VARIED),
            until=until(setting, appeal),
        ),
    )


async def _standing(setting: Setting, named: list[Claim]) -> Decision:
    """The recognition that settled these claims, as it stands today."""
    rows = await setting.session.exec(
        select(Decision)
        .join(DecisionClaim, col(DecisionClaim.decision_id) == col(Decision.id))
        .where(col(DecisionClaim.claim_id) == named[0].id, col(Decision.kind) == DecisionKind.RECOGNITION)
        .order_by(col(Decision.case_version).desc())
        .limit(1)
    )
    return rows.one()


async def _ground(setting: Setting, appeal: Appeal, claim: Claim) -> Change:
    """What a claim is recognised by: the chair's judgement, or for a withdrawn grant what it was granted by."""
    session = setting.session
    if appeal.matter is not Matter.RECOGNITION:
        return await superseding.granted_by(setting, claim)
    row = await _written(setting, claim)
    if row is None:
        raise Refused("claims_open", **documentation.competency_facts(setting.programme, claim.competency))
    claim.kind = ClaimKind.ASSESS  # also a transfer, now that somebody has judged it
    command = UUID(setting.command.id)
    row.recommendation = judgements.read(row).recommendation
    row.locked_at, row.command_id = setting.now, command
    await judgements.stand(session, row, standing=Standing.APPEAL, command_id=command, now=setting.now)
    return Change(ClaimState.GRANTED, row.id)


async def _keep(setting: Setting, appeal: Appeal, *, counted: Count, named: list[Claim], decision: Decision) -> None:
    session, role = setting.session, setting.command.role
    appeal.state, appeal.outcome, appeal.ended_at = AppealState.RULED, counted.ruling, setting.now
    ruling = AppealRuling(
        id=new_id(),
        appeal_id=appeal.id,
        case_id=appeal.case_id,
        level=appeal.level,
        ruled_by=UUID(setting.command.actor),
        role=role,
        outcome=counted.ruling,
        by_casting_vote=counted.by_casting_vote,
        cause=Cause(setting.body.cause),
        reasons=setting.body.reasons.strip(),
        claims=[str(claim.id) for claim in named],
        decision_id=decision.id,
        command_id=UUID(setting.command.id),
        at=setting.now,
    )
    session.add(ruling)
    await session.flush()
    session.add_all(
        AppealVote(
            ruling_id=ruling.id,
            person_id=UUID(vote.person),
            case_id=appeal.case_id,
            role=role,
            vote=Ruling(vote.ruling),
        )
        for vote in setting.body.votes
    )
    await session.flush()


# where it leads


async def _leads_to(
    setting: Setting, appeal: Appeal, *, ruling: Ruling, named: list[Claim]
) -> tuple[Stage, tuple[Told, ...]]:
    """The stage that a ruling leads to, and who has to know at once."""
    case = setting.case
    if ruling is Ruling.DISMISSED:
        return appeal.return_to, ()
    if appeal.matter is Matter.LAPSE:
        return appeal.closed_from or Stage.ELIGIBLE, ()
    if appeal.matter is Matter.ELIGIBILITY:
        case.refusal_proposed = False
        if ruling is Ruling.VARIED:
            return Stage.ELIGIBLE, ()
        await _bar_who_decided(setting, appeal)
        return Stage.ELIGIBILITY_REVIEW, ()
    if ruling is Ruling.VARIED:
        return Stage.ISSUING, ()
    await _bar_who_judged(setting, named)
    case.rounds_used, case.offers_failed, case.judge_on_file = 0, 0, False
    again = await attempts.begin(setting.session, named, now=setting.now, state=ClaimState.DOCUMENTED)
    return Stage.ASSIGNING, await seats.offer_again(setting, again)


async def _bar_who_decided(setting: Setting, appeal: Appeal) -> None:
    root = await setting.session.get_one(Decision, appeal.root_id)
    await _bar(setting, {root.decided_by})


async def _bar_who_judged(setting: Setting, named: list[Claim]) -> None:
    rows = await setting.session.exec(
        select(Judgement.assessor_id)
        .where(
            col(Judgement.claim_id).in_([claim.id for claim in named]),
            col(Judgement.assessor_id) != UUID(setting.command.actor),
        )
        .distinct()
    )
    await _bar(setting, set(rows))


async def _bar(setting: Setting, people: set[UUID]) -> None:
    for person in sorted(people):
        await independence.exclude(
            setting.session, case=setting.case, person=person, tie=REMITTED, declared=False, now=setting.now
        )


CONTENT = {"rule_appeal": Content(_may_rule, _rule, _heard)}
