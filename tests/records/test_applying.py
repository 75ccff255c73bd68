"""A move leaves nothing of the old stage behind: neither its idleness nor the flag of what was the matter there."""

from datetime import timedelta
from uuid import UUID

from services.records import applying, cases, timeline
from services.records.database import Database
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.records import moving
from tests.records.makers import NOW


async def test_a_case_that_lives_again_is_not_idle(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.DRAFT)
    async with database.writing() as session:
        assert await applying.close_draft(session, case_id, now=NOW + timedelta(days=90))
    back = NOW + timedelta(days=120)
    body = bodies.Reopen("New work")
    await moving.send(database, case_id, "reopen", actor=who.learner, role=Role.LEARNER, body=body, now=back)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.active_at) == (Stage.DRAFT, back)


async def flag(database: Database, case_id: UUID, reason: str) -> None:
    async with database.writing() as session:
        await applying.set_aside(session, case_id, reason=reason)


async def test_the_flag_goes_when_the_case_goes_on(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    await flag(database, case_id, "unavailable")
    reasons = bodies.ProposeRefusal("Another programme fits better")
    await moving.send(database, case_id, "propose_refusal", actor=who.advisor, role=Role.ADVISOR, body=reasons)
    assert (await moving.case_of(database, case_id)).needs_attention == "unavailable"  # it is where it was
    await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    assert (await moving.case_of(database, case_id)).needs_attention is None


async def test_the_flag_stays_while_an_effect_waits_for_a_person(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    async with database.reading() as session:
        (mail,) = (await cases.state(session, await cases.get(session, case_id))).effects
    await moving.tick(database, case_id, "effect_failed", mail.key)
    leave = bodies.Withdraw(confirmed=True, reason="family")
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=leave)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.needs_attention) == (Stage.CLOSED, "effect_failed:send_notice")


async def test_the_alarm_of_a_letter_that_comes_late_ends_with_its_letter(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET)
    await moving.decide(database, who, case_id)
    await moving.strike(database, case_id, "issuing/alarm")
    assert (await moving.case_of(database, case_id)).needs_attention == "late:issuing"
    await moving.publish(database, case_id)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.needs_attention) == (Stage.DECIDED, None)


async def test_a_way_back_in_is_not_taken_for_where_a_case_came_from(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    asked = bodies.AskCompletion((bodies.MissingItem("Payslip", "To know where you worked"),))
    await moving.send(database, case_id, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=asked)
    leave = bodies.Withdraw(confirmed=True, reason="family")
    await moving.send(database, case_id, "withdraw", actor=who.learner, role=Role.LEARNER, body=leave)
    await moving.send(database, case_id, "undo_withdraw", actor=who.learner, role=Role.LEARNER)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.return_to) == (Stage.INCOMPLETE, Stage.ELIGIBILITY_REVIEW)
    async with database.reading() as session:
        assert await timeline.came_from(session, case_id, Stage.INCOMPLETE) is Stage.ELIGIBILITY_REVIEW
        assert await timeline.came_from(session, case_id, Stage.MORE_EVIDENCE) is None
