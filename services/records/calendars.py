"""Calendars as institutions change them: each edition is kept, and a case is measured by one until its own move."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.programmes import CalendarEdition, ProgrammeVersion
from services.rules import programme_tables
from services.rules.case import Stage
from services.rules.deadlines import Calendar
from services.rules.programme_tables import Place

_READ: dict[UUID, Calendar] = {}
"""Editions already turned into rules; an edition cannot change, so neither can this."""


async def publish(
    session: AsyncSession, calendar: Calendar, *, institution: str, actor: str, now: datetime
) -> tuple[CalendarEdition, int]:
    """Keep `calendar` as the institution's newest of its name, and note it on every case that is measured by that name.

    Answers the edition, and how many cases it concerns; each takes it up by a move of its own. The same calendar again
    changes nothing.
    """
    document: dict[str, Any] = programme_tables.write(calendar)
    last = await newest(session, institution=institution, name=calendar.name)
    if last is not None and last.document == document:
        return last, 0
    row = CalendarEdition(
        id=new_id(), institution_id=institution, name=calendar.name, document=document, published_at=now
    )
    session.add(row)
    await session.flush()
    versions = await session.exec(
        select(ProgrammeVersion.id, ProgrammeVersion.document).where(
            col(ProgrammeVersion.institution_id) == institution
        )
    )
    named = [key for key, said in versions if said["policy"]["calendar"]["name"] == calendar.name]
    concerned = await session.exec(
        sa.update(Case)
        .where(col(Case.programme_version_id).in_(named), col(Case.stage) != Stage.DRAFT)
        .values(next_calendar_id=row.id)
    )
    await audit.log(
        session,
        stream="system",
        actor=actor,
        action="calendar_published",
        subject=str(row.id),
        details={"institution": institution, "name": calendar.name, "cases": concerned.rowcount},
        now=now,
    )
    return row, concerned.rowcount


async def newest(session: AsyncSession, *, institution: str, name: str) -> CalendarEdition | None:
    """The institution's last edition of that name, or None where it never changed what its programmes brought."""
    rows = await session.exec(
        select(CalendarEdition)
        .where(col(CalendarEdition.institution_id) == institution, col(CalendarEdition.name) == name)
        .order_by(col(CalendarEdition.id).desc())
        .limit(1)
    )
    return rows.first()


async def read(session: AsyncSession, edition: UUID) -> Calendar:
    """An edition as the rules use it."""
    if edition not in _READ:
        row = await session.get_one(CalendarEdition, edition)
        calendar = programme_tables.read(Calendar, row.document, Place("edition"))
        if not isinstance(calendar, Calendar):
            raise TypeError(edition)  # written by `publish` from a calendar
        _READ[edition] = calendar
    return _READ[edition]


async def behind(session: AsyncSession, *, after: UUID, limit: int) -> list[UUID]:
    """Open cases that have not taken up their newest calendar, by id."""
    rows = await session.exec(
        select(Case.id)
        .where(col(Case.id) > after, col(Case.next_calendar_id).is_not(None), col(Case.stage) != Stage.CLOSED)
        .order_by(col(Case.id))
        .limit(limit)
    )
    return list(rows)
