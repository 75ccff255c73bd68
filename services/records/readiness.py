"""What a judgement still lacks before it can be sent in: asked by the page that lists it, and by the move that refuses.

One function for both, so that a page never calls ready what the command would turn away.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import appointments, assignments, dossier, judgements, pointers, recordings
from services.records.moves import documentation
from services.records.tables.assessment import Assignment
from services.records.tables.assessment import Judgement as JudgementRow
from services.records.tables.cases import Case, Claim
from services.rules import sending_in
from services.rules.case import SeatKind
from services.rules.claims import ClaimState
from services.rules.programmes import Method, Programme
from services.rules.refusals import Refused


async def gaps(
    session: AsyncSession, *, case: Case, programme: Programme, claim: Claim, row: JudgementRow | None, now: datetime
) -> list[Refused]:
    """Everything that `row` lacks, the most basic first; nothing written yet is one gap: claims_open.

    Codes: claims_open, interview_missing, method_not_allowed, rationale_missing, evidence_rule.
    """
    named = documentation.competency_facts(programme, claim.competency)
    if row is None:
        return [Refused("claims_open", **named)]
    seen = await appointments.seen(session, claim.id)
    policy = programme.policy
    unheard = policy.interview_required and Method.INTERVIEW not in seen and not case.judge_on_file
    found = sending_in.gaps(
        judgements.read(row),
        competency=programme.competency(claim.competency),
        items=(
            *await pointers.for_claim(session, claim.id),
            *await recordings.weighed(session, claim.id, person=row.assessor_id),
        ),
        rationale_minimum=policy.rationale_minimum,
        rounds_used=await dossier.rounds_on(session, claim.id),
        nothing_more=await dossier.nothing_more(session, claim.id),
        carried=await judgements.carried(session, claim, policy, now),
        seen=bool(seen),
    )
    return [*([Refused("interview_missing", **named)] if unheard else []), *found]


Written = tuple[Claim, JudgementRow | None]
"""A claim that is still to judge, and what was written on it."""


async def open_claims(session: AsyncSession, seats: list[Assignment]) -> list[Written]:
    """The claims of `seats` that are still to judge, each with what was written on it in its seat."""
    found: list[Written] = []
    for seat in seats:
        written = await judgements.of_seat(session, seat.id)
        covered = await assignments.claims_of(session, [seat])
        found.extend((claim, written.get(claim.id)) for claim in covered if claim.state is ClaimState.IN_ASSESSMENT)
    return found


async def held(session: AsyncSession, *, case_id: UUID, person: UUID) -> Assignment | None:
    """The newest seat in which `person` judges or has judged; who only interviews has none."""
    rows = await session.exec(
        select(Assignment)
        .where(
            col(Assignment.case_id) == case_id,
            col(Assignment.person_id) == person,
            col(Assignment.seat) != SeatKind.INTERVIEW,
            col(Assignment.state).in_(judgements.WRITING),
        )
        .order_by(col(Assignment.id).desc())
        .limit(1)
    )
    return rows.first()
