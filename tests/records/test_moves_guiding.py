"""Who accompanies a case may change; whoever ever did is barred from judging it for ever, and sees it no more."""

from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import people, ties, visibility
from services.records.database import Database
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case, CaseParty
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.people import Action, Answer, Role, Tie, on_a_case
from tests.records import makers, moving


async def transfer(
    database: Database, who: moving.People, case_id: UUID, to: str, *, wish: str = "learner", reason: str = "Too close"
) -> None:
    body = bodies.TransferAdvisor(to, wish, reason)
    await moving.send(database, case_id, "transfer_advisor", actor=who.lead, role=Role.LEAD, body=body)


async def sees(database: Database, case_id: UUID, person: Person) -> tuple[Answer, bool]:
    """Whether the case opens to `person`, and whether it is in their list."""
    async with database.reading() as session:
        caller = await people.caller(session, person.id)
        facts = await ties.ties(session, case_id=case_id, caller=caller)
        listed = await session.exec(select(Case.id).where(visibility.cases_visible_to(caller), col(Case.id) == case_id))
        return on_a_case(Action.SEE_CASE, facts), listed.first() is not None


async def other_advisor(database: Database) -> Person:
    async with database.writing() as session:
        return await makers.staff(session, Role.ADVISOR)


@pytest.mark.parametrize("stage", [Stage.ELIGIBLE, Stage.DECIDED])
async def test_a_case_passes_to_another_advisor_with_everything_that_waits(database: Database, stage: Stage) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, stage)
    successor = await other_advisor(database)
    await transfer(database, who, case_id, str(successor.id))
    assert (await moving.case_of(database, case_id)).advisor_id == successor.id
    assert set(await moving.told(database, case_id)) == {
        ("advisor_changed", who.learner.id),
        ("case_handed_to", successor.id),
        ("case_handed_over", who.advisor.id),
    }
    assert await sees(database, case_id, successor) == (Answer.ALLOWED, True)
    assert await sees(database, case_id, who.advisor) == (Answer.HIDDEN, False)


async def test_a_former_guide_stays_a_party_for_ever_and_may_come_back_as_a_guide_alone(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    successor = await other_advisor(database)
    await transfer(database, who, case_id, str(successor.id))
    async with database.writing() as session:
        assert (await session.get_one(CaseParty, (case_id, who.advisor.id))).role is Role.ADVISOR
        await makers.role(session, who.advisor, Role.ASSESSOR)
        await makers.role(session, who.advisor, Role.LEAD)
        caller = await people.caller(session, who.advisor.id)
        assert (await ties.ties(session, case_id=case_id, caller=caller)).ties == {Tie.STRANGER}
    await transfer(database, who, case_id, str(who.advisor.id), wish="institution")
    assert (await moving.case_of(database, case_id)).advisor_id == who.advisor.id


async def test_why_an_advisor_changes_is_not_in_the_log(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    await transfer(database, who, case_id, str((await other_advisor(database)).id))
    async with database.reading() as session:
        lines = await session.exec(select(AuditLine.details).where(col(AuditLine.stream) == f"case:{case_id}"))
        assert "Too close" not in str(list(lines))


async def test_only_somebody_who_may_advise_takes_a_case_over(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    successor = await other_advisor(database)
    async with database.writing() as session:
        barred = await makers.staff(session, Role.ADVISOR)
        judge = await makers.staff(session, Role.ADVISOR)
        case = await session.get_one(Case, case_id)
        await makers.exclude(session, case, barred)
        await makers.party(session, case, judge, Role.ASSESSOR)
    for to, wish, reason, code in (
        (str(who.advisor.id), "learner", "Asked", "advisor_unchanged"),
        (str(who.assessor.id), "learner", "Asked", "not_qualified"),
        ("nobody", "learner", "Asked", "not_qualified"),
        (str(barred.id), "learner", "Asked", "conflict_of_interest"),
        (str(judge.id), "advisor", "Asked", "separation_of_duties"),
        (str(successor.id), "somebody", "Asked", "malformed"),
        (str(successor.id), "learner", " ", "reasons_missing"),
    ):
        async with moving.nothing_changes(database, code):
            await transfer(database, who, case_id, to, wish=wish, reason=reason)
