"""While the mail that announces a letter is undelivered, no time to appeal runs, and the advisor is told."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select

from services.records.database import Database
from services.records.tables.commands import EffectRow, EffectState, Mail
from services.records.tables.decisions import Letter
from services.rules.case import Stage
from services.rules.people import Role
from tests.records import appealing, moving
from tests.records.makers import NOW
from tests.records.moving import People

LATE = NOW + timedelta(days=90)


async def announcement(database: Database, case_id: UUID) -> str:
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow.key).where(col(EffectRow.case_id) == case_id, col(EffectRow.notice) == "decided")
        )
        return rows.one()


async def undelivered(database: Database, who: People) -> UUID:
    """A decided case whose learner's address takes no mail."""
    case_id = await appealing.decided(database, who)
    await moving.tick(database, case_id, "effect_failed", await announcement(database, case_id))
    return case_id


async def test_an_undelivered_letter_stops_the_count_and_is_told_to_the_advisor(database: Database) -> None:
    who, _ = await moving.people(database), await appealing.body(database)
    case_id = await undelivered(database, who)
    assert ("learner_unreachable", who.advisor.id) in await moving.told(database, case_id)
    case = await moving.case_of(database, case_id)
    assert case.needs_attention == "effect_failed:send_notice"
    async with moving.nothing_changes(database, "letter_undelivered"):
        await moving.tick(database, case_id, "close", now=LATE)
    end = await moving.rung(database, case_id, "appeal_window/end")
    held = await moving.tick(database, case_id, "deadline_reached", end.key, now=end.at)
    assert held["held"] == "letter_undelivered"
    result = await moving.send(
        database,
        case_id,
        "lodge_appeal",
        actor=who.learner,
        role=Role.LEARNER,
        body=appealing.LODGE,
        now=LATE,
    )
    assert result["late"] is False


async def test_a_mail_that_is_taken_later_begins_the_count_and_an_opened_letter_was_received(
    sqlite_database: Database,
) -> None:
    who, _ = await moving.people(sqlite_database), await appealing.body(sqlite_database)
    case_id = await undelivered(sqlite_database, who)
    key = await announcement(sqlite_database, case_id)
    taken = NOW + timedelta(days=40)
    async with moving.writing(sqlite_database) as session:
        effect = await session.get_one(EffectRow, key)
        effect.state = EffectState.DONE
        mail = Mail(
            effect_key=key,
            message_id="<later@example.org>",
            case_id=case_id,
            notice="decided",
            recipient=who.learner.id,
            language="en",
            accepted_at=taken,
        )
        session.add(mail)
    async with moving.nothing_changes(sqlite_database, "letter_undelivered"):
        await moving.tick(sqlite_database, case_id, "close", now=taken + timedelta(days=20))
    async with moving.nothing_changes(sqlite_database, "window_closed"):
        await moving.send(
            sqlite_database,
            case_id,
            "lodge_appeal",
            actor=who.learner,
            role=Role.LEARNER,
            body=appealing.LODGE,
            now=taken + timedelta(days=60),
        )
    await moving.tick(sqlite_database, case_id, "close", now=taken + timedelta(days=60))
    assert (await moving.case_of(sqlite_database, case_id)).stage is Stage.CLOSED


async def test_whoever_opened_the_letter_has_it_whatever_became_of_the_mail(sqlite_database: Database) -> None:
    who, _ = await moving.people(sqlite_database), await appealing.body(sqlite_database)
    case_id = await undelivered(sqlite_database, who)
    async with moving.writing(sqlite_database) as session:
        for letter in await session.exec(select(Letter).where(col(Letter.case_id) == case_id)):
            letter.opened_at = NOW + timedelta(days=2)
    await moving.tick(sqlite_database, case_id, "close", now=LATE)
    assert (await moving.case_of(sqlite_database, case_id)).stage is Stage.CLOSED
