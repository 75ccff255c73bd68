"""How long the work of seats took: kept seat by seat as it is sealed, counted at night without any person.

A quarter in which fewer people than `work_time.FEWEST` said how long a kind of work took keeps no time of it, so that
no figure tells how fast somebody works. Source: case design, section 13 (F1).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import sampling
from services.records.moves.content import Setting
from services.records.tables.assessment import Assignment, SeatTime
from services.records.tables.cases import Case
from services.records.tables.decisions import Decision, DecisionKind
from services.rules import work_time
from services.rules.agreement import Quarter
from services.rules.case import SeatKind
from services.rules.programmes import Policy
from services.rules.progress import Measure
from services.rules.work_time import FEWEST

Column = Any  # SQLModel says of its columns what they hold, SQLAlchemy what they are
Numbers = tuple[Quarter, Measure, str, int]
Values = tuple[Quarter, Measure, str, tuple[int, ...]]


def keep(setting: Setting, seats: Sequence[UUID], *, method: str) -> None:
    """Note that the work of `seats` was sealed by the command, and how long it took where its sender says so."""
    setting.session.add_all(
        SeatTime(
            assignment_id=seat,
            command_id=UUID(setting.command.id),
            case_id=setting.case.id,
            method=method,
            minutes=setting.body.worked_minutes,
            sealed_at=setting.now,
        )
        for seat in seats
    )


@dataclass(frozen=True, slots=True)
class Worked:
    """What is told of the work of a programme's seats: how often, and how long or at what cost."""

    numbers: tuple[Numbers, ...]
    values: tuple[Values, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """The quarters that are counted, oldest first, where the programme is at home."""

    quarters: Sequence[Quarter]
    zone: str

    @property
    def since(self) -> datetime:
        """When the first of them begins."""
        return sampling.begin(self.quarters[0], self.zone)

    def holding(self, at: Column) -> Column:
        """In which of them a moment lies, in SQL."""
        begun = [(at >= sampling.begin(one, self.zone), str(one)) for one in reversed(self.quarters)]
        return sa.case(*begun, else_=str(self.quarters[0])).label("quarter")


async def worked(session: AsyncSession, programme: str, *, policy: Policy, period: Period) -> Worked:
    """Seats sealed in the period with their minutes, and cases first decided in it with what they cost.

    The cost is reckoned by the hourly rates of `policy`, over cases in which everybody said how long it took.
    """
    numbers, values = await _of_seats(session, programme, period)
    cases, costs = await _of_cases(session, programme, policy=policy, period=period)
    return Worked((*numbers, *cases), (*values, *costs))


async def _of_seats(session: AsyncSession, programme: str, period: Period) -> tuple[list[Numbers], list[Values]]:
    quarter = period.holding(col(SeatTime.sealed_at))
    seat, person = col(Assignment.seat), col(Assignment.person_id)
    minutes, method = col(SeatTime.minutes), col(SeatTime.method)
    rows = (
        sa.select(quarter, seat, method)
        .join(Assignment, col(Assignment.id) == col(SeatTime.assignment_id))
        .join(Case, col(Case.id) == col(SeatTime.case_id))
        .where(col(Case.programme) == programme, col(SeatTime.sealed_at) >= period.since)
        .group_by(quarter, seat, method)
    )
    # Whoever did not say how long it took is no person of whom a time is told.
    people = sa.func.count(sa.distinct(sa.case((minutes.is_not(None), person))))
    numbers, told = [], set()
    for at, kind, how, often, persons in await session.exec(rows.add_columns(sa.func.count(), people)):  # type: ignore[call-overload]  # a select of columns
        numbers.append((Quarter.parse(at), Measure.SEALED, f"{kind}/{how}", int(often)))
        if persons >= FEWEST:
            told.add((at, kind, how))
    taken: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    every = rows.add_columns(minutes, sa.func.count()).where(minutes.is_not(None)).group_by(minutes)
    for at, kind, how, took, often in await session.exec(every) if told else ():  # type: ignore[call-overload]  # a select of columns
        taken[at, kind, how] += [took] * often
    return numbers, [
        (Quarter.parse(at), Measure.MINUTES, f"{kind}/{how}", tuple(taken[at, kind, how]))
        for at, kind, how in sorted(told)
    ]


async def _of_cases(
    session: AsyncSession, programme: str, *, policy: Policy, period: Period
) -> tuple[list[Numbers], list[Values]]:
    cases = _cases(programme, rates=work_time.hourly(policy), since=period.since)
    quarter, stated, priced = period.holding(cases.c.at), cases.c.stated, cases.c.priced
    numbers: defaultdict[tuple[str, str], int] = defaultdict(int)
    costs: defaultdict[str, list[int]] = defaultdict(list)
    whole = (stated == cases.c.pieces).label("whole")
    spent_by_60: Column = sa.case((priced == cases.c.pieces, cases.c.cost)).label("spent")
    found = sa.select(quarter, whole, spent_by_60, sa.func.count()).group_by(quarter, whole, spent_by_60)
    for at, complete, spent, often in await session.exec(found):  # type: ignore[call-overload]  # a select of columns
        numbers[at, "every_seat" if complete else "not_every_seat"] += often
        if spent is not None:
            costs[at] += [round(spent / 60)] * often
    people = (
        sa.select(quarter, sa.func.count(sa.distinct(col(Assignment.person_id))))
        .join(SeatTime, col(SeatTime.case_id) == cases.c.case_id)
        .join(Assignment, col(Assignment.id) == col(SeatTime.assignment_id))
        .where(priced == cases.c.pieces)
        .group_by(quarter)
    )
    persons: dict[str, int] = {}
    if costs:
        persons.update((await session.exec(people)).all())  # type: ignore[call-overload]  # a select of columns
    return [(Quarter.parse(at), Measure.TIMED, word, often) for (at, word), often in numbers.items()], [
        (Quarter.parse(at), Measure.COST, policy.fee_currency, tuple(spent))
        for at, spent in costs.items()
        if persons[at] >= FEWEST
    ]


def _cases(programme: str, *, rates: dict[SeatKind, int], since: datetime) -> sa.Subquery:
    """Cases first decided at `since` or later: work sealed before, of how much the time is known, 60 times the cost."""
    first = (
        sa.select(col(Decision.case_id).label("case_id"), sa.func.min(col(Decision.decided_at)).label("at"))
        .join(Case, col(Case.id) == col(Decision.case_id))
        .where(
            col(Case.programme) == programme,
            col(Decision.kind) == DecisionKind.RECOGNITION,
            col(Decision.supersedes_id).is_(None),
        )
        .group_by(col(Decision.case_id))
        .subquery()
    )
    minutes: Column = col(SeatTime.minutes)
    rate: Column = sa.null()
    if rates:
        rate = sa.case(*((col(Assignment.seat) == seat, each) for seat, each in rates.items()))
    return (
        sa.select(
            first.c.case_id,
            first.c.at,
            sa.func.count().label("pieces"),
            sa.func.count(minutes).label("stated"),
            sa.func.count(minutes * rate).label("priced"),
            sa.func.sum(minutes * rate).label("cost"),
        )
        .join(SeatTime, col(SeatTime.case_id) == first.c.case_id)
        .join(Assignment, col(Assignment.id) == col(SeatTime.assignment_id))
        .where(first.c.at >= since, col(SeatTime.sealed_at) <= first.c.at)
        .group_by(first.c.case_id, first.c.at)
        .subquery()
    )
