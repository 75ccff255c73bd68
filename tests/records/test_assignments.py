"""Who may be asked to assess a case, what counts against asking them, and what they see before they answer."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from services.records import assignments, cases
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.cases import CaseExclusion, Employer
from services.records.tables.people import AssessorProfile, Person
from services.rules.assignment import Candidate
from services.rules.case import SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.programmes import Text
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW


async def candidates(database: Database, case_id: UUID) -> dict[UUID, Candidate]:
    async with database.reading() as session:
        case = await cases.get(session, case_id)
        found = await assignments.candidates(
            session, case=case, programme=makers.programme(), claims=await makers.claims(session, case), now=NOW
        )
        return {UUID(one.person): one for one in found}


async def ready(database: Database, who: moving.People) -> UUID:
    return await moving.standing(database, who, Stage.ASSIGNING, claims_are=ClaimState.DOCUMENTED)


async def test_candidates_are_the_assessors_of_the_programme_with_their_profile(database: Database) -> None:
    who = await moving.people(database)
    case_id = await ready(database, who)
    async with database.writing() as session:
        narrow = await makers.staff(session, Role.ASSESSOR, programme="sample-programme")
        await makers.staff(session, Role.ASSESSOR, programme="another-programme")
        profile = AssessorProfile(
            person_id=narrow.id, languages=["fr"], competencies=["second"], capacity=3, on_leave=True
        )
        await makers.stored(session, profile)
        await makers.seat(session, await makers.case(session), narrow)
    found = await candidates(database, case_id)
    assert found.keys() == {who.assessor.id, narrow.id}
    assert found[narrow.id] == Candidate(
        person=str(narrow.id),
        languages=frozenset({"fr"}),
        competencies=frozenset({"second"}),
        active=False,
        open_load=1,
        capacity=3,
        last_offer=NOW,
    )
    usual = found[who.assessor.id]
    assert (usual.competencies, usual.capacity, usual.languages) == (None, 10, frozenset({"en"}))


async def listed(database: Database, case_id: UUID, **fields: object) -> None:
    async with database.writing() as session:
        row = Employer.model_validate({"id": new_id(), "case_id": case_id, "organisation": "Atelier Exemple"} | fields)
        await makers.stored(session, row)


async def change(database: Database, person: Person, **fields: object) -> None:
    async with database.writing() as session:
        row = await session.get_one(Person, person.id)
        for name, value in fields.items():
            setattr(row, name, value)


@pytest.mark.parametrize(
    ("employer", "assessor", "barred"),
    [
        ({}, {"organisation": "atelier exemple"}, True),
        ({"until": date(2025, 6, 1)}, {"organisation": "Atelier Exemple"}, True),
        ({"until": date(2025, 2, 1)}, {"organisation": "Atelier Exemple"}, False),
        ({"until": date(9999, 12, 31)}, {"organisation": "Atelier Exemple"}, True),
        ({"email": "boss@atelier.example"}, {"email": "sample@atelier.example"}, True),
        ({"email": "boss@gmail.com"}, {"email": "sample@gmail.com"}, False),
    ],
)
async def test_whoever_works_where_the_learner_worked_is_silently_left_out(
    database: Database, employer: dict[str, object], assessor: dict[str, object], *, barred: bool
) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    await listed(database, case_id, **employer)
    await change(database, who.assessor, **assessor)
    assert (await candidates(database, case_id))[who.assessor.id].excluded is barred
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    assert len(await moving.seats_of(database, case_id)) == (0 if barred else 1)
    async with database.reading() as session:
        written = [(row.person_id, row.declared) for row in await session.exec(select(CaseExclusion))]
    assert written == ([(who.assessor.id, False)] if barred else [])


async def test_parties_and_the_excluded_are_no_candidates_and_stay_what_they_are(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        for person in (who.learner, who.advisor):
            await makers.role(session, person, Role.ASSESSOR)
        await makers.exclude(session, case, who.assessor)
    found = await candidates(database, case_id)
    assert {person for person, one in found.items() if one.excluded} == {
        who.learner.id,
        who.advisor.id,
        who.assessor.id,
    }
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    async with database.reading() as session:
        assert [row.person_id for row in await session.exec(select(CaseExclusion))] == [who.assessor.id]


async def test_whoever_decided_on_this_learner_before_does_not_assess_them(database: Database) -> None:
    who = await moving.people(database)
    earlier = await moving.judged(database, who, third=Recommendation.MET)
    await moving.decide(database, who, earlier)
    async with database.writing() as session:
        await makers.role(session, who.decider, Role.ASSESSOR)
    case_id = await ready(database, who)
    found = await candidates(database, case_id)
    assert (found[who.decider.id].excluded, found[who.assessor.id].excluded) == (True, False)


@pytest.mark.parametrize(
    ("state", "reason", "refused"),
    [
        (SeatState.DECLINED, "no_time", True),
        (SeatState.EXPIRED, None, True),
        (SeatState.DISMISSED, None, True),
        (SeatState.CANCELLED, None, True),
        (SeatState.CANCELLED, "withdrawn", False),
        (SeatState.FINAL, None, False),
    ],
)
async def test_a_seat_that_was_given_back_is_not_offered_to_the_same_person(
    database: Database, state: SeatState, reason: str | None, *, refused: bool
) -> None:
    who = await moving.people(database)
    case_id = await ready(database, who)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        seat = await makers.seat(session, case, who.assessor, state=state)
        seat.reason = reason
    assert (await candidates(database, case_id))[who.assessor.id].declined_here is refused


async def test_an_offered_person_sees_what_the_screen_needs_and_nothing_of_the_portfolio(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who, ("first",))
    for referee in ("Sample Referee", None):
        await listed(database, case_id, referee=referee, until=date(2024, 1, 1))
    await moving.send(database, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    (seat,) = await moving.seats_of(database, case_id)
    async with database.reading() as session:
        shown = await assignments.screen_facts(session, assignment=seat.id, programme=makers.programme())
        with pytest.raises(Refused, match="not_found"):
            await assignments.screen_facts(session, assignment=case_id, programme=makers.programme())
    assert shown == assignments.ScreenFacts(
        assignment=seat.id,
        programme=Text("Sample programme", "Programme échantillon"),
        competencies=(Text("First competency", "Première compétence"),),
        region=makers.programme().institution.region,
        organisations=("Atelier Exemple",),
        referees=("Sample Referee",),
        learner=who.learner.name,
        respond_by=seat.respond_by,
    )
    assert seat.respond_by > NOW + timedelta(days=6)
