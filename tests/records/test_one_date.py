"""The date in a mail, on the page and of the timer is one value: for every limit of every preset that is shipped."""

from datetime import datetime

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.documents import letter_words, notices
from services.documents.notices import Envelope
from services.records import effects, limits
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.commands import CommandRow, CommandStatus, DeadlineRow, EffectRow, LimitRow
from services.rules import deadlines
from services.rules import limits as ladder
from services.rules.case import OPEN_SEATS, SeatState, Stage
from services.rules.ladders import From, Limit
from services.rules.people import Role
from services.rules.programmes import Language, Policy, Programme
from tests.records import makers, moving, presets
from tests.records.engines import shared_out
from tests.records.makers import NOW

ENVELOPE = Envelope("acquis@example.org", "somebody@example.org", "<one@example.org>", NOW)
OF_THE_STAGE = [(limit, stage) for limit in ladder.LIMITS if limit.span and not limit.apart for stage in limit.stages]


async def begun(session: AsyncSession, who: moving.People, sample: Programme, limit: Limit, stage: Stage) -> LimitRow:
    """A case that has just come into `stage`, and the row of its `limit`."""
    zone = sample.policy.calendar.zone
    case = await makers.case(
        session,
        stage=stage,
        learner=who.learner,
        advisor=who.advisor,
        sample=sample,
        zone=zone,
        extra_time=125,
        moderation=limit.way,
    )
    if limit.per_seat:
        seat = await makers.seat(session, case, who.assessor, state=SeatState.OFFERED)
        row = await limits.begin(session, case=case, policy=sample.policy, limit=limit, now=NOW, subject=str(seat.id))
        seat.respond_by = row.due_at
        return row
    await limits.enter(session, case=case, previous=Stage.DRAFT, policy=sample.policy, now=NOW)
    rows = await session.exec(select(LimitRow).where(col(LimitRow.case_id) == case.id, col(LimitRow.key) == limit.key))
    row = rows.one()
    if Stage(stage) in {Stage.IN_ASSESSMENT, Stage.SECOND_ASSESSMENT, Stage.MODERATION}:
        await makers.seat(session, case, who.assessor, state=SeatState.ACCEPTED, due_at=row.due_at)
    return row


async def mailed(session: AsyncSession, row: LimitRow, limit: Limit, programme: Programme) -> list[EffectRow]:
    """The mails of every rung of the limit."""
    case = await session.get_one(Case, row.case_id)
    for rung in limit.rungs:
        key = f"{row.stage_entry}/{row.key}/{rung.key}"
        command = CommandRow(
            id=new_id(),
            case_id=case.id,
            kind="deadline_reached",
            subject=key,
            actor="clock",
            role=Role.CLOCK,
            expected_version=case.version,
            fingerprint="",
            status=CommandStatus.APPLIED,
            received_at=NOW,
        )
        await effects.remind(session, case=case, row=command, rung=rung, programme=programme, limit=row, now=NOW)
    rows = await session.exec(
        select(EffectRow).where(col(EffectRow.case_id) == case.id, col(EffectRow.notice).is_not(None))
    )
    return list(rows)


def said(mail: EffectRow, language: Language) -> str:
    """What the mail says, as plain text."""
    told = datetime.fromisoformat(mail.facts["due"])
    message = notices.compose(
        str(mail.notice),
        language,
        number=mail.facts["number"],
        link="https://acquis.example.org/cases/1",
        envelope=ENVELOPE,
        due=deadlines.local_day(told, mail.facts["zone"]),
    )
    plain = message.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


@pytest.mark.parametrize(("template", "preset"), shared_out(presets.NAMES), indirect=["template"])
async def test_mail_page_and_timer_say_one_date_for_every_limit(database: Database, preset: str) -> None:
    who = await moving.people(database)
    sample = presets.sample(preset)
    async with database.writing() as session:
        checked = 0
        for limit, stage in OF_THE_STAGE:
            if getattr(sample.policy, limit.span) is None:
                continue
            row = await begun(session, who, sample, limit, stage)
            await one_date(session, row, limit, sample)
            checked += 1
        assert checked >= 20


async def one_date(session: AsyncSession, row: LimitRow, limit: Limit, sample: Programme) -> None:
    case = await session.get_one(Case, row.case_id)
    where = f"{limit.key} in {case.stage}"
    expected = expected_due(limit, case, sample.policy)
    assert row.due_at == expected, where
    if not limit.per_seat:
        assert (limit.key, row.due_at) in await limits.dates(session, case), where
        assert case.due_at is not None
        assert case.due_at <= row.due_at, where
    timers = await session.exec(select(DeadlineRow).where(col(DeadlineRow.limit_id) == row.id))
    by_key = {timer.key.rpartition("/")[2]: timer for timer in timers}
    for rung in limit.rungs:
        if rung.counted is From.DUE and rung.key in by_key:
            timer = by_key[rung.key].at
            day = deadlines.local_day(timer, case.zone)
            assert day == deadlines.local_day(row.due_at, case.zone), where
            assert rung.notice or timer == row.due_at, where
    mails = await mailed(session, row, limit, sample)
    if limit.way is None:  # who confers, or sits on a panel, has its own tests
        assert bool(mails) == any(rung.notice for rung in limit.rungs), where
    day = deadlines.local_day(row.due_at, case.zone)
    for mail in mails:
        assert datetime.fromisoformat(mail.facts["due"]) == row.due_at, (where, mail.notice)
        for language in Language:
            if notices.templates()[str(mail.notice)].due is not None:
                assert letter_words.day(day, language) in said(mail, language), (where, mail.notice)


def expected_due(limit: Limit, case: Case, policy: Policy) -> datetime:
    """The policy's span from the day of the event, counted here by the rules alone."""
    span = getattr(policy, limit.span)
    return deadlines.due(policy.calendar, NOW, span, zone=case.zone, learner=limit.learner, extra_time=case.extra_time)


def test_every_limit_that_begins_with_a_stage_or_a_seat_is_looked_at() -> None:
    assert {limit.key for limit in ladder.LIMITS if not limit.apart} - {limit.key for limit, _ in OF_THE_STAGE} == {
        "appeal_window"
    }
    assert SeatState.ACCEPTED in OPEN_SEATS
