"""Every date that a person is told is the date on which it happens, and a ladder never stands still for good."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from services.records import cases
from services.records.database import Database
from services.records.ids import new_id
from services.records.tables.assessment import Assignment
from services.records.tables.commands import DeadlineRow, DeadlineState, EffectRow, LimitRow, LimitState, Mail
from services.rules import commands as bodies
from services.rules import deadlines
from services.rules.case import ClosedAs, SeatState, Stage
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.prepared import prepared

DAY = timedelta(days=1)


@prepared
async def eligible(database: Database, who: moving.People) -> UUID:
    """A case whose learner builds the portfolio, since `NOW`."""
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    return case_id


@prepared
async def incomplete(database: Database, who: moving.People) -> UUID:
    """A case of whose learner something is asked, since `NOW`."""
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    asked = bodies.AskCompletion((bodies.MissingItem("Payslip", "To know where you worked"),))
    await moving.send(database, case_id, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=asked)
    return case_id


async def active(database: Database, case_id: UUID, at: datetime) -> None:
    """The learner did something on the case."""
    async with database.writing() as session:
        (await cases.get(session, case_id)).active_at = at


async def ladder(database: Database, case_id: UUID, key: str) -> LimitRow:
    """The limit `key` that runs."""
    async with database.reading() as session:
        rows = await session.exec(
            select(LimitRow).where(
                col(LimitRow.case_id) == case_id,
                col(LimitRow.key) == key,
                col(LimitRow.state) == LimitState.RUNNING,
            )
        )
        return rows.one()


async def mails(database: Database, case_id: UUID, notice: str) -> list[EffectRow]:
    """Every mail of this kind that was queued, oldest first."""
    async with database.reading() as session:
        rows = await session.exec(
            select(EffectRow)
            .where(col(EffectRow.case_id) == case_id, col(EffectRow.notice) == notice)
            .order_by(col(EffectRow.queued_at), col(EffectRow.key))
        )
        return list(rows)


async def taken(database: Database, mail: EffectRow) -> None:
    """The mail service accepts one mail."""
    assert mail.recipient is not None
    async with database.writing() as session:
        await makers.stored(
            session,
            Mail(
                effect_key=mail.key,
                message_id=f"<{mail.key}@example.org>",
                case_id=mail.case_id,
                notice=str(mail.notice),
                recipient=mail.recipient,
                language="en",
                accepted_at=mail.queued_at,
            ),
        )


def due_in(mail: EffectRow) -> datetime:
    """The date that the mail says."""
    return datetime.fromisoformat(mail.facts["due"])


async def test_after_a_standstill_what_was_never_warned_of_is_warned_of_and_then_lapses(database: Database) -> None:
    who = await moving.people(database)
    case_id = await incomplete(database, who)
    back = (await moving.rung(database, case_id, "completion/lapse")).at + 3 * DAY
    for name in ("early", "soon", "last", "lapse"):
        missed = await moving.rung(database, case_id, f"completion/{name}")
        await moving.tick(database, case_id, "deadline_reached", missed.key, now=back)
    for warned in (1, 2):
        case = await moving.case_of(database, case_id)
        assert (case.stage, case.needs_attention) == (Stage.INCOMPLETE, "notices_missing")
        sent = await mails(database, case_id, "completion_reminder")
        assert len(sent) == warned
        again = await moving.rung(database, case_id, "completion/lapse")
        assert due_in(sent[-1]) == again.at == case.due_at
        assert timedelta(days=5) <= again.at - sent[-1].queued_at < timedelta(days=6)
        await taken(database, sent[-1])
        await moving.strike(database, case_id, "completion/lapse")
    case = await moving.case_of(database, case_id)
    assert (case.stage, case.closed_as, case.needs_attention) == (Stage.CLOSED, ClosedAs.EXPIRED, None)


async def test_activity_on_the_day_on_which_a_case_became_eligible_does_not_silence_its_first_warning(
    database: Database,
) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    await active(database, case_id, NOW + timedelta(hours=1))
    first = await moving.rung(database, case_id, "idle/first")
    await moving.strike(database, case_id, "idle/first")
    assert [mail.recipient for mail in await mails(database, case_id, "eligible_idle")] == [who.learner.id]
    async with database.reading() as session:
        assert (await session.get_one(DeadlineRow, first.id)).state is DeadlineState.FIRED


async def test_activity_begins_the_idle_time_anew_and_moves_the_date_that_the_case_shows(database: Database) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    first = await moving.rung(database, case_id, "idle/first")
    before = (await moving.case_of(database, case_id)).due_at
    assert before is not None
    await active(database, case_id, NOW + 40 * DAY)
    await moving.strike(database, case_id, "idle/first")
    assert await mails(database, case_id, "eligible_idle") == []
    again = await moving.rung(database, case_id, "idle/first")
    assert (again.id, again.at.date()) == (first.id, first.at.date() + 40 * DAY)
    due = (await moving.case_of(database, case_id)).due_at
    assert due is not None
    assert due == (await ladder(database, case_id, "idle")).due_at
    assert timedelta(days=39) < due - before < timedelta(days=43)


async def test_a_case_shows_the_first_of_its_dates_and_each_mail_that_of_its_own_limit(database: Database) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    idle, validity = await ladder(database, case_id, "idle"), await ladder(database, case_id, "validity")
    assert idle.due_at < validity.due_at
    assert (await moving.case_of(database, case_id)).due_at == idle.due_at
    await moving.strike(database, case_id, "idle/first")
    (warned,) = await mails(database, case_id, "eligible_idle")
    assert due_in(warned) == idle.due_at
    await moving.strike(database, case_id, "validity/early")
    (warned,) = await mails(database, case_id, "lapse_warning")
    assert due_in(warned) == validity.due_at


async def test_more_time_moves_every_date_of_the_stage_and_shortens_none(database: Database) -> None:
    who = await moving.people(database)
    case_id = await eligible(database, who)
    validity = await ladder(database, case_id, "validity")

    async def extend(days: int) -> None:
        body = bodies.Extend("Ill", deadlines.local_day(validity.due_at, "America/Montreal") + days * DAY)
        await moving.send(database, case_id, "extend", actor=who.lead, role=Role.LEAD, body=body)

    async with moving.nothing_changes(database, "date_not_later"):
        await extend(-30)  # later than the idle lapse, yet earlier than what was promised
    await extend(60)
    case = await moving.case_of(database, case_id)
    given = (await ladder(database, case_id, "validity")).due_at
    zone = case.zone  # clocks change between the two
    assert deadlines.local_day(given, zone) - deadlines.local_day(validity.due_at, zone) == 60 * DAY
    assert case.due_at == given == (await ladder(database, case_id, "idle")).due_at
    assert (await moving.rung(database, case_id, "idle/lapse")).at == given
    await active(database, case_id, NOW + 10 * DAY)
    await moving.strike(database, case_id, "idle/first")
    assert (await ladder(database, case_id, "idle")).due_at == given  # 240 days from then would be earlier


@pytest.mark.parametrize("rung", ["early", "late"])
async def test_a_reminder_says_until_when_that_very_assessor_has_time(database: Database, rung: str) -> None:
    who = await moving.people(database)
    case_id = await moving.assessing(database, who)
    (seat,) = await moving.seats_of(database, case_id, SeatState.ACCEPTED)
    own = NOW + 100 * DAY
    async with database.writing() as session:
        (await session.get_one(Assignment, seat.id)).due_at = own
    await moving.strike(database, case_id, f"assessment/{rung}")
    (mail,) = await mails(database, case_id, "assessment_reminder")
    assert (mail.recipient, due_in(mail)) == (who.assessor.id, own)


async def test_the_reminder_of_an_offer_says_until_when_the_offer_stands(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.assigning(database, who)
    (seat,) = await moving.seats_of(database, case_id, SeatState.OFFERED)
    async with database.writing() as session:
        (await cases.get(session, case_id)).due_at = seat.respond_by + 9 * DAY
    await moving.strike(database, case_id, f"offer:{seat.id}/remind")
    (mail,) = await mails(database, case_id, "offer_reminder")
    assert due_in(mail) == seat.respond_by


async def invented(database: Database, case_id: UUID, limit: str, rung: str) -> DeadlineRow:
    """What an earlier release left: a limit that runs and a rung of it, due today."""
    async with database.writing() as session:
        case = await cases.get(session, case_id)
        row = LimitRow(
            id=new_id(),
            case_id=case_id,
            stage=case.stage,
            stage_entry=99,
            key=limit,
            state=LimitState.RUNNING,
            started_at=NOW,
            due_at=NOW + DAY,
        )
        await makers.stored(session, row)
        key = f"99/{limit}/{rung}"
        return await makers.stored(
            session,
            DeadlineRow(id=new_id(), case_id=case_id, limit_id=row.id, key=key, at=NOW, state=DeadlineState.OPEN),
        )


@pytest.mark.parametrize(("limit", "rung"), [("eligibility", "renamed"), ("renamed", "due")])
async def test_a_rung_that_a_release_no_longer_knows_is_dropped_and_the_case_goes_on(
    database: Database, limit: str, rung: str
) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    left = await invented(database, case_id, limit, rung)
    await moving.tick(database, case_id, "deadline_reached", left.key)
    async with database.reading() as session:
        row = await session.get_one(DeadlineRow, left.id)
        assert (row.state, row.settled_at) == (DeadlineState.DROPPED, NOW)
    await moving.send(database, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    assert (await moving.case_of(database, case_id)).stage is Stage.ELIGIBLE
    async with database.reading() as session:
        assert (await session.get_one(LimitRow, left.limit_id)).state is LimitState.OVER
