"""The cases that a person follows, as a list to work from: what needs them, what is late, what may go wrong.

The reader's access is in every statement (`visibility.cases_followed_by`), so rows, counts and exports agree. Source:
interface design, section 7.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlalchemy.sql import ColumnElement
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import messages
from services.records.database import UtcDateTime
from services.records.tables.cases import CASE_OPEN, Case, CaseSpan
from services.records.tables.commands import Mail
from services.records.tables.evidence import EvidenceItem
from services.records.tables.people import Person, PersonRole
from services.records.tables.programmes import ProgrammeVersion
from services.records.tables.support import CHALLENGE_WAITS, LapseChallenge
from services.records.visibility import FOLLOWING, cases_followed_by
from services.rules.case import Clock, Stage, WaitingOn
from services.rules.conversations import Thread
from services.rules.people import Caller, Role
from services.rules.programmes import Text

PAGE = 50
MOST = 10_000
"""Rows of an export: more than any caseload, and an end all the same."""

OVER = (Stage.CLOSED, Stage.DECIDED, Stage.NOT_ELIGIBLE)
"""Where a case is that nobody works on; the others are the open ones of `CASE_OPEN`."""

SILENT, SOON, WITHOUT_EVIDENCE = timedelta(days=14), timedelta(days=3), timedelta(days=10)
"""From when on a case is at risk: nothing heard of its learner, almost due, nothing shown since it could be."""


class Counter(StrEnum):
    """The four questions with which a day begins; no case needs its reader and waits for its learner at once."""

    NEEDS_ME = "needs_me"
    OVERDUE = "overdue"
    AT_RISK = "at_risk"
    WAITING = "waiting_on_learner"


class Sort(StrEnum):
    """In which order the list stands."""

    DUE = "due"
    NAME = "name"
    NUMBER = "number"
    QUIET = "quiet"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are asked for: every field narrows the list, `closed` asks for those that are over instead.

    `mine`: only those that the reader follows as advisor or mentor; `text`: part of a number or of a learner's name.
    """

    counter: Counter | None = None
    stage: Stage | None = None
    waiting_on: WaitingOn | None = None
    clock: Clock | None = None
    programme: str = ""
    language: str = ""
    advisor: UUID | None = None
    mine: bool = False
    closed: bool = False
    sort: Sort = Sort.DUE
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the list; `contact`: when its learner last did something, or was last written to."""

    id: UUID
    number: str
    learner: str
    programme: str
    stage: Stage
    waiting_on: WaitingOn
    clock: Clock
    due_at: datetime | None
    zone: str
    needs_attention: bool
    paused: bool
    contact: datetime


Order = ColumnElement[Any] | Mapped[Any]

Rows = sa.Select[*tuple[Any, ...]]

_KEYS: dict[Sort, tuple[Order, sa.types.TypeEngine[Any], bool]] = {
    Sort.DUE: (col(Case.due_at), UtcDateTime(), False),
    Sort.NAME: (sa.func.lower(col(Person.name)), sa.String(), False),
    Sort.NUMBER: (col(Case.number), sa.String(), False),
    Sort.QUIET: (col(Case.active_at), UtcDateTime(), False),
    Sort.NEWEST: (col(Case.created_at), UtcDateTime(), True),
}
"""What each order goes by, of which type it is, and whether it begins with the last."""


def _held(caller: Caller, role: Role) -> ColumnElement[bool]:
    return cases_followed_by(caller, {role})


def _challenged() -> ColumnElement[bool]:
    """A lapse waits for its ruling: few cases at a time, so they are found by their challenges."""
    return col(Case.id).in_(sa.select(col(LapseChallenge.case_id)).where(CHALLENGE_WAITS))


def _asked(caller: Caller) -> ColumnElement[bool]:
    """A learner wrote and the answer is the reader's: the advisor's, the mentor's, or a lead's while nobody advises."""
    guidance = messages.unanswered(Thread.GUIDANCE)
    return sa.or_(
        sa.and_(guidance, _held(caller, Role.ADVISOR)),
        sa.and_(guidance, col(Case.advisor_id).is_(None), _held(caller, Role.LEAD)),
        sa.and_(messages.unanswered(Thread.MENTORING), _held(caller, Role.MENTOR)),
    )


def _needs(caller: Caller) -> ColumnElement[bool]:
    """The next step is the reader's: as the case's advisor, or as a lead, to whom alarms go as well."""
    challenged = _challenged()
    leads = sa.or_(col(Case.waiting_on) == WaitingOn.LEAD, col(Case.needs_attention).is_not(None), challenged)
    return sa.or_(
        sa.and_(CASE_OPEN, col(Case.waiting_on) == WaitingOn.ADVISOR, _held(caller, Role.ADVISOR)),
        sa.and_(sa.or_(CASE_OPEN, challenged), leads, _held(caller, Role.LEAD)),
        _asked(caller),
    )


def _at_risk(caller: Caller, now: datetime) -> ColumnElement[bool]:
    waits = col(Case.waiting_on) == WaitingOn.LEARNER
    begun = sa.exists().where(
        col(CaseSpan.case_id) == col(Case.id),
        col(CaseSpan.stage) == Stage.ELIGIBLE,
        col(CaseSpan.started_at) <= now - WITHOUT_EVIDENCE,
    )
    shown = sa.exists().where(col(EvidenceItem.case_id) == col(Case.id), col(EvidenceItem.removed_at).is_(None))
    # A mentor is told nothing of a portfolio, so not that it is empty either.
    empty = sa.and_(col(Case.stage) == Stage.ELIGIBLE, begun, ~shown, ~_mentored(caller))
    return sa.and_(
        CASE_OPEN,
        sa.or_(
            sa.and_(waits, col(Case.active_at) <= now - SILENT),
            sa.and_(col(Case.due_at) >= now, col(Case.due_at) <= now + SOON),
            empty,
        ),
    )


def _mentored(caller: Caller) -> ColumnElement[bool]:
    return sa.func.coalesce(col(Case.mentor_id) == UUID(caller.id), sa.false())


def _counted(caller: Caller, now: datetime) -> dict[Counter, ColumnElement[bool]]:
    needs = _needs(caller)
    return {
        Counter.NEEDS_ME: needs,
        Counter.OVERDUE: sa.and_(CASE_OPEN, col(Case.due_at) < now),
        Counter.AT_RISK: _at_risk(caller, now),
        Counter.WAITING: sa.and_(CASE_OPEN, col(Case.waiting_on) == WaitingOn.LEARNER, ~needs),
    }


async def counters(session: AsyncSession, *, caller: Caller, now: datetime) -> dict[Counter, int]:
    """How many of the cases that `caller` follows answer each question, in one statement."""
    asked = _counted(caller, now)
    sums = [sa.func.coalesce(sa.func.sum(sa.case((one, 1), else_=0)), 0) for one in asked.values()]
    rows = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(*sums)
        .select_from(Case)
        .where(sa.or_(CASE_OPEN, _challenged(), _asked(caller)), cases_followed_by(caller))
    )
    return dict(zip(asked, map(int, rows.one()), strict=True))


def _conditions(caller: Caller, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    exact: tuple[tuple[Mapped[Any], object], ...] = (
        (col(Case.stage), wanted.stage),
        (col(Case.waiting_on), wanted.waiting_on),
        (col(Case.clock), wanted.clock),
        (col(Case.programme), wanted.programme or None),
        (col(Case.language), wanted.language or None),
        (col(Case.advisor_id), wanted.advisor),
    )
    found = [cases_followed_by(caller), *(column == value for column, value in exact if value is not None)]
    if wanted.counter is not None:
        found.append(_counted(caller, now)[wanted.counter])
    elif not wanted.text:  # whoever looks for one case finds it wherever it is
        found.append(col(Case.stage).in_(OVER) if wanted.closed else sa.and_(CASE_OPEN))
    if wanted.mine:
        found.append(cases_followed_by(caller, {Role.ADVISOR, Role.MENTOR}))
    if wanted.text:
        # SQLite knows no small letters beyond ASCII, so what was typed is tried as it is, too.
        tried = ((column, text) for column in (Person.name, Case.number) for text in (wanted.text, wanted.text.lower()))
        found.append(sa.or_(*(_holds(col(column), text) for column, text in tried)))
    return found


def _holds(column: Mapped[str], text: str) -> ColumnElement[bool]:
    """`text` is part of the column as it stands, or of its small letters; `autoescape` takes each sign as itself."""
    return sa.or_(column.contains(text, autoescape=True), sa.func.lower(column).contains(text, autoescape=True))


async def rows(
    session: AsyncSession,
    *,
    caller: Caller,
    wanted: Wanted,
    now: datetime,
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[Row]:
    """The next `limit` cases in the order asked for, from the one after the case `after`."""
    at = None if after is None else await _place(session, caller, after, key=_KEYS[wanted.sort][0])
    statement = (
        sa.select(
            col(Case.id),
            col(Case.number),
            col(Person.name),
            col(Case.programme),
            col(Case.stage),
            col(Case.waiting_on),
            col(Case.clock),
            col(Case.due_at),
            col(Case.zone),
            col(Case.needs_attention).is_not(None),
            col(Case.paused_until).is_not(None),
            col(Case.active_at),
        )
        .join(Person, col(Person.id) == col(Case.learner_id))
        .where(*_conditions(caller, wanted, now))
    )
    by_date = wanted.sort is Sort.DUE
    found = await (_due_first if by_date else _slice)(session, statement, wanted.sort, after=at, limit=limit)
    written = await _last_written(session, [one[0] for one in found])
    heard = [max(one[-1], written.get(one[0], one[-1])) for one in found]
    return [Row(*one[:-1], contact) for one, contact in zip(found, heard, strict=True)]  # type: ignore[call-arg]  # many columns


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page ended in its order; `key` is None for a case without a date."""

    key: Any
    id: UUID


async def _slice(session: AsyncSession, statement: Rows, sort: Sort, *, after: _Place | None, limit: int) -> list[Any]:
    """The next rows of `statement` in an order that every case has a place in."""
    key, kind, backwards = _KEYS[sort]
    order: tuple[Order, Order] = (key, col(Case.id))
    if after is not None:
        here = sa.tuple_(*order)
        there = sa.tuple_(sa.literal(after.key, kind), sa.literal(after.id, sa.Uuid()))
        statement = statement.where(here < there if backwards else here > there)
    ordered = [one.desc() for one in order] if backwards else list(order)
    return list(await session.exec(statement.order_by(*ordered).limit(limit)))  # type: ignore[call-overload]  # many columns


async def _due_first(
    session: AsyncSession, statement: Rows, sort: Sort, *, after: _Place | None, limit: int
) -> list[Any]:
    """Cases with a date walk an index in its order; those without one stand behind them."""
    found: list[Any] = []
    if after is None or after.key is not None:
        dated = statement.where(col(Case.due_at).is_not(None))
        found, after = await _slice(session, dated, sort, after=after, limit=limit), None
    if len(found) < limit:
        undated = statement.where(col(Case.due_at).is_(None)).order_by(col(Case.id)).limit(limit - len(found))
        if after is not None:
            undated = undated.where(col(Case.id) > after.id)
        found += list(await session.exec(undated))  # type: ignore[call-overload]  # many columns
    return found


async def _place(session: AsyncSession, caller: Caller, case_id: UUID, *, key: Order) -> _Place | None:
    """Where a case stands in an order, so that no address has to say whose name a page ended with."""
    placed = await session.exec(  # type: ignore[call-overload]  # a select of one expression
        sa.select(key)
        .select_from(Case)
        .join(Person, col(Person.id) == col(Case.learner_id))
        .where(col(Case.id) == case_id, cases_followed_by(caller))
    )
    found = placed.first()
    return None if found is None else _Place(found[0], case_id)


async def _last_written(session: AsyncSession, case_ids: list[UUID]) -> dict[UUID, datetime]:
    """When each learner was last written to, by case."""
    sent = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(col(Mail.case_id), sa.func.max(col(Mail.accepted_at)))
        .join(Case, sa.and_(col(Case.id) == col(Mail.case_id), col(Case.learner_id) == col(Mail.recipient)))
        .where(col(Mail.case_id).in_(case_ids), col(Mail.accepted_at).is_not(None))
        .group_by(col(Mail.case_id))
    )
    return dict(sent.all())


async def programmes(session: AsyncSession, *, caller: Caller) -> dict[str, Text]:
    """The programmes whose cases `caller` may follow, to choose from: slug and newest title."""
    reached = [
        sa.and_(
            col(ProgrammeVersion.institution_id) == one.institution,
            sa.true() if one.programme is None else col(ProgrammeVersion.slug) == one.programme,
        )
        for one in caller.memberships
        if one.role in FOLLOWING
    ]
    found = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(col(ProgrammeVersion.slug), col(ProgrammeVersion.title_en), col(ProgrammeVersion.title_fr))
        .where(sa.or_(sa.false(), *reached))
        .order_by(col(ProgrammeVersion.slug), col(ProgrammeVersion.retired_at).is_(None), col(ProgrammeVersion.version))
    )
    return {slug: Text(en, fr) for slug, en, fr in found}


async def advisors(session: AsyncSession, *, caller: Caller) -> list[tuple[UUID, str]]:
    """Who advises where `caller` oversees, by name: a lead chooses whose cases to look at."""
    places = [one.institution for one in caller.memberships if one.role in (Role.LEAD, Role.AUDITOR)]
    found = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(col(Person.id), col(Person.name))
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .where(
            col(PersonRole.role) == Role.ADVISOR,
            col(PersonRole.ended_at).is_(None),
            col(PersonRole.institution_id).in_(places),
        )
        .distinct()
        .order_by(col(Person.name), col(Person.id))
    )
    return [(person, name) for person, name in found]
