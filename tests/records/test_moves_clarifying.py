"""A lead asks for clearer reasons: words change and nothing that was found, and the decision waits meanwhile."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from services.records import clarity, judgements, people, queue, seats_held
from services.records.database import Database
from services.records.seats_held import Pile
from services.records.tables.assessment import Judgement
from services.records.tables.clarity import JudgementClarification, JudgementReturn
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import SeatState, Stage, WaitingOn
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.records import moderated, moving
from tests.records.makers import NOW
from tests.records.moving import People
from tests.records.prepared import prepared

MET, PARTIAL = Recommendation.MET, Recommendation.PARTIAL
ANEW = "You showed how a wall is squared; how you check that it holds is still to be seen, on any site you like."
NOTE = "Which of the two occasions is meant?"


@prepared
async def returned(database: Database, who: People) -> UUID:
    """A case whose reasons on the second competency a lead could not follow."""
    case_id = await moving.judged(database, who, first=MET, second=PARTIAL)
    await ask(database, who, case_id)
    return case_id


async def claim_of(database: Database, case_id: UUID, competency: str) -> str:
    return str((await moving.claims_of(database, case_id))[competency].id)


async def ask(database: Database, who: People, case_id: UUID, competency: str = "second", note: str = NOTE) -> None:
    body = bodies.ReturnJudgement(await claim_of(database, case_id, competency), note)
    await moving.send(database, case_id, "return_judgement", actor=who.lead, role=Role.LEAD, body=body)


async def clarify(
    database: Database, author: Person, case_id: UUID, competency: str = "second", rationale: str = ANEW, **notes: str
) -> None:
    said = tuple(bodies.ClarifiedNote(key, note) for key, note in notes.items())
    body = bodies.ClarifyJudgement(await claim_of(database, case_id, competency), rationale, said)
    await moving.send(database, case_id, "clarify_judgement", actor=author, role=Role.ASSESSOR, body=body)


async def test_the_author_is_told_and_the_decision_waits_for_clearer_words(database: Database) -> None:
    who = await moving.people(database)
    case_id = await returned(database, who)
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.waiting_on) == (Stage.DECISION_PENDING, WaitingOn.ASSESSOR)
    assert ("reasons_unclear", who.assessor.id) in await moving.told(database, case_id)
    async with database.reading() as session:
        (asked,) = await clarity.awaited(session, case_id, author=who.assessor.id)
        assert await clarity.awaited(session, case_id, author=who.lead.id) == []
        caller = await people.caller(session, who.assessor.id)
        (waits,) = await queue.waiting(session, caller=caller)
        (held,) = [one for one in await seats_held.of_person(session, caller=caller) if one.case_id == case_id]
    assert asked.due_at == case.due_at == waits.due_at == held.due_at
    assert (asked.note, waits.seat, held.pile, held.unclear) == (NOTE, SeatState.SUBMITTED, Pile.MINE, True)
    async with moving.nothing_changes(database, "clarity_awaited"):
        await moving.decide(database, who, case_id)
    async with moving.nothing_changes(database, "clarity_asked"):
        await ask(database, who, case_id)


async def test_the_learner_reads_the_clearer_words_and_what_was_found_stays(database: Database) -> None:
    who = await moving.people(database)
    case_id = await returned(database, who)
    async with database.reading() as session:
        before = (await judgements.recommendations(session, case_id)).values()
        locked = {row.id: (row.content, row.recommendation) for row in await session.exec(select(Judgement))}
    await clarify(database, who.assessor, case_id, b="How you check that it holds was not seen on any site. " * 2)
    case = await moving.case_of(database, case_id)
    assert case.waiting_on is WaitingOn.DECISION_MAKER
    assert (await moving.rung(database, case_id, "decision/due")).at > NOW
    async with database.reading() as session:
        standing = {one.competency: one for one in await judgements.of_case(session, case_id)}
        assert {row.id: (row.content, row.recommendation) for row in await session.exec(select(Judgement))} == locked
        (kept,) = await session.exec(select(JudgementClarification))
        caller = await people.caller(session, who.assessor.id)
        assert await queue.waiting(session, caller=caller) == ()
    assert (standing["second"].content.rationale, kept.rationale) == (ANEW, ANEW)
    ratings = {one.criterion: one for one in standing["second"].content.ratings}
    assert ratings["b"].note.startswith("How you check")
    assert ratings["a"].note == "x" * 80
    assert {one.competency: one.recommendation for one in before} == {
        key: one.recommendation for key, one in standing.items()
    }
    assert ("reasons_clarified", who.lead.id) in await moving.told(database, case_id)
    await moving.decide(database, who, case_id)
    assert (await moving.case_of(database, case_id)).outcome == "granted_partial"
    async with moving.nothing_changes(database, "illegal_transition"):
        await ask(database, who, case_id)


async def test_what_is_asked_and_answered_must_say_something(database: Database) -> None:
    who = await moving.people(database)
    case_id = await returned(database, who)
    for note, competency, code in ((" ", "first", "reasons_missing"), ("x" * 2_001, "first", "malformed")):
        async with moving.nothing_changes(database, code):
            await ask(database, who, case_id, competency, note)
    async with moving.nothing_changes(database, "claim_unknown"):
        body = bodies.ReturnJudgement(str(case_id), NOTE)
        await moving.send(database, case_id, "return_judgement", actor=who.lead, role=Role.LEAD, body=body)
    for given, code in (
        ({"rationale": ""}, "reasons_unchanged"),
        ({"rationale": "x" * 80}, "reasons_unchanged"),
        ({"rationale": "Too short"}, "rationale_missing"),
        ({"b": "Too short"}, "rationale_missing"),
        ({"z": ANEW}, "malformed"),
        ({"rationale": "x" * 10_001}, "malformed"),
        ({"competency": "first"}, "nothing_to_clarify"),
    ):
        async with moving.nothing_changes(database, code):
            await clarify(database, who.assessor, case_id, **given)
    twice = bodies.ClarifiedNote("b", ANEW)
    said = bodies.ClarifyJudgement(await claim_of(database, case_id, "second"), ANEW, (twice, twice))
    async with moving.nothing_changes(database, "malformed"):
        await moving.send(database, case_id, "clarify_judgement", actor=who.assessor, role=Role.ASSESSOR, body=said)


async def test_nobody_else_who_read_the_case_learns_of_it(database: Database) -> None:
    who = await moving.people(database)
    case = await moderated.differing(database, who, first=(MET, PARTIAL))
    (reading,) = [one for one in await moderated.judgements_of(database, case.id) if one.assessor_id == who.assessor.id]
    chosen = bodies.SettleConferral((bodies.Choice(str(reading.claim_id), str(reading.id)),))
    for person in (who.assessor, case.second):
        await moving.send(database, case.id, "settle_conferral", actor=person, role=Role.ASSESSOR, body=chosen)
    await ask(database, who, case.id, "first")
    async with database.reading() as session:
        other = await people.caller(session, case.second.id)
        assert await clarity.awaited(session, case.id, author=case.second.id) == []
        assert await queue.waiting(session, caller=other) == ()
        assert not any(one.unclear for one in await seats_held.of_person(session, caller=other))
    assert ("reasons_unclear", case.second.id) not in await moving.told(database, case.id)
    async with moving.nothing_changes(database, "nothing_to_clarify"):
        await clarify(database, case.second, case.id, "first")


async def test_a_lead_takes_it_back_and_silence_holds_no_case(database: Database) -> None:
    who = await moving.people(database)
    case_id = await returned(database, who)
    await moving.strike(database, case_id, "/due")
    told = await moving.told(database, case_id)
    assert {("clarity_overdue", who.assessor.id), ("clarity_overdue", who.lead.id)} <= set(told)
    body = bodies.TakeBackReturn(await claim_of(database, case_id, "second"))
    other = bodies.TakeBackReturn(await claim_of(database, case_id, "first"))
    async with moving.nothing_changes(database, "nothing_to_clarify"):
        await moving.send(database, case_id, "take_back_return", actor=who.lead, role=Role.LEAD, body=other)
    await moving.send(database, case_id, "take_back_return", actor=who.lead, role=Role.LEAD, body=body)
    assert ("reasons_settled", who.assessor.id) in await moving.told(database, case_id)
    async with moving.nothing_changes(database, "nothing_to_clarify"):
        await clarify(database, who.assessor, case_id)
    await ask(database, who, case_id)  # and asked again
    await clarify(database, who.assessor, case_id)
    await moving.decide(database, who, case_id)


async def test_what_waits_ends_with_the_stage(database: Database) -> None:
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await returned(database, who)
    body = bodies.ReturnDecision((bodies.ReturnedClaim(await claim_of(database, case_id, "first"), "One occasion."),))
    await moving.send(database, case_id, "return_decision", actor=who.decider, role=Role.DECISION_MAKER, body=body)
    async with database.reading() as session:
        assert await clarity.awaited(session, case_id) == []
        caller = await people.caller(session, who.assessor.id)
        assert await queue.waiting(session, caller=caller) == ()
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.waiting_on) == (Stage.MODERATION, WaitingOn.PANEL)


async def test_what_was_asked_and_said_is_never_changed(database: Database) -> None:
    who = await moving.people(database)
    case_id = await returned(database, who)
    await clarify(database, who.assessor, case_id)
    changes = (sa.update(JudgementReturn).values(note="Other"), sa.update(JudgementClarification).values(rationale=""))
    for change in (*changes, sa.delete(JudgementClarification), sa.delete(JudgementReturn)):
        with pytest.raises(IntegrityError):
            async with database.writing() as session:
                await session.exec(change)


async def test_of_a_pause_the_time_to_answer_is_moved_as_well(database: Database) -> None:
    who = await moving.people(database)
    case_id = await returned(database, who)
    before = (await moving.case_of(database, case_id)).due_at
    assert before is not None
    until = (NOW + timedelta(days=30)).date()
    pause = bodies.Pause("illness", until, wished=True)
    await moving.send(database, case_id, "pause", actor=who.lead, role=Role.LEAD, body=pause)
    async with database.reading() as session:
        assert len(await clarity.awaited(session, case_id)) == 1
    await moving.send(database, case_id, "resume", actor=who.lead, role=Role.LEAD, now=NOW + timedelta(days=10))
    after = await moving.case_of(database, case_id)
    assert after.waiting_on is WaitingOn.ASSESSOR
    assert after.due_at is not None
    assert after.due_at > before
