"""How the tests of second readings lead a case: who reads it, and what each of them sends in."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.records import cases, judgements
from services.records.database import Database
from services.records.tables.assessment import Assignment
from services.records.tables.people import Person
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import Judgement, Recommendation
from services.rules.people import Role
from services.rules.programmes import Programme
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

MET, PARTIAL, NOT_YET = Recommendation.MET, Recommendation.PARTIAL, Recommendation.NOT_YET


def programme(**policy: object) -> Programme:
    """The sample programme under another policy, and another name."""
    plain = makers.programme()
    changed = replace(plain.policy, **policy)  # type: ignore[arg-type]  # keys of the policy, by name
    return replace(plain, slug="read-twice", policy=changed)


@prepared
async def people(database: Database, *, assessors: int = 2) -> moving.People:
    """Everybody that a case needs, and as many assessors as it is read by."""
    who = await moving.people(database)
    async with database.writing() as session:
        for _ in range(assessors - 1):
            await makers.staff(session, Role.ASSESSOR)
    return who


@prepared
async def assigning(
    database: Database, who: moving.People, sample: Programme, *claims: str, now: datetime = NOW
) -> UUID:
    """A case of `sample` whose seats are on offer."""
    async with database.writing() as session:
        case = await makers.case(
            session,
            stage=Stage.ELIGIBLE,
            learner=who.learner,
            advisor=who.advisor,
            competencies=claims or ("first", "second"),
            sample=sample,
        )
        await makers.evidence(session, case, *await makers.claims(session, case))
    await moving.send(
        database, case.id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=moving.PORTFOLIO, now=now
    )
    await moving.send(database, case.id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR, now=now)
    return case.id


async def seat(database: Database, case_id: UUID, kind: SeatKind, *states: SeatState) -> Assignment:
    """The newest seat of `kind` (in one of `states`)."""
    found = [one for one in await moving.seats_of(database, case_id, *states) if one.seat is kind]
    return found[-1]


async def person(database: Database, of: Assignment) -> Person:
    async with database.reading() as session:
        return await session.get_one(Person, of.person_id)


async def accept(database: Database, case_id: UUID, *kinds: SeatKind, now: datetime = NOW) -> None:
    """Whoever is offered a seat of `kinds` takes it."""
    for kind in kinds:
        await moving.accept(database, await seat(database, case_id, kind, SeatState.OFFERED), now=now)


@prepared
async def assessing(database: Database, who: moving.People, sample: Programme, *claims: str) -> UUID:
    """A case in assessment whose first seat is accepted; the others are on offer."""
    case_id = await assigning(database, who, sample, *claims)
    await accept(database, case_id, SeatKind.FIRST)
    await moving.tick(database, case_id, "start_assessment")
    return case_id


async def sends(
    database: Database, case_id: UUID, kind: SeatKind, *, now: datetime = NOW, **found: Recommendation | Judgement
) -> dict[str, Any]:
    """Whoever holds the seat writes what they find by competency, and sends it in."""
    held = await seat(database, case_id, kind, SeatState.ACCEPTED)
    reader = await person(database, held)
    written = {key: moving.finding(one) if isinstance(one, Recommendation) else one for key, one in found.items()}
    await moving.write(database, case_id, reader, **written)
    return await moving.send(database, case_id, "submit_judgements", actor=reader, role=Role.ASSESSOR, now=now)


async def final(database: Database, case_id: UUID) -> dict[str, tuple[str, UUID]]:
    """What stands by competency, and whose it is."""
    async with database.reading() as session:
        await cases.get(session, case_id)
        found = await judgements.of_case(session, case_id)
    return {one.competency: (str(one.recommendation), one.assessor) for one in found}
