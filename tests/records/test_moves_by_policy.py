"""What one jurisdiction has and another one has not: silence, information meetings, confirmation, dates of letters."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records.database import Database
from services.records.tables.audit import AuditLine
from services.records.tables.cases import StageHistory
from services.records.tables.commands import DeadlineRow, DeadlineState
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules.case import ClosedAs, Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.programmes import Programme
from tests.records import moving, presets
from tests.records.makers import NOW
from tests.records.test_limits import mails, taken

MEETING = bodies.RecordMeeting(NOW.date(), "online")


async def in_review(database: Database, who: moving.People, sample: Programme) -> UUID:
    """A case whose check of eligibility has just begun."""
    case_id = await moving.standing(database, who, Stage.SUBMITTED, sample=sample, zone=sample.policy.calendar.zone)
    await moving.tick(database, case_id, "take_case")
    return case_id


async def building(database: Database, who: moving.People, sample: Programme) -> UUID:
    """A case whose learner builds the portfolio since `NOW`."""
    case_id = await in_review(database, who, sample)
    await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    return case_id


async def open_rungs(database: Database, case_id: UUID) -> set[str]:
    async with database.reading() as session:
        rows = await session.exec(
            select(DeadlineRow.key).where(
                col(DeadlineRow.case_id) == case_id, col(DeadlineRow.state) == DeadlineState.OPEN
            )
        )
        return {key.partition("/")[2] for key in rows}


async def test_silence_of_two_months_opens_the_portfolio_and_is_logged_as_the_laws(database: Database) -> None:
    who = await moving.people(database)
    sample = presets.sample("fr-vae")
    case_id = await in_review(database, who, sample)
    rung = await moving.rung(database, case_id, "eligibility/silence")
    assert (
        rung.at
        == deadlines.end_of_day(date(2026, 5, 2), "Europe/Paris")
        == (await moving.case_of(database, case_id)).due_at
    )
    await moving.strike(database, case_id, "eligibility/silence")
    case = await moving.case_of(database, case_id)
    assert case.stage is Stage.ELIGIBLE
    told = await moving.told(database, case_id)
    assert {("eligible", who.learner.id), ("eligible_by_silence", who.advisor.id)} <= set(told)
    assert ("eligible_by_silence", who.lead.id) in told
    async with database.reading() as session:
        history = (await session.exec(select(StageHistory).where(col(StageHistory.case_id) == case_id))).all()
        assert history[-1].move == "accept_eligibility"
        logged = (await session.exec(select(AuditLine).order_by(col(AuditLine.seq)))).all()
        entry = [one for one in logged if one.action == "command_applied"][-1]
        assert (entry.actor, entry.details["by_law"]) == ("clock", "silence")
    claims = await moving.claims_of(database, case_id)
    assert {claim.state.value for claim in claims.values()} == {"claimed"}, "neither judged nor granted"


async def test_a_refusal_that_is_only_proposed_does_not_break_the_silence(database: Database) -> None:
    who = await moving.people(database)
    case_id = await in_review(database, who, presets.sample("fr-vae"))
    body = bodies.ProposeRefusal("Outside the field")
    await moving.send(database, case_id, "propose_refusal", actor=who.advisor, role=Role.ADVISOR, body=body)
    await moving.strike(database, case_id, "eligibility/silence")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.refusal_proposed) == (Stage.ELIGIBLE, False)


@pytest.mark.parametrize("preset", ["generic", "qc-rac", "on-college", "au-vet"])
async def test_elsewhere_silence_accepts_nothing(database: Database, preset: str) -> None:
    who = await moving.people(database)
    case_id = await in_review(database, who, presets.sample(preset))
    assert not [key for key in await open_rungs(database, case_id) if key.endswith("silence")]
    async with moving.nothing_changes(database, "not_your_move"):
        await moving.tick(database, case_id, "accept_eligibility")


async def test_where_a_meeting_comes_first_no_portfolio_is_opened_before_it(database: Database) -> None:
    who = await moving.people(database)
    case_id = await in_review(database, who, presets.sample("qc-rac"))
    async with moving.nothing_changes(database, "meeting_missing"):
        await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    for wrong, field in (
        (bodies.RecordMeeting(NOW.date(), "by_telegram"), "form"),
        (bodies.RecordMeeting(NOW.date() + timedelta(days=1), "online"), "held_on"),
    ):
        async with moving.nothing_changes(database, "malformed") as refused:
            await moving.send(database, case_id, "record_meeting", actor=who.advisor, role=Role.ADVISOR, body=wrong)
        assert refused.value.facts["field"] == field
    await moving.send(database, case_id, "record_meeting", actor=who.advisor, role=Role.ADVISOR, body=MEETING)
    assert (await moving.case_of(database, case_id)).informed_on == NOW.date()
    async with moving.nothing_changes(database, "meeting_not_asked"):
        await moving.send(database, case_id, "record_meeting", actor=who.advisor, role=Role.ADVISOR, body=MEETING)
    await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBLE


async def test_whoever_confirms_in_time_has_the_whole_time_again(database: Database) -> None:
    who = await moving.people(database)
    case_id = await building(database, who, presets.sample("fr-vae"))
    first = await moving.rung(database, case_id, "confirmation/lapse")
    await moving.strike(database, case_id, "confirmation/asked")
    (asked,) = await mails(database, case_id, "confirmation_asked")
    assert asked.facts["due"] == first.at.isoformat(), "the mail names the day of the timer"
    assert first.at - asked.queued_at > timedelta(days=14)
    later = asked.queued_at + timedelta(hours=2)
    result = await moving.send(database, case_id, "confirm_case", actor=who.learner, role=Role.LEARNER, now=later)
    again = await moving.rung(database, case_id, "confirmation/lapse")
    assert result["due_at"] == again.at.isoformat()
    assert again.at - later > timedelta(days=180)
    assert {"confirmation/asked", "confirmation/last"} <= await open_rungs(database, case_id)


async def test_a_case_that_nobody_confirms_lapses_after_two_mails_and_not_before(database: Database) -> None:
    who = await moving.people(database)
    case_id = await building(database, who, presets.sample("fr-vae"))
    for name in ("asked", "last"):
        await moving.strike(database, case_id, f"confirmation/{name}")
    for mail in await mails(database, case_id, "confirmation_asked"):
        await taken(database, mail)
    await moving.strike(database, case_id, "confirmation/lapse")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as, case.return_to) == (Stage.CLOSED, ClosedAs.EXPIRED, Stage.ELIGIBLE)


async def test_where_nothing_has_to_be_confirmed_nothing_can_be(database: Database) -> None:
    who = await moving.people(database)
    case_id = await building(database, who, presets.sample("generic"))
    assert not [key for key in await open_rungs(database, case_id) if key.startswith("confirmation")]
    async with moving.nothing_changes(database, "nothing_to_confirm"):
        await moving.send(database, case_id, "confirm_case", actor=who.learner, role=Role.LEARNER)


async def test_a_letter_that_does_not_come_is_told_to_the_lead_with_its_date(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET)
    await moving.decide(database, who, case_id)
    await moving.strike(database, case_id, "letter/soon")
    due = await moving.rung(database, case_id, "letter/due")
    (warned,) = await mails(database, case_id, "letter_late")
    zone = (await moving.case_of(database, case_id)).zone
    assert warned.recipient == who.lead.id
    assert warned.facts["due"] == deadlines.end_of_day(date(2026, 3, 17), zone).isoformat()
    await moving.tick(database, case_id, "deadline_reached", due.key, now=due.at)
    assert (await moving.case_of(database, case_id)).needs_attention == "late:letter"
