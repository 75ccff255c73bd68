"""What is arranged for a learner changes their dates, never anybody else's, and never makes one earlier."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import accommodations, cases, timeline
from services.records.database import Database
from services.records.tables.accommodations import Accommodation
from services.records.tables.audit import AuditLine
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules.accommodations import Answered, Arrangement
from services.rules.case import Stage
from services.rules.people import Role
from tests.records import moving
from tests.records.makers import NOW
from tests.records.test_limits import eligible, incomplete, ladder, mails

ASKED = bodies.AskAccommodation(("extra_time", "interpreter"), extra_time=150, note="Sign language, please")


async def ask(database: Database, who: moving.People, case_id: UUID) -> str:
    result = await moving.send(database, case_id, "ask_accommodation", actor=who.learner, role=Role.LEARNER, body=ASKED)
    return str(result["accommodation"])


async def grant(database: Database, who: moving.People, case_id: UUID, *, extra_time: int = 150) -> str:
    asked = await ask(database, who, case_id)
    body = bodies.AnswerAccommodation(asked, granted=True, extra_time=extra_time)
    await moving.send(database, case_id, "answer_accommodation", actor=who.advisor, role=Role.ADVISOR, body=body)
    return asked


async def row_of(database: Database, asked: str) -> Accommodation:
    async with database.reading() as session:
        return await session.get_one(Accommodation, UUID(asked))


async def test_more_time_moves_the_date_of_the_learner_and_its_reminders(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    usual = await ladder(database, case_id, "completion")
    asked = await ask(database, who, case_id)
    assert (await ladder(database, case_id, "completion")).due_at == usual.due_at, "a request changes nothing yet"
    body = bodies.AnswerAccommodation(asked, granted=True, extra_time=150)
    result = await moving.send(database, case_id, "answer_accommodation", actor=who.lead, role=Role.LEAD, body=body)
    longer = await ladder(database, case_id, "completion")
    zone = (await moving.case_of(database, case_id)).zone
    assert (deadlines.local_day(longer.due_at, zone) - NOW.date()).days == 45, "half as long again"
    assert longer.due_at == (await moving.rung(database, case_id, "completion/lapse")).at
    assert result["due_at"] == longer.due_at.isoformat()
    assert (await moving.case_of(database, case_id)).due_at == longer.due_at
    (told,) = await mails(database, case_id, "accommodation_answered")
    assert (told.recipient, told.facts["due"]) == (who.learner.id, longer.due_at.isoformat())
    last = await moving.rung(database, case_id, "completion/last")
    assert longer.due_at - last.at < timedelta(days=2)


async def test_what_an_extension_added_is_kept_on_top(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    await moving.send(database, case_id, "extend", actor=who.learner, role=Role.LEARNER, body=bodies.Extend("I am ill"))
    extended = (await ladder(database, case_id, "completion")).due_at
    await grant(database, who, case_id)
    assert (await ladder(database, case_id, "completion")).due_at - extended >= timedelta(days=15)


async def test_limits_that_begin_later_are_longer_and_those_of_staff_are_not(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.SUBMITTED)
    await grant(database, who, case_id)
    await moving.tick(database, case_id, "take_case")
    plain = await moving.standing(database, who, Stage.SUBMITTED)
    await moving.tick(database, plain, "take_case")
    assert (await ladder(database, case_id, "eligibility")).due_at == (
        await ladder(database, plain, "eligibility")
    ).due_at
    await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    zone = (await moving.case_of(database, case_id)).zone
    idle = await ladder(database, case_id, "idle")
    assert (deadlines.local_day(idle.due_at, zone) - NOW.date()).days >= 360
    warned = await moving.rung(database, case_id, "idle/first")
    assert (deadlines.local_day(warned.at, zone) - NOW.date()).days == 248, "165 days and a half more"


async def test_a_case_that_stands_still_gets_the_time_as_well(database: Database) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    usual = (await ladder(database, case_id, "idle")).due_at
    pause = bodies.Pause("illness", NOW.date() + timedelta(days=10), wished=True)
    await moving.send(database, case_id, "pause", actor=who.advisor, role=Role.ADVISOR, body=pause)
    await grant(database, who, case_id)
    assert (await moving.case_of(database, case_id)).due_at == (await moving.case_of(database, case_id)).paused_until
    await moving.send(database, case_id, "resume", actor=who.advisor, role=Role.ADVISOR)
    assert (await ladder(database, case_id, "idle")).due_at - usual > timedelta(days=100)


async def test_several_grants_hold_together_and_an_end_moves_no_date_back(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    first = await grant(database, who, case_id, extra_time=200)
    due = (await ladder(database, case_id, "completion")).due_at
    await grant(database, who, case_id, extra_time=125)
    async with database.reading() as session:
        arranged = await accommodations.in_force(session, case_id)
    assert (arranged.extra_time, arranged.minutes(60)) == (200, 120)
    assert arranged.arrangements == (Arrangement.EXTRA_TIME, Arrangement.INTERPRETER)
    ended = bodies.EndAccommodation(first)
    await moving.send(database, case_id, "end_accommodation", actor=who.learner, role=Role.LEARNER, body=ended)
    case = await moving.case_of(database, case_id)
    assert (case.extra_time, (await row_of(database, first)).state) == (125, Answered.ENDED)
    assert (await ladder(database, case_id, "completion")).due_at == due == case.due_at


async def test_what_is_not_granted_says_why_and_changes_no_date(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    due = (await ladder(database, case_id, "completion")).due_at
    asked = await ask(database, who, case_id)
    silent = bodies.AnswerAccommodation(asked, granted=False)
    async with moving.nothing_changes(database, "reasons_missing"):
        await moving.send(database, case_id, "answer_accommodation", actor=who.lead, role=Role.LEAD, body=silent)
    body = bodies.AnswerAccommodation(asked, granted=False, reason="The programme has no such place.")
    await moving.send(database, case_id, "answer_accommodation", actor=who.lead, role=Role.LEAD, body=body)
    row = await row_of(database, asked)
    assert (row.state, row.reason) == (Answered.NOT_GRANTED, "The programme has no such place.")
    assert (await ladder(database, case_id, "completion")).due_at == due
    again = bodies.AnswerAccommodation(asked, granted=True)
    for kind, body_, person, role in (
        ("answer_accommodation", again, who.lead, Role.LEAD),
        ("end_accommodation", bodies.EndAccommodation(asked), who.learner, Role.LEARNER),
        ("end_accommodation", bodies.EndAccommodation(str(case_id)), who.learner, Role.LEARNER),
    ):
        async with moving.nothing_changes(database, "accommodation_settled"):
            await moving.send(database, case_id, kind, actor=person, role=role, body=body_)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (bodies.AskAccommodation(()), "arrangements"),
        (bodies.AskAccommodation(("a_good_mark",)), "arrangements"),
        (bodies.AskAccommodation(("extra_time",), extra_time=50), "extra_time"),
        (bodies.AskAccommodation(("extra_time",), extra_time=1000), "extra_time"),
        (bodies.AnswerAccommodation("nothing", granted=True), "accommodation"),
    ],
)
async def test_what_is_no_accommodation_is_refused(database: Database, body: object, field: str) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    asks = isinstance(body, bodies.AskAccommodation)
    kind, role = ("ask_accommodation", Role.LEARNER) if asks else ("answer_accommodation", Role.ADVISOR)
    actor = who.learner if asks else who.advisor
    async with moving.nothing_changes(database, "malformed") as refused:
        await moving.send(database, case_id, kind, actor=actor, role=role, body=body)
    assert refused.value.facts["field"] == field


async def test_an_advisor_asks_on_behalf_and_leads_are_told_where_nobody_accompanies(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    await moving.send(database, case_id, "ask_accommodation", actor=who.advisor, role=Role.ADVISOR, body=ASKED)
    assert await mails(database, case_id, "accommodation_asked") == []
    alone = await moving.standing(database, who, Stage.SUBMITTED)
    async with database.writing() as session:
        (await cases.get(session, alone)).advisor_id = None
    await ask(database, who, alone)
    assert [mail.recipient for mail in await mails(database, alone, "accommodation_asked")] == [who.lead.id]


async def test_neither_the_log_nor_the_history_of_others_says_what_somebody_needs(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    await grant(database, who, case_id)
    async with database.reading() as session:
        lines = await session.exec(select(AuditLine).where(col(AuditLine.stream) == f"case:{case_id}"))
        assert "interpreter" not in str([line.details for line in lines])
        shown = {step.move for step in await timeline.of_case(session, case_id, seats=True)}
        own = {step.move for step in await timeline.of_case(session, case_id, seats=False, accommodations=True)}
    assert shown & timeline.OF_ACCOMMODATIONS == set()
    assert {"ask_accommodation", "answer_accommodation"} <= own
