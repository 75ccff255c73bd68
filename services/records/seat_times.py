"""How long the work of seats took: kept seat by seat as it is sealed, counted at night without any person.

A quarter in which fewer people than `work_time.FEWEST` said how long a kind of work took keeps no time of it, so that
no figure tells how fast somebody works. Source: case design, section 13 (F1).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.moves.content import Setting
from services.records.tables.assessment import Assignment, SeatTime
from services.records.tables.cases import Case
from services.rules import work_time
from services.rules.agreement import Quarter
from services.rules.programmes import Policy
from services.rules.progress import Measure
from services.rules.work_time import FEWEST

Numbers = tuple[Quarter, Measure, str, int]
Values = tuple[Quarter, Measure, str, Sequence[int]]


def keep(setting: Setting, seats: Sequence[UUID], *, method: str) -> None:
    """Note that the work of `seats` was sealed by the command, and how long it took where its sender says so."""
    setting.session.add_all(
        SeatTime(
            assignment_id=seat,
            command_id=UUID(setting.command.id),
            case_id=setting.case.id,
            programme=setting.case.programme,
            method=method,
            minutes=setting.body.worked_minutes,
            sealed_at=setting.now,
        )
        for seat in seats
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """Work that the holder of a seat sealed, in the order in which the columns are asked for; as it is stored."""

    case_id: UUID
    person: str
    seat: str
    method: str
    minutes: int | None
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """What was worked in a programme, and what an hour of it costs by kind of seat, as far as that is known."""

    pieces: tuple[Piece, ...] = ()
    hourly: Mapping[str, int] = field(default_factory=dict)
    currency: str = ""


async def gather(session: AsyncSession, programme: str, *, policy: Policy, since: datetime | None) -> Work:
    """Everything sealed at `since` or later, and all that was sealed in cases decided since then."""
    wanted = col(SeatTime.programme) == programme
    if since is not None:
        decided = sa.select(col(Case.id)).where(col(Case.programme) == programme, col(Case.decided_at) >= since)
        wanted &= (col(SeatTime.sealed_at) >= since) | col(SeatTime.case_id).in_(decided)
    rows = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(
            col(SeatTime.case_id),
            _as_stored(Assignment.person_id),
            _as_stored(Assignment.seat),
            col(SeatTime.method),
            col(SeatTime.minutes),
            col(SeatTime.sealed_at),
        )
        .join(Assignment, col(Assignment.id) == col(SeatTime.assignment_id))
        .where(wanted)
    )
    hourly = {seat.value: cost for seat, cost in work_time.hourly(policy).items()}
    return Work(tuple(Piece(*row) for row in rows), hourly, policy.fee_currency)


def _as_stored(column: Any) -> sa.ColumnElement[Any]:  # noqa: ANN401 - a column of any table
    return sa.type_coerce(column, sa.String)


# from rows to figures, without a database


@dataclass(slots=True)
class _Group:
    """Times as they are found, and who told them."""

    taken: list[int] = field(default_factory=list)
    people: set[str] = field(default_factory=set)

    def add(self, taken: int, people: Collection[str]) -> None:
        self.taken.append(taken)
        self.people.update(people)


Groups = dict[tuple[Quarter, Measure, str], _Group]


def counted(
    work: Work, decided: Mapping[UUID, datetime], *, quarter: Callable[[datetime], Quarter]
) -> tuple[list[Numbers], list[Values]]:
    """How often work was sealed and of how many cases the time is known; times and costs as far as they may be told.

    `decided`: when cases were first decided; `quarter`: in which quarter of the programme a moment lies.
    """
    counts: Counter[tuple[Quarter, Measure, str]] = Counter()
    groups: Groups = defaultdict(_Group)
    by_case: defaultdict[UUID, list[Piece]] = defaultdict(list)
    for one in work.pieces:
        at, word = quarter(one.sealed_at), f"{one.seat}/{one.method}"
        counts[at, Measure.SEALED, word] += 1
        if one.minutes is not None:
            groups[at, Measure.MINUTES, word].add(one.minutes, (one.person,))
        if one.case_id in decided and one.sealed_at <= decided[one.case_id]:
            by_case[one.case_id].append(one)
    for case_id, pieces in by_case.items():
        at, stated = quarter(decided[case_id]), all(one.minutes for one in pieces)
        counts[at, Measure.TIMED, "every_seat" if stated else "not_every_seat"] += 1
        if stated and all(one.seat in work.hourly for one in pieces):
            spent = round(sum((one.minutes or 0) * work.hourly[one.seat] for one in pieces) / 60)
            groups[at, Measure.COST, work.currency].add(spent, [one.person for one in pieces])
    return [(*key, number) for key, number in counts.items()], list(_told(groups))


def _told(groups: Groups) -> Iterator[Values]:
    for key, group in groups.items():
        if len(group.people) >= FEWEST:
            yield *key, group.taken
