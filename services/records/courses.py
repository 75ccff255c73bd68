"""What is read of a programme's cases at night, before it is counted how far they came and how long that took.

One pass over the cases, one over the spans of time of what was decided lately. `records/progress.py` counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import calendars, enquiries, programmes, safeguards, sampling, seat_times
from services.records.safeguards import Happened
from services.records.tables.assessment import Assignment, Judgement
from services.records.tables.cases import Case, CaseSpan, StageHistory
from services.records.tables.commands import CommandRow, CommandStatus
from services.records.tables.credentials import Credential
from services.records.tables.decisions import Letter
from services.records.tables.statistics import GroupYear, ProgressCount
from services.rules import deadlines, progress
from services.rules.agreement import Quarter
from services.rules.case import Clock, ClosedAs, SeatState, Stage, WaitingOn
from services.rules.commands import LeavingReason

LOOKED_BACK = 4
"""Quarters before the present one whose events are counted anew."""

LETTER_WITHIN = timedelta(days=62)
"""How much earlier than its letter a decision may lie: far more than a letter takes."""

HELD = (SeatState.ACCEPTED, SeatState.SUBMITTED, SeatState.FINAL, SeatState.DISMISSED)
"""States of a seat that somebody had taken."""


@dataclass(frozen=True, slots=True)
class Course:
    """One case, and when it first entered what counts as a step, in the order in which the columns are asked for.

    Words and the ids of its calendar are as they are stored: to make objects of them costs as much as all the rest.
    """

    id: UUID
    learner: UUID
    zone: str
    language: str
    purpose: str
    version: str
    calendar: str | None
    stage: str
    waiting_on: str
    closed_as: str | None
    closed_at: datetime | None
    return_to: str | None
    outcome: str | None
    rounds: int
    created: datetime
    submitted: datetime | None
    eligible: datetime | None
    deposited: datetime | None
    assessed: datetime | None
    decided: datetime | None
    appealed: datetime | None

    @property
    def days_by(self) -> tuple[str, str | None]:
        """Which calendar counts its business days: the programme's version, and an edition that replaces its own."""
        return self.version, self.calendar


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time of one case in one stage, in which our clock ran or its learner was waited for."""

    case_id: UUID
    stage: str
    ours: bool
    theirs: bool
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of one programme before anything is counted; `first`: the oldest quarter whose events are.

    `owed`: the year that is over and not yet counted in groups.
    """

    programme: str
    institution: str
    zone: str
    first: Quarter | None
    cohorts: Quarter | None
    now: datetime
    owed: int | None = None
    courses: tuple[Course, ...] = ()
    spans: tuple[Span, ...] = ()
    calendars: Mapping[tuple[str, str | None], deadlines.Calendar] = field(default_factory=dict)
    issued: frozenset[UUID] = frozenset()
    opened: frozenset[UUID] = frozenset()
    reasons: Mapping[UUID, str] = field(default_factory=dict)
    happened: tuple[Happened, ...] = ()
    seats: tuple[tuple[str, datetime, datetime | None], ...] = ()
    work: seat_times.Work = field(default_factory=seat_times.Work)
    enquired: tuple[enquiries.Counted, ...] = ()

    @property
    def today(self) -> Quarter:
        """The quarter that runs."""
        return Quarter.of(deadlines.local_day(self.now, self.zone))


async def gather(session: AsyncSession, programme: str, *, now: datetime) -> Gathered:
    """Read what the figures of `programme` are made of."""
    version = await programmes.last_published(session, programme)
    policy = (await programmes.read(session, version.id)).policy
    zone = policy.calendar.zone
    today = Quarter.of(deadlines.local_day(now, zone))
    known = select(ProgressCount.quarter).where(
        col(ProgressCount.programme) == programme, col(ProgressCount.definition) == progress.DEFINITION
    )
    anew = (await session.exec(known.limit(1))).first() is None
    owed = await _owed(session, programme, last=today.year - 1)
    # A year that is owed is read from its beginning, however late the night.
    first = None if anew else min(today.later(-LOOKED_BACK), Quarter(owed or today.year, 1))
    cohorts = None if anew else today.later(-progress.FOLLOWED)
    since = sampling.begin(first, zone) if first else None
    courses = await _courses(
        session, programme, since=since, cohorts=sampling.begin(cohorts, zone) if cohorts else None
    )
    return Gathered(
        programme=programme,
        institution=version.institution_id,
        zone=zone,
        first=first,
        cohorts=cohorts,
        now=now,
        owed=owed,
        courses=courses,
        spans=await _spans(session, programme, since=since),
        calendars={one: await _calendar(session, *one) for one in {course.days_by for course in courses}},
        issued=await _those(session, programme, Credential, col(Credential.published_at).is_not(None)),
        # Of a decision: the letter of a lapse accepts nothing.
        opened=await _those(
            session, programme, Letter, col(Letter.opened_at).is_not(None) & col(Letter.decision_id).is_not(None)
        ),
        reasons=await _reasons(session, programme),
        happened=await safeguards.happened(session, programme, first=first, today=today, zone=zone),
        seats=tuple(await _seats(session, programme, since=since, now=now)),
        work=await seat_times.gather(session, programme, policy=policy, since=since),
        enquired=tuple(await enquiries.by_quarter(session, programme, first=cohorts)),
    )


async def _owed(session: AsyncSession, programme: str, *, last: int) -> int | None:
    return None if await session.get(GroupYear, (programme, last)) else last


def _lately(column: Any, since: datetime | None) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column of any table
    return sa.true() if since is None else col(column) >= since


def _as_stored(column: Any) -> sa.ColumnElement[Any]:  # noqa: ANN401 - a column of any table
    return sa.type_coerce(column, sa.String)


async def _courses(
    session: AsyncSession, programme: str, *, since: datetime | None, cohorts: datetime | None
) -> tuple[Course, ...]:
    def first(stage: Stage) -> sa.ColumnElement[Any]:
        return sa.func.min(sa.case((col(StageHistory.to_stage) == stage, col(StageHistory.at))))

    wanted = col(Case.programme) == programme
    if cohorts is not None and since is not None:
        wanted &= (col(Case.created_at) >= cohorts) | (col(Case.active_at) >= since) | (col(Case.closed_at) >= since)
    # Aggregated by itself, so that no column of the case has to be grouped by.
    steps = (
        sa.select(
            col(StageHistory.case_id).label("case_id"),
            first(Stage.ELIGIBLE).label("eligible"),
            first(Stage.PORTFOLIO_SUBMITTED).label("deposited"),
            first(Stage.DECISION_PENDING).label("assessed"),
            first(Stage.DECIDED).label("decided"),
            first(Stage.UNDER_REVIEW).label("appealed"),
        )
        .join(Case, col(Case.id) == col(StageHistory.case_id))
        .where(wanted)
        .group_by(col(StageHistory.case_id))
        .subquery()
    )
    rows = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(
            col(Case.id), col(Case.learner_id), col(Case.zone), col(Case.language), col(Case.purpose),
            _as_stored(Case.programme_version_id),
            _as_stored(Case.calendar_id), _as_stored(Case.stage), _as_stored(Case.waiting_on),
            _as_stored(Case.closed_as), col(Case.closed_at), _as_stored(Case.return_to), col(Case.outcome),
            col(Case.rounds_used), col(Case.created_at), col(Case.submitted_at),
            steps.c.eligible, steps.c.deposited, steps.c.assessed, steps.c.decided, steps.c.appealed,
        )
        .outerjoin(steps, steps.c.case_id == col(Case.id))
        .where(wanted)
    )  # fmt: skip
    return tuple(Course(*row) for row in rows)


async def _spans(session: AsyncSession, programme: str, *, since: datetime | None) -> tuple[Span, ...]:
    rows = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(
            col(CaseSpan.case_id),
            _as_stored(CaseSpan.stage),
            col(CaseSpan.clock) == Clock.RUNNING,
            col(CaseSpan.waiting_on) == WaitingOn.LEARNER,
            col(CaseSpan.started_at),
            col(CaseSpan.ended_at),
        )
        .join(Case, col(Case.id) == col(CaseSpan.case_id))
        .where(
            col(Case.programme) == programme,
            col(Case.decided_at).is_not(None),
            _lately(Case.decided_at, since and since - LETTER_WITHIN),
            col(CaseSpan.ended_at).is_not(None),
            (col(CaseSpan.clock) == Clock.RUNNING) | (col(CaseSpan.waiting_on) == WaitingOn.LEARNER),
        )
    )
    return tuple(Span(*row) for row in rows)


async def _calendar(session: AsyncSession, version: str, calendar: str | None) -> deadlines.Calendar:
    if calendar is not None:
        return await calendars.read(session, UUID(str(calendar)))
    return (await programmes.read(session, UUID(str(version)))).policy.calendar


async def _those(
    session: AsyncSession, programme: str, table: type[Credential] | type[Letter], condition: sa.ColumnElement[bool]
) -> frozenset[UUID]:
    rows = await session.exec(
        select(table.case_id)
        .join(Case, col(Case.id) == col(table.case_id))
        .where(col(Case.programme) == programme, condition)
        .distinct()
    )
    return frozenset(rows)


async def _reasons(session: AsyncSession, programme: str) -> dict[UUID, str]:
    """Why learners left whose case is closed as withdrawn, by case; the last word counts."""
    rows = await session.exec(
        select(CommandRow.case_id, CommandRow.body)
        .join(Case, col(Case.id) == col(CommandRow.case_id))
        .where(
            col(Case.programme) == programme,
            col(Case.closed_as) == ClosedAs.WITHDRAWN,
            col(CommandRow.kind) == "withdraw",
            col(CommandRow.status) == CommandStatus.APPLIED,
        )
        .order_by(col(CommandRow.case_id), col(CommandRow.version))
    )
    return {case_id: str(body.get("reason", LeavingReason.NOT_SAID)) for case_id, body in rows}


async def _seats(
    session: AsyncSession, programme: str, *, since: datetime | None, now: datetime
) -> list[tuple[str, datetime, datetime | None]]:
    """Seats whose day has come: what for, which day, and when the last of it was sent in."""
    rows = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(col(Assignment.seat), col(Assignment.due_at), sa.func.max(col(Judgement.locked_at)))
        .join(Case, col(Case.id) == col(Assignment.case_id))
        .outerjoin(Judgement, col(Judgement.assignment_id) == col(Assignment.id))
        .where(
            col(Case.programme) == programme,
            col(Assignment.state).in_(HELD),
            _lately(Assignment.due_at, since),
            col(Assignment.due_at) < now,
        )
        .group_by(col(Assignment.id), col(Assignment.seat), col(Assignment.due_at))
    )
    return [(str(seat), due, sent) for seat, due, sent in rows]
