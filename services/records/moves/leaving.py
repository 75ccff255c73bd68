"""Ways out of a case and back in: lapse, withdrawal, and the way back that each of them keeps open."""

from uuid import UUID

from sqlmodel import col, select

from services.records import assignments, attempts, cases, claiming, fees, judgements, lapses, timeline
from services.records.moves import appointments, documentation, identification, reading, requests, seats
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, Claim
from services.records.tables.commands import LimitRow, Mail
from services.records.tables.evidence import EvidenceRequest
from services.rules import claims as rules
from services.rules import deadlines
from services.rules import limits as ladder
from services.rules.case import READING_SEATS, ClosedAs, SeatKind, SeatState, Stage
from services.rules.claims import ClaimState
from services.rules.commands import LeavingReason
from services.rules.deadlines import Span
from services.rules.moves.seats import SEATING
from services.rules.refusals import Refused
from services.rules.second_reading import Way
from services.rules.transfers import ClaimKind

WARNINGS = 2
"""Mails that the mail service must have accepted before a case lapses. Source: case design, invariant 2."""

SENT = frozenset({Stage.PORTFOLIO_SUBMITTED, Stage.ASSIGNING})
"""Stages in which a claim is documented and nobody judges it yet."""

JUDGING = frozenset(
    {
        Stage.IN_ASSESSMENT,
        Stage.MORE_EVIDENCE,
        Stage.DIRECT_ASSESSMENT,
        Stage.SECOND_ASSESSMENT,
        Stage.MODERATION,
        Stage.DECISION_PENDING,
    }
)
"""Stages in which a claim without a final reading is being judged."""


async def end_everything(setting: Setting, *, notice: str = "withdrawn_staff") -> tuple[Told, ...]:
    """End every seat, request and appointment of the case; `notice` tells whoever holds a seat that they are done."""
    session, case, now = setting.session, setting.case, setting.now
    told: list[Told] = [*await appointments.given_up(setting, assignments.WITHDRAWN)]
    ends = {SeatState.SUBMITTED: SeatState.FINAL}
    for seat in await assignments.of_case(session, case.id, *assignments.BUSY, SeatState.SUBMITTED):
        ended = "offer_ended" if seat.state is SeatState.OFFERED else notice
        told.append(Told(ended, seat.person_id, {"assignment": str(seat.id)}))
        state = ends.get(seat.state, SeatState.CANCELLED)
        await assignments.end(session, seat=seat, state=state, now=now, reason=assignments.WITHDRAWN)
    request = await requests.open_request(setting)
    if request is not None:
        request.closed_at, request.closed_as = now, assignments.WITHDRAWN
    return tuple(told)


# lapse


async def _may_expire(setting: Setting) -> None:
    """Nobody loses a case without two warnings that the mail service took. Raises `Refused('notices_missing')`."""
    if setting.case.stage is Stage.DRAFT:
        return
    key = setting.command.subject
    limit, _ = ladder.rung_of(key)
    rows = await setting.session.exec(
        select(LimitRow.started_at).where(
            col(LimitRow.case_id) == setting.case.id,
            col(LimitRow.stage_entry) == int(key.partition("/")[0]),
            col(LimitRow.key) == limit.key,
        )
    )
    began = rows.one()
    sent = await setting.session.exec(
        select(Mail.effect_key).where(
            col(Mail.case_id) == setting.case.id,
            col(Mail.recipient) == setting.case.learner_id,
            col(Mail.notice).in_({rung.notice for rung in limit.rungs if rung.notice}),
            col(Mail.accepted_at) >= began,
        )
    )
    if len(list(sent)) < WARNINGS:
        raise Refused("notices_missing")


async def _expire(setting: Setting) -> Outcome:
    """The claims stay as they are: a lapse says nothing on any of them."""
    return Outcome(told=await end_everything(setting), spares=setting.case.stage is Stage.DRAFT)


# withdrawal


async def _may_agree(setting: Setting) -> None:
    """Raises `Refused('next_step_missing')`."""
    if not setting.body.route.strip():
        raise Refused("next_step_missing")


async def _agree(setting: Setting) -> Outcome:
    """The advisor writes down what was agreed; only the learner's own withdrawal then closes the case for it."""
    setting.case.other_route = setting.body.route.strip()
    return Outcome()


async def _may_withdraw(setting: Setting) -> None:
    """Raises `Refused`: confirmation_missing, malformed, route_not_agreed."""
    if not setting.body.confirmed:
        raise Refused("confirmation_missing")
    if setting.body.reason not in set(LeavingReason):
        raise Refused("malformed", field="reason")
    if setting.body.reoriented and not setting.case.other_route:
        raise Refused("route_not_agreed")


async def _withdraw(setting: Setting) -> Outcome:
    await end_claims(setting)
    told = await end_everything(setting)
    if setting.case.advisor_id is not None:
        told += (Told("withdrawn_staff", setting.case.advisor_id),)
    closed_as = ClosedAs.REORIENTED if setting.body.reoriented else ClosedAs.WITHDRAWN
    return Outcome(told=told, logged={"reason": setting.body.reason}, closed_as=closed_as)


async def end_claims(setting: Setting) -> None:
    """Claims that ask for an answer are withdrawn with the case; what is settled stays."""
    for claim in await documentation.open_claims(setting):
        claim.state, claim.withdrawn_at = ClaimState.WITHDRAWN, setting.now


def within(setting: Setting, span: Span) -> None:
    """Raises `Refused('window_closed')` when `span` has passed since the case was closed."""
    case = setting.case
    if case.closed_at is None:
        raise Refused("window_closed")
    until = deadlines.due(
        setting.programme.policy.calendar,
        case.closed_at,
        span,
        zone=case.zone,
        learner=True,
        extra_time=case.extra_time,
    )
    if setting.now > until:
        raise Refused("window_closed")


def runs_again(setting: Setting) -> bool:
    """Whether the case that comes back is more than a draft, of which a learner may have several."""
    return setting.case.return_to is not Stage.DRAFT


async def _may_undo(setting: Setting) -> None:
    """Raises `Refused`: window_closed, case_already_open, share_reached."""
    within(setting, setting.programme.policy.undo_withdraw)
    if runs_again(setting):
        await identification.no_other_open(setting)
        await claiming.room_for(setting.session, case=setting.case, claims=await _left_with_the_case(setting))


async def _undo(setting: Setting) -> Outcome:
    if runs_again(setting):
        await identification.alone_open(setting)
    return Outcome(told=await restore(setting))


async def restore(setting: Setting) -> tuple[Told, ...]:
    """Put withdrawn claims, the open request and the seats back to where the withdrawal found them."""
    session, case = setting.session, setting.case
    finals = await _ended_by_withdrawal(setting, SeatState.FINAL)
    for seat in finals:
        seat.state, seat.ended_at, seat.reason = SeatState.SUBMITTED, None, None
    await session.flush()
    found = await judgements.recommendations(session, case.id)
    stage = await _goes_back_to(setting)
    back = await _left_with_the_case(setting)
    for claim in back:
        claim.withdrawn_at = None
        judgement = found.get(claim.id)
        if judgement is not None and judgement.recommendation is not None:
            claim.state = rules.RECOMMENDED_AS[judgement.recommendation]
        elif stage in JUDGING and claim.kind is ClaimKind.ASSESS:
            claim.state = ClaimState.IN_ASSESSMENT
        else:
            claim.state = ClaimState.DOCUMENTED if stage in SENT | JUDGING else ClaimState.CLAIMED
    await session.flush()
    if case.return_to is Stage.MORE_EVIDENCE:
        await _reopen_request(setting)
    if case.moderation is Way.CONFER:
        return ()
    if case.moderation is Way.PANEL:
        return await seats.offer_again(setting, [], kind=SeatKind.PANEL)
    if case.return_to in SEATING:
        case.offers_failed = 0
        return await reading.offer_what_is_free(setting, READING_SEATS, among=back)
    return ()


async def _left_with_the_case(setting: Setting) -> list[Claim]:
    """Claims that were withdrawn with the case; one that was taken back alone, before that, stays taken back."""
    claims = await cases.claims_of(setting.session, setting.case.id)
    closed_at = setting.case.closed_at
    return [claim for claim in claims if claim.state is ClaimState.WITHDRAWN and claim.withdrawn_at == closed_at]


async def _goes_back_to(setting: Setting) -> Stage | None:
    """The stage that the case returns to; for an incomplete case, the one that had asked."""
    case = setting.case
    if case.return_to is not Stage.INCOMPLETE:
        return case.return_to
    return await timeline.came_from(setting.session, case.id, Stage.INCOMPLETE)


async def _ended_by_withdrawal(setting: Setting, state: SeatState) -> list[Assignment]:
    ended = await assignments.of_case(setting.session, setting.case.id, state)
    return [seat for seat in ended if seat.reason == assignments.WITHDRAWN]


async def _reopen_request(setting: Setting) -> None:
    rows = await setting.session.exec(
        select(EvidenceRequest)
        .where(col(EvidenceRequest.case_id) == setting.case.id, col(EvidenceRequest.closed_as) == assignments.WITHDRAWN)
        .order_by(col(EvidenceRequest.round).desc(), col(EvidenceRequest.asked_at).desc())
        .limit(1)
    )
    for request in rows:
        request.closed_at, request.closed_as = None, None


# reopening


async def _may_reopen(setting: Setting) -> None:
    """Raises `Refused('reasons_missing')`."""
    if not setting.body.reason.strip():
        raise Refused("reasons_missing")


async def _can_live_again(setting: Setting) -> None:
    """Raises `Refused`: window_closed, case_already_open, share_reached, tested_lately."""
    session, case = setting.session, setting.case
    within(setting, setting.programme.policy.reopen_window)
    if runs_again(setting):
        await identification.no_other_open(setting)
        await claiming.room_for(session, case=case, claims=await _asked_again(setting))
    if _settled(case):
        again = await cases.not_yet(session, case.id)
        for refused in await claiming.tested_lately(session, case=case, claims=again, now=setting.now):
            raise refused


def _is_draft(case: Case) -> bool:
    """Whether nothing of it was ever sent."""
    return case.submitted_at is None


def _settled(case: Case) -> bool:
    """Whether a decision answered every claim, so that nothing is open but what is attempted anew."""
    return case.closed_as is ClosedAs.COMPLETED and case.return_to is not Stage.GAP_TRAINING


async def _asked_again(setting: Setting) -> list[Claim]:
    """What a case that is reopened asks for beside the claims that its closing left open."""
    if _settled(setting.case):
        return await cases.not_yet(setting.session, setting.case.id)
    return await _left_with_the_case(setting)


async def _reopen(setting: Setting) -> Outcome:
    """Settled claims stay settled; after a decision the others get a new attempt, with what was shown before."""
    case = setting.case
    if runs_again(setting):
        await identification.alone_open(setting)
    case.refusal_proposed = False
    if not _is_draft(case):
        policy = setting.programme.policy
        await fees.for_reactivation(setting.session, case, policy, command=setting.command.id, now=setting.now)
    await lapses.overtaken(setting.session, case_id=case.id, by=UUID(setting.command.actor), now=setting.now)
    if case.closed_as is ClosedAs.COMPLETED:
        case.rounds_used, case.rounds_allowed, case.offers_failed, case.judge_on_file = 0, 0, 0, False
        begun = await _taken_up(setting)
        return Outcome(logged={"attempts": [str(claim.id) for claim in begun]})
    return Outcome(told=await restore(setting))


async def _taken_up(setting: Setting) -> list[Claim]:
    """The attempts that go on: those of a plan that was left, or a new one at whatever is not yet demonstrated."""
    session, case = setting.session, setting.case
    if case.return_to is Stage.GAP_TRAINING:
        left = await _left_with_the_case(setting)
        for claim in left:
            claim.state, claim.withdrawn_at = ClaimState.CLAIMED, None
        return left
    return await attempts.begin(session, await cases.not_yet(session, case.id), now=setting.now)


CONTENT = {
    "expire": Content(_may_expire, _expire),
    "agree_route": Content(_may_agree, _agree),
    "withdraw": Content(_may_withdraw, _withdraw),
    "undo_withdraw": Content(carry=_undo, beforehand=_may_undo),
    "reopen": Content(_may_reopen, _reopen, _can_live_again),
}
