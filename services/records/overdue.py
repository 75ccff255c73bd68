"""The last rung of every ladder: once a week programme administrators learn how many cases take twice their time.

A list holds numbers of cases by programme, never a case, and counts only cases from which its reader is not barred.
Source: case design, section 12 (escalation ladder).
"""

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import due_dates, effects, limits, programmes
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.commands import LimitRow, LimitState, OverdueList
from services.rules import limits as ladder
from services.rules.people import Role
from services.rules.programmes import Text

Counts = dict[tuple[str, UUID], Counter[str]]
"""Numbers of cases by programme, for each institution and person."""


def week_of(now: datetime) -> str:
    """The calendar week of `now` as `2026-W48`. Source: ISO 8601."""
    return f"{now:%G-W%V}"


async def late(session: AsyncSession, *, after: UUID, now: datetime, limit: int) -> list[UUID]:
    """The next cases, in order of id, in which a limit of staff is over; the clock of a paused case does not run."""
    rows = await session.exec(
        select(LimitRow.case_id)
        .where(
            col(LimitRow.case_id) > after,
            col(LimitRow.state) == LimitState.RUNNING,
            col(LimitRow.due_at) <= now,
            col(LimitRow.key).in_(ladder.OF_STAFF),
        )
        .order_by(col(LimitRow.case_id))
        .distinct()
        .limit(limit)
    )
    return list(rows)


async def count(session: AsyncSession, case_id: UUID, *, counts: Counts, now: datetime) -> None:
    """Add the case to `counts` of each of its programme administrators if a limit of staff has passed twice."""
    case = await session.get_one(Case, case_id)
    if not await _twice(session, case, now=now):
        return
    for person in await effects.staff(session, case=case, role=Role.PROGRAMME_ADMIN):
        counts.setdefault((case.institution_id, person), Counter())[case.programme] += 1


async def _twice(session: AsyncSession, case: Case, *, now: datetime) -> bool:
    policy = (await programmes.of_case(session, case)).policy
    running = [row for row in await limits.alive(session, case.id) if row.key in ladder.OF_STAFF]
    return any(
        due_dates.due_of(case=case, policy=policy, limit=ladder.LIMIT[row.key], start=row.due_at) <= now
        for row in running
        if getattr(policy, ladder.LIMIT[row.key].span) is not None
    )


async def keep(session: AsyncSession, counts: Counts, *, now: datetime) -> int:
    """Write the lists of this week that are not written yet; answers how many are new."""
    written = await session.exec(
        select(OverdueList.institution_id, OverdueList.person_id).where(col(OverdueList.week) == week_of(now))
    )
    known = set(written)
    fresh = [key for key in sorted(counts) if key not in known]
    for institution, person in fresh:
        counted = dict(sorted(counts[institution, person].items()))
        session.add(
            OverdueList(
                id=new_id(),
                institution_id=institution,
                person_id=person,
                week=week_of(now),
                counts=counted,
                made_at=now,
            )
        )
    await session.flush()
    return len(fresh)


async def unsent(session: AsyncSession, *, now: datetime) -> list[OverdueList]:
    """The lists of this week that the mail service has not taken; what an earlier week counted is no longer true."""
    rows = await session.exec(
        select(OverdueList)
        .where(col(OverdueList.week) == week_of(now), col(OverdueList.accepted_at).is_(None))
        .order_by(col(OverdueList.id))
    )
    return list(rows)


async def lines(session: AsyncSession, of: OverdueList) -> tuple[tuple[Text, int], ...]:
    """The title of each programme in the list, with its number of cases."""
    found = []
    for slug, number in of.counts.items():
        newest = await programmes.last_published(session, slug)
        found.append((Text(newest.title_en, newest.title_fr), number))
    return tuple(found)
