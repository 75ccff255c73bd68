"""A lapse has a letter of its own: it names the limit, the warnings and both ways back, and decides nothing."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.documents import letter_page
from services.documents.letters import LetterKind
from services.records import contested, lapses, letters, people, ties
from services.records.database import Database
from services.records.tables.commands import EffectRow
from services.records.tables.decisions import Letter
from services.rules import deadlines
from services.rules.case import Stage
from services.rules.people import Action, Answer, on_a_case
from services.rules.programmes import Language
from services.workflows import lapse_letters
from tests.records import moving, test_moves_leaving
from tests.records.makers import NOW
from tests.records.prepared import prepared

EFFECT = "write_lapse_letter"


@prepared
async def lapsed(database: Database, who: moving.People) -> UUID:
    """A case that was closed because what was missing did not come."""
    case_id = await test_moves_leaving.incomplete(database, who)
    for rung in ("early", "soon", "last"):
        await moving.strike(database, case_id, f"completion/{rung}")
        await test_moves_leaving.mails(database, case_id, "completion_reminder")
    await moving.strike(database, case_id, "completion/lapse")
    return case_id


async def effects(database: Database, case_id: UUID) -> list[str]:
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow.key).where(col(EffectRow.case_id) == case_id, col(EffectRow.activity) == EFFECT)
        )
        return list(rows)


async def keep(database: Database, key: str) -> bool:
    """What the activity leaves behind, without typesetting."""
    async with database.writing() as session:
        told = await lapses.told_by(session, key)
        for language in letters.LANGUAGES:
            await letters.keep(
                session,
                about=told,
                language=language,
                kind="lapse",
                number=f"L-2026-{language}",
                sha256="0" * 64,
                size=6,
                now=NOW,
            )
        return await letters.release(session, told, now=NOW)


async def test_a_lapse_is_told_with_its_limit_its_warnings_and_the_dates_of_both_ways_back(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    (key,) = await effects(database, case_id)
    async with database.reading() as session:
        facts = await lapse_letters.facts_of(session, key)
        assert facts.case.closed_at is not None
        (against,) = await contested.every(session, case=facts.case, policy=facts.programme.policy)
        told = {one: lapse_letters.compose(facts, language=one, number="L-1") for one in Language}
    letter, zone = told[Language.EN], facts.case.zone
    assert letter.lapse is not None
    assert (letter.kind, letter.lapse.limit, len(letter.lapse.warned)) == (LetterKind.LAPSE, "completion", 3)
    assert letter.decided == deadlines.local_day(facts.case.closed_at, zone)
    assert letter.appeal.deadline == deadlines.local_day(against.until, zone)
    policy = facts.programme.policy
    until = deadlines.due(policy.calendar, facts.case.closed_at, policy.reopen_window, zone=zone, learner=True)
    assert letter.lapse.challenge_until == deadlines.local_day(until, zone)
    assert [one.outcome for one in letter.claims] == [None, None]
    for language, words in ((Language.EN, "not a refusal"), (Language.FR, "pas un refus")):
        assert words in letter_page.html(told[language])


async def test_both_languages_are_released_at_once_and_once(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    (key,) = await effects(database, case_id)
    assert await keep(database, key)
    assert not await keep(database, key)
    async with database.reading() as session:
        rows = await letters.released_of(session, case_id)
        assert [(one.kind, one.language, one.decision_id) for one in rows] == [
            ("lapse", "en", None),
            ("lapse", "fr", None),
        ]
        seen = {}
        for person in (who.learner, who.advisor, who.lead):
            caller = await people.caller(session, person.id)
            facts = await ties.ties(session, case_id=case_id, caller=caller)
            assert (facts.decided, facts.lapsed) == (False, True)
            seen[person.id] = on_a_case(Action.SEE_LETTER, facts)
            assert on_a_case(Action.SEE_PLAN, facts) is not Answer.ALLOWED
    assert seen == {
        who.learner.id: Answer.ALLOWED,
        who.advisor.id: Answer.ALLOWED,
        who.lead.id: Answer.FORBIDDEN,
    }


async def test_each_lapse_has_its_own_letter_and_a_draft_has_none(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    (first,) = await effects(database, case_id)
    await keep(database, first)
    async with database.reading() as session:
        assert (await lapses.told_by(session, first)).limit == "completion"
        reminder = col(EffectRow.notice) == "completion_reminder"
        mails = list(await session.exec(select(EffectRow.key).where(col(EffectRow.case_id) == case_id, reminder)))
        with pytest.raises(LookupError):
            await lapses.told_by(session, mails[0])
    draft = await moving.standing(database, who, Stage.DRAFT)
    await moving.tick(database, draft, "expire", now=NOW + timedelta(days=90))
    assert await effects(database, draft) == []


async def test_a_letter_tells_of_a_decision_or_of_a_lapse(database: Database) -> None:
    who = await moving.people(database)
    case_id = await lapsed(database, who)
    (key,) = await effects(database, case_id)
    await keep(database, key)
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await session.exec(sa.update(Letter).values(kind="full"))
