"""What was asked for and granted so that a learner can show what they can do, and what follows for their dates.

Why somebody needs it is asked of nobody; what a learner declared of themselves for statistics is not here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import due_dates, limits
from services.records.tables.accommodations import Accommodation
from services.records.tables.cases import Case
from services.records.tables.commands import LimitState
from services.rules import deadlines
from services.rules import limits as ladder
from services.rules.accommodations import USUAL_TIME, Answered, Arrangement, lengthened
from services.rules.programmes import Policy


@dataclass(frozen=True, slots=True)
class Arranged:
    """What is in force: arrangements, and the learner's time in percent of the usual one."""

    arrangements: tuple[Arrangement, ...] = ()
    extra_time: int = USUAL_TIME

    def minutes(self, usual: int) -> int:
        """How long an appointment of `usual` minutes lasts for this learner."""
        return lengthened(usual, self.extra_time)


async def of_case(session: AsyncSession, case_id: UUID) -> list[Accommodation]:
    """Every request of the case, oldest first."""
    rows = await session.exec(
        select(Accommodation).where(col(Accommodation.case_id) == case_id).order_by(col(Accommodation.id))
    )
    return list(rows)


async def in_force(session: AsyncSession, case_id: UUID) -> Arranged:
    """What is arranged now; of several grants everything holds, and the longest time."""
    granted = [row for row in await of_case(session, case_id) if row.state is Answered.GRANTED]
    words = {word for row in granted for word in row.arrangements}
    return Arranged(
        arrangements=tuple(one for one in Arrangement if one.value in words),
        extra_time=max((row.extra_time for row in granted), default=USUAL_TIME),
    )


async def give_time(session: AsyncSession, *, case: Case, policy: Policy, extra_time: int, now: datetime) -> None:
    """Let the learner's limits that run last `extra_time` percent from now on; no date moves earlier.

    What an extension or a pause has added to a limit is kept on top.
    """
    before, case.extra_time = case.extra_time, extra_time
    if extra_time <= before:
        return
    for row in await limits.alive(session, case.id, LimitState.RUNNING, LimitState.PAUSED):
        limit = ladder.LIMIT.get(row.key.partition(":")[0])
        if limit is None or not limit.learner or not limit.span:
            continue
        case.extra_time = before
        usual = due_dates.due_of(case=case, policy=policy, limit=limit, start=row.started_at)
        case.extra_time = extra_time
        longer = due_dates.due_of(case=case, policy=policy, limit=limit, start=row.started_at)
        added = max(row.due_at - usual, timedelta(0))
        day = deadlines.local_day(longer, case.zone) + timedelta(days=added.days)
        row.due_at = max(row.due_at, deadlines.rolled(policy.calendar, day, zone=case.zone))
        if row.state is LimitState.RUNNING:
            await limits.arm(session, row=row, case=case, policy=policy, start=row.started_at, now=now)
    if case.paused_until is None:
        case.due_at = await limits.first_due(session, case) or case.due_at
