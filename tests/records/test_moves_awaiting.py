"""Only a report is missing: the case waits for whoever was asked, and goes on by itself once the report has come."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from services.records import attestation_asking, cases
from services.records.database import Database
from services.records.tables.cases import CaseSpan
from services.records.tables.evidence import EvidenceRequest
from services.rules import commands as bodies
from services.rules import stages
from services.rules.case import Clock, Missing, Stage, WaitingOn
from services.rules.people import Role
from tests.records import attesting, moving, test_moves_requests
from tests.records.attesting import Asked
from tests.records.makers import NOW
from tests.records.moving import People
from tests.records.prepared import prepared


@prepared
async def named(database: Database, who: People) -> tuple[UUID, str, Asked]:
    """A case that asks for more, the target, and somebody who was asked what they saw."""
    case_id, target = await test_moves_requests.asked(database, who)
    return case_id, target, await attesting.asked(database, case_id, now=NOW + timedelta(days=5))


async def answer(database: Database, who: People, case_id: UUID, target: str, **said: object) -> None:
    body = bodies.AnswerTarget(target, **said)  # type: ignore[arg-type]  # any field of it
    later = NOW + timedelta(days=5)
    await moving.send(database, case_id, "answer_target", actor=who.learner, role=Role.LEARNER, body=body, now=later)


async def by_itself(database: Database, case_id: UUID) -> str | None:
    """The move that the case makes of its own accord, made."""
    async with database.reading() as session:
        move = stages.by_itself(await cases.state(session, await cases.get(session, case_id)))
    if move is not None:
        await moving.tick(database, case_id, move, now=NOW + timedelta(days=6))
    return move


async def test_a_report_that_comes_sends_the_case_back_by_itself(database: Database) -> None:
    who = await moving.people(database)
    case_id, target, asked = await named(database, who)
    before = (await moving.case_of(database, case_id)).due_at
    await answer(database, who, case_id, target, third_party=str(asked.request_id))
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.waiting_on, case.clock) == (Stage.MORE_EVIDENCE, WaitingOn.THIRD_PARTY, Clock.STOPPED)
    assert case.due_at is not None
    assert before is not None
    assert case.due_at > before  # whoever was asked has the whole life of the link
    await moving.strike(database, case_id, "evidence/early")
    assert ("evidence_reminder", who.learner.id) not in await moving.told(database, case_id)
    assert await by_itself(database, case_id) is None
    await attesting.submit(database, asked.token, now=NOW + timedelta(days=6))
    assert await by_itself(database, case_id) == "reports_in"
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.waiting_on) == (Stage.IN_ASSESSMENT, WaitingOn.ASSESSOR)
    assert ("evidence_answered", who.assessor.id) in await moving.told(database, case_id)
    async with database.reading() as session:
        (request,) = await session.exec(select(EvidenceRequest))
        spans = await session.exec(
            select(CaseSpan.waiting_on).where(col(CaseSpan.case_id) == case_id).order_by(col(CaseSpan.seq))
        )
        assert list(spans)[-3:] == [WaitingOn.LEARNER, WaitingOn.THIRD_PARTY, WaitingOn.ASSESSOR]
    assert request.closed_as == "answered"


async def test_a_report_that_is_lost_is_the_learners_to_answer_again_with_the_whole_time(database: Database) -> None:
    who = await moving.people(database)
    case_id, target, asked = await named(database, who)
    await answer(database, who, case_id, target, third_party=str(asked.request_id))
    async with database.writing() as session:
        await attestation_asking.cancel(
            session, case_id=case_id, request_id=asked.request_id, now=NOW + timedelta(days=6)
        )
    assert await by_itself(database, case_id) == "look_at_reports"
    assert await by_itself(database, case_id) is None
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.waiting_on) == (Stage.MORE_EVIDENCE, WaitingOn.LEARNER)
    assert case.due_at is not None
    assert case.due_at > NOW + timedelta(days=35)
    async with moving.nothing_changes(database, "report_unasked"):
        await answer(database, who, case_id, target, third_party=str(asked.request_id))
    await answer(database, who, case_id, target, nothing_more=True)
    await test_moves_requests.answer(database, who, case_id)
    assert (await moving.case_of(database, case_id)).stage is Stage.IN_ASSESSMENT


async def test_the_whole_request_can_be_sent_while_a_report_is_still_to_come(database: Database) -> None:
    who = await moving.people(database)
    case_id, target, asked = await named(database, who)
    await test_moves_requests.answer(
        database, who, case_id, bodies.TargetAnswer(target, third_party=str(asked.request_id))
    )
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.waiting_on) == (Stage.MORE_EVIDENCE, WaitingOn.THIRD_PARTY)
    await attesting.submit(database, asked.token, now=NOW + timedelta(days=9))
    async with database.reading() as session:
        state = await cases.state(session, await cases.get(session, case_id))
    assert (state.missing, state.awaits_report) == (Missing.NOTHING, True)
    assert await by_itself(database, case_id) == "reports_in"


async def test_somebody_is_named_who_was_asked_about_it_and_nothing_else_is_said(database: Database) -> None:
    who = await moving.people(database)
    case_id, target, asked = await named(database, who)
    for said, code in (
        ({"third_party": str(case_id)}, "report_unasked"),
        ({"third_party": "nobody"}, "report_unasked"),
        ({"third_party": str(asked.request_id), "nothing_more": True}, "malformed"),
        ({"third_party": str(asked.request_id), "appointment": True}, "malformed"),
    ):
        async with moving.nothing_changes(database, code):
            await answer(database, who, case_id, target, **said)


async def test_as_long_as_the_learner_has_something_to_answer_the_case_waits_for_them(database: Database) -> None:
    who = await moving.people(database)
    case_id, target, asked = await named(database, who)
    await test_moves_requests.request(
        database, who, case_id, await test_moves_requests.target_on(database, case_id, "second")
    )
    await answer(database, who, case_id, target, third_party=str(asked.request_id))
    assert (await moving.case_of(database, case_id)).waiting_on is WaitingOn.LEARNER
    await attesting.submit(database, asked.token, now=NOW + timedelta(days=6))
    assert await by_itself(database, case_id) is None
