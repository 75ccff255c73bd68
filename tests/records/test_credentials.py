"""A credential says what was found by whoever may say it: nothing of a seat that ended in conflict."""

from uuid import UUID

from sqlmodel import select

from services.records import credentials, invariants
from services.records.database import Database
from services.records.tables.decisions import Decision
from services.rules import commands as bodies
from services.rules.case import SeatState, Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW


async def judged_by_another(database: Database, who: moving.People) -> tuple[UUID, UUID]:
    """A decided case whose first assessor declared a conflict after judging; and who judged it then."""
    case_id = await moving.judged(database, who, first=Recommendation.MET)
    async with database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
    (seat,) = await moving.seats_of(database, case_id, SeatState.SUBMITTED)
    barred = bodies.DeclareConflict(str(seat.id), moving.tied())
    await moving.send(database, case_id, "declare_conflict", actor=who.assessor, role=Role.ASSESSOR, body=barred)
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT
    (offered,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    await moving.accept(database, offered)
    await moving.write(database, case_id, other, first=moving.finding())
    await moving.send(database, case_id, "submit_judgements", actor=other, role=Role.ASSESSOR)
    await moving.decide(database, who, case_id)
    return case_id, other.id


async def test_what_a_person_in_conflict_found_is_not_attested(database: Database) -> None:
    who = await moving.people(database)
    case_id, other = await judged_by_another(database, who)
    async with database.reading() as session:
        decision = (await session.exec(select(Decision).where(Decision.case_id == case_id))).one()
        (granted,) = await credentials.granted_by(session, decision)
        assert [row.assessor_id for row in granted.judgements] == [other]
        assert [one.number for one in await invariants.broken(session, now=NOW)] == []
