"""A learner takes one claim back: whoever was asked about it is told, and the case goes on with the others."""

import sqlalchemy as sa
from sqlmodel import col

from services.records import appointments, assignments, judgements, moderating
from services.records.moves import appointments as dates
from services.records.moves import documentation, reading, requests
from services.records.moves.content import Content, Outcome, Setting, Told
from services.records.tables.assessment import AssignmentClaim, Judgement
from services.records.tables.cases import Claim
from services.rules.case import OPEN_SEATS, SeatState, Stage
from services.rules.claims import ClaimState
from services.rules.refusals import Refused


async def _claim(setting: Setting) -> Claim:
    """The open claim that is named. Raises `Refused('claim_unknown')`."""
    for claim in await documentation.open_claims(setting):
        if str(claim.id) == setting.body.claim:
            return claim
    raise Refused("claim_unknown")


async def _may_withdraw(setting: Setting) -> None:
    """Raises `Refused`: claim_unknown, confirmation_missing."""
    await _claim(setting)
    if not setting.body.confirmed:
        raise Refused("confirmation_missing")


async def _withdraw(setting: Setting) -> Outcome:
    claim = await _claim(setting)
    claim.state, claim.withdrawn_at = ClaimState.WITHDRAWN, setting.now
    told = await _leave_seats(setting, claim)
    await judgements.stand_no_more(setting.session, [claim.id])
    stage = await _leave_request(setting, claim)
    if cancelled := await _leave_appointment(setting):
        told, stage = told + cancelled, setting.case.return_to or stage
    leads_to, also = await _goes_on(setting, stage)
    return Outcome(told=(*told, *also), logged={"claim": str(claim.id)}, leads_to=leads_to)


async def _leave_seats(setting: Setting, claim: Claim) -> tuple[Told, ...]:
    """Seats that are still to be filled shrink by the claim, or end with their last; what was sent in stays."""
    session = setting.session
    told: list[Told] = []
    for seat in await assignments.of_case(session, setting.case.id, *OPEN_SEATS):
        covered = [one.id for one in await assignments.claims_of(session, [seat])]
        if claim.id not in covered or seat.state is SeatState.SUBMITTED:
            continue
        await session.exec(
            sa.delete(Judgement).where(
                col(Judgement.assignment_id) == seat.id,
                col(Judgement.claim_id) == claim.id,
                col(Judgement.locked_at).is_(None),
            )
        )
        facts = {"assignment": str(seat.id)}
        if len(covered) > 1:
            await session.exec(
                sa.delete(AssignmentClaim).where(
                    col(AssignmentClaim.assignment_id) == seat.id, col(AssignmentClaim.claim_id) == claim.id
                )
            )
            told.append(Told("seat_smaller", seat.person_id, facts))
            continue
        notice = "offer_ended" if seat.state is SeatState.OFFERED else "withdrawn_staff"
        told.append(Told(notice, seat.person_id, facts))
        # As if its case were withdrawn: whoever held it did nothing that would bar them from being asked again.
        await assignments.end(
            session, seat=seat, state=SeatState.CANCELLED, now=setting.now, reason=assignments.WITHDRAWN
        )
    return tuple(told)


async def _leave_request(setting: Setting, claim: Claim) -> Stage:
    """Nothing more is asked about the claim; the stage that is left once a request asks for nothing else."""
    case = setting.case
    request = await requests.open_request(setting)
    if request is None:
        return case.stage
    asked = list((await requests.targets_of(setting, request)).values())
    for target in asked:
        if target.claim_id == claim.id and target.answered_at is None:
            target.nothing_more, target.answered_at = True, setting.now
    if any(target.answered_at is None for target in asked):
        return case.stage
    request.closed_at, request.closed_as = setting.now, assignments.WITHDRAWN
    await requests.come_back(setting)
    return case.return_to or case.stage


async def _leave_appointment(setting: Setting) -> tuple[Told, ...]:
    """An appointment that would show nothing but withdrawn claims is cancelled."""
    row = await appointments.open_one(setting.session, setting.case.id)
    if row is None:
        return ()
    held_for = await appointments.claims_of(setting.session, row.id)
    if any(claim.state is not ClaimState.WITHDRAWN for claim in held_for):
        return ()
    told = await dates.given_up(setting, assignments.WITHDRAWN)
    await requests.come_back(setting)
    return told


async def _goes_on(setting: Setting, stage: Stage) -> tuple[Stage, tuple[Told, ...]]:
    """Where the readings of the other claims lead from `stage`; on to the decision where nothing is left to judge."""
    if stage in requests.READ_WITHIN:
        return await reading.lead_on(setting, stage=stage)
    left = [claim for claim in await documentation.claims_to_assess(setting) if claim.state not in judgements.JUDGED]
    if stage is Stage.ASSIGNING and not left:
        return Stage.DECISION_PENDING, await moderating.whoever_decides(setting)
    return stage, ()


CONTENT = {"withdraw_claim": Content(_may_withdraw, _withdraw)}
