"""A learner can say that a case should not have lapsed; a lead answers in time, and a restored case has time left."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases, lapses, people, queue
from services.records.database import Database
from services.records.limits import alive
from services.records.tables.commands import EffectRow, LimitState
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules.case import ClosedAs, Stage
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

DAY = timedelta(days=1)


@prepared
async def lapsed(database: Database, who: moving.People, *, back_to: Stage = Stage.ELIGIBLE) -> UUID:
    """A case that lapsed a day ago."""
    async with database.writing() as session:
        case = await makers.case(
            session,
            stage=Stage.CLOSED,
            learner=who.learner,
            advisor=who.advisor,
            closed_as=ClosedAs.EXPIRED,
            closed_at=NOW - DAY,
            return_to=back_to,
        )
        return case.id


async def challenge(
    database: Database, who: moving.People, case_id: UUID, *, reasons: str = "I was ill", now: datetime = NOW
) -> dict[str, object]:
    body = bodies.ChallengeLapse(reasons)
    return await moving.send(
        database, case_id, "challenge_lapse", actor=who.learner, role=Role.LEARNER, body=body, now=now
    )


async def rule(database: Database, who: moving.People, case_id: UUID, *, restored: bool, reasons: str = "Seen") -> None:
    body = bodies.RuleLapse(restored, reasons)
    await moving.send(database, case_id, "rule_lapse", actor=who.lead, role=Role.LEAD, body=body)


async def waits_for(database: Database, who: moving.People) -> list[UUID]:
    async with database.reading() as session:
        caller = await people.caller(session, who.lead.id)
        return [row.case_id for row in await queue.waiting(session, caller=caller)]


async def test_a_challenge_waits_for_a_lead_and_says_by_when_it_is_answered(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    result = await challenge(database, who, case_id)
    assert set(await moving.told(database, case_id)) == {
        ("challenge_received", who.learner.id),
        ("lapse_to_rule", who.lead.id),
    }
    async with database.reading() as session:
        facts = await session.exec(select(EffectRow.facts).where(col(EffectRow.recipient) == who.lead.id))
        assert facts.one()["due"] == result["due"]
        waiting = await lapses.waiting(session, case_id)
    assert waiting is not None
    assert waiting.due_at.isoformat() == result["due"]
    assert await waits_for(database, who) == [case_id]
    assert (await moving.rung(database, case_id, "lapse_ruling/due")).at <= waiting.due_at
    await moving.strike(database, case_id, "lapse_ruling/due")
    assert ("lapse_overdue", who.lead.id) in await moving.told(database, case_id)


async def test_a_restored_case_goes_on_where_it_was_with_thirty_days_at_the_least(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who, back_to=Stage.INCOMPLETE)
    await challenge(database, who, case_id)
    await rule(database, who, case_id, restored=True)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as) == (Stage.INCOMPLETE, None)
    assert case.due_at is not None
    assert case.due_at >= deadlines.due(
        makers.programme().policy.calendar,
        NOW,
        makers.programme().policy.lapse_restored,
        zone=case.zone,
        learner=True,
    )
    assert ("lapse_restored", who.learner.id) in await moving.told(database, case_id)
    assert await waits_for(database, who) == [case_id]  # as every open case with a date


async def test_a_lapse_that_stands_is_answered_once_and_the_advisor_can_still_reopen(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    await challenge(database, who, case_id)
    await rule(database, who, case_id, restored=False)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as) == (Stage.CLOSED, ClosedAs.EXPIRED)
    assert ("lapse_stands", who.learner.id) in await moving.told(database, case_id)
    assert await waits_for(database, who) == []
    async with database.reading() as session:
        assert await alive(session, case_id, LimitState.RUNNING) == []
        assert (await cases.state(session, case)).deadlines == ()
    async with moving.nothing_changes(database, "challenge_ruled"):
        await challenge(database, who, case_id)
    await moving.send(
        database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=bodies.Reopen("Well again")
    )
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBLE


async def test_an_advisor_who_reopens_meanwhile_settles_the_challenge(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    await challenge(database, who, case_id)
    await moving.send(
        database, case_id, "reopen", actor=who.advisor, role=Role.ADVISOR, body=bodies.Reopen("Well again")
    )
    async with database.reading() as session:
        assert await lapses.waiting(session, case_id) is None
        (made,) = await lapses.of_case(session, case_id)
    assert (made.restored, made.ruled_by) == (True, who.advisor.id)


async def test_a_challenge_has_reasons_and_a_window_and_is_made_once(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    async with moving.nothing_changes(database, "reasons_missing"):
        await challenge(database, who, case_id, reasons=" ")
    async with moving.nothing_changes(database, "window_closed"):
        await challenge(database, who, case_id, now=NOW + timedelta(days=380))
    async with moving.nothing_changes(database, "challenge_missing"):
        await rule(database, who, case_id, restored=True)
    await challenge(database, who, case_id)
    async with moving.nothing_changes(database, "challenge_waiting"):
        await challenge(database, who, case_id)
    async with moving.nothing_changes(database, "reasons_missing"):
        await rule(database, who, case_id, restored=False, reasons="")


async def test_a_case_is_not_restored_beside_another_one_of_the_programme(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    await challenge(database, who, case_id)
    await moving.standing(database, who, Stage.ELIGIBLE)
    async with moving.nothing_changes(database, "case_already_open"):
        await rule(database, who, case_id, restored=True)


@pytest.mark.parametrize("closed_as", [ClosedAs.WITHDRAWN, ClosedAs.COMPLETED])
async def test_only_a_lapse_is_challenged(database: Database, closed_as: ClosedAs) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    async with database.writing() as session:
        (await cases.get(session, case_id, lock=True)).closed_as = closed_as
    async with moving.nothing_changes(database, "illegal_transition"):
        await challenge(database, who, case_id)
