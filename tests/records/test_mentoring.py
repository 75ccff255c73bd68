"""A mentor is a guide who sees no evidence, keeps notes alone, and is asked when nothing was heard for long."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from services.records import cases, mentoring, people, ties, visibility
from services.records.database import Database
from services.records.tables.cases import Case, CaseParty
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.people import Action, Answer, Role, Tie, on_a_case
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW

MONTH = timedelta(days=32)


async def name(
    database: Database, who: moving.People, case_id: UUID, mentor: Person | None, *, now: datetime = NOW
) -> None:
    body = bodies.NameMentor(str(mentor.id) if mentor else None)
    await moving.send(database, case_id, "name_mentor", actor=who.advisor, role=Role.ADVISOR, body=body, now=now)


async def mentored(database: Database, who: moving.People) -> tuple[UUID, Person]:
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    async with database.writing() as session:
        mentor = await makers.staff(session, Role.MENTOR)
    await name(database, who, case_id, mentor)
    return case_id, mentor


async def nudge(database: Database, case_id: UUID, *, after: timedelta) -> bool:
    async with database.writing() as session:
        return await mentoring.nudge(session, case_id, now=NOW + after)


async def may(database: Database, case_id: UUID, person: Person, action: Action) -> Answer:
    async with database.reading() as session:
        caller = await people.caller(session, person.id)
        return on_a_case(action, await ties.ties(session, case_id=case_id, caller=caller))


async def test_a_mentor_is_a_guide_for_ever_and_sees_the_case_but_no_evidence(database: Database) -> None:
    who = await moving.people(database)
    case_id, mentor = await mentored(database, who)
    assert {("mentoring_begun", mentor.id), ("mentor_named", who.learner.id)} <= set(
        await moving.told(database, case_id)
    )
    assert await may(database, case_id, mentor, Action.SEE_CASE) is Answer.ALLOWED
    for action in (Action.SEE_PORTFOLIO, Action.SEE_EVIDENCE, Action.SEE_TIMELINE, Action.SEND_COMMAND):
        assert await may(database, case_id, mentor, action) is Answer.FORBIDDEN
    async with database.writing() as session:
        assert (await session.get_one(CaseParty, (case_id, mentor.id))).role is Role.ADVISOR
        caller = await people.caller(session, mentor.id)
        seen = await session.exec(select(Case.id).where(visibility.cases_visible_to(caller)))
        assert list(seen) == [case_id]
        await makers.role(session, mentor, Role.ASSESSOR)
    await name(database, who, case_id, None)
    assert ("mentoring_ended", mentor.id) in await moving.told(database, case_id)
    assert await may(database, case_id, mentor, Action.SEE_CASE) is Answer.HIDDEN
    await name(database, who, case_id, mentor)  # a guide who comes back as a guide


async def test_nobody_mentors_who_cannot_be_a_guide_of_the_case(database: Database) -> None:
    who = await moving.people(database)
    case_id, mentor = await mentored(database, who)
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        barred, judge = await makers.staff(session, Role.MENTOR), await makers.staff(session, Role.MENTOR)
        await makers.exclude(session, case, barred)
        await makers.party(session, case, judge, Role.ASSESSOR)
    for person, code in (
        (mentor, "mentor_unchanged"),
        (who.assessor, "not_qualified"),
        (barred, "conflict_of_interest"),
        (judge, "separation_of_duties"),
    ):
        async with moving.nothing_changes(database, code):
            await name(database, who, case_id, person)


async def test_notes_are_for_their_mentor_alone(database: Database) -> None:
    who = await moving.people(database)
    case_id, mentor = await mentored(database, who)
    async with database.writing() as session:
        await mentoring.note(session, case_id=case_id, mentor=mentor.id, text=" Called ", spoke=True, now=NOW)
        with pytest.raises(Refused, match="malformed"):
            await mentoring.note(session, case_id=case_id, mentor=mentor.id, text=" ", spoke=True, now=NOW)
    async with database.reading() as session:
        (note,) = await mentoring.notes(session, case_id=case_id, mentor=mentor.id)
        assert (note.text, note.spoke) == ("Called", True)
        assert await mentoring.notes(session, case_id=case_id, mentor=who.advisor.id) == []
    for person in (who.learner, who.advisor, who.lead, who.decider):
        assert await may(database, case_id, person, Action.KEEP_NOTES) in (Answer.FORBIDDEN, Answer.HIDDEN)


async def test_silence_is_told_to_the_mentor_once_and_after_twice_as_long_to_a_lead(database: Database) -> None:
    who = await moving.people(database)
    case_id, mentor = await mentored(database, who)
    async with database.reading() as session:
        assert await mentoring.mentored(session, UUID(int=0), limit=10) == [case_id]
    assert not await nudge(database, case_id, after=timedelta(days=10))
    assert await nudge(database, case_id, after=MONTH)
    assert not await nudge(database, case_id, after=MONTH + timedelta(days=1))
    told = await moving.told(database, case_id)
    assert [one for one in told if one[0].startswith("mentor_")] == [
        ("mentor_named", who.learner.id),
        ("mentor_check_in", mentor.id),
    ]
    assert await nudge(database, case_id, after=2 * MONTH)
    assert ("mentor_silent", who.lead.id) in await moving.told(database, case_id)
    async with database.writing() as session:
        now = NOW + 2 * MONTH
        await mentoring.note(session, case_id=case_id, mentor=mentor.id, text="Called", spoke=True, now=now)
    assert not await nudge(database, case_id, after=2 * MONTH + timedelta(days=1))
    assert await nudge(database, case_id, after=4 * MONTH)


async def test_a_case_without_a_mentor_or_at_rest_is_left_alone(database: Database) -> None:
    who = await moving.people(database)
    case_id, mentor = await mentored(database, who)
    async with database.writing() as session:
        (await cases.get(session, case_id, lock=True)).paused_until = NOW + 9 * MONTH
    assert not await nudge(database, case_id, after=2 * MONTH)
    await name(database, who, case_id, None)
    assert not await nudge(database, case_id, after=2 * MONTH)
    async with database.reading() as session:
        assert await mentoring.mentored(session, UUID(int=0), limit=10) == []
        caller = await people.caller(session, mentor.id)
        assert Tie.MENTOR not in (await ties.ties(session, case_id=case_id, caller=caller)).ties
