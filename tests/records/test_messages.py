"""What a learner and those who guide them wrote stays, is told once, and is nobody else's: not even its number."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.records import assignments, caseload, cases, independence, messages, people, remarks
from services.records.caseload import Counter, Wanted
from services.records.database import Database
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case
from services.records.tables.commands import EffectRow
from services.records.tables.messages import CaseMessage, Remark
from services.records.tables.people import Person
from services.rules.assignment import Bar
from services.rules.case import SeatKind, Stage
from services.rules.conversations import Thread
from services.rules.people import Role, Tie
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW

LATER = NOW + timedelta(hours=1)


async def write(
    database: Database,
    case_id: UUID,
    author: Person,
    role: Role,
    text: str = "Sample words",
    *,
    thread: Thread = Thread.GUIDANCE,
    key: UUID | None = None,
    now: datetime = NOW,
) -> UUID:
    async with database.writing() as session:
        return await messages.write(
            session,
            case_id=case_id,
            thread=thread,
            author=author.id,
            role=role,
            text=text,
            key=key or uuid4(),
            now=now,
        )


async def new_to(database: Database, person: Person, case_id: UUID) -> int:
    async with database.reading() as session:
        found = await messages.unread(session, person=person.id, case_ids=[case_id])
        return sum(found.get(case_id, {}).values())


async def read_by(database: Database, person: Person, case_id: UUID, message: UUID) -> None:
    async with database.writing() as session:
        await messages.mark(
            session, case_id=case_id, thread=Thread.GUIDANCE, person=person.id, read_to=message, now=LATER
        )


async def counted(database: Database, person: Person, counter: Counter = Counter.NEEDS_ME) -> int:
    async with database.reading() as session:
        caller = await people.caller(session, person.id)
        found = await caseload.counters(session, caller=caller, now=NOW)
        listed = await caseload.rows(session, caller=caller, wanted=Wanted(counter=counter), now=NOW)
        assert len(listed) == found[counter]
        return found[counter]


async def test_a_message_stays_as_it_was_written_and_is_kept_once(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    key = uuid4()
    first = await write(database, case_id, who.learner, Role.LEARNER, " Hello,\nthere ", key=key, now=LATER)
    assert await write(database, case_id, who.learner, Role.LEARNER, "Hello,\nthere", key=key) == first
    for text, sent, code in (
        ("Other", key, "key_reused"),
        (" \n", uuid4(), "malformed"),
        ("a\x00b", uuid4(), "malformed"),
    ):
        async with moving.nothing_changes(database, code):
            await write(database, case_id, who.learner, Role.LEARNER, text, key=sent)
    async with moving.nothing_changes(database, "mentor_missing"):
        await write(database, case_id, who.learner, Role.LEARNER, thread=Thread.MENTORING)
    async with database.reading() as session:
        (said,) = await messages.page(session, case_id=case_id, thread=Thread.GUIDANCE)
        assert (said.text, said.author, said.role) == ("Hello,\nthere", who.learner.name, Role.LEARNER)
        assert (await cases.get(session, case_id)).active_at == LATER
        actions = await session.exec(select(AuditLine.action).where(col(AuditLine.stream) == f"case:{case_id}"))
        assert list(actions).count("message_written") == 1
    async with database.writing() as session:
        await remarks.keep(
            session, case_id=case_id, author=who.advisor.id, ties=frozenset({Tie.ADVISOR}), text="Call back", now=NOW
        )
    for statement in (
        sa.update(CaseMessage).values(text="Other"),
        sa.delete(CaseMessage),
        sa.update(Remark).values(text="Other"),
        sa.delete(Remark),
    ):
        with pytest.raises(IntegrityError, match="as it was"):
            async with database.writing() as session:
                await session.exec(statement)


async def test_ten_messages_make_one_mail_until_they_are_read(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    *_, last = [await write(database, case_id, who.advisor, Role.ADVISOR) for _ in range(3)]
    assert await moving.told(database, case_id) == [("message_waiting", who.learner.id)]
    async with database.reading() as session:
        (effect,) = await session.exec(select(EffectRow).where(col(EffectRow.case_id) == case_id))
        assert set(effect.facts) <= {"number", "zone", "due", "message"}
        assert not await messages.needless(session, effect)
    await read_by(database, who.learner, case_id, last)
    async with database.reading() as session:
        assert await messages.needless(session, effect)
    await write(database, case_id, who.learner, Role.LEARNER)
    assert ("learner_wrote", who.advisor.id) in await moving.told(database, case_id)
    for _ in range(2):
        await write(database, case_id, who.advisor, Role.ADVISOR)
    told = await moving.told(database, case_id)
    assert sorted(kind for kind, _ in told) == ["learner_wrote", "message_waiting", "message_waiting"]


async def test_what_is_new_is_counted_for_those_who_take_part_and_for_nobody_else(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    before = {person.id: await counted(database, person) for person in (who.advisor, who.lead)}
    first = await write(database, case_id, who.learner, Role.LEARNER)
    await write(database, case_id, who.learner, Role.LEARNER)
    assert await new_to(database, who.advisor, case_id) == 2
    assert await counted(database, who.advisor) == before[who.advisor.id] + 1
    for person in (who.learner, who.lead, who.assessor, who.decider):
        assert await new_to(database, person, case_id) == 0
    assert await counted(database, who.lead) == before[who.lead.id]
    await read_by(database, who.advisor, case_id, first)
    assert await new_to(database, who.advisor, case_id) == 1
    await read_by(database, who.advisor, case_id, first)  # a mark never goes back, and stays where it is
    await write(database, case_id, who.lead, Role.LEAD)
    assert await new_to(database, who.advisor, case_id) == 0  # a colleague answered
    assert await new_to(database, who.learner, case_id) == 1
    assert await counted(database, who.advisor) == before[who.advisor.id]
    other = await moving.standing(database, who, Stage.ELIGIBLE, competencies=())
    with pytest.raises(Refused, match="not_found"):
        await read_by(database, who.advisor, other, first)


async def test_a_message_that_needs_no_answer_waits_no_longer(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.CLOSED)
    assert await counted(database, who.advisor) == 0
    await write(database, case_id, who.learner, Role.LEARNER, "Thank you!")
    await write(database, case_id, who.learner, Role.LEARNER, "And goodbye.", now=LATER)
    async with database.writing() as session:
        waits = {"case_id": case_id, "thread": Thread.GUIDANCE}
        assert await messages.waiting_since(session, **waits) == NOW  # type: ignore[arg-type]  # two kinds of value
    assert await counted(database, who.advisor) == 1  # also once a case is over
    async with database.writing() as session:
        await messages.settle(session, case_id=case_id, thread=Thread.GUIDANCE, person=who.advisor.id, now=LATER)
    assert await counted(database, who.advisor) == 0
    assert await new_to(database, who.advisor, case_id) == 0


async def test_while_nobody_advises_a_lead_is_asked(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        case = await makers.case(session, stage=Stage.DRAFT, learner=who.learner)
    needs = await counted(database, who.lead)
    await write(database, case.id, who.learner, Role.LEARNER)
    assert ("learner_wrote", who.lead.id) in await moving.told(database, case.id)
    assert await counted(database, who.lead) == needs + 1
    assert await new_to(database, who.lead, case.id) == 1
    assert await counted(database, who.advisor) == 0


async def test_a_mentor_reads_their_own_thread_from_the_day_they_began(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        mentor, next_one = [await makers.staff(session, Role.MENTOR) for _ in range(2)]
    case_id = await moving.standing(database, who, Stage.ELIGIBLE, mentor_id=mentor.id, mentor_since=NOW)
    await write(database, case_id, who.learner, Role.LEARNER, thread=Thread.MENTORING)
    assert await new_to(database, mentor, case_id) == 1
    assert await new_to(database, who.advisor, case_id) == 0
    assert await counted(database, mentor) == 1
    async with database.writing() as session:
        row = await session.get_one(Case, case_id)
        row.mentor_id, row.mentor_since = next_one.id, LATER
    async with database.reading() as session:
        begun = await messages.since(session, case_id=case_id, thread=Thread.MENTORING, role=Role.MENTOR)
        assert await messages.page(session, case_id=case_id, thread=Thread.MENTORING, since=begun) == []
        whole = await messages.since(session, case_id=case_id, thread=Thread.MENTORING, role=Role.LEARNER)
        assert len(await messages.page(session, case_id=case_id, thread=Thread.MENTORING, since=whole)) == 1
    assert await new_to(database, next_one, case_id) == 0


async def test_a_thread_is_read_page_by_page_from_either_end(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    ids = [await write(database, case_id, who.learner, Role.LEARNER, str(number)) for number in range(5)]

    async def page(**where: object) -> list[str]:
        async with database.reading() as session:
            found = await messages.page(session, case_id=case_id, thread=Thread.GUIDANCE, limit=2, **where)  # type: ignore[arg-type]  # as each call says
            return [one.text for one in found]

    assert await page() == ["0", "1"]
    assert await page(after=ids[1]) == ["2", "3"]
    assert await page(latest=True) == ["3", "4"]
    assert await page(latest=True, before=ids[3]) == ["1", "2"]


async def test_a_hundred_messages_a_day_are_enough(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MOST_A_DAY", 2)
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    for _ in range(2):
        await write(database, case_id, who.learner, Role.LEARNER)
    async with moving.nothing_changes(database, "throttled"):
        await write(database, case_id, who.learner, Role.LEARNER, now=NOW + timedelta(hours=23))
    await write(database, case_id, who.learner, Role.LEARNER, now=NOW + timedelta(days=1))


async def test_whoever_wrote_to_a_learner_takes_no_seat_on_the_case(database: Database) -> None:
    who = await moving.people(database)
    async with database.writing() as session:
        both = await makers.staff(session, Role.LEAD)
        await makers.role(session, both, Role.ASSESSOR)
    case_id = await moving.standing(database, who, Stage.PORTFOLIO_SUBMITTED)
    await write(database, case_id, both, Role.LEAD)
    async with database.reading() as session:
        case = await cases.get(session, case_id)
        listed = await assignments.considered(
            session,
            case=case,
            programme=makers.programme(),
            claims=await cases.claims_of(session, case_id),
            now=NOW,
            kind=SeatKind.FIRST,
        )
        bars = {one.person: (one.bars, one.nameable) for one in listed}
        assert bars[both.id] == ((Bar.CONFLICT,), False)
        assert bars[who.assessor.id][1]
        for role in (Role.ASSESSOR, Role.PANEL, Role.APPEAL_REVIEWER_1):
            with pytest.raises(Refused, match="separation_of_duties"):
                await independence.check(session, case=case, person=both.id, role=role)
        await independence.check(session, case=case, person=both.id, role=Role.ADVISOR)


async def test_remarks_are_kept_for_those_who_lead_a_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBLE)
    for person, tie, text in ((who.advisor, Tie.ADVISOR, " Wrote down "), (who.lead, Tie.LEAD, "Then this")):
        async with database.writing() as session:
            await remarks.keep(session, case_id=case_id, author=person.id, ties=frozenset({tie}), text=text, now=NOW)
    async with moving.nothing_changes(database, "malformed"), database.writing() as session:
        await remarks.keep(session, case_id=case_id, author=who.lead.id, ties=frozenset({Tie.LEAD}), text=" ", now=NOW)
    async with database.reading() as session:
        found = await remarks.of_case(session, case_id)
    assert [(one.role, one.text) for one in found] == [(Role.LEAD, "Then this"), (Role.ADVISOR, "Wrote down")]
