"""Enquiries: kept by whoever is asked, led to the case that comes of them, and forgotten where none does.

What is deleted stays as a number per programme and quarter, so that the funnel still begins with it. Source: case
design, section 13 (A1).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, programmes, visibility
from services.records.ids import new_id
from services.records.programmes import Published
from services.records.tables.cases import Case
from services.records.tables.enquiries import Enquiry, EnquiryCount
from services.rules import deadlines
from services.rules import enquiries as rules
from services.rules.agreement import Quarter
from services.rules.enquiries import ANSWERING, Way
from services.rules.people import Caller
from services.rules.programmes import Language
from services.rules.refusals import Refused

SHOWN = 100
"""Enquiries that are listed, the newest first."""

Counted = tuple[Quarter, int, int]
"""A quarter, how many enquiries it had, and how many of them led to a case."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is kept of an enquiry; `programme` None: not known yet."""

    day: date
    way: Way
    language: Language
    programme: str | None = None


async def answered_by(session: AsyncSession, caller: Caller) -> list[Published]:
    """The open programmes of which `caller` is asked."""
    return [
        one
        for one in await programmes.published(session)
        if any(caller.holds(role, one.institution, one.slug) for role in ANSWERING)
    ]


async def today(session: AsyncSession, caller: Caller, *, now: datetime) -> date:
    """The day that runs where the programmes of `caller` are at home."""
    held = await answered_by(session, caller)
    zone = (await programmes.read(session, held[0].id)).policy.calendar.zone if held else "UTC"
    return deadlines.local_day(now, zone)


async def record(session: AsyncSession, caller: Caller, asked: Asked, *, now: datetime) -> Enquiry:
    """Keep an enquiry. Raises `Refused`: malformed, programme_unknown, programme_closed, not_qualified.

    Whoever is asked at several institutions has to name the programme.
    """
    rules.check_day(asked.day, today=await today(session, caller, now=now))
    row = Enquiry(
        id=new_id(),
        institution_id=await _institution(session, caller, asked.programme),
        programme=asked.programme,
        day=asked.day,
        way=asked.way,
        language=asked.language,
        recorded_at=now,
    )
    session.add(row)
    await _log(session, caller, row, action="enquiry_recorded", now=now)
    return row


async def _institution(session: AsyncSession, caller: Caller, programme: str | None) -> str:
    if programme is not None:
        version = await programmes.newest(session, programme)
        if not any(caller.holds(role, version.institution_id, version.slug) for role in ANSWERING):
            raise Refused("not_qualified")
        return version.institution_id
    places = {one.institution for one in caller.memberships if one.role in ANSWERING}
    if len(places) != 1:
        raise Refused("malformed", field="programme")
    return places.pop()


def _within(caller: Caller) -> sa.ColumnElement[bool]:
    """Enquiries about what `caller` is asked of, and of their institution where the programme is not known yet."""
    reach = [
        sa.and_(
            col(Enquiry.institution_id) == one.institution,
            sa.true()
            if one.programme is None
            else sa.or_(col(Enquiry.programme) == one.programme, col(Enquiry.programme).is_(None)),
        )
        for one in caller.memberships
        if one.role in ANSWERING
    ]
    return sa.or_(sa.false(), *reach)


async def listed(session: AsyncSession, caller: Caller) -> list[Enquiry]:
    """The newest enquiries that have led to no case yet."""
    rows = await session.exec(
        select(Enquiry)
        .where(_within(caller), col(Enquiry.case_id).is_(None))
        .order_by(col(Enquiry.day).desc(), col(Enquiry.id).desc())
        .limit(SHOWN)
    )
    return list(rows)


async def get(session: AsyncSession, caller: Caller, enquiry: UUID) -> Enquiry:
    """One that `caller` may handle. Raises `Refused('not_found')`."""
    row = (await session.exec(select(Enquiry).where(_within(caller), col(Enquiry.id) == enquiry))).first()
    if row is None:
        raise Refused("not_found")
    return row


async def link(session: AsyncSession, caller: Caller, enquiry: UUID, *, number: str, now: datetime) -> None:
    """Say that the case of this number came of it. Raises `Refused`: not_found, case_before_enquiry.

    A case that `caller` does not follow is as unknown as one that does not exist.
    """
    row = await get(session, caller, enquiry)
    rows = await session.exec(
        select(Case).where(
            visibility.cases_followed_by(caller, ANSWERING),
            col(Case.number) == number.strip().upper(),
            col(Case.institution_id) == row.institution_id,
        )
    )
    case = rows.first()
    if case is None:
        raise Refused("not_found")
    await led_to(session, caller, row, case=case, now=now)


async def led_to(session: AsyncSession, caller: Caller, row: Enquiry, *, case: Case, now: datetime) -> None:
    """The case came of it, and says which programme it is about. Raises `Refused('case_before_enquiry')`."""
    if deadlines.local_day(case.created_at, case.zone) < row.day:
        raise Refused("case_before_enquiry")
    row.case_id, row.programme = case.id, case.programme
    await _log(session, caller, row, action="enquiry_linked", now=now)


async def remove(session: AsyncSession, caller: Caller, enquiry: UUID, *, now: datetime) -> None:
    """Delete what was written down by mistake. Raises `Refused('not_found')`."""
    row = await get(session, caller, enquiry)
    await _log(session, caller, row, action="enquiry_removed", now=now)
    await session.delete(row)
    await session.flush()


async def _log(session: AsyncSession, caller: Caller, row: Enquiry, *, action: str, now: datetime) -> None:
    await audit.log(
        session,
        stream="system",
        actor=caller.id,
        action=action,
        subject=str(row.id),
        details={"way": row.way.value},
        now=now,
    )


# what the night does


async def forget(session: AsyncSession, *, today: date) -> int:
    """Delete enquiries that led to no case within `rules.KEPT`, and keep how many there were; answers how many."""
    over = sa.and_(col(Enquiry.case_id).is_(None), col(Enquiry.day) <= today - rules.KEPT)
    asked = sa.select(col(Enquiry.programme), col(Enquiry.day), sa.func.count()).where(over)
    days = await session.exec(asked.group_by(col(Enquiry.programme), col(Enquiry.day)))  # type: ignore[call-overload]  # a select of columns
    gone: Counter[tuple[str, str]] = Counter()
    for programme, day, number in days:
        if programme is not None:
            gone[programme, str(Quarter.of(day))] += number
    for (programme, quarter), number in sorted(gone.items()):
        kept = await session.get(EnquiryCount, (programme, quarter))
        if kept is None:
            session.add(EnquiryCount(programme=programme, quarter=quarter, number=number))
        else:
            kept.number += number
    await session.flush()
    return (await session.exec(sa.delete(Enquiry).where(over))).rowcount


async def by_quarter(session: AsyncSession, programme: str, *, first: Quarter | None) -> Sequence[Counted]:
    """How many enquiries each quarter had, from `first` on where that is given, and how many led to a case."""
    counts: Counter[Quarter] = Counter()
    led: Counter[Quarter] = Counter()
    asked = sa.select(col(Enquiry.day), sa.func.count(), sa.func.count(col(Enquiry.case_id)))
    asked = asked.where(col(Enquiry.programme) == programme).group_by(col(Enquiry.day))
    for day, number, linked in await session.exec(asked):  # type: ignore[call-overload]  # a select of columns
        counts[Quarter.of(day)] += number
        led[Quarter.of(day)] += linked
    for quarter, number in await session.exec(
        select(EnquiryCount.quarter, EnquiryCount.number).where(col(EnquiryCount.programme) == programme)
    ):
        counts[Quarter.parse(quarter)] += number
    return [(quarter, number, led[quarter]) for quarter, number in counts.items() if first is None or quarter >= first]
