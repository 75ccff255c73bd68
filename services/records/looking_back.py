"""A reading after the fact: too few of an assessor's cases were read twice in a quarter, and others read some again.

The quarter's own seed draws which; nobody who reads is told what was found or decided, and nothing of it changes. A
reading that differs is put before the leads. Source: case design, section 6 (retrospective readings).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import (
    assignments,
    audit,
    cases,
    due_dates,
    effects,
    independence,
    judgements,
    programmes,
    sampling,
)
from services.records.ids import new_id
from services.records.moves.documentation import competency_facts
from services.records.tables.assessment import Assignment, Judgement, SamplingSeed, SecondReading
from services.records.tables.cases import Case, CaseParty, Claim
from services.records.tables.looking_back import LookBack, LookBackFinding
from services.rules import assignment, conflicts, deadlines, looking_back
from services.rules import limits as ladder
from services.rules.agreement import Quarter
from services.rules.assignment import DeclineReason
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import Recommendation
from services.rules.looking_back import Finding
from services.rules.people import Role
from services.rules.refusals import Refused

SETTLED = (Stage.DECIDED, Stage.GAP_TRAINING, Stage.CLOSED)
"""Stages in which what was judged is decided, and nobody contests it just now."""

LIVE = (SeatState.OFFERED, SeatState.ACCEPTED, SeatState.SUBMITTED)
"""States of a reading that counts as asked for."""

OFFERED, DIFFERS = "look_back_offered", "look_back_differs"
NOTICES = frozenset({OFFERED, DIFFERS})
"""Mails whose link leads to the list of these readings: their readers may have no other part in the case."""


# asked for, night by night


async def see_to(session: AsyncSession, slug: str, *, now: datetime) -> list[UUID]:
    """End what nobody answered in time, and ask for what the quarter before still lacks.

    Answers the cases in which somebody is written to.
    """
    programme = await programmes.read(session, (await programmes.last_published(session, slug)).id)
    zone, least = programme.policy.calendar.zone, programme.policy.sample_least
    quarter = Quarter.of(deadlines.local_day(now, zone)).later(-1)
    await _lapse(session, slug, now=now)
    seed = await session.get(SamplingSeed, (slug, str(quarter)))
    if seed is None or not programme.policy.sample_percent:
        return []
    told: list[UUID] = []
    for assessor, taken in sorted((await _taken(session, slug, quarter, zone=zone)).items()):
        known = taken.twice | await _asked(session, slug, quarter, assessor=assessor)
        number = looking_back.lacking(len(known), least=least)
        drawn = looking_back.drawn(bytes.fromhex(seed.seed), taken.settled - known, number=number)
        told += [one for one in drawn if await _ask(session, one, assessor=assessor, quarter=str(quarter), now=now)]
    return told


@dataclass(slots=True)
class _Taken:
    """An assessor's cases of one quarter: those read twice, and those that are settled."""

    twice: set[UUID]
    settled: set[UUID]


async def _taken(session: AsyncSession, slug: str, quarter: Quarter, *, zone: str) -> dict[UUID, _Taken]:
    twice = sa.exists().where(col(Claim.case_id) == col(Case.id), col(SecondReading.claim_id) == col(Claim.id))
    rows = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(col(Assignment.person_id), col(Case.id), col(Case.stage), twice)
        .join(Case, col(Case.id) == col(Assignment.case_id))
        .where(
            col(Assignment.seat) == SeatKind.FIRST,
            col(Assignment.state).in_(sampling.TAKEN),
            col(Assignment.answered_at) >= sampling.begin(quarter, zone),
            col(Assignment.answered_at) < sampling.begin(quarter.later(1), zone),
            col(Case.programme) == slug,
        )
    )
    found: defaultdict[UUID, _Taken] = defaultdict(lambda: _Taken(set(), set()))
    for person, case_id, stage, read_twice in rows:
        if read_twice:
            found[person].twice.add(case_id)
        if stage in SETTLED:
            found[person].settled.add(case_id)
    return dict(found)


async def _asked(session: AsyncSession, slug: str, quarter: Quarter, *, assessor: UUID) -> set[UUID]:
    rows = await session.exec(
        select(LookBack.case_id).where(
            col(LookBack.programme) == slug,
            col(LookBack.quarter) == str(quarter),
            col(LookBack.assessor_id) == assessor,
            col(LookBack.state).in_(LIVE),
        )
    )
    return set(rows)


async def _lapse(session: AsyncSession, slug: str, *, now: datetime) -> None:
    """Offers that nobody answered and readings that nobody sent in end: somebody else is asked."""
    late = sa.or_(
        sa.and_(col(LookBack.state) == SeatState.OFFERED, col(LookBack.respond_by) < now),
        sa.and_(col(LookBack.state) == SeatState.ACCEPTED, col(LookBack.due_at) < now),
    )
    for row in await session.exec(select(LookBack).where(col(LookBack.programme) == slug, late)):
        row.state = SeatState.EXPIRED
    await session.flush()


async def _originals(session: AsyncSession, case_id: UUID, assessor: UUID) -> dict[UUID, Judgement]:
    """What the assessor had locked as first reader, by claim."""
    rows = await session.exec(
        select(Judgement)
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .where(
            col(Judgement.case_id) == case_id,
            col(Judgement.assessor_id) == assessor,
            col(Judgement.locked_at).is_not(None),
            col(Assignment.seat) == SeatKind.FIRST,
            col(Assignment.state).in_(judgements.STANDING),
        )
        .order_by(col(Judgement.locked_at))
    )
    return {row.claim_id: row for row in rows}


async def _ask(session: AsyncSession, case_id: UUID, *, assessor: UUID, quarter: str, now: datetime) -> bool:
    """Ask whoever comes next and has no part in the case; answers whether there was somebody."""
    case = await cases.get(session, case_id)
    programme = await programmes.of_case(session, case)
    judged = await _originals(session, case_id, assessor)
    claims = [claim for claim in await cases.claims_of(session, case_id) if claim.id in judged]
    if not claims:
        return False
    able = await assignments.screened(
        session, case=case, programme=programme, claims=claims, kind=SeatKind.SECOND, now=now
    )
    parties = await session.exec(select(CaseParty.person_id).where(col(CaseParty.case_id) == case_id))
    before = await session.exec(select(LookBack.reader_id).where(col(LookBack.case_id) == case_id))
    barred = {str(person) for person in [*parties, *before]}
    wanted = frozenset(claim.competency for claim in claims)
    free = [
        replace(one, excluded=one.excluded or one.person in barred)
        for one in able
        if one.calibrated and one.covers(wanted) == wanted
    ]
    chosen = assignment.choose_advisor(free, case_id=str(case_id), language=case.language)
    if chosen is None:
        return False
    policy, limit = programme.policy, ladder.LIMIT["offer"]
    row = LookBack(
        id=new_id(),
        case_id=case_id,
        assessor_id=assessor,
        reader_id=UUID(chosen),
        programme=case.programme,
        institution_id=case.institution_id,
        quarter=quarter,
        state=SeatState.OFFERED,
        offered_at=now,
        respond_by=due_dates.due_of(case=case, policy=policy, limit=limit, start=now),
    )
    session.add(row)
    await session.flush()
    facts = {"due": row.respond_by.isoformat()}
    await effects.tell(
        session, case=case, notice=OFFERED, person=row.reader_id, facts=facts, occasion=row.id.hex, now=now
    )
    return True


# read


async def of_reader(session: AsyncSession, person: UUID) -> list[tuple[LookBack, str]]:
    """What `person` is asked to read again or did read, with the numbers of its cases, the newest first."""
    rows = await session.exec(
        select(LookBack, Case.number)
        .join(Case, col(Case.id) == col(LookBack.case_id))
        .where(col(LookBack.reader_id) == person, col(LookBack.state).in_(LIVE))
        .order_by(col(LookBack.id).desc())
    )
    return list(rows)


async def own(session: AsyncSession, look_back: UUID, *, person: UUID, lock: bool = False) -> LookBack:
    """A reading of `person` that is not over. Raises `Refused('not_found')`."""
    row = await session.get(LookBack, look_back, with_for_update=lock, populate_existing=lock)
    if row is None or row.reader_id != person or row.state not in LIVE:
        raise Refused("not_found")
    return row


async def claims_of(session: AsyncSession, row: LookBack) -> list[Claim]:
    """The claims that are read again."""
    judged = await _originals(session, row.case_id, row.assessor_id)
    return [claim for claim in await cases.claims_of(session, row.case_id) if claim.id in judged]


async def _of(session: AsyncSession, look_back: UUID, *, person: UUID, state: SeatState) -> tuple[LookBack, Case]:
    """Raises `Refused`: not_found, offer_ended where it is in another state."""
    row = await own(session, look_back, person=person, lock=True)
    if row.state is not state:
        raise Refused("offer_ended")
    return row, await cases.get(session, row.case_id, lock=True)


async def accept(
    session: AsyncSession, look_back: UUID, *, person: UUID, answers: Mapping[str, bool], signed: bool, now: datetime
) -> None:
    """Take the reading behind a clear conflict screen; whoever does is a party of the case for ever.

    Raises `Refused`: not_found, offer_ended, screen_unsigned, conflict_of_interest, separation_of_duties.
    """
    row, case = await _of(session, look_back, person=person, state=SeatState.OFFERED)
    conflicts.check_screen(answers, signed)
    await independence.check(session, case=case, person=person, role=Role.ASSESSOR)
    await independence.enrol(session, case=case, person=person, role=Role.ASSESSOR, now=now)
    programme = await programmes.of_case(session, case)
    row.state, row.answered_at, row.screen = SeatState.ACCEPTED, now, {"answers": dict(answers), "signed": signed}
    row.due_at = due_dates.due_of(case=case, policy=programme.policy, limit=ladder.LIMIT["second"], start=now)
    await _log(session, row, "look_back_accepted", now=now)


async def declare(
    session: AsyncSession, look_back: UUID, *, person: UUID, answers: Mapping[str, bool], signed: bool, now: datetime
) -> None:
    """A tie bars the person from the case, and somebody else is asked.

    Raises `Refused`: not_found, screen_unsigned, tie_missing.
    """
    row = await own(session, look_back, person=person, lock=True)
    case = await cases.get(session, row.case_id, lock=True)
    ties = conflicts.declared(answers)
    if not signed:
        raise Refused("screen_unsigned", question="signature")
    if not ties:
        raise Refused("tie_missing")
    await independence.exclude(session, case=case, person=person, tie=min(ties), declared=True, now=now)
    row.state, row.answered_at, row.screen = SeatState.CONFLICT, now, {"answers": dict(answers), "signed": signed}
    row.sent_at = None
    await _next(session, row, now=now)


async def decline(session: AsyncSession, look_back: UUID, *, person: UUID, reason: str, now: datetime) -> None:
    """Somebody else is asked. Raises `Refused`: not_found, offer_ended, malformed."""
    row, _ = await _of(session, look_back, person=person, state=SeatState.OFFERED)
    if reason not in set(DeclineReason):
        raise Refused("malformed", field="reason")
    row.state, row.answered_at, row.reason = SeatState.DECLINED, now, reason
    await _next(session, row, now=now)


async def _next(session: AsyncSession, row: LookBack, *, now: datetime) -> None:
    await session.flush()
    await _ask(session, row.case_id, assessor=row.assessor_id, quarter=row.quarter, now=now)


async def send(
    session: AsyncSession, look_back: UUID, *, person: UUID, findings: Mapping[UUID, Finding], now: datetime
) -> bool:
    """Keep what was found of every claim, once; answers whether it differs, which leads are then told.

    Raises `Refused`: not_found, offer_ended, claims_open for a claim without finding, claim_unknown, and what
    `looking_back.check` says.
    """
    row, case = await _of(session, look_back, person=person, state=SeatState.ACCEPTED)
    programme = await programmes.of_case(session, case)
    judged, claims = await _originals(session, row.case_id, row.assessor_id), await claims_of(session, row)
    if findings.keys() - judged.keys():
        raise Refused("claim_unknown")
    for claim in claims:
        if claim.id not in findings:
            raise Refused("claims_open", **competency_facts(programme, claim.competency))
        competency, minimum = programme.competency(claim.competency), programme.policy.rationale_minimum
        looking_back.check(findings[claim.id], competency=competency, rationale_minimum=minimum)
    session.add_all(
        LookBackFinding(
            look_back_id=row.id,
            claim_id=claim.id,
            judgement_id=judged[claim.id].id,
            recommendation=Recommendation(findings[claim.id].recommendation),
            ratings=dict(findings[claim.id].ratings),
            rationale=findings[claim.id].rationale.strip(),
            found_at=now,
        )
        for claim in claims
    )
    row.state, row.sent_at = SeatState.SUBMITTED, now
    differs = any(judged[one.id].recommendation != findings[one.id].recommendation for one in claims)
    for lead in await effects.staff(session, case=case, role=Role.LEAD) if differs else ():
        await effects.tell(
            session, case=case, notice=DIFFERS, person=lead, facts={"due": ""}, occasion=row.id.hex, now=now
        )
    await _log(session, row, "look_back_sent", now=now)
    return differs


async def _log(session: AsyncSession, row: LookBack, action: str, *, now: datetime) -> None:
    await session.flush()
    await audit.log(
        session,
        stream=f"case:{row.case_id}",
        actor=str(row.reader_id),
        action=action,
        subject=str(row.id),
        details={"quarter": row.quarter},
        now=now,
    )
