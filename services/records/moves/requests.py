"""More evidence is asked for, criterion by criterion, and the case comes back with an answer or without one."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from services.records import assignments, awaited_reports, cases, due_dates, limits, portfolio
from services.records.ids import new_id
from services.records.moves import answers, reading
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.assessment import Assignment, AssignmentClaim, Judgement
from services.records.tables.cases import Claim
from services.records.tables.evidence import EvidenceItem, EvidenceRequest, Pointer, PortfolioVersion, RequestTarget
from services.rules import limits as ladder
from services.rules.case import SEAT_ROLE, Missing, SeatState, Stage
from services.rules.claims import Rule
from services.rules.moves.requests import OtherWay, TargetAnswer
from services.rules.moves.seats import READ_IN
from services.rules.refusals import Refused

ANSWERED, TIMED_OUT = "answered", "timeout"

READ_WITHIN = {Stage.IN_ASSESSMENT: "assessment", Stage.SECOND_ASSESSMENT: "second"}
"""The limit within which assessors read, by stage."""


async def open_request(setting: Setting) -> EvidenceRequest | None:
    """The round that is still open, if there is one."""
    rows = await setting.session.exec(
        select(EvidenceRequest).where(
            col(EvidenceRequest.case_id) == setting.case.id, col(EvidenceRequest.closed_at).is_(None)
        )
    )
    return rows.first()


async def targets_of(setting: Setting, request: EvidenceRequest) -> dict[str, RequestTarget]:
    """What the round asks for, by id."""
    rows = await setting.session.exec(
        select(RequestTarget).where(col(RequestTarget.request_id) == request.id).order_by(col(RequestTarget.id))
    )
    return {str(target.id): target for target in rows}


async def _own_seats(setting: Setting) -> list[Assignment]:
    """The seats in which the sender judges, in the role in which the command was sent."""
    accepted = await assignments.of_case(setting.session, setting.case.id, SeatState.ACCEPTED)
    return [
        seat
        for seat in accepted
        if str(seat.person_id) == setting.command.actor and SEAT_ROLE[seat.seat] is setting.command.role
    ]


async def own_claims(setting: Setting) -> dict[str, Claim]:
    """The claims that the sender is to judge and has not judged yet, by id."""
    covered = await assignments.claims_of(setting.session, await _own_seats(setting))
    return {str(claim.id): claim for claim in covered if cases.is_open(claim, setting.case.stage)}


async def _can_be_asked(setting: Setting) -> None:
    """Raises `Refused`: round_open, targets_missing where the sender has nothing left to judge."""
    if setting.case.stage is not Stage.MORE_EVIDENCE and await open_request(setting) is not None:
        raise Refused("round_open")
    if not await own_claims(setting):
        raise Refused("targets_missing")


async def _may_request(setting: Setting) -> None:
    """Raises `Refused('targets_missing')` (with what is wrong with which target)."""
    if not setting.body.targets:
        raise Refused("targets_missing")
    own = await own_claims(setting)
    for target in setting.body.targets:
        claim = own.get(target.claim)
        if claim is None:
            raise Refused("targets_missing", claim=target.claim)
        criteria = {criterion.key for criterion in setting.programme.competency(claim.competency).criteria}
        if target.criterion not in criteria:
            raise Refused("targets_missing", criterion=target.criterion)
        if target.rule not in set(Rule):
            raise Refused("targets_missing", rule=target.rule)
        if not (target.missing.strip() and target.acceptable.strip()):
            raise Refused("targets_missing", criterion=target.criterion)
        if set(target.other_ways) - set(OtherWay):
            raise Refused("malformed", field="other_ways")


async def _request(setting: Setting) -> Outcome:
    """Open a round, or ask for more in the one that is open, without learning who opened it."""
    own = await own_claims(setting)
    seats = await _own_seats(setting)
    request = await open_request(setting) or await _begin(setting)
    for target in setting.body.targets:
        claim = own[target.claim]
        seat = await _seat_over(setting, seats, claim)
        setting.session.add(
            RequestTarget(
                id=new_id(),
                request_id=request.id,
                assignment_id=seat.id,
                claim_id=claim.id,
                criterion=target.criterion,
                rule=target.rule,
                missing=target.missing.strip(),
                acceptable=target.acceptable.strip(),
                other_ways=sorted(set(target.other_ways)),
            )
        )
    await setting.session.flush()
    if setting.case.stage is Stage.MORE_EVIDENCE:
        await whole_time(setting)
    # The number of the round stays out of the answer: a later seat would learn from it that there was another.
    return Outcome(
        result={"request": str(request.id)},
        logged={"request": str(request.id), "round": request.round, "targets": len(setting.body.targets)},
    )


async def _begin(setting: Setting) -> EvidenceRequest:
    case = setting.case
    case.rounds_used += 1
    request = EvidenceRequest(id=new_id(), case_id=case.id, round=case.rounds_used, asked_at=setting.now)
    setting.session.add(request)
    await setting.session.flush()
    return request


async def _seat_over(setting: Setting, seats: list[Assignment], claim: Claim) -> Assignment:
    covering = await setting.session.exec(
        select(AssignmentClaim.assignment_id).where(
            col(AssignmentClaim.claim_id) == claim.id,
            col(AssignmentClaim.assignment_id).in_([seat.id for seat in seats]),
        )
    )
    over = set(covering)
    return next(seat for seat in seats if seat.id in over)


async def whole_time(setting: Setting) -> None:
    """Who is asked for something more has the whole time for it; a date that was given never moves earlier."""
    case, policy = setting.case, setting.programme.policy
    due = due_dates.due_of(case=case, policy=policy, limit=ladder.LIMIT["evidence"], start=setting.now)
    if case.due_at is None or due > case.due_at:
        await limits.extend(setting.session, case=case, policy=policy, now=setting.now, until=due)


async def _items(setting: Setting) -> dict[str, EvidenceItem]:
    """The case's evidence, by id, without what was taken away."""
    rows = await setting.session.exec(
        select(EvidenceItem).where(col(EvidenceItem.case_id) == setting.case.id, col(EvidenceItem.removed_at).is_(None))
    )
    return {str(item.id): item for item in rows}


async def _waiting(setting: Setting) -> tuple[EvidenceRequest, dict[str, RequestTarget]]:
    """The open round and what it asks for. Raises `Refused('answers_missing')` where none is open."""
    request = await open_request(setting)
    if request is None:
        raise Refused("answers_missing")
    return request, await targets_of(setting, request)


async def _may_answer(setting: Setting) -> None:
    """Raises `Refused`: answers_missing (which `target`), and what `answers.check` says.

    What was answered before, one by one, is looked at again: its files may have been taken away since.
    """
    _, asked = await _waiting(setting)
    given = {answer.target: answer for answer in setting.body.answers}
    if given.keys() - asked.keys() or len(given) != len(setting.body.answers):
        raise Refused("malformed", field="answers")
    known = await _items(setting)
    for key, target in asked.items():
        answer = given.get(key) or answers.before(target)
        if answer is None:
            raise Refused("answers_missing", target=key)
        await answers.check(setting, target, answer, known=known)


async def _may_answer_target(setting: Setting) -> None:
    """Raises `Refused`: answers_missing, malformed for what was not asked, and what `answers.check` says."""
    _, asked = await _waiting(setting)
    target = asked.get(setting.body.target)
    if target is None:
        raise Refused("malformed", field="target")
    await answers.check(setting, target, setting.body, known=await _items(setting))


async def _answer(setting: Setting) -> Outcome:
    request, asked = await _waiting(setting)
    known = await _items(setting)
    for answer in setting.body.answers:
        await _keep_answer(setting, asked[answer.target], answer, known=known)
    await setting.session.flush()
    if await awaited_reports.missing(setting.session, setting.case) is Missing.REPORTS:
        await _leave_time(setting)
        return Outcome(logged={"request": str(request.id)}, leads_to=Stage.MORE_EVIDENCE)
    return await settle(setting)


async def _leave_time(setting: Setting) -> None:
    policy = setting.programme.policy
    await awaited_reports.leave_time(setting.session, case=setting.case, policy=policy, now=setting.now)


async def settle(setting: Setting) -> Outcome:
    """Close the request, which is answered: the portfolio as it stands is the next version that is judged."""
    request, _ = await _waiting(setting)
    request.closed_at, request.closed_as = setting.now, ANSWERED
    version = await _freeze(setting)
    await come_back(setting)
    return Outcome(
        result={"portfolio_version": version.number, "sha256": version.sha256},
        told=await _whoever_asked(setting, request, "evidence_answered") + await _whoever_judged_before(setting),
        logged={"request": str(request.id), "portfolio_version": version.number, "sha256": version.sha256},
    )


async def _answer_target(setting: Setting) -> Outcome:
    """Keep one answer, instead of an earlier one; nobody is written to before the case goes back."""
    _, asked = await _waiting(setting)
    target = asked[setting.body.target]
    await _keep_answer(setting, target, setting.body, known=await _items(setting))
    await setting.session.flush()
    await _leave_time(setting)
    waiting = sum(one.answered_at is None for one in asked.values())
    logged = {"target": str(target.id), "waiting": waiting}
    return Outcome(result={"target": str(target.id), "waiting": waiting}, logged=logged)


async def _keep_answer(
    setting: Setting, target: RequestTarget, answer: TargetAnswer, *, known: dict[str, EvidenceItem]
) -> None:
    target.evidence = list(answer.evidence)
    target.nothing_more, target.appointment = answer.nothing_more, answer.appointment
    target.attestation_id = UUID(answer.third_party) if answer.third_party else None
    target.answered_at = setting.now
    for item in answer.evidence:
        await _point(setting, item=known[item], target=target)


async def _whoever_asked(setting: Setting, request: EvidenceRequest, notice: str) -> tuple[Told, ...]:
    """The mail to those who asked and still judge; nobody else learns that somebody did."""
    targets = await targets_of(setting, request)
    asking = {target.assignment_id for target in targets.values()}
    accepted = await assignments.of_case(setting.session, setting.case.id, SeatState.ACCEPTED)
    due = {seat.person_id: {"due": seat.due_at.isoformat()} if seat.due_at else {} for seat in accepted}
    return tuple(
        Told(notice, person, due[person])
        for person in dict.fromkeys(seat.person_id for seat in accepted if seat.id in asking)
    )


async def _point(setting: Setting, *, item: EvidenceItem, target: RequestTarget) -> None:
    """An item that answers a target speaks to its criterion, whether or not the learner tied it there before."""
    tied = await setting.session.exec(
        select(Pointer.id).where(
            col(Pointer.evidence_id) == item.id,
            col(Pointer.claim_id) == target.claim_id,
            col(Pointer.criterion) == target.criterion,
        )
    )
    if tied.first() is None:
        setting.session.add(
            Pointer(
                id=new_id(),
                case_id=setting.case.id,
                evidence_id=item.id,
                claim_id=target.claim_id,
                criterion=target.criterion,
            )
        )
        await setting.session.flush()


async def _time_out(setting: Setting) -> Outcome:
    """Silence is no ground for a judgement: the assessor judges what is there."""
    request = await open_request(setting)
    if request is not None:
        request.closed_at, request.closed_as = setting.now, TIMED_OUT
    setting.case.judge_on_file = True
    logged: dict[str, object] = {"request": str(request.id) if request else ""}
    await setting.session.flush()
    # What was uploaded without an answer is on file as well: it is judged, so it belongs to a version.
    if await portfolio.changed_since_sent(setting.session, setting.case):
        version = await _freeze(setting)
        logged |= {"portfolio_version": version.number, "sha256": version.sha256}
    await come_back(setting)
    told = await _whoever_asked(setting, request, "evidence_timeout_staff") if request is not None else ()
    return Outcome(told=told + await _whoever_judged_before(setting), logged=logged)


async def _whoever_judged_before(setting: Setting) -> tuple[Told, ...]:
    """Readers who have sent in their judgements are asked to confirm them on what came since."""
    return await reading.to_confirm(setting) if setting.case.return_to in READ_IN else ()


async def _freeze(setting: Setting) -> PortfolioVersion:
    """Keep the portfolio as it stands as the next version, on which drafts go on."""
    session, case = setting.session, setting.case
    await session.flush()
    version = await portfolio.freeze(session, case=case, command_id=UUID(setting.command.id), now=setting.now)
    await session.exec(
        sa.update(Judgement)
        .where(col(Judgement.case_id) == case.id, col(Judgement.locked_at).is_(None))
        .values(portfolio_version=version.number)
    )
    return version


async def come_back(setting: Setting) -> None:
    """Whoever judges goes on where they stopped, with the days they had left."""
    case = setting.case
    stage, policy = case.return_to or Stage.IN_ASSESSMENT, setting.programme.policy
    dues = [
        await limits.due_again(setting.session, case=case, stage=stage, key=limit.key, policy=policy, now=setting.now)
        for limit in ladder.of_stage(stage, case.moderation)
        if limit.stops
    ]
    due = min((one for one in dues if one is not None), default=None)
    for seat in await assignments.of_case(setting.session, case.id, SeatState.ACCEPTED):
        seat.due_at = due or seat.due_at


# another round


async def _may_allow(setting: Setting) -> None:
    """Raises `Refused`: reasons_missing, rounds_exhausted where a lead has already allowed one."""
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")
    if setting.case.rounds_allowed:
        raise Refused("rounds_exhausted")


async def _allow(setting: Setting) -> Outcome:
    setting.case.rounds_allowed += 1
    return Outcome(logged={"rounds_allowed": setting.case.rounds_allowed})


async def nothing_more(setting: Setting, claim: Claim) -> bool:
    """Whether the learner answered a request about `claim` with "nothing more"."""
    said = await setting.session.exec(
        select(RequestTarget.id)
        .where(col(RequestTarget.claim_id) == claim.id, col(RequestTarget.nothing_more))
        .limit(1)
    )
    return said.first() is not None


CONTENT = {
    "request_evidence": Content(_may_request, _request, _can_be_asked),
    "answer_request": Content(_may_answer, _answer),
    "answer_target": Content(_may_answer_target, _answer_target),
    "request_timeout": Content(carry=_time_out),
    "allow_round": Content(_may_allow, _allow),
}
