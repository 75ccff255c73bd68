"""Panels: who is asked to sit, who of them leads, and what was written down of each sitting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import assignments
from services.records.moves.content import Told
from services.records.tables.assessment import Assignment, AssignmentClaim
from services.records.tables.cases import Case, Claim
from services.records.tables.moderation import DecisionReturn, PanelFinding, PanelMinutes, PanelVote
from services.records.tables.people import AssessorProfile, Person
from services.rules import assignment as rules
from services.rules.case import SeatKind, SeatState
from services.rules.programmes import Policy, Programme
from services.rules.refusals import Refused

PLACED = (SeatState.OFFERED, SeatState.ACCEPTED)
"""States of a seat in the panel that is being called or sits."""

SAT = frozenset({SeatState.SUBMITTED, SeatState.FINAL, SeatState.DISMISSED})
"""States of a seat in which somebody had a part before; whoever had one does not lead another panel on the case."""


def required(policy: Policy) -> bool:
    """Whether every case goes to a panel: the policy says so, or only a panel's chair can decide."""
    return policy.panel_required == "always" or policy.decision_by == "panel"


async def seats(session: AsyncSession, case_id: UUID, *states: SeatState) -> list[Assignment]:
    """The case's seats in a panel, in one of `states`, oldest first."""
    found = await assignments.of_case(session, case_id, *states)
    return [seat for seat in found if seat.seat is SeatKind.PANEL]


async def led_before(session: AsyncSession, case_id: UUID) -> set[UUID]:
    """Who sat in an earlier panel on the case, or lost a seat in one: none of them leads this one."""
    return {seat.person_id for seat in await seats(session, case_id, *SAT)}


async def place_left(session: AsyncSession, *, case_id: UUID, policy: Policy, wanted: int = 1) -> None:
    """Raises `Refused('panel_full')` when the panel has no room for `wanted` more."""
    placed = await seats(session, case_id, *PLACED)
    if len(placed) + wanted > policy.panel_size:
        raise Refused("panel_full", size=str(policy.panel_size))


async def qualified(session: AsyncSession, people: Sequence[UUID], competency: str) -> set[UUID]:
    """Those of `people` whose field covers the competency; without a profile, somebody's field is the programme."""
    rows = await session.exec(select(AssessorProfile).where(col(AssessorProfile.person_id).in_(people)))
    scopes = {row.person_id: row.competencies for row in rows}
    return {one for one in people if (scope := scopes.get(one)) is None or competency in scope}


async def fill_up(
    session: AsyncSession, *, case: Case, programme: Programme, claims: Sequence[Claim], now: datetime
) -> tuple[Told, ...]:
    """Ask as many people as the panel over `claims` lacks, one of them to lead it; leads are told of what nobody can.

    Whoever held a seat in it until the case was withdrawn is asked first.
    """
    policy = programme.policy
    placed = await seats(session, case.id, *PLACED)
    await _cover(session, placed, claims)
    able = await assignments.screened(
        session, case=case, programme=programme, claims=claims, kind=SeatKind.PANEL, now=now
    )
    former = await assignments.former(session, case=case, claims=claims, kind=SeatKind.PANEL)
    people = [seat.person_id for seat in placed]
    lacking = {
        claim.competency: policy.panel_qualified_min - len(await qualified(session, people, claim.competency))
        for claim in claims
    }
    chosen: list[str] = []
    for pool in ([one for one in able if one.person in former], able):
        chosen += rules.choose_together(
            [one for one in pool if one.person not in (*chosen, *map(str, people))],
            case_id=str(case.id),
            language=case.language,
            lacking=lacking,
            places=policy.panel_size - len(placed) - len(chosen),
        )
    barred = await led_before(session, case.id)
    led = any(seat.chair for seat in placed)
    told: list[Told] = []
    for person in map(UUID, chosen):
        leads = not led and person not in barred
        led = led or leads
        told.append(
            await ask(session, case=case, programme=programme, person=person, claims=claims, chair=leads, now=now)
        )
    if not led or len(placed) + len(chosen) < policy.panel_size:
        told.extend(await assignments.lead_told(session, case=case))
    return tuple(told)


async def _cover(session: AsyncSession, placed: Sequence[Assignment], claims: Sequence[Claim]) -> None:
    """Let whoever is in the panel read claims that came to it after they were asked."""
    covered = {claim.id for claim in await assignments.claims_of(session, placed)}
    session.add_all(
        AssignmentClaim(assignment_id=seat.id, claim_id=claim.id)
        for seat in placed
        for claim in claims
        if claim.id not in covered
    )
    await session.flush()


async def ask(
    session: AsyncSession,
    *,
    case: Case,
    programme: Programme,
    person: UUID,
    claims: Sequence[Claim],
    chair: bool,
    now: datetime,
) -> Told:
    """Offer `person` a seat in the panel over `claims`, and answer the mail that says so."""
    seat = await assignments.offer(
        session, case=case, programme=programme, person=person, claims=claims, now=now, kind=SeatKind.PANEL
    )
    seat.chair = chair
    await session.flush()
    return assignments.offered(seat)


async def rise(session: AsyncSession, *, case_id: UUID, now: datetime) -> None:
    """End the seats of a panel that has recorded what it found: the next one is called anew."""
    for seat in await seats(session, case_id, SeatState.SUBMITTED):
        await assignments.end(session, seat=seat, state=SeatState.FINAL, now=now)


# what is read of it


@dataclass(frozen=True, slots=True)
class Sitting:
    """The minutes of one sitting with its findings and votes; `names` of whoever is in them, by id."""

    minutes: PanelMinutes
    findings: tuple[PanelFinding, ...]
    votes: tuple[PanelVote, ...]
    names: dict[UUID, str]


async def sittings(session: AsyncSession, case_id: UUID) -> list[Sitting]:
    """The minutes of every panel on the case, oldest first."""
    kept = list(
        await session.exec(
            select(PanelMinutes).where(col(PanelMinutes.case_id) == case_id).order_by(col(PanelMinutes.id))
        )
    )
    findings = list(
        await session.exec(
            select(PanelFinding).where(col(PanelFinding.case_id) == case_id).order_by(col(PanelFinding.claim_id))
        )
    )
    votes = list(
        await session.exec(
            select(PanelVote)
            .where(col(PanelVote.case_id) == case_id)
            .order_by(col(PanelVote.claim_id), col(PanelVote.person_id))
        )
    )
    people = {UUID(one["person"]) for minutes in kept for one in minutes.members}
    rows = await session.exec(select(Person.id, Person.name).where(col(Person.id).in_(people)))
    names = dict(list(rows))
    return [
        Sitting(
            minutes,
            tuple(one for one in findings if one.minutes_id == minutes.id),
            tuple(one for one in votes if one.minutes_id == minutes.id),
            names,
        )
        for minutes in kept
    ]


async def voters(session: AsyncSession, judgement_ids: Sequence[UUID]) -> list[str]:
    """By name, the members who voted for or against the findings that are written down in these judgements."""
    rows = await session.exec(
        select(Person.id, Person.name)
        .join(PanelVote, col(PanelVote.person_id) == col(Person.id))
        .join(
            PanelFinding,
            (col(PanelFinding.minutes_id) == col(PanelVote.minutes_id))
            & (col(PanelFinding.claim_id) == col(PanelVote.claim_id)),
        )
        .where(col(PanelFinding.judgement_id).in_(judgement_ids))
        .distinct()
        .order_by(col(Person.name), col(Person.id))
    )
    return [name for _, name in rows]


async def returned(session: AsyncSession, case_id: UUID) -> list[DecisionReturn]:
    """What could not be confirmed and why, oldest first."""
    rows = await session.exec(
        select(DecisionReturn)
        .where(col(DecisionReturn.case_id) == case_id)
        .order_by(col(DecisionReturn.at), col(DecisionReturn.claim_id))
    )
    return list(rows)
