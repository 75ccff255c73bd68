"""A case as the rules need it: its rows turned into the state that the workflow caches."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import appeals, awaited_reports, case_rows, clarity, lapses, programmes
from services.records.database import Asked
from services.records.tables.appointments import Appointment
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, Claim
from services.records.tables.commands import EffectState
from services.records.tables.plans import GapPlan
from services.rules.appointments import OPEN as OPEN_APPOINTMENTS
from services.rules.appointments import Meeting
from services.rules.case import (
    OPEN_SEATS,
    CaseState,
    ClosedAs,
    Effect,
    Lane,
    Review,
    SeatKind,
    SeatState,
    Stage,
    WaitingOn,
)
from services.rules.claims import OPEN_CLAIMS, RECOGNISED, ClaimState
from services.rules.moves.upkeep import BEFORE_THE_PORTFOLIO
from services.rules.people import Role
from services.rules.programmes import Policy
from services.rules.refusals import Refused
from services.rules.second_reading import Way
from services.rules.transfers import ClaimKind

SETTLED = RECOGNISED | {ClaimState.SUSPENDED, ClaimState.SUPERSEDED, ClaimState.REVOKED}
"""What a reopening leaves as it is."""


_CASE = sa.bindparam("case", type_=sa.Uuid())
_STAGE = sa.select(col(Case.stage)).where(col(Case.id) == _CASE)


async def get(session: AsyncSession, case_id: UUID, *, lock: bool = False) -> Case:
    """The case's row, locked until the end of the transaction on request. Raises `Refused('not_found')`."""
    case = await session.get(Case, case_id, with_for_update=lock, populate_existing=lock)
    if case is None:
        raise Refused("not_found")
    return case


async def stage(session: Asked, case_id: UUID) -> Stage:
    """Where the case is. Raises `Refused('not_found')`."""
    found: Iterable[Any] = await session.exec(_STAGE, params={"case": case_id})  # type: ignore[call-overload]  # columns
    for (reached,) in found:
        return Stage(reached)
    raise Refused("not_found")


async def of_learner(session: AsyncSession, person: UUID) -> list[Case]:
    """Every case of somebody who applies, the newest first."""
    rows = await session.exec(select(Case).where(col(Case.learner_id) == person).order_by(col(Case.id).desc()))
    return list(rows)


async def claims_of(session: AsyncSession, case_id: UUID) -> list[Claim]:
    """Every claim of the case, in the order in which it was made."""
    return list(await session.exec(select(Claim).where(col(Claim.case_id) == case_id).order_by(col(Claim.id))))


async def not_yet(session: AsyncSession, case_id: UUID) -> list[Claim]:
    """The newest attempts that were decided and are not yet demonstrated, in the order in which they were claimed."""
    newest = {claim.competency: claim for claim in await claims_of(session, case_id)}
    return [claim for claim in newest.values() if claim.state is ClaimState.NOT_YET]


def is_open(claim: Claim, stage: Stage) -> bool:
    """Whether the claim still asks for an answer; in a closed case, whether a reopening would take it up."""
    return _is_open(claim.state, stage)


def _is_open(state: ClaimState, stage: Stage) -> bool:
    return state not in SETTLED if stage is Stage.CLOSED else state in OPEN_CLAIMS


_SEATS = (
    sa.select(col(Assignment.person_id), col(Assignment.state), col(Assignment.seat), col(Assignment.chair))
    .where(col(Assignment.case_id) == _CASE, col(Assignment.state).in_(OPEN_SEATS))
    .order_by(col(Assignment.id))
)
_APPOINTMENT = sa.select(col(Appointment.state), col(Appointment.role), col(Appointment.person_id)).where(
    col(Appointment.case_id) == _CASE, col(Appointment.state).in_(OPEN_APPOINTMENTS)
)
_BESIDE = {Role.ASSESSOR: SeatKind.INTERVIEW, Role.PANEL: SeatKind.PANEL}
"""The seats whose holders conduct an appointment together with whoever ordered it."""


async def _rows(session: AsyncSession, asked: sa.Select[*tuple[Any, ...]], case: Case) -> list[Any]:
    rows = await session.exec(asked, params={"case": case.id})  # type: ignore[call-overload]  # many columns
    return list(rows)


async def meeting(session: AsyncSession, case: Case) -> Meeting | None:
    """The open appointment of `case`: how far it is, and who conducts it, whoever ordered it first."""
    rows = await _rows(session, _APPOINTMENT, case)
    if not rows:
        return None
    (row,) = rows
    seats = await _rows(session, _SEATS, case)
    accepted = [seat.person_id for seat in seats if seat.state is SeatState.ACCEPTED and seat.seat is _BESIDE[row.role]]
    return Meeting(row.state, tuple(dict.fromkeys(map(str, [row.person_id, *accepted]))))


async def panel_decides(session: AsyncSession, case: Case, policy: Policy) -> bool:
    """Whether a panel's chair signs: the policy says so, and there is one; of transfers alone no panel is called."""
    if policy.decision_by != "panel":
        return False
    return any(seat.chair and seat.seat is SeatKind.PANEL for seat in await _rows(session, _SEATS, case))


async def state(session: AsyncSession, case: Case) -> CaseState:
    """What the rules need to know of `case`, read in the caller's transaction."""
    rows = await case_rows.read(session, case.id)
    open_claims = {claim.id for claim in rows.claims if _is_open(claim.state, case.stage)}
    transfers = {claim.id for claim in rows.claims if claim.kind is ClaimKind.TRANSFER} & open_claims
    # A panel reads every claim, and is called as the case goes to it.
    seated = open_claims if case.moderation is Way.PANEL else rows.seated
    programme = await programmes.of_case(session, case)
    return CaseState(
        id=str(case.id),
        stage=case.stage,
        version=case.version,
        learner=str(case.learner_id),
        return_to=case.return_to,
        advisor=str(case.advisor_id) if case.advisor_id else None,
        refusal_proposed=case.refusal_proposed,
        open_claims=len(open_claims),
        open_transfers=len(transfers),
        seats=rows.seats,
        gaps=_gaps(case, [claim.state for claim in rows.claims]),
        planned=await _planned(session, case),
        unseated_claims=len(open_claims - seated - transfers),
        rounds_left=max(programme.policy.request_rounds + case.rounds_allowed - case.rounds_used, 0),
        extended=case.extended,
        paused=case.paused_until is not None,
        calendar_behind=case.next_calendar_id is not None,
        version_behind=case.stage in BEFORE_THE_PORTFOLIO and rows.newer,
        informed=case.informed_on is not None or not programme.policy.information_meeting,
        accepted_by_silence=programme.policy.silence_means_eligible,
        confirms=programme.policy.confirm_every is not None,
        closed_as=case.closed_as,
        intake_by=str(case.intake_by_id) if case.intake_by_id else None,
        lapse_challenged=case.closed_as is ClosedAs.EXPIRED and await lapses.waiting(session, case.id) is not None,
        appeal=await _appeal(session, case, programme.policy),
        moderation=case.moderation,
        panel_decides=await panel_decides(session, case, programme.policy),
        unclear=rows.unclear,
        missing=await awaited_reports.missing(session, case),
        awaits_report=case.waiting_on is WaitingOn.THIRD_PARTY,
        appointment=await meeting(session, case) if case.stage is Stage.DIRECT_ASSESSMENT else None,
        deadlines=rows.deadlines,
        effects=tuple(
            effect for effect, how in rows.effects if how is EffectState.PENDING and not _held(effect, rows.effects)
        ),
        failed_effects=tuple(effect.key for effect, how in rows.effects if how is EffectState.FAILED),
    )


async def waiting(session: AsyncSession, case: Case, policy: Policy) -> CaseState:
    """What tells on whom `case` waits and whether the clock runs, of a case whose rows are being written."""
    return CaseState(
        str(case.id),
        case.stage,
        case.version,
        str(case.learner_id),
        refusal_proposed=case.refusal_proposed,
        paused=case.paused_until is not None,
        moderation=case.moderation,
        panel_decides=await panel_decides(session, case, policy),
        missing=await awaited_reports.missing(session, case),
        unclear=len(await clarity.awaited(session, case.id)) if case.stage is Stage.DECISION_PENDING else 0,
        appointment=await meeting(session, case) if case.stage is Stage.DIRECT_ASSESSMENT else None,
    )


async def _appeal(session: AsyncSession, case: Case, policy: Policy) -> Review | None:
    """An open appeal keeps its case under review, so it is asked for nowhere else."""
    return await appeals.review(session, case, policy) if case.stage is Stage.UNDER_REVIEW else None


def _gaps(case: Case, newest: list[ClaimState]) -> int:
    """Claims not yet demonstrated; while a plan is under way, their next attempts."""
    wanted = OPEN_CLAIMS if case.stage is Stage.GAP_TRAINING else {ClaimState.NOT_YET}
    return sum(state in wanted for state in newest)


async def _planned(session: AsyncSession, case: Case) -> bool:
    """Whether a plan waits for an answer; it is asked for only where it can be answered."""
    if case.stage is not Stage.DECIDED:
        return False
    plans = await session.exec(
        select(GapPlan.answered_at).where(col(GapPlan.case_id) == case.id).order_by(col(GapPlan.number).desc()).limit(1)
    )
    return plans.all() == [None]


def _held(effect: Effect, queue: tuple[tuple[Effect, EffectState], ...]) -> bool:
    """An effect waits behind one of its lane that failed; a mail never holds back another mail."""
    before = queue[: [other.key for other, _ in queue].index(effect.key)]
    return effect.lane is not Lane.MAIL and any(
        other.lane is effect.lane and how is EffectState.FAILED for other, how in before
    )
