"""The lives of cases that several tests need: who acts, in which order, with which words."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select

from services.records import judgements
from services.records.database import Database
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Claim
from services.records.tables.commands import CommandStatus
from services.rules import commands as bodies
from services.rules.case import SeatState, Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.records import makers, moving
from tests.workflows.house import House

SUBMIT = bodies.Submit("2026-1", ("holder_name",))
SEND = bodies.SubmitPortfolio(authentic=True, ai_use="None.")


async def drafted(database: Database, who: moving.People, *competencies: str) -> UUID:
    """A draft with evidence that points at each of its claims."""
    async with database.writing() as session:
        case = await makers.case(session, learner=who.learner, competencies=competencies or ("first", "second"))
        await makers.evidence(session, case, *await makers.claims(session, case))
        return case.id


async def step(house: House, case_id: UUID, kind: str, *, actor: object, role: Role, body: object = None) -> None:
    """Send a command that must be applied."""
    row = await house.send(case_id, kind, actor=actor, role=role, body=body)  # type: ignore[arg-type]  # a Person
    assert row.status is CommandStatus.APPLIED, (kind, row.status, row.refusal, row.refusal_facts)


async def to_eligible(house: House, who: moving.People, case_id: UUID) -> None:
    await step(house, case_id, "submit", actor=who.learner, role=Role.LEARNER, body=SUBMIT)
    await house.until(case_id, Stage.ELIGIBILITY_REVIEW)
    await step(house, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)


async def to_assessment(house: House, who: moving.People, case_id: UUID) -> Assignment:
    """Up to the assessor's desk; answers the seat."""
    await to_eligible(house, who, case_id)
    await step(house, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=SEND)
    await step(house, case_id, "accept_portfolio", actor=who.advisor, role=Role.ADVISOR)
    (seat,) = await moving.seats_of(house.database, case_id, SeatState.OFFERED)
    accepted = bodies.AcceptOffer(str(seat.id), moving.CLEAR)
    await step(house, case_id, "accept_offer", actor=who.assessor, role=Role.ASSESSOR, body=accepted)
    await house.until(case_id, Stage.IN_ASSESSMENT)
    return seat


async def judged(house: House, who: moving.People, case_id: UUID, **recommended: Recommendation) -> None:
    """The assessor writes a judgement on every claim (met unless said) and sends them in."""
    async with house.database.writing() as session:
        rows = await session.exec(select(Claim).where(col(Claim.case_id) == case_id))
        for claim in rows:
            wanted = recommended.get(claim.competency, Recommendation.MET)
            content = makers.judgement(wanted)
            await judgements.save_draft(
                session,
                case_id=case_id,
                claim_id=claim.id,
                assessor=who.assessor.id,
                content=replace(content),
                expected_version=0,
                now=makers.NOW,
            )
    await step(house, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)


async def to_decided(house: House, who: moving.People, case_id: UUID, **recommended: Recommendation) -> None:
    """The straight path, up to letters that can be read."""
    await to_assessment(house, who, case_id)
    await judged(house, who, case_id, **recommended)
    decision = bodies.Decide("Registrar")
    await step(house, case_id, "decide", actor=who.decider, role=Role.DECISION_MAKER, body=decision)
    await house.until(case_id, Stage.DECIDED)
    await house.quiet(case_id)
