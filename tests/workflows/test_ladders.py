"""Nobody acts for a year and a half: every rung of every ladder comes at its very instant, and its mails name its date.

Each limit was begun by what begins it in a case's life; from then on only time passes, on a server that skips it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel, col, select
from temporalio.testing import WorkflowEnvironment

from services.documents import letter_words, notices
from services.records.database import Database
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case
from services.records.tables.commands import DeadlineRow, DeadlineState, EffectRow, EffectState, LimitRow, Mail
from services.records.tables.people import AssessorProfile
from services.rules import deadlines
from services.rules import limits as ladder
from services.rules.programmes import Language
from tests.records import ladders, makers, moving
from tests.records.makers import NOW
from tests.workflows.house import House

WEEK = timedelta(days=7)
STEP = timedelta(days=20)
"""How far time is skipped at once: the server waits for whatever happens within."""

STEPS = 20
SHIFTED: dict[type[SQLModel], tuple[str, ...]] = {
    LimitRow: ("started_at", "due_at"),
    DeadlineRow: ("at",),
    Case: ("due_at", "appeal_until"),
    Assignment: ("due_at", "respond_by"),
}
"""Dates that lie ahead."""


async def standing_still(database: Database) -> dict[str, LimitRow]:
    """A case for each limit of the preset, in which nothing else runs and nobody has anything to send any more."""
    staff = await moving.people(database)
    async with database.writing() as session:
        session.add(AssessorProfile(person_id=staff.assessor.id, languages=["en", "fr"], capacity=500))
    begun = {}
    # Last comes the one that needs a second assessor, who would be asked in the others as well.
    for key, begin in sorted(ladders.BEGUN.items(), key=lambda one: one[0] == "confer"):
        async with database.writing() as session:
            learner = await makers.person(session, name="Sample Learner")
        case_id = await begin(database, replace(staff, learner=learner))
        begun[key] = await ladders.alone(database, case_id, key)
    async with database.writing() as session:
        await session.exec(
            sa.update(EffectRow)
            .where(col(EffectRow.state) == EffectState.PENDING)
            .values(state=EffectState.DONE, settled_at=NOW)
        )
    return begun


async def on_their_days(database: Database, begun: dict[str, LimitRow]) -> None:
    """Each rung is timed for the day that its ladder says, and a page of its case shows the limit's date."""
    for key, row in begun.items():
        case = await moving.case_of(database, row.case_id)
        assert row.due_at in await ladders.shown(database, row.case_id), key
        async with database.reading() as session:
            timers = list(await session.exec(select(DeadlineRow).where(col(DeadlineRow.limit_id) == row.id)))
        named = {timer.key.rpartition("/")[2]: timer.at for timer in timers}
        assert set(named) == {rung.key for rung in ladder.LIMIT[key].rungs if not rung.only_if}, key
        for rung in ladder.LIMIT[key].rungs:
            if rung.key in named and key not in {"issuing", "issuing_retry"}:  # those are counted in hours
                day = deadlines.local_day(named[rung.key], case.zone)
                assert day == ladders.day_of(rung, row, case), (key, rung.key)


async def moved(database: Database, by: timedelta) -> None:
    """Let every date lie later by whole weeks: the present of the server is not that of the tests."""
    async with database.writing() as session:
        for table, names in SHIFTED.items():
            for row in await session.exec(select(table)):
                for name in names:
                    if (at := getattr(row, name)) is not None:
                        setattr(row, name, at + by)


async def mails(database: Database, limit: LimitRow, timer: DeadlineRow) -> list[tuple[EffectRow, Mail]]:
    """The mails of one rung that the mail service took."""
    _, rung = ladder.rung_of(timer.key)
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow, Mail)
            .join(Mail, col(Mail.effect_key) == col(EffectRow.key))
            .where(col(EffectRow.limit_id) == limit.id, col(EffectRow.notice) == rung.notice)
        )
        return [(effect, mail) for effect, mail in rows if abs(effect.queued_at - timer.at) < timedelta(minutes=1)]


async def came(house: House, key: str, *, row: LimitRow, said: dict[str, str]) -> None:
    """Every rung came at its instant; whoever it tells was written to that morning, with the date of the limit."""
    async with house.database.reading() as session:
        limit = await session.get_one(LimitRow, row.id)
        timers = list(await session.exec(select(DeadlineRow).where(col(DeadlineRow.limit_id) == row.id)))
    case = await moving.case_of(house.database, row.case_id)
    for timer in timers:
        assert timer.state is DeadlineState.FIRED, (key, timer.key, timer.state)
        assert timer.settled_at is not None
        assert timer.settled_at - timer.at < timedelta(minutes=1), (key, timer.key)
        sent = await mails(house.database, limit, timer)
        assert bool(sent) == bool(ladder.rung_of(timer.key)[1].notice), (key, timer.key)
        for effect, mail in sent:
            told = datetime.fromisoformat(effect.facts["due"])
            assert told == limit.due_at, (key, timer.key)
            assert mail.accepted_at - timer.at < timedelta(hours=2), (key, timer.key)  # the morning's mails go together
            if notices.templates()[mail.notice].due is not None:
                day = letter_words.day(deadlines.local_day(told, case.zone), Language(mail.language))
                assert plain(day) in said[mail.message_id], (key, timer.key)
    wanted = ladders.LEADS_TO.get(key)
    assert wanted is None or wanted in {case.stage, case.closed_as}, (key, case.stage, case.closed_as)


def plain(text: str) -> str:
    """A text with one kind of space, as no mail breaks its lines elsewhere than another."""
    return " ".join(text.split())


def arrived(house: House) -> dict[str, str]:
    """What each mail says that arrived, by its Message-ID."""
    bodies = {str(mail["Message-ID"]): mail.get_body(("plain",)) for mail in house.mailbox.kept}
    return {key: plain(str(body.get_content())) for key, body in bodies.items() if body is not None}


@pytest.mark.gate
async def test_every_rung_of_every_ladder_comes_on_the_day_that_page_and_mail_name(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    begun = await standing_still(years.database)
    await on_their_days(years.database, begun)
    await moved(years.database, ((await years.now() - NOW) // WEEK + 1) * WEEK)
    for row in begun.values():
        assert await years.desk.start(row.case_id)
    for _ in range(STEPS):
        await time_machine.sleep(STEP)
    said = arrived(years)
    for key, row in begun.items():
        await came(years, key, row=row, said=said)


def test_no_limit_of_the_preset_is_left_out() -> None:
    policy = ladders.POLICY
    there = {limit.key for limit in ladder.LIMITS if not limit.span or getattr(policy, limit.span) is not None}
    assert there == set(ladders.BEGUN)
