"""Limits and their rungs as rows: begun with a stage, stopped while the case waits elsewhere, ended with it."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import due_dates
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.commands import DeadlineRow, DeadlineState, LimitRow, LimitState
from services.rules import deadlines, limits
from services.rules.case import Stage
from services.rules.deadlines import Span, Unit
from services.rules.ladders import Limit
from services.rules.programmes import Policy

DETOURS = frozenset({Stage.INCOMPLETE, Stage.MORE_EVIDENCE, Stage.DIRECT_ASSESSMENT})
"""Stages from which the case comes back to where it was: what ran there stands still meanwhile."""

STOPPING = DETOURS | {Stage.UNDER_REVIEW}
"""Stages during which a limit that can be stopped stands still."""

SEATED = frozenset(limits.LIMIT["offer"].stages)
"""Stages in which an offer stays on the table."""

UNDER_WAY = (LimitState.RUNNING, LimitState.PAUSED)
"""States of a limit that a stage has yet to leave behind."""

IDLE = "idle"
"""The limit that every activity of the learner begins anew."""

WARNED_BEFORE = timedelta(days=5)
"""How long before a lapse the last of its warnings is sent, at the least, when some of them never went out."""


async def enter(session: AsyncSession, *, case: Case, previous: Stage, policy: Policy, now: datetime) -> None:
    """End or stop what ran in `previous`, begin or resume what runs in the case's present stage, set `case.due_at`."""
    rows = await alive(session, case.id, *UNDER_WAY, LimitState.STOPPED)
    left = [row for row in rows if row.state in UNDER_WAY and not _stays(row, case)]
    for row in left:
        _leave(row=row, case=case, previous=previous, policy=policy, now=now)
    await drop(session, *left, now=now)
    stopped_here = {row.key: row for row in rows if row.state is LimitState.STOPPED and row.stage == case.stage}
    dues = []
    for limit in limits.of_stage(case.stage, case.moderation):
        if limit.span and getattr(policy, limit.span) is None:
            continue
        until = None
        stopped = stopped_here.get(limit.key)
        if stopped is not None:
            stopped.state = LimitState.OVER
            until = _resumes_until(stopped, case=case, policy=policy, now=now)
        begun = await begin(session, case=case, policy=policy, limit=limit, now=now, until=until)
        dues.append(begun.due_at)
    case.due_at = min(dues, default=None)


async def turn(session: AsyncSession, *, case: Case, policy: Policy, now: datetime) -> None:
    """Within moderation: end what ran for the old way of settling, begin what runs for the new one."""
    wanted = limits.of_stage(case.stage, case.moderation)
    keys = {limit.key for limit in wanted}
    running = await alive(session, case.id, *UNDER_WAY)
    for row in running:
        limit = limits.LIMIT.get(row.key)
        if limit is not None and limit.way is not None and row.key not in keys:
            row.state = LimitState.OVER
            await drop(session, row, now=now)
    present = {row.key for row in running}
    for limit in wanted:
        if limit.way is not None and limit.key not in present:
            await begin(session, case=case, policy=policy, limit=limit, now=now)
    case.due_at = await first_due(session, case)


def _resumes_until(stopped: LimitRow, *, case: Case, policy: Policy, now: datetime) -> datetime:
    left = Span(stopped.remaining or 0, Unit.BUSINESS_DAY)
    return deadlines.end_of_day(deadlines.add(policy.calendar, deadlines.local_day(now, case.zone), left), case.zone)


async def due_again(
    session: AsyncSession, *, case: Case, stage: Stage, key: str, policy: Policy, now: datetime
) -> datetime | None:
    """When the stopped limit `key` of `stage` would be due if it resumed now; None where none is stopped."""
    stopped = await _stopped(session, case=case, stage=stage, key=key)
    return _resumes_until(stopped, case=case, policy=policy, now=now) if stopped else None


# Every command that moves a case asks this, so it is built once.
_IN_STATES = select(LimitRow).where(
    col(LimitRow.case_id) == sa.bindparam("case", type_=sa.Uuid()),
    col(LimitRow.state).in_(sa.bindparam("states", expanding=True)),
)


async def alive(session: AsyncSession, case_id: UUID, *states: LimitState) -> list[LimitRow]:
    """The limits of a case in one of `states`: those that run, unless said."""
    known = {"case": case_id, "states": states or (LimitState.RUNNING,)}
    return list(await session.exec(_IN_STATES, params=known))


async def _stopped(session: AsyncSession, *, case: Case, stage: Stage, key: str) -> LimitRow | None:
    rows = await session.exec(
        select(LimitRow).where(
            col(LimitRow.case_id) == case.id,
            col(LimitRow.stage) == stage,
            col(LimitRow.key) == key,
            col(LimitRow.state) == LimitState.STOPPED,
        )
    )
    return rows.first()


def _stays(row: LimitRow, case: Case) -> bool:
    """Whether a limit runs on in the stage that the case enters: the offer of a seat does, where there are seats."""
    return _per_seat(row) and case.stage in SEATED


def _leave(*, row: LimitRow, case: Case, previous: Stage, policy: Policy, now: datetime) -> None:
    """Stop the limit where the case comes back to it, and end it otherwise."""
    limit = limits.LIMIT.get(row.key.partition(":")[0])  # None: begun by a release that still had it
    if limit is not None and limit.stops and case.stage in STOPPING and case.return_to == previous:
        today = deadlines.local_day(now, case.zone)
        due_day = deadlines.local_day(row.due_at, case.zone)
        row.remaining = deadlines.business_days(policy.calendar, today, due_day)
        row.state = LimitState.STOPPED
    else:
        row.state = LimitState.OVER


async def drop(session: AsyncSession, *rows: LimitRow, now: datetime) -> None:
    """Drop what is left of the ladders of `rows`."""
    if rows:
        await session.exec(
            sa.update(DeadlineRow)
            .where(col(DeadlineRow.limit_id).in_([row.id for row in rows]))
            .where(col(DeadlineRow.state) == DeadlineState.OPEN)
            .values(state=DeadlineState.DROPPED, settled_at=now)
        )


async def begin(
    session: AsyncSession,
    *,
    case: Case,
    policy: Policy,
    limit: Limit,
    now: datetime,
    subject: str = "",
    until: datetime | None = None,
) -> LimitRow:
    """Start `limit` now; it is due after its policy span, or at `until` where the date is already fixed.

    In a case that stands still it stands still as well, until the case goes on.
    """
    due = until or due_dates.due_of(case=case, policy=policy, limit=limit, start=now)
    key = f"{limit.key}:{subject}" if subject else limit.key
    row = LimitRow(
        id=new_id(),
        case_id=case.id,
        stage=case.stage,
        stage_entry=case.stage_entry,
        key=key,
        state=LimitState.PAUSED if case.paused_until else LimitState.RUNNING,
        started_at=now,
        due_at=due,
    )
    session.add(row)
    await session.flush()
    if row.state is LimitState.RUNNING:
        await arm(session, row=row, case=case, policy=policy, start=now, now=now, new=True)
    return row


async def renew(
    session: AsyncSession, *, case: Case, policy: Policy, limit: Limit, now: datetime, until: datetime | None = None
) -> LimitRow:
    """Start `limit` now, also where this stay in the stage has had it before: its rungs get their new instants."""
    rows = await session.exec(
        select(LimitRow).where(
            col(LimitRow.case_id) == case.id,
            col(LimitRow.stage_entry) == case.stage_entry,
            col(LimitRow.key) == limit.key,
        )
    )
    row = rows.first()
    if row is None:
        return await begin(session, case=case, policy=policy, limit=limit, now=now, until=until)
    row.state, row.started_at = LimitState.RUNNING, now
    row.due_at = until or due_dates.due_of(case=case, policy=policy, limit=limit, start=now)
    await arm(session, row=row, case=case, policy=policy, start=now, now=now)
    return row


async def arm(
    session: AsyncSession,
    *,
    row: LimitRow,
    case: Case,
    policy: Policy,
    start: datetime,
    now: datetime,
    new: bool = False,
) -> None:
    """Write the limit's rungs with their instants, or give those written before their new ones; a `new` one has none.

    A rung still to come is open, also one that fired under the old date. A mail whose time is past is left as it is,
    or not written at all; a move whose time is past is due at once.
    """
    limit = limits.LIMIT[row.key.partition(":")[0]]
    written = () if new else await session.exec(select(DeadlineRow).where(col(DeadlineRow.limit_id) == row.id))
    present = {rung.key: rung for rung in written}
    for rung in limit.rungs:
        if rung.only_if and not getattr(policy, rung.only_if):
            continue
        at = due_dates.instant(rung, case=case, policy=policy, start=start, due=row.due_at, learner=limit.learner)
        key = f"{row.stage_entry}/{row.key}/{rung.key}"
        if at <= now and not rung.becomes:
            continue
        if key in present:
            present[key].at, present[key].state, present[key].settled_at = at, DeadlineState.OPEN, None
        else:
            session.add(
                DeadlineRow(id=new_id(), case_id=case.id, limit_id=row.id, key=key, at=at, state=DeadlineState.OPEN)
            )
    await session.flush()


async def end(session: AsyncSession, *, case_id: UUID, key: str, now: datetime) -> None:
    """End one limit (`offer:<assignment>` for a seat) and drop its rungs."""
    rows = await session.exec(
        select(LimitRow).where(
            col(LimitRow.case_id) == case_id,
            col(LimitRow.key) == key,
            col(LimitRow.state).in_(UNDER_WAY),
        )
    )
    for row in rows:
        row.state = LimitState.OVER
        await drop(session, row, now=now)


async def extend(
    session: AsyncSession, *, case: Case, policy: Policy, now: datetime, until: datetime | None = None
) -> datetime:
    """Move the stage's limit later, by the policy's extension or to `until`, and answer the new due time.

    Raises `LookupError` when no limit of the stage runs. A date never moves earlier; the caller checks `until`.
    The stage's other limits leave the case at least as long.
    """
    running = await _running(session, case)
    if not running:
        raise LookupError(case.stage)
    row, *others = running
    limit = limits.LIMIT[row.key]
    row.due_at = until or deadlines.due(
        policy.calendar,
        row.due_at,
        policy.extension,
        zone=case.zone,
        learner=limit.learner,
        extra_time=case.extra_time,
    )
    await arm(session, row=row, case=case, policy=policy, start=row.started_at, now=now)
    for other in others:
        other.due_at = max(other.due_at, row.due_at)
        if other.key == IDLE:
            await _anew(session, row=other, case=case, policy=policy, now=now)
        else:
            await arm(session, row=other, case=case, policy=policy, start=other.started_at, now=now)
    case.due_at = await first_due(session, case)
    return row.due_at


async def extendable_due(session: AsyncSession, case: Case) -> datetime | None:
    """When the limit that `extend` moves is due now."""
    running = await _running(session, case)
    return running[0].due_at if running else None


async def _running(session: AsyncSession, case: Case) -> list[LimitRow]:
    """The limits of the case's stage that run, without those of seats, in the order of the table."""
    keys = [limit.key for limit in limits.of_stage(case.stage, case.moderation)]
    return sorted(
        (row for row in await alive(session, case.id) if row.key in keys), key=lambda row: keys.index(row.key)
    )


async def dates(session: AsyncSession, case: Case) -> list[tuple[str, datetime]]:
    """Every date that runs for the case as a whole, first to last, by the key of its limit; none of a seat."""
    if case.paused_until is not None:
        return [("pause", case.paused_until)]
    return sorted(((row.key, row.due_at) for row in await _running(session, case)), key=lambda date: date[1])


async def anew(session: AsyncSession, *, case: Case, policy: Policy, key: str, now: datetime) -> datetime:
    """Begin the running limit `key` of the case's stage again from now, and answer when it is due.

    Raises `LookupError` where it does not run. A date that was given never moves earlier.
    """
    row = next((row for row in await _running(session, case) if row.key == key), None)
    if row is None:
        raise LookupError(key)
    row.started_at = now
    row.due_at = max(row.due_at, due_dates.due_of(case=case, policy=policy, limit=limits.LIMIT[key], start=now))
    await arm(session, row=row, case=case, policy=policy, start=now, now=now)
    case.due_at = await first_due(session, case)
    return row.due_at


async def first_due(session: AsyncSession, case: Case) -> datetime | None:
    """The first of the dates of the case's stage: what happens next is what people have to know."""
    rows = await alive(session, case.id)
    return min((row.due_at for row in rows if not _per_seat(row)), default=None)


def _per_seat(row: LimitRow) -> bool:
    limit = limits.LIMIT.get(row.key.partition(":")[0])
    return limit is not None and limit.per_seat


async def again_later(session: AsyncSession, *, rung: DeadlineRow, now: datetime) -> None:
    """Let a rung whose move was not possible try again in a day."""
    rung.at = now + timedelta(days=1)
    await session.flush()


async def postpone(session: AsyncSession, *, rung: DeadlineRow, case: Case, now: datetime) -> LimitRow:
    """Move the lapse whose warnings are missing by the days that one more warning leaves, and answer its limit."""
    row = await session.get_one(LimitRow, rung.limit_id)
    rung.at = deadlines.end_of_day(deadlines.local_day(now, case.zone) + WARNED_BEFORE, case.zone)
    row.due_at = rung.at
    case.due_at = await first_due(session, case)
    await session.flush()
    return row


async def since_last_activity(
    session: AsyncSession, *, rung: DeadlineRow, case: Case, policy: Policy, now: datetime
) -> bool:
    """Whether the learner was active since the limit began, so that this rung comes later; the limit begins anew."""
    row = await session.get_one(LimitRow, rung.limit_id)
    if case.active_at <= row.started_at:
        return False
    await _anew(session, row=row, case=case, policy=policy, now=now)
    case.due_at = await first_due(session, case)
    return rung.at > now  # on the day on which the limit began, or long ago: the rung is due all the same


async def _anew(session: AsyncSession, *, row: LimitRow, case: Case, policy: Policy, now: datetime) -> None:
    """Begin an idle limit anew from the learner's last activity; a date that was given never moves earlier."""
    row.started_at = max(row.started_at, case.active_at)
    due = due_dates.due_of(case=case, policy=policy, limit=limits.LIMIT[row.key], start=row.started_at)
    row.due_at = max(row.due_at, due)
    await arm(session, row=row, case=case, policy=policy, start=row.started_at, now=now)
