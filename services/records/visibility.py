"""Which cases a caller sees, as a condition in the query: the same answer as `ties` and the table of actions.

Lists add it to their statement, so that what is not to be seen is never read, counted or paged over.
"""

from collections.abc import Callable, Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement
from sqlmodel import col

from services.records.tables.assessment import Assignment
from services.records.tables.cases import Case, CaseExclusion, CaseParty
from services.records.tables.decisions import Decision, DecisionKind
from services.records.ties import DECIDING, JUDGING
from services.rules.case import SEAT_ROLE, Stage
from services.rules.people import Caller, Membership, Role


def cases_visible_to(caller: Caller) -> ColumnElement[bool]:
    """The condition under which a row of `cases` may be shown to `caller` (action `see_case`)."""
    person = UUID(caller.id)
    return sa.and_(sa.or_(col(Case.learner_id) == person, *_seen_as(caller, SEEN_AS)), not_excluded(person))


def cases_followed_by(caller: Caller, roles: Collection[Role] | None = None) -> ColumnElement[bool]:
    """The condition under which `caller` follows a row of `cases` as staff, and so may be told where it stands.

    A case that they only judge is none of these: its stage would tell of other readings. `roles`: only as one of these.
    """
    return cases_seen_as(caller, FOLLOWING if roles is None else FOLLOWING & frozenset(roles))


def cases_seen_as(caller: Caller, roles: Collection[Role]) -> ColumnElement[bool]:
    """The condition under which `caller` sees a row of `cases` in one of `roles`."""
    return sa.and_(sa.or_(sa.false(), *_seen_as(caller, roles)), not_excluded(UUID(caller.id)))


def _seen_as(caller: Caller, roles: Collection[Role]) -> list[ColumnElement[bool]]:
    person = UUID(caller.id)
    return [sa.and_(reached_by(one), SEEN_AS[one.role](person)) for one in caller.memberships if one.role in roles]


def not_excluded(person: UUID | sa.BindParameter[UUID]) -> ColumnElement[bool]:
    """No conflict of interest of `person` stands on the case."""
    return ~sa.exists().where(col(CaseExclusion.case_id) == col(Case.id), col(CaseExclusion.person_id) == person)


def no_other_party(person: UUID | sa.BindParameter[UUID], *, but: Role | None = None) -> ColumnElement[bool]:
    """`person` has no part in the case, that of `but` aside."""
    party = sa.exists().where(col(CaseParty.case_id) == col(Case.id), col(CaseParty.person_id) == person)
    return ~(party.where(col(CaseParty.role) != but) if but else party)


def reached_by(membership: Membership) -> ColumnElement[bool]:
    """The case is of the membership's institution and, where it names one, programme."""
    institution = col(Case.institution_id) == membership.institution
    if membership.programme is None:
        return institution
    return sa.and_(institution, col(Case.programme) == membership.programme)


def up_for_decision() -> ColumnElement[bool]:
    """The case is the business of whoever decides."""
    decided = sa.exists().where(col(Decision.case_id) == col(Case.id))
    return sa.or_(
        col(Case.stage).in_(sorted(DECIDING)),
        col(Case.refusal_proposed),
        decided.where(col(Decision.kind) == DecisionKind.RECOGNITION),
        sa.and_(col(Case.stage) == Stage.CLOSED, decided),
    )


def _mentored(person: UUID) -> ColumnElement[bool]:
    return col(Case.mentor_id) == person


def _advised(person: UUID) -> ColumnElement[bool]:
    return col(Case.advisor_id) == person


def _seated_as(role: Role) -> Callable[[UUID], ColumnElement[bool]]:
    """The person sits in a seat that asks for `role`."""
    kinds = sorted(kind for kind, asked in SEAT_ROLE.items() if asked is role)

    def seated(person: UUID) -> ColumnElement[bool]:
        return sa.exists().where(
            col(Assignment.case_id) == col(Case.id),
            col(Assignment.person_id) == person,
            col(Assignment.seat).in_(kinds),
            col(Assignment.state).in_(sorted(JUDGING)),
        )

    return seated


def _decided(person: UUID) -> ColumnElement[bool]:
    return sa.and_(up_for_decision(), no_other_party(person, but=Role.DECISION_MAKER))


def _overseen(person: UUID) -> ColumnElement[bool]:
    return no_other_party(person)


SEEN_AS = {
    Role.ADVISOR: _advised,
    Role.MENTOR: _mentored,
    Role.ASSESSOR: _seated_as(Role.ASSESSOR),
    Role.PANEL: _seated_as(Role.PANEL),
    Role.APPEAL_REVIEWER_1: _seated_as(Role.APPEAL_REVIEWER_1),
    Role.APPEAL_REVIEWER_2: _seated_as(Role.APPEAL_REVIEWER_2),
    Role.DECISION_MAKER: _decided,
    Role.LEAD: _overseen,
    Role.AUDITOR: _overseen,
}
"""What a role lets its holder see, within its institution and programme."""

FOLLOWING = frozenset({Role.ADVISOR, Role.MENTOR, Role.LEAD, Role.AUDITOR})
"""Roles whose holders follow cases from their first day to their last."""
