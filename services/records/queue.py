"""What waits for whom: the lists that people start their day with.

A caller has one list per thing that they are; each walks an index in due order, all are asked in one statement that is
built once, and the page is their merge. The caller's access is in every list, never a filter after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlmodel import col

from services.records import programmes
from services.records.database import Asked, UtcDateTime
from services.records.limits import UNDER_WAY
from services.records.tables.assessment import Assignment, Judgement
from services.records.tables.cases import CASE_OPEN, Case
from services.records.tables.clarity import JudgementReturn
from services.records.tables.commands import LimitRow, LimitState
from services.records.tables.support import CHALLENGE_WAITS, LapseChallenge
from services.records.visibility import no_other_party, not_excluded
from services.rules.case import SEAT_ROLE, SeatState, Stage, WaitingOn
from services.rules.people import Caller, Role
from services.rules.terms import CANADA

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


class Waiting(msgspec.Struct, frozen=True):
    """One row: the case, as what it waits for the reader, and until when.

    `terms` is the French of its programme. `stage` and `waiting_on` are empty for an assessor, who sees the state of
    the seat alone; `id` is then the seat's. A seat that was sent in waits where its reasons are to be said more
    clearly, or where a panel's chair signs.
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
    terms: str = CANADA

    @property
    def place(self) -> Place:
        """Where this row stands, to ask for what comes after it."""
        return Place(self.due_at or NO_DATE, self.id)


_PERSON = sa.bindparam("person", type_=sa.Uuid())
_AFTER = sa.tuple_(sa.bindparam("due_at", type_=UtcDateTime()), sa.bindparam("id", type_=sa.Uuid()))
_LIMIT = sa.bindparam("limit", type_=sa.Integer())

_SEAT_DUE = sa.func.coalesce(col(Assignment.due_at), col(Assignment.respond_by))


def _nothing(column: Mapped[Any]) -> sa.Cast[Any]:
    """No value, of the type of `column`: every list has the same columns."""
    return sa.cast(sa.null(), column.type)  # type: ignore[attr-defined]  # a mapped column of a class has a type


_CASE_COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    _nothing(col(Assignment.id)).label("id"),  # a case's own, which is not read twice
    col(Case.id).label("case_id"),
    col(Case.number).label("number"),
    col(Case.programme).label("programme"),
    col(Case.due_at).label("due_at"),
    col(Case.stage).label("stage"),
    col(Case.waiting_on).label("waiting_on"),
    col(Case.needs_attention).label("needs_attention"),
    _nothing(col(Assignment.state)).label("seat"),
    col(Case.programme_version_id).label("version"),
)
_SEAT_COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    col(Assignment.id).label("id"),
    col(Case.id).label("case_id"),
    col(Case.number).label("number"),
    col(Case.programme).label("programme"),
    _SEAT_DUE.label("due_at"),
    _nothing(col(Case.stage)).label("stage"),
    _nothing(col(Case.waiting_on)).label("waiting_on"),
    _nothing(col(Case.needs_attention)).label("needs_attention"),
    col(Assignment.state).label("seat"),
    _nothing(col(Case.programme_version_id)).label("version"),  # whoever holds a seat is told no stage
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
_ADVISED = _DATED.where(col(Case.advisor_id) == _PERSON, not_excluded(_PERSON))
_OVERSEEN = _DATED.where(not_excluded(_PERSON), no_other_party(_PERSON))
_WAITING_CHALLENGES = sa.select(col(LapseChallenge.case_id)).where(CHALLENGE_WAITS)
_RULED_BY = (
    sa.select(col(LapseChallenge.due_at))
    .where(CHALLENGE_WAITS, col(LapseChallenge.case_id) == col(Case.id))
    .scalar_subquery()
)
# Few cases at a time: found by their challenges, and put in order afterwards.
_CHALLENGED = (
    sa.select(*(_RULED_BY.label("due_at") if one.name == "due_at" else one for one in _CASE_COLUMNS))
    .where(col(Case.id).in_(_WAITING_CHALLENGES), not_excluded(_PERSON), no_other_party(_PERSON))
    .where(sa.tuple_(_RULED_BY, col(Case.id)) > _AFTER)
    .order_by(_RULED_BY, col(Case.id))
    .limit(_LIMIT)
)
_TO_DECIDE = _DATED.where(
    col(Case.waiting_on) == WaitingOn.DECISION_MAKER,
    not_excluded(_PERSON),
    no_other_party(_PERSON, but=Role.DECISION_MAKER),
)

_TO_SIGN = sa.and_(
    col(Assignment.chair),
    col(Assignment.state) == SeatState.SUBMITTED,
    col(Case.stage) == Stage.DECISION_PENDING,
    col(Case.waiting_on) == WaitingOn.PANEL,
)
"""The panel has recorded what it found, and its chair decides."""


def _seats(role: Role) -> sa.Select[*tuple[Any, ...]]:
    """The seats in `role` that are on offer or to be filled; the state of a seat is all that is told of a case."""
    kinds = [kind for kind, asked in SEAT_ROLE.items() if asked is role]
    waits = col(Assignment.state).in_([SeatState.ACCEPTED, SeatState.OFFERED])
    return (
        sa.select(*_SEAT_COLUMNS)
        .join(Case, col(Case.id) == col(Assignment.case_id))
        .where(
            col(Assignment.person_id) == _PERSON,
            col(Assignment.seat).in_(kinds),
            sa.or_(waits, _TO_SIGN) if role is Role.PANEL else waits,
            not_excluded(_PERSON),
        )
        .where(sa.tuple_(_SEAT_DUE, col(Assignment.id)) > _AFTER)
        .order_by(_SEAT_DUE, col(Assignment.id))
        .limit(_LIMIT)
    )


Columns = sa.Select[*tuple[Any, ...]]
Kind = tuple[Role, bool]
"""A role, and whether it is held for one programme only."""

_LISTS: dict[Role, Columns] = {
    Role.ADVISOR: _ADVISED,
    Role.LEAD: _OVERSEEN,
    Role.DECISION_MAKER: _TO_DECIDE,
    Role.ASSESSOR: _seats(Role.ASSESSOR),
    Role.PANEL: _seats(Role.PANEL),
    Role.APPEAL_REVIEWER_1: _seats(Role.APPEAL_REVIEWER_1),
    Role.APPEAL_REVIEWER_2: _seats(Role.APPEAL_REVIEWER_2),
}


_LEFT = [one for one in LimitState if one not in UNDER_WAY]


def _unclear(role: Role) -> Columns:
    """The seats in `role` that were sent in and whose reasons are to be said more clearly, until when that is."""
    kinds = [kind for kind, asked in SEAT_ROLE.items() if asked is role]
    due = col(LimitRow.due_at)
    return (
        sa.select(*(due.label("due_at") if one.name == "due_at" else one for one in _SEAT_COLUMNS))
        .join_from(JudgementReturn, LimitRow, col(LimitRow.id) == col(JudgementReturn.limit_id))
        .join(Judgement, col(Judgement.id) == col(JudgementReturn.judgement_id))
        .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
        .join(Case, col(Case.id) == col(JudgementReturn.case_id))
        .where(
            col(LimitRow.state).not_in(_LEFT),  # what runs is half of all limits: the few returns come first
            col(JudgementReturn.author_id) == _PERSON,
            col(Assignment.state) == SeatState.SUBMITTED,
            col(Assignment.seat).in_(kinds),
            not_excluded(_PERSON),
        )
        .where(sa.tuple_(due, col(Assignment.id)) > _AFTER)
        .order_by(due, col(Assignment.id))
        .limit(_LIMIT)
    )


_BESIDE: dict[Role, Columns] = {
    Role.LEAD: _CHALLENGED,
    Role.ASSESSOR: _unclear(Role.ASSESSOR),
    Role.PANEL: _unclear(Role.PANEL),
}
"""What waits for a role in closed cases, and of seats that were sent in."""


def _reached(kind: Kind, *, number: str = "", lists: dict[Role, Columns] = _LISTS) -> Columns:
    """The list of a role; `number` is put behind the names of its parameters `institution` and `programme`."""
    role, one_programme = kind
    listed = lists[role].where(col(Case.institution_id) == sa.bindparam(f"institution{number}", type_=sa.String()))
    if one_programme:
        listed = listed.where(col(Case.programme) == sa.bindparam(f"programme{number}", type_=sa.String()))
    return listed


STATEMENTS: dict[Kind, Columns] = {(role, one): _reached((role, one)) for role in _LISTS for one in (False, True)}
"""The list of each role."""


@lru_cache(maxsize=256)
def statement(kinds: tuple[Kind, ...]) -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Every list of somebody who is all of `kinds`, in one question: a case of their own, then role by role.

    The first column says from which list a row is: 0 is the caller's own.
    """
    lists = [(0, _OWN), *((number, _reached(kind, number=str(number))) for number, kind in enumerate(kinds, 1))]
    lists += [
        (number, _reached(kind, number=str(number), lists=_BESIDE))
        for number, kind in enumerate(kinds, 1)
        if kind[0] in _BESIDE
    ]
    numbered = [
        sa.select(sa.literal_column(str(number), sa.Integer()).label("list"), *one.subquery().c)
        for number, one in lists
    ]
    return sa.union_all(*numbered)


async def waiting(session: Asked, *, caller: Caller, after: Place = FIRST, limit: int = PAGE) -> tuple[Waiting, ...]:
    """The next `limit` rows that wait for `caller`, most urgent first, from the place after the last one seen.

    A case that waits for the caller in two roles is listed once, as the strongest of them.
    """
    held = [one for one in caller.memberships if one.role in _LISTS]
    known = {"person": UUID(caller.id), "due_at": after.due_at, "id": after.id, "limit": limit}
    for number, membership in enumerate(held, 1):
        known |= {f"institution{number}": membership.institution, f"programme{number}": membership.programme}
    asked = statement(tuple((one.role, one.programme is not None) for one in held))
    rows: Iterable[Any] = await session.exec(asked, params=known)  # type: ignore[call-overload]  # many columns
    roles = [Role.LEARNER, *(one.role for one in held)]
    found = [(row[5] or NO_DATE, row[1] or row[2], row[0], row) for row in rows]
    found.sort(key=_PLACE_AND_LIST)
    # By the numbers of ids: an id itself is slow to be looked up by.
    spoken: dict[int, str] = {}
    first: dict[int, Waiting] = {}
    for _, key, number, row in found:
        if len(first) == limit:
            break
        if key.int in first:
            continue
        version = row[-1]
        if version is not None and version.int not in spoken:
            spoken[version.int] = await programmes.terms_of(session, version)
        terms = CANADA if version is None else spoken[version.int]
        first[key.int] = Waiting(roles[number], key, *row[2:-1], terms)  # type: ignore[call-arg]  # as the columns
    return tuple(first.values())


_PLACE_AND_LIST = itemgetter(0, 1, 2)
