"""Seats: who may be asked to assess which claims, who is asked, and what an asked person may see beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import (
    attestations,
    calibrations,
    cases,
    due_dates,
    effects,
    independence,
    known_people,
    limits,
    pairs,
)
from services.records.ids import new_id
from services.records.moves.content import Told
from services.records.tables.assessment import Assignment, AssignmentClaim
from services.records.tables.cases import Case, Claim, Employer
from services.records.tables.people import AssessorProfile, Person, PersonRole
from services.rules import assignment as rules
from services.rules import conflicts, masking
from services.rules import limits as ladder
from services.rules.assignment import Bar, Candidate
from services.rules.case import APPEAL_SEATS, OPEN_SEATS, SEAT_ROLE, SeatKind, SeatState
from services.rules.people import Role
from services.rules.programmes import Programme, Text
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind

WITHDRAWN = "withdrawn"
"""Why a seat ended with its case: whoever held it is asked first when the case lives again."""

BUSY = (SeatState.OFFERED, SeatState.ACCEPTED)
REFUSED_HERE = (SeatState.DECLINED, SeatState.EXPIRED, SeatState.CONFLICT, SeatState.DISMISSED)


@dataclass(frozen=True, slots=True)
class ScreenFacts:
    """What an offered person sees before the conflict screen is signed: no evidence, no other seat, no stage.

    `learner` is None while the programme masks who it is.
    """

    assignment: UUID
    programme: Text
    competencies: tuple[Text, ...]
    region: str
    organisations: tuple[str, ...]
    referees: tuple[str, ...]
    learner: str | None
    respond_by: datetime


async def candidates(
    session: AsyncSession,
    *,
    case: Case,
    programme: Programme,
    claims: Sequence[Claim],
    now: datetime,
    kind: SeatKind = SeatKind.FIRST,
) -> list[Candidate]:
    """Everybody whom a seat of `kind` may ask, as the rules of assignment see them for these claims."""
    return list(await _weighed(session, case=case, programme=programme, claims=claims, kind=kind, now=now))


@dataclass(frozen=True, slots=True)
class Considered:
    """Somebody who holds the role that a seat asks for, with what speaks for and against asking them.

    `nameable`: a lead may name them, whatever else `bars` say.
    """

    person: UUID
    name: str
    languages: frozenset[str]
    open_load: int
    capacity: int
    last_offer: datetime | None
    bars: tuple[Bar, ...]
    nameable: bool


async def considered(
    session: AsyncSession, *, case: Case, programme: Programme, claims: Sequence[Claim], now: datetime, kind: SeatKind
) -> list[Considered]:
    """Everybody whom a lead might think of for a seat of `kind`, those first whom the rules would ask."""
    found = await candidates(session, case=case, programme=programme, claims=claims, now=now, kind=kind)
    people = [UUID(one.person) for one in found]
    names = dict((await session.exec(select(Person.id, Person.name).where(col(Person.id).in_(people)))).all())
    # Of a panel only some need be qualified.
    wanted = frozenset[str]() if kind is SeatKind.PANEL else frozenset(claim.competency for claim in claims)
    listed = []
    for one in found:
        bars = rules.bars(one, language=case.language, competencies=wanted)
        person = UUID(one.person)
        listed.append(
            Considered(
                person=person,
                name=names[person],
                languages=one.languages,
                open_load=one.open_load,
                capacity=one.capacity,
                last_offer=one.last_offer,
                bars=bars,
                nameable=not rules.FOR_GOOD & set(bars),
            )
        )
    return sorted(
        listed, key=lambda one: (not one.nameable, len(one.bars), one.open_load / max(one.capacity, 1), one.name)
    )


async def _weighed(
    session: AsyncSession, *, case: Case, programme: Programme, claims: Sequence[Claim], kind: SeatKind, now: datetime
) -> dict[Candidate, str | None]:
    """The candidates, each with the tie that bars them; a seat of another kind leaves nobody free for this one."""
    role = SEAT_ROLE[kind]
    rows = await session.exec(
        select(Person, AssessorProfile)
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .outerjoin(AssessorProfile, col(AssessorProfile.person_id) == col(Person.id))
        .where(*independence.live_role(case, role))
        .order_by(col(Person.id))
    )
    people = {person.id: (person, profile) for person, profile in rows}
    load, last = await _asked(session, list(people))
    taken = await _refused(session, case=case, claims=claims) | await _elsewhere(session, case=case, kind=kind)
    ties = await independence.known_ties(session, case=case, role=role, policy=programme.policy, now=now)
    registers = await known_people.registers(session, list(people))
    ready = await calibrations.ready(session, list(people), programme=programme, role=role, now=now)
    worn = await pairs.worn(session, case=case, kind=kind, last=programme.policy.avoid_same_pair)
    found: dict[Candidate, str | None] = {}
    for person, profile in people.values():
        facts = conflicts.PersonFacts(
            str(person.id), person.email, person.organisation or "", registers.get(person.id, ())
        )
        # Without a profile somebody works in the language they read, on the whole programme, with the usual load.
        languages = profile.languages if profile else [person.language]
        scope = profile.competencies if profile else None
        tie = conflicts.detected(person=facts, case=ties)
        candidate = Candidate(
            person=str(person.id),
            languages=frozenset(languages),
            competencies=None if scope is None else frozenset(scope),
            active=person.active and not (profile and profile.on_leave),
            open_load=load.get(person.id, 0),
            capacity=profile.capacity if profile else programme.policy.assessor_capacity,
            last_offer=last.get(person.id),
            excluded=tie is not None,
            declined_here=person.id in taken,
            calibrated=person.id in ready,
            paired_lately=person.id in worn,
        )
        found[candidate] = tie
    return found


async def _asked(session: AsyncSession, people: list[UUID]) -> tuple[dict[UUID, int], dict[UUID, datetime]]:
    """How many seats each of `people` holds or is offered, over all cases, and when each was last asked."""
    open_seat = sa.case((col(Assignment.state).in_(BUSY), 1), else_=0)
    rows = await session.exec(
        select(Assignment.person_id, sa.func.sum(open_seat), sa.func.max(col(Assignment.offered_at)))
        .where(col(Assignment.person_id).in_(people))
        .group_by(col(Assignment.person_id))
    )
    counted = list(rows)
    return {person: int(seats) for person, seats, _ in counted}, {person: at for person, _, at in counted}


async def _refused(session: AsyncSession, *, case: Case, claims: Sequence[Claim]) -> set[UUID]:
    """Who declined, let lapse or lost a seat over one of `claims`."""
    rows = await session.exec(
        select(Assignment.person_id)
        .join(AssignmentClaim, col(AssignmentClaim.assignment_id) == col(Assignment.id))
        .where(
            col(Assignment.case_id) == case.id,
            col(AssignmentClaim.claim_id).in_([claim.id for claim in claims]),
            sa.or_(
                col(Assignment.state).in_(REFUSED_HERE),
                sa.and_(
                    col(Assignment.state) == SeatState.CANCELLED,
                    sa.func.coalesce(col(Assignment.reason), "") != WITHDRAWN,
                ),
            ),
        )
        .distinct()
    )
    return set(rows)


async def _elsewhere(session: AsyncSession, *, case: Case, kind: SeatKind) -> set[UUID]:
    """Who holds, or is offered, or has filled a seat of another kind: nobody reads the same claims twice."""
    rows = await session.exec(
        select(Assignment.person_id)
        .where(
            col(Assignment.case_id) == case.id,
            col(Assignment.seat) != kind,
            col(Assignment.state).in_((*OPEN_SEATS, SeatState.FINAL)),
        )
        .distinct()
    )
    return set(rows)


async def unseated(session: AsyncSession, case: Case, *, kind: SeatKind = SeatKind.FIRST) -> list[Claim]:
    """Open claims that ask for a seat of `kind` which nobody holds or is offered; a transfer asks for none."""
    seated = await session.exec(
        select(AssignmentClaim.claim_id)
        .join(Assignment, col(Assignment.id) == col(AssignmentClaim.assignment_id))
        .where(
            col(Assignment.case_id) == case.id,
            col(Assignment.state).in_(OPEN_SEATS),
            col(Assignment.seat) == kind,
        )
    )
    taken = set(seated)
    open_claims = [claim for claim in await cases.claims_of(session, case.id) if cases.is_open(claim, case.stage)]
    return [claim for claim in open_claims if claim.id not in taken and claim.kind is not ClaimKind.TRANSFER]


async def offer(
    session: AsyncSession,
    *,
    case: Case,
    programme: Programme,
    person: UUID,
    claims: Sequence[Claim],
    now: datetime,
    kind: SeatKind = SeatKind.FIRST,
) -> Assignment:
    """Offer `person` a seat of `kind` over `claims`; it lapses by itself at its `respond_by`."""
    limit = ladder.LIMIT["offer"]
    respond_by = due_dates.due_of(case=case, policy=programme.policy, limit=limit, start=now)
    seat = Assignment(
        id=new_id(),
        case_id=case.id,
        person_id=person,
        seat=kind,
        state=SeatState.OFFERED,
        offered_at=now,
        respond_by=respond_by,
    )
    session.add(seat)
    await session.flush()
    session.add_all(AssignmentClaim(assignment_id=seat.id, claim_id=claim.id) for claim in claims)
    await limits.begin(
        session, case=case, policy=programme.policy, limit=limit, now=now, subject=str(seat.id), until=respond_by
    )
    return seat


ASKED_BY: dict[SeatKind, str] = {SeatKind.PANEL: "panel_offer"} | dict.fromkeys(APPEAL_SEATS.values(), "appeal_offer")
"""The mail that offers a seat which is no assessor's."""


def offered(seat: Assignment) -> Told:
    """The mail that asks somebody: a link and a date, nothing of the person assessed."""
    notice = ASKED_BY.get(seat.seat, "offer")
    return Told(notice, seat.person_id, {"assignment": str(seat.id), "due": seat.respond_by.isoformat()})


async def fill(
    session: AsyncSession,
    *,
    case: Case,
    programme: Programme,
    claims: Sequence[Claim],
    now: datetime,
    kind: SeatKind = SeatKind.FIRST,
) -> tuple[Told, ...]:
    """Offer seats of `kind` over `claims` to the fewest people who can fill them; leads are told of what nobody can.

    Whoever held a seat over them until the case was withdrawn is asked first.
    """
    if not claims:
        return ()
    able = await screened(session, case=case, programme=programme, claims=claims, kind=kind, now=now)
    left = {claim.competency: claim for claim in claims}
    told: list[Told] = []
    formerly = await former(session, case=case, claims=claims, kind=kind)
    for pool in ([one for one in able if one.person in formerly], able):
        chosen = rules.choose(pool, case_id=str(case.id), language=case.language, competencies=frozenset(left))
        for person, keys in chosen:
            theirs = [left.pop(key) for key in sorted(keys)]
            seat = await offer(
                session, case=case, programme=programme, person=UUID(person), claims=theirs, now=now, kind=kind
            )
            told.append(offered(seat))
    if left:
        told.extend(await lead_told(session, case=case))
    return tuple(told)


async def screened(
    session: AsyncSession, *, case: Case, programme: Programme, claims: Sequence[Claim], kind: SeatKind, now: datetime
) -> list[Candidate]:
    """The candidates, whom the case no longer exists for once an employer or a referee ties them to it."""
    able = await _weighed(session, case=case, programme=programme, claims=claims, kind=kind, now=now)
    for one, tie in able.items():
        if tie in independence.LASTING:  # silently
            await independence.exclude(
                session, case=case, person=UUID(one.person), tie=str(tie), declared=False, now=now
            )
    return list(able)


async def former(session: AsyncSession, *, case: Case, claims: Sequence[Claim], kind: SeatKind) -> set[str]:
    """Who had accepted a seat of `kind` over one of `claims` that ended only because the case was withdrawn."""
    rows = await session.exec(
        select(Assignment.person_id)
        .join(AssignmentClaim, col(AssignmentClaim.assignment_id) == col(Assignment.id))
        .where(
            col(Assignment.case_id) == case.id,
            col(AssignmentClaim.claim_id).in_([claim.id for claim in claims]),
            col(Assignment.state) == SeatState.CANCELLED,
            col(Assignment.reason) == WITHDRAWN,
            col(Assignment.seat) == kind,
            col(Assignment.answered_at).is_not(None),
        )
        .distinct()
    )
    return {str(person) for person in rows}


async def lead_told(session: AsyncSession, *, case: Case) -> tuple[Told, ...]:
    """The mail to the leads when nobody is left to ask."""
    leads = await effects.staff(session, case=case, role=Role.LEAD)
    return tuple(Told("assignment_failed", lead) for lead in leads)


async def of_case(session: AsyncSession, case_id: UUID, *states: SeatState) -> list[Assignment]:
    """The case's seats in one of `states`, oldest first."""
    rows = await session.exec(
        select(Assignment)
        .where(col(Assignment.case_id) == case_id, col(Assignment.state).in_(states))
        .order_by(col(Assignment.id))
    )
    return list(rows)


async def claims_of(session: AsyncSession, seats: Sequence[Assignment]) -> list[Claim]:
    """The claims that `seats` cover, in the order in which they were made."""
    rows = await session.exec(
        select(Claim)
        .join(AssignmentClaim, col(AssignmentClaim.claim_id) == col(Claim.id))
        .where(col(AssignmentClaim.assignment_id).in_([seat.id for seat in seats]))
        .order_by(col(Claim.id))
        .distinct()
    )
    return list(rows)


async def end(
    session: AsyncSession, *, seat: Assignment, state: SeatState, now: datetime, reason: str | None = None
) -> None:
    """End a seat as `state`, and the time its offer had."""
    seat.state, seat.ended_at = state, now
    seat.reason = reason or seat.reason
    await limits.end(session, case_id=seat.case_id, key=f"offer:{seat.id}", now=now)


async def screen_facts(session: AsyncSession, *, assignment: UUID, programme: Programme) -> ScreenFacts:
    """What the person offered `assignment` needs for the conflict screen. Raises `Refused('not_found')`."""
    seat = await session.get(Assignment, assignment)
    if seat is None:
        raise Refused("not_found")
    case = await cases.get(session, seat.case_id)
    learner = await session.get_one(Person, case.learner_id)
    listed = list(
        await session.exec(select(Employer).where(col(Employer.case_id) == case.id).order_by(col(Employer.id)))
    )
    asked = await attestations.named(session, case.id)
    return ScreenFacts(
        assignment=seat.id,
        programme=programme.title,
        competencies=tuple(programme.competency(claim.competency).title for claim in await claims_of(session, [seat])),
        region=programme.institution.region,
        organisations=tuple(
            dict.fromkeys([employer.organisation for employer in listed] + [one.organisation for one in asked])
        ),
        referees=tuple(
            dict.fromkeys([employer.referee for employer in listed if employer.referee] + [one.name for one in asked])
        ),
        learner=None if masking.masks(programme.policy, seat.state) else learner.name,
        respond_by=seat.respond_by,
    )
