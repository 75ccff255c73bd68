"""What waits for whom: the lists that people start their day with.

A caller has one list per thing that they are; each is a statement built once that walks an index in due order, and
the page is their merge. The caller's access is in every statement, never a filter after it.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.database import UtcDateTime
from services.records.tables.assessment import Assignment
from services.records.tables.cases import CASE_OPEN, Case
from services.records.visibility import no_other_party, not_excluded
from services.rules.case import SeatState, Stage, WaitingOn
from services.rules.people import Caller, Membership, Role

PAGE = 50

NO_DATE = datetime(9999, 12, 31, tzinfo=UTC)
"""Where a row without a due date stands: after all others."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the due date and id of its last row."""

    due_at: datetime
    id: UUID


FIRST = Place(datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))
"""Before every row."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row: the case, as what it waits for the reader, and until when.

    `stage` and `waiting_on` are empty for an assessor, who sees the state of the seat alone; `id` is then the seat's.
    """

    as_role: Role
    id: UUID
    case_id: UUID
    number: str
    programme: str
    due_at: datetime | None
    stage: Stage | None = None
    waiting_on: WaitingOn | None = None
    needs_attention: str | None = None
    seat: SeatState | None = None

    @property
    def place(self) -> Place:
        """Where this row stands, to ask for what comes after it."""
        return Place(self.due_at or NO_DATE, self.id)


_PERSON = sa.bindparam("person", type_=sa.Uuid())
_AFTER = sa.tuple_(sa.bindparam("due_at", type_=UtcDateTime()), sa.bindparam("id", type_=sa.Uuid()))
_LIMIT = sa.bindparam("limit", type_=sa.Integer())

_CASE_COLUMNS = (
    col(Case.id),
    col(Case.number),
    col(Case.programme),
    col(Case.due_at),
    col(Case.stage),
    col(Case.waiting_on),
    col(Case.needs_attention),
)
_DUE = sa.func.coalesce(col(Case.due_at), sa.literal(NO_DATE, UtcDateTime()))

_OWN = (
    sa.select(*_CASE_COLUMNS)
    .where(col(Case.learner_id) == _PERSON, col(Case.stage) != Stage.CLOSED)
    .where(sa.tuple_(_DUE, col(Case.id)) > _AFTER)
    .order_by(_DUE, col(Case.id))
    .limit(_LIMIT)
)

# Staff wait for what has a date; `CASE_OPEN` is spelled as in the partial indexes, which are used for no other words.
_DATED = (
    sa.select(*_CASE_COLUMNS)
    .where(CASE_OPEN, col(Case.due_at).is_not(None))
    .where(sa.tuple_(col(Case.due_at), col(Case.id)) > _AFTER)
    .order_by(col(Case.due_at), col(Case.id))
    .limit(_LIMIT)
)
_INSTITUTION = col(Case.institution_id) == sa.bindparam("institution", type_=sa.String())
_PROGRAMME = sa.and_(_INSTITUTION, col(Case.programme) == sa.bindparam("programme", type_=sa.String()))

_ADVISED = _DATED.where(col(Case.advisor_id) == _PERSON, not_excluded(_PERSON))
_OVERSEEN = _DATED.where(not_excluded(_PERSON), no_other_party(_PERSON))
_TO_DECIDE = _DATED.where(
    col(Case.waiting_on) == WaitingOn.DECISION_MAKER,
    not_excluded(_PERSON),
    no_other_party(_PERSON, but=Role.DECISION_MAKER),
)

_SEAT_DUE = sa.func.coalesce(col(Assignment.due_at), col(Assignment.respond_by))
_SEATS = (
    sa.select(col(Assignment.id), col(Case.id), col(Case.number), col(Case.programme), _SEAT_DUE, col(Assignment.state))
    .join(Case, col(Case.id) == col(Assignment.case_id))
    .where(
        col(Assignment.person_id) == _PERSON,
        col(Assignment.state).in_([SeatState.ACCEPTED, SeatState.OFFERED]),
        not_excluded(_PERSON),
    )
    .where(sa.tuple_(_SEAT_DUE, col(Assignment.id)) > _AFTER)
    .order_by(_SEAT_DUE, col(Assignment.id))
    .limit(_LIMIT)
)

Columns = sa.Select[*tuple[Any, ...]]

STATEMENTS: dict[tuple[Role, bool], Columns] = {
    (Role.ADVISOR, False): _ADVISED.where(_INSTITUTION),
    (Role.ADVISOR, True): _ADVISED.where(_PROGRAMME),
    (Role.LEAD, False): _OVERSEEN.where(_INSTITUTION),
    (Role.LEAD, True): _OVERSEEN.where(_PROGRAMME),
    (Role.DECISION_MAKER, False): _TO_DECIDE.where(_INSTITUTION),
    (Role.DECISION_MAKER, True): _TO_DECIDE.where(_PROGRAMME),
    (Role.ASSESSOR, False): _SEATS.where(_INSTITUTION),
    (Role.ASSESSOR, True): _SEATS.where(_PROGRAMME),
}
"""The list of each role; True where the role is held for one programme only."""


async def waiting(
    session: AsyncSession, *, caller: Caller, after: Place = FIRST, limit: int = PAGE
) -> tuple[Waiting, ...]:
    """The next `limit` rows that wait for `caller`, most urgent first, from the place after the last one seen.

    A case that waits for the caller in two roles is listed once, as the strongest of them.
    """
    known = {"person": UUID(caller.id), "due_at": after.due_at, "id": after.id, "limit": limit}
    lists = [await _cases(session, _OWN, known, Role.LEARNER)]
    for membership in caller.memberships:
        statement = STATEMENTS.get((membership.role, membership.programme is not None))
        if statement is not None:
            lists.append(await _list(session, statement, known | _scope(membership), membership.role))
    return tuple(_first(_once(heapq.merge(*lists, key=_order)), limit))


def _scope(membership: Membership) -> dict[str, str]:
    programme = {"programme": membership.programme} if membership.programme is not None else {}
    return {"institution": membership.institution, **programme}


async def _list(session: AsyncSession, statement: Columns, known: dict[str, Any], role: Role) -> list[Waiting]:
    if role is Role.ASSESSOR:
        return await _seats(session, statement, known)
    return await _cases(session, statement, known, role)


async def _cases(session: AsyncSession, statement: Columns, known: dict[str, Any], role: Role) -> list[Waiting]:
    rows = await session.exec(statement, params=known)  # type: ignore[call-overload]  # a select of many columns
    return [
        Waiting(role, key, key, number, programme, due_at, stage, waiting_on, attention)
        for key, number, programme, due_at, stage, waiting_on, attention in rows
    ]


async def _seats(session: AsyncSession, statement: Columns, known: dict[str, Any]) -> list[Waiting]:
    rows = await session.exec(statement, params=known)  # type: ignore[call-overload]  # a select of many columns
    return [
        Waiting(Role.ASSESSOR, key, case_id, number, programme, due_at, seat=state)
        for key, case_id, number, programme, due_at, state in rows
    ]


def _order(row: Waiting) -> tuple[datetime, UUID]:
    return row.place.due_at, row.place.id


def _once(rows: Iterable[Waiting]) -> Iterator[Waiting]:
    seen: set[UUID] = set()
    for row in rows:
        if row.id not in seen:
            seen.add(row.id)
            yield row


def _first(rows: Iterator[Waiting], limit: int) -> Iterator[Waiting]:
    for _, row in zip(range(limit), rows, strict=False):
        yield row
