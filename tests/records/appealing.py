"""How the tests of appeals lead one: lodged, admitted by a chair, heard by a panel, ruled on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.records.database import Database
from services.records.tables.appeals import Appeal
from services.records.tables.assessment import Assignment
from services.records.tables.decisions import Decision, Letter
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.appeals import REVIEWER, Ground
from services.rules.case import APPEAL_SEATS, SeatState, Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

WHY = "The photos of March were not looked at."
LODGE = bodies.LodgeAppeal((Ground.EVIDENCE_OVERLOOKED.value,), WHY)
REASONS = "Seen again, the photos show the whole task, done safely."


@dataclass(frozen=True, slots=True)
class Body:
    """Who hears appeals: three at the first level, three at the second."""

    first: tuple[Person, ...]
    second: tuple[Person, ...]

    def at(self, level: int) -> tuple[Person, ...]:
        return self.first if level == 1 else self.second


@prepared
async def body(database: Database) -> Body:
    async with database.writing() as session:
        people = [tuple([await makers.staff(session, REVIEWER[level]) for _ in range(3)]) for level in (1, 2)]
    return Body(*people)


@prepared
async def decided(
    database: Database,
    who: moving.People,
    *,
    first: Recommendation = Recommendation.MET,
    second: Recommendation = Recommendation.PARTIAL,
) -> UUID:
    """A case whose letter can be read."""
    case_id = await moving.judged(database, who, first=first, second=second)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    return case_id


@prepared
async def refused(database: Database, who: moving.People) -> UUID:
    """A case that was found not eligible, with its letter."""
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    proposal = bodies.ProposeRefusal("Work of the last five years is missing.")
    await moving.send(database, case_id, "propose_refusal", actor=who.advisor, role=Role.ADVISOR, body=proposal)
    refusal = bodies.RefuseEligibility(proposal.reasons, "Come back after a year of work.")
    await moving.send(
        database, case_id, "refuse_eligibility", actor=who.decider, role=Role.DECISION_MAKER, body=refusal
    )
    await told(database, case_id)
    return case_id


async def told(database: Database, case_id: UUID) -> None:
    """The letter of the newest decision can be read."""
    async with database.writing() as session:
        await makers.letter(session, await newest(database, case_id))


async def newest(database: Database, case_id: UUID) -> Decision:
    async with database.reading() as session:
        rows = await session.exec(
            select(Decision).where(col(Decision.case_id) == case_id).order_by(col(Decision.case_version).desc())
        )
        found = rows.first()
    assert found is not None
    return found


async def lodge(
    database: Database,
    who: moving.People,
    case_id: UUID,
    said: bodies.LodgeAppeal = LODGE,
    *,
    now: datetime = NOW,
) -> dict[str, Any]:
    return await moving.send(
        database, case_id, "lodge_appeal", actor=who.learner, role=Role.LEARNER, body=said, now=now
    )


async def appeal_of(database: Database, case_id: UUID) -> Appeal:
    """The newest appeal of the case."""
    async with database.reading() as session:
        rows = await session.exec(select(Appeal).where(col(Appeal.case_id) == case_id).order_by(col(Appeal.id).desc()))
        found = rows.first()
    assert found is not None
    return found


async def seats(database: Database, case_id: UUID, *states: SeatState, level: int = 1) -> list[Assignment]:
    """The seats of the panel at `level`, oldest first."""
    found = await moving.seats_of(database, case_id, *states)
    return [seat for seat in found if seat.seat is APPEAL_SEATS[level]]


async def person_of(database: Database, seat: Assignment) -> Person:
    async with database.reading() as session:
        return await session.get_one(Person, seat.person_id)


async def accept(database: Database, case_id: UUID, *, level: int = 1, now: datetime = NOW) -> list[Person]:
    """Everybody who was asked to hear the appeal accepts; answers who."""
    people = []
    for seat in await seats(database, case_id, SeatState.OFFERED, level=level):
        person = await person_of(database, seat)
        said = bodies.AcceptOffer(str(seat.id), moving.CLEAR)
        await moving.send(database, case_id, "accept_offer", actor=person, role=REVIEWER[level], body=said, now=now)
        people.append(person)
    return people


@prepared
async def chaired(
    database: Database,
    who: moving.People,
    case_id: UUID,
    said: bodies.LodgeAppeal = LODGE,
    *,
    level: int = 1,
    now: datetime = NOW,
) -> Person:
    """Lodged, and somebody leads it."""
    await lodge(database, who, case_id, said, now=now)
    (chair,) = await accept(database, case_id, level=level, now=now)
    return chair


@prepared
async def admitted(
    database: Database,
    who: moving.People,
    case_id: UUID,
    said: bodies.LodgeAppeal = LODGE,
    *,
    level: int = 1,
    now: datetime = NOW,
) -> Person:
    """Lodged, and found admissible by its chair."""
    chair = await chaired(database, who, case_id, said, level=level, now=now)
    body = bodies.AdmitAppeal("The learner was in hospital." if said.late_cause else "")
    await moving.send(database, case_id, "admit_appeal", actor=chair, role=REVIEWER[level], body=body, now=now)
    return chair


async def name(database: Database, who: moving.People, case_id: UUID, *people: Person, now: datetime = NOW) -> None:
    said = bodies.NameAppealPanel(tuple(str(person.id) for person in people))
    await moving.send(database, case_id, "name_appeal_panel", actor=who.lead, role=Role.LEAD, body=said, now=now)


@dataclass(frozen=True, slots=True)
class Bench:
    """A panel that sits."""

    case_id: UUID
    chair: Person
    other: Person
    level: int
    now: datetime


@prepared
async def convened(
    database: Database,
    who: moving.People,
    people: Body,
    case_id: UUID,
    said: bodies.LodgeAppeal = LODGE,
    *,
    level: int = 1,
    now: datetime = NOW,
) -> Bench:
    """An appeal whose panel is complete."""
    chair = await admitted(database, who, case_id, said, level=level, now=now)
    other = next(one for one in people.at(level) if one.id != chair.id)
    await name(database, who, case_id, other, now=now)
    await accept(database, case_id, level=level, now=now)
    await moving.tick(database, case_id, "convene_appeal", now=now)
    return Bench(case_id, chair, other, level, now)


async def rule(
    database: Database,
    bench: Bench,
    ruling: str,
    *claims: UUID,
    other: str | None = None,
    casting: str = "",
    reasons: str = REASONS,
    cause: str = "judgement",
) -> dict[str, Any]:
    """The chair records the votes and rules."""
    votes = (
        bodies.AppealVote(str(bench.chair.id), ruling),
        bodies.AppealVote(str(bench.other.id), other or ruling),
    )
    said = bodies.RuleAppeal(votes, reasons, cause, casting, tuple(str(one) for one in claims))
    return await moving.send(
        database,
        bench.case_id,
        "rule_appeal",
        actor=bench.chair,
        role=REVIEWER[bench.level],
        body=said,
        now=bench.now,
    )


async def varied(database: Database, bench: Bench, competency: str = "second") -> dict[str, Any]:
    """The chair writes a judgement on the claim, and the panel finds for the learner."""
    claim = (await moving.claims_of(database, bench.case_id))[competency]
    await moving.write(database, bench.case_id, bench.chair, **{competency: moving.finding()})
    return await rule(database, bench, "varied", claim.id)


async def letters_of(database: Database, decision_id: UUID) -> list[Letter]:
    async with database.reading() as session:
        return list(await session.exec(select(Letter).where(col(Letter.decision_id) == decision_id)))
