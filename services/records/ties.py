"""How one caller is tied to one case: the facts that the table of actions asks for, read in two statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from services.records.database import Asked
from services.records.programmes import TERMS
from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, CaseExclusion, CaseParty
from services.records.tables.decisions import Decision, DecisionKind, Letter, LetterState
from services.records.tables.programmes import ProgrammeVersion
from services.rules.case import SEAT_ROLE, SeatState, Stage
from services.rules.people import Caller, CaseFacts, Role, Tie

DECIDING = frozenset({Stage.DECISION_PENDING, Stage.ISSUING, Stage.DECIDED, Stage.NOT_ELIGIBLE})
"""Stages in which a case is the business of whoever decides.

Besides: one whose refusal is proposed, a closed one that was decided, and one with a grant, wherever it is by now,
for a grant can be withdrawn.
"""

JUDGING = frozenset({SeatState.ACCEPTED, SeatState.SUBMITTED})
"""States of a seat that open a case to whoever sits in it."""

TIED_AS: dict[Role, Tie] = {
    Role.ASSESSOR: Tie.ASSESSOR,
    Role.PANEL: Tie.PANEL,
    Role.APPEAL_REVIEWER_1: Tie.APPEAL_REVIEWER,
    Role.APPEAL_REVIEWER_2: Tie.APPEAL_REVIEWER,
}
"""What somebody is to a case by a seat taken in a role."""

_CASE, _PERSON = sa.bindparam("case", type_=sa.Uuid()), sa.bindparam("person", type_=sa.Uuid())

_LETTERS = sa.and_(col(Letter.case_id) == col(Case.id), col(Letter.state) == LetterState.RELEASED)

_READ: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        col(Case.institution_id).label("institution"),
        col(Case.programme).label("programme"),
        col(Case.stage).label("stage"),
        col(Case.learner_id).label("learner"),
        col(Case.advisor_id).label("advisor"),
        col(Case.intake_by_id).label("intake_by"),
        col(Case.mentor_id).label("mentor"),
        col(Case.refusal_proposed).label("refusal_proposed"),
        col(CaseParty.role).label("party"),
        sa.exists()
        .where(col(CaseExclusion.case_id) == col(Case.id), col(CaseExclusion.person_id) == _PERSON)
        .label("excluded"),
        sa.exists().where(col(Decision.case_id) == col(Case.id)).label("has_decision"),
        sa.exists()
        .where(col(Decision.case_id) == col(Case.id), col(Decision.kind) == DecisionKind.RECOGNITION)
        .label("recognised"),
        sa.exists().where(_LETTERS, col(Letter.decision_id).is_not(None)).label("told"),
        sa.exists().where(_LETTERS, col(Letter.decision_id).is_(None)).label("lapse_told"),
        TERMS.label("terms"),
    )
    .outerjoin(ProgrammeVersion, col(ProgrammeVersion.id) == col(Case.programme_version_id))
    .outerjoin(CaseParty, sa.and_(col(CaseParty.case_id) == col(Case.id), col(CaseParty.person_id) == _PERSON))
    .where(col(Case.id) == _CASE)
)

_SEATS = (
    sa.select(col(Assignment.seat), col(Assignment.state))
    .where(col(Assignment.case_id) == _CASE, col(Assignment.person_id) == _PERSON)
    .distinct()
)


@dataclass(frozen=True, slots=True)
class _Row:
    institution: str
    programme: str
    stage: Stage
    learner: UUID
    advisor: UUID | None
    intake_by: UUID | None
    mentor: UUID | None
    refusal_proposed: bool
    party: Role | None
    excluded: bool
    has_decision: bool
    recognised: bool
    told: bool
    lapse_told: bool
    terms: str


async def ties(session: Asked, *, case_id: UUID, caller: Caller) -> CaseFacts:
    """What `caller` is to the case. A case that does not exist is one to which everybody is a stranger."""
    known = {"case": case_id, "person": UUID(caller.id)}
    found = next(iter(await session.exec(_READ, params=known)), None)  # type: ignore[call-overload]  # of columns
    taken: Iterable[Any] = await session.exec(_SEATS, params=known)  # type: ignore[call-overload]  # as above
    seats = {(SEAT_ROLE[kind], how) for kind, how in taken}
    if found is None:
        return CaseFacts(frozenset({Tie.STRANGER}))
    row = _Row(*found)
    if row.excluded:
        return CaseFacts(frozenset({Tie.EXCLUDED}), decided=row.told, terms=row.terms)
    by_seat, seated = _seated(row, seats=seats, caller=caller)
    held = _personal(row, caller=caller) | by_seat | _institutional(row, caller=caller)
    return CaseFacts(
        frozenset(held or {Tie.STRANGER}),
        decided=row.told,
        lapsed=row.lapse_told,
        seats=seated,
        terms=row.terms,
    )


def _personal(row: _Row, *, caller: Caller) -> set[Tie]:
    """Ties by being named on the case; staff must still hold the role in which they were named."""
    held = {Tie.LEARNER} if str(row.learner) == caller.id else set()
    if str(row.advisor) == caller.id and caller.holds(Role.ADVISOR, row.institution, row.programme):
        held.add(Tie.ADVISOR)
        if row.intake_by == row.advisor:
            held.add(Tie.INTAKE)
    if str(row.mentor) == caller.id and caller.holds(Role.MENTOR, row.institution, row.programme):
        held.add(Tie.MENTOR)
    return held


def _seated(row: _Row, *, seats: set[tuple[Role, SeatState]], caller: Caller) -> tuple[set[Tie], frozenset[Role]]:
    """Ties by a seat, and the roles of seats held or on offer; none without the role at the institution."""
    mine = {(role, how) for role, how in seats if caller.holds(role, row.institution, row.programme)}
    held = {TIED_AS[role] for role, how in mine if how in JUDGING}
    if any(how is SeatState.OFFERED for _, how in mine):
        held.add(Tie.OFFERED)
    if mine and not held:
        held.add(Tie.FORMER_ASSESSOR)
    return held, frozenset(role for role, how in mine if how is SeatState.OFFERED or how in JUDGING)


def _institutional(row: _Row, *, caller: Caller) -> set[Tie]:
    """Ties by a role at the institution: never for somebody who is another party of the case."""
    holds = {role for role in Role if caller.holds(role, row.institution, row.programme)}
    held: set[Tie] = set()
    if row.party in (None, Role.DECISION_MAKER) and Role.DECISION_MAKER in holds and _up_for_decision(row):
        held.add(Tie.DECISION_MAKER)
    if row.party is None:
        held |= {tie for role, tie in BY_ROLE.items() if role in holds}
    return held


BY_ROLE: dict[Role, Tie] = {
    Role.LEAD: Tie.LEAD,
    Role.PROGRAMME_ADMIN: Tie.PROGRAMME_ADMIN,
    Role.AUDITOR: Tie.AUDITOR,
}
"""Roles that reach every case of their programmes in which the person has no part."""


def _up_for_decision(row: _Row) -> bool:
    closed = row.stage is Stage.CLOSED and row.has_decision
    return row.stage in DECIDING or row.refusal_proposed or row.recognised or closed
