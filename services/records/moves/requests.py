"""More evidence is asked for, criterion by criterion, and the case comes back with an answer or without one."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from services.records import assignments, limits, portfolio
from services.records.ids import new_id
from services.records.moves import documentation
from services.records.moves.content import Content, Outcome, Setting
from services.records.tables.assessment import Judgement
from services.records.tables.cases import Claim
from services.records.tables.evidence import EvidenceItem, EvidenceRequest, Pointer, PortfolioVersion, RequestTarget
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState, Rule
from services.rules.refusals import Refused

ANSWERED, TIMED_OUT = "answered", "timeout"


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


async def _own_claims(setting: Setting) -> dict[str, Claim]:
    """The claims that the sender is to judge and has not judged yet, by id."""
    accepted = await assignments.of_case(setting.session, setting.case.id, SeatState.ACCEPTED)
    own = [seat for seat in accepted if str(seat.person_id) == setting.command.actor]
    covered = await assignments.claims_of(setting.session, own)
    return {str(claim.id): claim for claim in covered if claim.state is ClaimState.IN_ASSESSMENT}


async def _may_request(setting: Setting) -> None:
    """Raises `Refused`: round_open, targets_missing (with what is wrong with which target)."""
    if await open_request(setting) is not None:
        raise Refused("round_open")
    if not setting.body.targets:
        raise Refused("targets_missing")
    own = await _own_claims(setting)
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


async def _request(setting: Setting) -> Outcome:
    session, case = setting.session, setting.case
    own = await _own_claims(setting)
    accepted = await assignments.of_case(session, case.id, SeatState.ACCEPTED)
    seat = next(one for one in accepted if str(one.person_id) == setting.command.actor)
    case.rounds_used += 1
    request = EvidenceRequest(
        id=new_id(), case_id=case.id, round=case.rounds_used, assignment_id=seat.id, asked_at=setting.now
    )
    session.add(request)
    await session.flush()
    session.add_all(
        RequestTarget(
            id=new_id(),
            request_id=request.id,
            claim_id=own[target.claim].id,
            criterion=target.criterion,
            rule=target.rule,
            missing=target.missing.strip(),
            acceptable=target.acceptable.strip(),
        )
        for target in setting.body.targets
    )
    await session.flush()
    return Outcome(
        result={"request": str(request.id), "round": request.round},
        logged={"request": str(request.id), "round": request.round, "targets": len(setting.body.targets)},
    )


async def _items(setting: Setting) -> dict[str, EvidenceItem]:
    """The case's evidence, by id, without what was taken away."""
    rows = await setting.session.exec(
        select(EvidenceItem).where(col(EvidenceItem.case_id) == setting.case.id, col(EvidenceItem.removed_at).is_(None))
    )
    return {str(item.id): item for item in rows}


async def _may_answer(setting: Setting) -> None:
    """Raises `Refused`: answers_missing, evidence_unknown, evidence_unready, malformed."""
    request = await open_request(setting)
    if request is None:
        raise Refused("answers_missing")
    asked = await targets_of(setting, request)
    given = {answer.target: answer for answer in setting.body.answers}
    if given.keys() - asked.keys() or len(given) != len(setting.body.answers):
        raise Refused("malformed", field="answers")
    known = await _items(setting)
    for target in asked:
        answer = given.get(target)
        if answer is None or not (answer.evidence or answer.nothing_more):
            raise Refused("answers_missing")
        for item in answer.evidence:
            if item not in known:
                raise Refused("evidence_unknown")
            if known[item].state not in documentation.READY:
                raise Refused("evidence_unready", name=known[item].name)


async def _answer(setting: Setting) -> Outcome:
    request = await open_request(setting)
    if request is None:
        raise Refused("answers_missing")
    asked, known = await targets_of(setting, request), await _items(setting)
    for answer in setting.body.answers:
        target = asked[answer.target]
        target.evidence = list(answer.evidence)
        target.nothing_more, target.answered_at = answer.nothing_more, setting.now
        for item in answer.evidence:
            await _point(setting, item=known[item], target=target)
    request.closed_at, request.closed_as = setting.now, ANSWERED
    version = await _freeze(setting)
    await come_back(setting)
    return Outcome(
        result={"portfolio_version": version.number, "sha256": version.sha256},
        logged={"request": str(request.id), "portfolio_version": version.number, "sha256": version.sha256},
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
    return Outcome(logged=logged)


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
    due = await limits.due_again(
        setting.session,
        case=case,
        stage=case.return_to or Stage.IN_ASSESSMENT,
        key="panel" if case.return_to is Stage.MODERATION else "assessment",
        policy=setting.programme.policy,
        now=setting.now,
    )
    for seat in await assignments.of_case(setting.session, case.id, SeatState.ACCEPTED):
        seat.due_at = due or seat.due_at


async def nothing_more(setting: Setting, claim: Claim) -> bool:
    """Whether the learner answered a request about `claim` with "nothing more"."""
    said = await setting.session.exec(
        select(RequestTarget.id)
        .where(col(RequestTarget.claim_id) == claim.id, col(RequestTarget.nothing_more))
        .limit(1)
    )
    return said.first() is not None


CONTENT = {
    "request_evidence": Content(_may_request, _request),
    "answer_request": Content(_may_answer, _answer),
    "request_timeout": Content(carry=_time_out),
}
