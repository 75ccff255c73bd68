"""The plan after "not yet": what is missing on each claim, the offers that would fill it, and every plan proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import msgspec
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, course_offers, judgements
from services.records.ids import new_id
from services.records.moves.content import Setting
from services.records.tables.assessment import Judgement
from services.records.tables.cases import Case, Claim
from services.records.tables.decisions import Decision, DecisionClaim
from services.records.tables.plans import GapPlan, GapRow
from services.rules import claims as rules
from services.rules import deadlines, gaps
from services.rules.claims import OPEN_CLAIMS, RECOGNISED, ClaimState
from services.rules.gaps import Gap, Offer, Ranked, Row
from services.rules.people import Role
from services.rules.programmes import Programme

ACCEPTED, DECLINED = "accepted", "declined"


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan with its rows, as it was proposed."""

    plan: GapPlan
    rows: tuple[GapRow, ...]

    @property
    def hours(self) -> int:
        """The hours that it takes."""
        return gaps.hours([_row(row) for row in self.rows])


def _row(row: GapRow) -> Row:
    key = str(row.offer["key"]) if row.offer else None
    return Row(Gap(row.competency, row.criterion), row.way, row.hours, key, row.note)


@dataclass(frozen=True, slots=True)
class Settling:
    """How a decision that nobody has signed yet would settle a claim, and the judgement that it would confirm."""

    state: ClaimState
    judgement: UUID | None


async def missing(
    session: AsyncSession,
    *,
    case: Case,
    programme: Programme,
    now: datetime,
    foreseen: Mapping[UUID, Settling] = MappingProxyType({}),
) -> dict[Gap, UUID]:
    """What is missing on each claim that was not yet demonstrated, in the programme's order, with that claim's id.

    A claim that is attempted again is asked by its last decision, less what is carried; `foreseen` claims, by what
    would be decided on them.
    """
    found: dict[Gap, UUID] = {}
    for claim in await _last_decided(session, case, foreseen):
        judged = await _confirmed(session, claim.id, foreseen.get(claim.id))
        if judged is None:  # a transfer: nothing was assessed, so it is missing as a whole
            found[Gap(claim.competency)] = claim.id
            continue
        competency = programme.competency(claim.competency)
        kept = await judgements.carried(session, claim, programme.policy, now)
        open_criteria = [key for key in rules.missing_criteria(judgements.read(judged), competency) if key not in kept]
        # Where each criterion was met, it is the evidence as a whole that did not convince.
        found |= {Gap(claim.competency, key): claim.id for key in open_criteria or (None,)}
    return found


async def _last_decided(session: AsyncSession, case: Case, foreseen: Mapping[UUID, Settling]) -> list[Claim]:
    """Per competency the last attempt that was not yet demonstrated, where nothing was recognised since."""
    last: dict[str, Claim] = {}
    over: set[str] = set()
    for claim in await cases.claims_of(session, case.id):
        state = foreseen[claim.id].state if claim.id in foreseen else claim.state
        if state is ClaimState.NOT_YET:
            last[claim.competency] = claim
        elif state in RECOGNISED:
            last.pop(claim.competency, None)
        elif state not in OPEN_CLAIMS:
            over.add(claim.competency)
    return [claim for key, claim in last.items() if key not in over]


async def _confirmed(session: AsyncSession, claim_id: UUID, foreseen: Settling | None) -> Judgement | None:
    """The judgement that the newest decision on the claim confirmed, or would confirm; None for a transfer."""
    if foreseen is not None:
        return await session.get_one(Judgement, foreseen.judgement) if foreseen.judgement else None
    rows = await session.exec(
        select(Judgement)
        .join(DecisionClaim, col(DecisionClaim.judgement_id) == col(Judgement.id))
        .join(Decision, col(Decision.id) == col(DecisionClaim.decision_id))
        .where(col(DecisionClaim.claim_id) == claim_id)
        .order_by(col(Decision.case_version).desc())
        .limit(1)
    )
    return rows.first()


async def offers(session: AsyncSession, *, case: Case, asked: Sequence[Gap], now: datetime) -> tuple[Ranked, ...]:
    """What is offered for the gaps `asked`, the best first."""
    return gaps.rank(
        await course_offers.live(session, case.programme),
        asked,
        language=case.language,
        today=deadlines.local_day(now, case.zone),
    )


async def propose(
    setting: Setting, rows: Sequence[Row], *, claims: dict[Gap, UUID], by: Role, known: dict[str, Offer]
) -> GapPlan:
    """Write down a plan as the newest of the case; an offer is kept as it is now, under `known`."""
    session, case = setting.session, setting.case
    last = await newest(session, case.id)
    plan = GapPlan(
        id=new_id(),
        case_id=case.id,
        number=last.plan.number + 1 if last else 1,
        made_by=by,
        command_id=UUID(setting.command.id),
        made_at=setting.now,
    )
    session.add(plan)
    await session.flush()
    session.add_all(_written(plan.id, rows, claims=claims, known=known))
    await session.flush()
    return plan


def _written(plan: UUID, rows: Sequence[Row], *, claims: dict[Gap, UUID], known: dict[str, Offer]) -> list[GapRow]:
    return [
        GapRow(
            plan_id=plan,
            position=position,
            claim_id=claims[row.gap],
            competency=row.gap.competency,
            criterion=row.gap.criterion,
            way=row.way,
            hours=row.hours,
            offer=msgspec.to_builtins(known[row.offer]) if row.offer else None,
            note=row.note,
        )
        for position, row in enumerate(rows, start=1)
    ]


async def foreseen(
    session: AsyncSession, case: Case, *, programme: Programme, settles: Mapping[UUID, Settling], now: datetime
) -> tuple[GapRow, ...]:
    """The first plan that a decision would propose, of which nothing is written down."""
    claims = await missing(session, case=case, programme=programme, now=now, foreseen=settles)
    ranked = await offers(session, case=case, asked=list(claims), now=now)
    known = {one.offer.key: one.offer for one in ranked}
    return tuple(_written(new_id(), gaps.draft(list(claims), ranked), claims=claims, known=known))


async def draft(setting: Setting) -> GapPlan | None:
    """A first plan for what was just decided as not yet demonstrated: a proposal that travels in the letter."""
    session, case = setting.session, setting.case
    claims = await missing(session, case=case, programme=setting.programme, now=setting.now)
    if not claims:
        return None
    ranked = await offers(session, case=case, asked=list(claims), now=setting.now)
    known = {one.offer.key: one.offer for one in ranked}
    return await propose(setting, gaps.draft(list(claims), ranked), claims=claims, by=Role.CLOCK, known=known)


async def newest(session: AsyncSession, case_id: UUID) -> Plan | None:
    """The plan of the case, as it stands."""
    plans = await session.exec(
        select(GapPlan).where(col(GapPlan.case_id) == case_id).order_by(col(GapPlan.number).desc()).limit(1)
    )
    return await _whole(session, plans.first())


async def made_by(session: AsyncSession, command_id: UUID) -> Plan | None:
    """The plan that a command proposed."""
    plans = await session.exec(select(GapPlan).where(col(GapPlan.command_id) == command_id))
    return await _whole(session, plans.first())


async def _whole(session: AsyncSession, plan: GapPlan | None) -> Plan | None:
    if plan is None:
        return None
    rows = await session.exec(select(GapRow).where(col(GapRow.plan_id) == plan.id).order_by(col(GapRow.position)))
    return Plan(plan, tuple(rows))


def hours_saved(claims: Sequence[Claim], programme: Programme) -> int:
    """The course hours of the competencies that were granted: so many need not be sat through."""
    return sum(programme.competency(claim.competency).hours for claim in claims if claim.state in RECOGNISED)
