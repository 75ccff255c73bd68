"""A case that stands still: its limits are frozen, and moved by the time that it stood when it goes on."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import limits
from services.records.ids import new_id
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case
from services.records.tables.commands import LimitRow, LimitState
from services.records.tables.support import Pause
from services.rules import deadlines
from services.rules import limits as ladder
from services.rules.case import SeatState
from services.rules.commands import PauseReason
from services.rules.deadlines import Calendar
from services.rules.programmes import Policy


async def of_case(session: AsyncSession, case: Case) -> list[Pause]:
    """Every pause of the case, oldest first."""
    rows = await session.exec(select(Pause).where(col(Pause.case_id) == case.id).order_by(col(Pause.started_at)))
    return list(rows)


async def latest_end(session: AsyncSession, *, case: Case, policy: Policy, now: datetime) -> datetime:
    """The end of the last day that a pause that begins now may have: all pauses together have one length."""
    stood = sum((one.ended_at - one.started_at for one in await of_case(session, case) if one.ended_at), timedelta(0))
    today = deadlines.local_day(now, case.zone)
    last = deadlines.add(policy.calendar, today, policy.pause_limit)
    return deadlines.end_of_day(max(last - timedelta(days=stood.days), today), case.zone)


async def begin(
    session: AsyncSession,
    *,
    case: Case,
    policy: Policy,
    reason: PauseReason,
    until: datetime,
    command_id: UUID,
    now: datetime,
) -> None:
    """Let the case stand still until the end of the day of `until`; every limit that runs is frozen."""
    for row in await limits.alive(session, case.id):
        row.state = LimitState.PAUSED
        await limits.drop(session, row, now=now)
    pause = Pause(id=new_id(), case_id=case.id, command_id=command_id, reason=reason, started_at=now, until=until)
    session.add(pause)
    limit = ladder.LIMIT["pause"]
    await limits.begin(session, case=case, policy=policy, limit=limit, now=now, subject=str(pause.id), until=until)
    case.paused_until = case.due_at = until
    await session.flush()


async def end(session: AsyncSession, *, case: Case, now: datetime) -> Pause:
    """End the pause of a case that has one."""
    rows = await session.exec(select(Pause).where(col(Pause.case_id) == case.id, col(Pause.ended_at).is_(None)))
    pause = rows.one()
    pause.ended_at, case.paused_until = now, None
    await session.flush()
    return pause


async def go_on(session: AsyncSession, *, case: Case, policy: Policy, now: datetime) -> None:
    """End the pause, and let every limit run again with the time that it had left."""
    pause = await end(session, case=case, now=now)
    since = pause.started_at
    await limits.end(session, case_id=case.id, key=f"pause:{pause.id}", now=now)
    case.active_at = _later(case.active_at, since=since, now=now)
    for row in await limits.alive(session, case.id, LimitState.PAUSED):
        await _let_run(session, row=row, case=case, policy=policy, since=since, now=now)
    await _move_seats(session, case=case, calendar=policy.calendar, since=since, now=now)
    case.due_at = await limits.first_due(session, case)


def _later(at: datetime, *, since: datetime, now: datetime) -> datetime:
    """`at`, as if the time from `since` until now had not passed."""
    return at + (now - max(at, since))


async def _let_run(
    session: AsyncSession, *, row: LimitRow, case: Case, policy: Policy, since: datetime, now: datetime
) -> None:
    stopped = max(since, row.started_at)
    row.state = LimitState.RUNNING
    row.due_at = deadlines.later_by(policy.calendar, row.due_at, stopped=stopped, resumed=now, zone=case.zone)
    start = _later(row.started_at, since=since, now=now)
    if row.key == limits.IDLE:
        row.started_at = start
    # The row keeps its true beginning: two warnings that were sent before the pause were sent.
    await limits.arm(session, row=row, case=case, policy=policy, start=start, now=now)


async def _move_seats(session: AsyncSession, *, case: Case, calendar: Calendar, since: datetime, now: datetime) -> None:
    """Whoever is asked or at work has the days left that they had."""
    rows = await session.exec(
        select(Assignment).where(
            col(Assignment.case_id) == case.id,
            col(Assignment.state).in_((SeatState.OFFERED, SeatState.ACCEPTED)),
        )
    )
    for seat in rows:
        stopped = max(since, seat.answered_at or seat.offered_at)
        if seat.state is SeatState.OFFERED:
            seat.respond_by = deadlines.later_by(
                calendar, seat.respond_by, stopped=stopped, resumed=now, zone=case.zone
            )
        elif seat.due_at is not None:
            seat.due_at = deadlines.later_by(calendar, seat.due_at, stopped=stopped, resumed=now, zone=case.zone)
    await session.flush()
