"""What stands in the calendar of those who follow cases: appointments, hearings, dates that run out, and days off.

The reader's access is in every statement. A mentor is told of dates, and of no appointment.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import caseload, programmes
from services.records.tables.appeals import Appeal, AppealHearing
from services.records.tables.appointments import Appointment
from services.records.tables.cases import CASE_OPEN, Case
from services.records.tables.people import Person
from services.records.tables.programmes import ProgrammeVersion
from services.records.visibility import cases_followed_by
from services.rules import deadlines
from services.rules.case import OPEN_APPEALS
from services.rules.people import Caller, Role
from services.rules.terms import CANADA

MOST = 500
"""Entries of one kind: a calendar that nobody could read holds more."""

ARRANGING = frozenset({Role.ADVISOR, Role.LEAD, Role.AUDITOR})
"""Who is told of appointments and hearings (actions `see_appointments`, `see_appeals`)."""


class Kind(StrEnum):
    """What an entry is."""

    APPOINTMENT = "appointment"
    HEARING = "hearing"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a day; `about` is the method of an appointment or the stage of a case, `terms` its French."""

    kind: Kind
    at: datetime
    ends: datetime | None
    case_id: UUID
    number: str
    learner: str
    zone: str
    about: str
    place: str = ""
    terms: str = CANADA

    @property
    def day(self) -> date:
        """The day in the time of its case."""
        return deadlines.local_day(self.at, self.zone)


async def between(session: AsyncSession, *, caller: Caller, first: date, last: date) -> list[Entry]:
    """Everything from `first` to `last`, in order; a day counts in the time of each case."""
    # A day begins up to fourteen hours before it does in UTC and ends up to twelve after: what is outside falls away.
    start = datetime.combine(first - timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    end = datetime.combine(last + timedelta(days=2), datetime.min.time(), tzinfo=UTC)
    found = [
        *await _appointments(session, caller, start, end),
        *await _hearings(session, caller, start, end),
        *await _dates(session, caller, start, end),
    ]
    return sorted((one for one in found if first <= one.day <= last), key=lambda one: (one.at, one.number))


async def _appointments(session: AsyncSession, caller: Caller, start: datetime, end: datetime) -> list[Entry]:
    rows = await session.exec(  # type: ignore[call-overload]  # a select of many columns
        sa.select(
            col(Appointment.starts_at),
            col(Appointment.ends_at),
            col(Case.id),
            col(Case.number),
            col(Person.name),
            col(Case.zone),
            col(Appointment.method),
            col(Appointment.place),
        )
        .join(Case, col(Case.id) == col(Appointment.case_id))
        .join(Person, col(Person.id) == col(Case.learner_id))
        .where(
            col(Appointment.starts_at) >= start,
            col(Appointment.starts_at) < end,
            col(Appointment.closed_at).is_(None),
            cases_followed_by(caller, ARRANGING),
        )
        .order_by(col(Appointment.starts_at), col(Appointment.id))
        .limit(MOST)
    )
    return [Entry(Kind.APPOINTMENT, *row) for row in rows]


async def _hearings(session: AsyncSession, caller: Caller, start: datetime, end: datetime) -> list[Entry]:
    last = sa.select(sa.func.max(col(AppealHearing.called_at))).where(col(AppealHearing.appeal_id) == col(Appeal.id))
    rows = await session.exec(  # type: ignore[call-overload]  # a select of many columns
        sa.select(
            col(AppealHearing.at),
            col(AppealHearing.minutes),
            col(Case.id),
            col(Case.number),
            col(Person.name),
            col(Case.zone),
            col(AppealHearing.place),
        )
        .join(Appeal, col(Appeal.id) == col(AppealHearing.appeal_id))
        .join(Case, col(Case.id) == col(Appeal.case_id))
        .join(Person, col(Person.id) == col(Case.learner_id))
        .where(
            col(AppealHearing.at) >= start,
            col(AppealHearing.at) < end,
            col(AppealHearing.called_at) == last.correlate(Appeal).scalar_subquery(),
            col(Appeal.state).in_(sorted(OPEN_APPEALS)),
            cases_followed_by(caller, ARRANGING),
        )
        .order_by(col(AppealHearing.at), col(AppealHearing.id))
        .limit(MOST)
    )
    return [
        Entry(Kind.HEARING, at, at + timedelta(minutes=minutes), case_id, number, learner, zone, "hearing", place)
        for at, minutes, case_id, number, learner, zone, place in rows
    ]


async def _dates(session: AsyncSession, caller: Caller, start: datetime, end: datetime) -> list[Entry]:
    rows = await session.exec(  # type: ignore[call-overload]  # a select of many columns
        sa.select(
            col(Case.due_at),
            col(Case.id),
            col(Case.number),
            col(Person.name),
            col(Case.zone),
            col(Case.stage),
            programmes.TERMS,
        )
        .select_from(Case)
        .join(ProgrammeVersion, col(ProgrammeVersion.id) == col(Case.programme_version_id))
        .join(Person, col(Person.id) == col(Case.learner_id))
        .where(CASE_OPEN, col(Case.due_at) >= start, col(Case.due_at) < end, cases_followed_by(caller))
        .order_by(col(Case.due_at), col(Case.id))
        .limit(MOST)
    )
    return [
        Entry(Kind.DATE, at, None, case_id, number, learner, zone, stage, terms=terms)
        for at, case_id, number, learner, zone, stage, terms in rows
    ]


async def days_off(session: AsyncSession, *, caller: Caller, first: date, last: date) -> list[date]:
    """Working days of the week on which no programme that `caller` follows works, by its newest version."""
    calendars = [
        (await programmes.read(session, (await programmes.last_published(session, slug)).id)).policy.calendar
        for slug in await caseload.programmes(session, caller=caller)
    ]
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        day
        for day in days
        if calendars
        and all(day.weekday() not in one.weekend and not deadlines.is_business_day(one, day) for one in calendars)
    ]
