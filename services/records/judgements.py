"""What assessors found: drafts that only their author sees, and locked judgements that a decision stands on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import assignments, audit, cases, clarity, decisions, programmes
from services.records.ids import new_id
from services.records.tables.assessment import Assignment, AssignmentClaim, FinalReading, Standing
from services.records.tables.assessment import Judgement as JudgementRow
from services.records.tables.cases import Claim
from services.records.tables.clarity import JudgementClarification
from services.records.tables.decisions import Decision, DecisionClaim
from services.records.tables.people import Person
from services.rules import claims as rules
from services.rules import clarity as clear
from services.rules import deadlines
from services.rules.case import SEAT_ROLE, SeatKind, SeatState
from services.rules.claims import ClaimState, Judgement, Recommendation
from services.rules.people import Role
from services.rules.programmes import Competency, Policy
from services.rules.refusals import Refused

STANDING = (SeatState.SUBMITTED, SeatState.FINAL)
"""Seats whose locked judgements count; one that ended in conflict keeps its rows and loses its say."""

WRITING = (SeatState.ACCEPTED, *STANDING)
"""Seats whose holder reads what they have written there, sent in or not."""


@dataclass(frozen=True, slots=True)
class Found:
    """One assessor's judgement on one claim; `version` counts its drafts, `locked_at` is None for a draft."""

    id: UUID
    claim_id: UUID
    competency: str
    assessor: UUID
    role: Role
    portfolio_version: int
    version: int
    content: Judgement
    recommendation: Recommendation | None
    locked_at: datetime | None
    updated_at: datetime


def read(row: JudgementRow) -> Judgement:
    """The judgement as its author wrote it."""
    return msgspec.convert(row.content, Judgement)


def found(row: JudgementRow, competency: str) -> Found:
    """A row as its readers take it."""
    return Found(
        id=row.id,
        claim_id=row.claim_id,
        competency=competency,
        assessor=row.assessor_id,
        role=row.role,
        portfolio_version=row.portfolio_version,
        version=row.version,
        content=read(row),
        recommendation=row.recommendation,
        locked_at=row.locked_at,
        updated_at=row.updated_at,
    )


async def save_draft(
    session: AsyncSession,
    *,
    case_id: UUID,
    claim_id: UUID,
    assessor: UUID,
    content: Judgement,
    expected_version: int,
    now: datetime,
) -> Found:
    """Keep what `assessor` has written on the claim; `expected_version` is 0 for the first draft.

    Raises `Refused`: not_found without an accepted seat over the claim, judgement_locked once it was sent in,
    not_chair for a member of a panel who does not lead it (one form is written for all of them), stale_version when a
    newer draft exists, malformed for a criterion that the competency does not have, criterion_carried where what was
    met in an earlier attempt would be taken back.
    """
    case = await cases.get(session, case_id, lock=True)
    seat, claim = await _seat_over(session, case_id=case_id, claim_id=claim_id, assessor=assessor)
    programme = await programmes.of_case(session, case)
    competency = programme.competency(claim.competency)
    _check_shape(content, competency)
    kept = await carried(session, claim, programme.policy, now)
    for rating in content.ratings:
        if rating.criterion in kept and rating.rating is not rules.Rating.MET:
            text = competency.criterion(rating.criterion).text
            raise Refused("criterion_carried", criterion=rating.criterion, criterion_en=text.en, criterion_fr=text.fr)
    rows = await session.exec(
        select(JudgementRow).where(col(JudgementRow.assignment_id) == seat.id, col(JudgementRow.claim_id) == claim_id)
    )
    row = rows.first()
    if (row.version if row else 0) != expected_version:
        raise Refused("stale_version", version=str(row.version if row else 0))
    if row is None:
        row = JudgementRow(
            id=new_id(),
            case_id=case_id,
            claim_id=claim_id,
            assignment_id=seat.id,
            assessor_id=assessor,
            role=SEAT_ROLE[seat.seat],
            portfolio_version=0,
            version=0,
            content={},
            updated_at=now,
        )
        session.add(row)
    row.content = msgspec.to_builtins(content)
    row.portfolio_version = await decisions.latest_portfolio(session, case_id) or 0
    row.version, row.updated_at = row.version + 1, now
    await session.flush()
    await audit.log(
        session,
        stream=f"case:{case_id}",
        actor=str(assessor),
        action="judgement_drafted",
        subject=str(claim_id),
        details={"version": row.version},
        now=now,
    )
    return found(row, claim.competency)


async def _seat_over(
    session: AsyncSession, *, case_id: UUID, claim_id: UUID, assessor: UUID
) -> tuple[Assignment, Claim]:
    """The accepted seat of `assessor` over the claim, which must still be open to judgement."""
    rows = await session.exec(
        select(Assignment, Claim)
        .join(AssignmentClaim, col(AssignmentClaim.assignment_id) == col(Assignment.id))
        .join(Claim, col(Claim.id) == col(AssignmentClaim.claim_id))
        .where(
            col(Assignment.case_id) == case_id,
            col(Assignment.person_id) == assessor,
            col(Assignment.state).in_(WRITING),
            col(Assignment.seat) != SeatKind.INTERVIEW,
            col(Claim.id) == claim_id,
        )
        .order_by(col(Assignment.id).desc())
        .limit(1)
    )
    found = rows.first()
    if found is None:
        raise Refused("not_found")
    seat, claim = found
    if seat.state is not SeatState.ACCEPTED:
        raise Refused("judgement_locked")
    if seat.seat is SeatKind.PANEL and not seat.chair:
        raise Refused("not_chair")
    return seat, claim


def _check_shape(content: Judgement, competency: Competency) -> None:
    known = {criterion.key for criterion in competency.criteria}
    rated = [rating.criterion for rating in content.ratings]
    if not set(rated) <= known or len(rated) != len(set(rated)):
        raise Refused("malformed", field="ratings")


async def drafts_of(session: AsyncSession, *, case_id: UUID, assessor: UUID) -> list[Found]:
    """What `assessor` has written on the claims of the seats they hold, sent in or not."""
    rows = await session.exec(
        select(JudgementRow, Claim.competency)
        .join(Claim, col(Claim.id) == col(JudgementRow.claim_id))
        .join(Assignment, col(Assignment.id) == col(JudgementRow.assignment_id))
        .where(
            col(JudgementRow.case_id) == case_id,
            col(JudgementRow.assessor_id) == assessor,
            col(Assignment.state).in_(WRITING),
        )
        .order_by(col(Claim.id))
    )
    return [found(row, competency) for row, competency in rows]


async def stand(
    session: AsyncSession, row: JudgementRow, *, standing: Standing, command_id: UUID, now: datetime
) -> None:
    """Make the locked judgement `row` the one that a decision on its claim confirms, instead of any other."""
    await stand_no_more(session, [row.claim_id])
    session.add(
        FinalReading(claim_id=row.claim_id, judgement_id=row.id, standing=standing, command_id=command_id, at=now)
    )
    await session.flush()


async def stand_no_more(session: AsyncSession, claims: Sequence[UUID]) -> None:
    """Leave `claims` without a final reading, until one is found anew; the judgements stay as they are."""
    await session.flush()
    await session.exec(sa.delete(FinalReading).where(col(FinalReading.claim_id).in_(claims)))


async def settled_by(session: AsyncSession, case_id: UUID, *standings: Standing) -> set[UUID]:
    """The claims of the case whose final reading came about in one of these ways."""
    rows = await session.exec(
        select(FinalReading.claim_id)
        .join(Claim, col(Claim.id) == col(FinalReading.claim_id))
        .where(col(Claim.case_id) == case_id, col(FinalReading.standing).in_(standings))
    )
    return set(rows)


async def of_case(session: AsyncSession, case_id: UUID, *, private: bool = False) -> list[Found]:
    """The judgement that stands for each claim of the case; no draft, and nothing of a claim still under discussion.

    Reasons that were said anew stand in their newer words; what was found is as it was locked.

    Private notes are left out unless asked for: a learner never reads them.
    """
    rows = await session.exec(
        select(JudgementRow, Claim.competency)
        .join(FinalReading, col(FinalReading.judgement_id) == col(JudgementRow.id))
        .join(Claim, col(Claim.id) == col(JudgementRow.claim_id))
        .join(Assignment, col(Assignment.id) == col(JudgementRow.assignment_id))
        .where(col(JudgementRow.case_id) == case_id, col(Assignment.state).in_(STANDING))
        .order_by(col(Claim.id))
    )
    locked = [found(row, competency) for row, competency in rows]
    anew = await clarity.spoken(session, [one.id for one in locked])
    standing = [replace(one, content=_in_words(one, anew[one.id])) if one.id in anew else one for one in locked]
    if private:
        return standing
    return [replace(found, content=replace(found.content, private_note="")) for found in standing]


def _in_words(one: Found, anew: JudgementClarification) -> Judgement:
    return clear.said_anew(one.content, rationale=anew.rationale, notes=anew.notes)


async def carried(session: AsyncSession, claim: Claim, policy: Policy, now: datetime) -> frozenset[str]:
    """Keys of the criteria met in earlier attempts of `claim` and still kept: they need not be judged again."""
    return frozenset(await carried_until(session, claim, policy, now))


async def carried_until(session: AsyncSession, claim: Claim, policy: Policy, now: datetime) -> dict[str, date]:
    """The criteria met in earlier attempts of `claim` that are kept at `now`, each with its last day.

    They are kept for the policy's span from the decision on, as long as the case is on the same version of its
    programme. Source: case design, section 4.
    """
    if claim.attempt == 1:
        return {}  # nothing came before it
    case = await cases.get(session, claim.case_id)
    version = str((await programmes.of_case(session, case)).version)
    rows = await session.exec(
        select(JudgementRow, Decision.decided_at, Decision.facts)
        .join(DecisionClaim, col(DecisionClaim.judgement_id) == col(JudgementRow.id))
        .join(Decision, col(Decision.id) == col(DecisionClaim.decision_id))
        .join(Claim, col(Claim.id) == col(JudgementRow.claim_id))
        .join(Assignment, col(Assignment.id) == col(JudgementRow.assignment_id))
        .where(
            col(Claim.case_id) == claim.case_id,
            col(Claim.competency) == claim.competency,
            col(Claim.attempt) < claim.attempt,
            col(Assignment.state).in_(STANDING),
        )
        .order_by(col(Claim.attempt))
    )
    today = deadlines.local_day(now, case.zone)
    kept: dict[str, date] = {}
    for row, decided_at, facts in rows:
        if facts.get("programme_version", version) != version:
            continue
        last = deadlines.add(policy.calendar, deadlines.local_day(decided_at, case.zone), policy.carry)
        kept |= {key: last for key in rules.met_criteria(read(row)) if last >= today}
    return kept


async def readers(session: AsyncSession, claims: Sequence[UUID]) -> list[str]:
    """By name, the assessors who read `claims` and sent in what they found, whosever reading stands."""
    found = await session.exec(
        select(Person.id, Person.name)
        .join(JudgementRow, col(JudgementRow.assessor_id) == col(Person.id))
        .join(Assignment, col(Assignment.id) == col(JudgementRow.assignment_id))
        .where(
            col(JudgementRow.claim_id).in_(claims),
            col(JudgementRow.role) == Role.ASSESSOR,
            col(JudgementRow.locked_at).is_not(None),
            col(Assignment.state).in_(STANDING),
        )
        .distinct()
        .order_by(col(Person.name), col(Person.id))
    )
    return [name for _, name in found]


async def recommendations(session: AsyncSession, case_id: UUID) -> dict[UUID, Found]:
    """The judgement that a decision confirms, by claim."""
    return {found.claim_id: found for found in await of_case(session, case_id)}


JUDGED = frozenset(
    {
        ClaimState.RECOMMENDED_MET,
        ClaimState.RECOMMENDED_PARTIAL,
        ClaimState.RECOMMENDED_NOT_YET,
        ClaimState.INSUFFICIENT_EVIDENCE,
    }
)
"""States of a claim that waits for its decision."""


async def of_seat(session: AsyncSession, assignment: UUID) -> dict[UUID, JudgementRow]:
    """The rows that a seat has written, by claim."""
    rows = await session.exec(select(JudgementRow).where(col(JudgementRow.assignment_id) == assignment))
    return {row.claim_id: row for row in rows}


async def seats_of(session: AsyncSession, *, case_id: UUID, assessor: str) -> list[Assignment]:
    """The seats that `assessor` (a person's id) has accepted and not yet sent in."""
    accepted = await assignments.of_case(session, case_id, SeatState.ACCEPTED)
    return [seat for seat in accepted if str(seat.person_id) == assessor and seat.seat is not SeatKind.INTERVIEW]
