"""The rows by which the rules know a case, in one question: they are read two or three times for every command.

Each list has the same columns, as the lists of `queue` do; what a list has no word for is empty in it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.database import UtcDateTime
from services.records.tables.assessment import Assignment, AssignmentClaim
from services.records.tables.cases import Case, Claim
from services.records.tables.clarity import JudgementReturn
from services.records.tables.commands import (
    WAITING,
    DeadlineRow,
    DeadlineState,
    EffectRow,
    EffectState,
    LimitRow,
    LimitState,
)
from services.records.tables.programmes import ProgrammeVersion
from services.rules.case import OPEN_SEATS, Deadline, Effect, Lane, Seat, SeatKind, SeatState
from services.rules.claims import ClaimState
from services.rules.transfers import ClaimKind

_CASE = sa.bindparam("case", type_=sa.Uuid())

_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "id": sa.Uuid(),
    "person": sa.Uuid(),
    "key": sa.String(),
    "state": sa.String(),
    "kind": sa.String(),
    "activity": sa.String(),
    "at": UtcDateTime(),
    "number": sa.Integer(),
    "step": sa.Integer(),
    "chair": sa.Boolean(),
}
_CLAIM, _SEAT, _SEATED, _DEADLINE, _EFFECT, _NEWER, _UNCLEAR = range(7)


def _list(which: int, **said: Any) -> sa.Select[*tuple[Any, ...]]:  # noqa: ANN401 - columns of any type
    """One list: `said` are the columns that it fills."""
    return sa.select(
        sa.literal_column(str(which), sa.Integer()).label("list"),
        *(
            (sa.type_coerce(said[name], kind) if name in said else sa.cast(sa.null(), kind)).label(name)
            for name, kind in _COLUMNS.items()
        ),
    )


# Each word by itself: a list of words is spelled out anew at each execution.
_OPEN_SEAT = sa.or_(*(col(Assignment.state) == one for one in sorted(OPEN_SEATS)))
_PINNED, _OTHER = aliased(ProgrammeVersion), aliased(ProgrammeVersion)

_ROWS = sa.union_all(
    _list(
        _CLAIM,
        id=col(Claim.id),
        key=col(Claim.competency),
        state=col(Claim.state),
        kind=col(Claim.kind),
        number=col(Claim.attempt),
    ).where(col(Claim.case_id) == _CASE),
    _list(
        _SEAT,
        id=col(Assignment.id),
        person=col(Assignment.person_id),
        state=col(Assignment.state),
        kind=col(Assignment.seat),
        chair=col(Assignment.chair),
    ).where(col(Assignment.case_id) == _CASE, _OPEN_SEAT),
    _list(_SEATED, id=col(AssignmentClaim.claim_id))
    .join_from(AssignmentClaim, Assignment, col(Assignment.id) == col(AssignmentClaim.assignment_id))
    .where(col(Assignment.case_id) == _CASE, _OPEN_SEAT)
    .where(col(Assignment.seat) == SeatKind.FIRST),
    _list(_DEADLINE, key=col(DeadlineRow.key), at=col(DeadlineRow.at)).where(
        col(DeadlineRow.case_id) == _CASE, col(DeadlineRow.state) == DeadlineState.OPEN
    ),
    # Spelled as in the partial index, which is used for no other words.
    _list(
        _EFFECT,
        key=col(EffectRow.key),
        state=col(EffectRow.state),
        kind=col(EffectRow.lane),
        activity=col(EffectRow.activity),
        at=col(EffectRow.queued_at),
        number=col(EffectRow.seq),
        step=col(EffectRow.step),
    ).where(col(EffectRow.case_id) == _CASE, sa.text(f"effects.{WAITING}")),
    _list(_NEWER, id=_OTHER.id)
    .join_from(Case, _PINNED, col(_PINNED.id) == col(Case.programme_version_id))
    .join(
        _OTHER,
        sa.and_(
            col(_OTHER.slug) == col(Case.programme),
            col(_OTHER.institution_id) == col(Case.institution_id),
            col(_OTHER.version) > col(_PINNED.version),
        ),
    )
    .where(col(Case.id) == _CASE, col(_OTHER.retired_at).is_(None)),
    _list(_UNCLEAR, id=col(JudgementReturn.id))
    .join_from(JudgementReturn, LimitRow, col(LimitRow.id) == col(JudgementReturn.limit_id))
    .where(col(JudgementReturn.case_id) == _CASE)
    .where(sa.or_(*(col(LimitRow.state) == one for one in (LimitState.RUNNING, LimitState.PAUSED)))),
)


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What counts of one claim."""

    id: UUID
    competency: str
    state: ClaimState
    kind: ClaimKind


@dataclass(frozen=True, slots=True)
class CaseRows:
    """The newest attempt at each claim, open seats, the claims that first readers sit for, dates and effects.

    `effects` holds what waits and what failed, in its order; `newer`: a newer version of the programme takes cases;
    `unclear` counts readings whose authors are asked for clearer reasons.
    """

    claims: tuple[ClaimFacts, ...]
    seats: tuple[Seat, ...]
    seated: frozenset[UUID]
    deadlines: tuple[Deadline, ...]
    effects: tuple[tuple[Effect, EffectState], ...]
    newer: bool
    unclear: int


async def read(session: AsyncSession, case_id: UUID) -> CaseRows:
    """The rows as they stand in the caller's transaction."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in await session.exec(_ROWS, params={"case": case_id}):  # type: ignore[call-overload]  # many columns
        found[row.list].append(row)
    claims = sorted(found[_CLAIM], key=lambda row: row.number)
    # A later attempt stands for the earlier ones: what was recognised since asks for nothing.
    newest = {row.key: ClaimFacts(row.id, row.key, ClaimState(row.state), ClaimKind(row.kind)) for row in claims}
    return CaseRows(
        claims=tuple(newest.values()),
        seats=tuple(_seat(row) for row in sorted(found[_SEAT], key=lambda row: row.id)),
        seated=frozenset(row.id for row in found[_SEATED]),
        deadlines=tuple(Deadline(row.key, row.at) for row in sorted(found[_DEADLINE], key=_due)),
        effects=tuple(_effect(row) for row in sorted(found[_EFFECT], key=_turn)),
        newer=bool(found[_NEWER]),
        unclear=len(found[_UNCLEAR]),
    )


def _seat(row: Any) -> Seat:  # noqa: ANN401 - rows of this module's statement
    return Seat(str(row.id), str(row.person), SeatState(row.state), SeatKind(row.kind), row.chair)


def _effect(row: Any) -> tuple[Effect, EffectState]:  # noqa: ANN401 - as above
    return Effect(row.key, row.activity, Lane(row.kind)), EffectState(row.state)


def _due(row: Any) -> tuple[datetime, str]:  # noqa: ANN401 - as above
    return row.at, row.key


def _turn(row: Any) -> tuple[int, datetime, int]:  # noqa: ANN401 - as above
    return row.number, row.at, row.step
