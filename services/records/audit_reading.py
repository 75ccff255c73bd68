"""The log as an auditor reads it: newest first, of cases and people within reach, and nothing else.

An auditor with a part in a case, or a conflict on it, reads nothing of it here either. Lines of the system itself tell
of what was published and of nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlalchemy.sql import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import visibility
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case
from services.records.tables.people import Person, PersonRole
from services.rules.people import Caller, Role

PAGE = 50
"""Lines of one page."""

SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: of a case, of what a person did or what was done to their account, of one action."""

    case: UUID | None = None
    person: UUID | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after the line that stands here, newest first."""

    at: datetime
    stream: str
    seq: int


async def lines(
    session: AsyncSession, caller: Caller, wanted: Wanted, *, after: Place | None = None, most: int = PAGE
) -> list[AuditLine]:
    """At most `most` lines that `caller` may read, newest first."""
    question = select(AuditLine).where(_within(caller, session.get_bind().dialect.name))
    if wanted.case is not None:
        question = question.where(col(AuditLine.stream) == f"case:{wanted.case}")
    if wanted.person is not None:
        own = str(wanted.person)
        question = question.where(sa.or_(col(AuditLine.actor) == own, col(AuditLine.stream) == f"person:{own}"))
    if wanted.action:
        question = question.where(col(AuditLine.action) == wanted.action)
    if after is not None:
        here = sa.tuple_(col(AuditLine.at), col(AuditLine.stream), col(AuditLine.seq))
        question = question.where(here < sa.tuple_(*_bound(after)))
    newest = (col(AuditLine.at).desc(), col(AuditLine.stream).desc(), col(AuditLine.seq).desc())
    return list(await session.exec(question.order_by(*newest).limit(most)))


def _bound(after: Place) -> tuple[ColumnElement[object], ...]:
    return (
        sa.literal(after.at, AuditLine.__table__.c.at.type),  # type: ignore[attr-defined]  # SQLModel does not declare __table__
        sa.literal(after.stream),
        sa.literal(after.seq),
    )


async def cases_of(session: AsyncSession, caller: Caller, streams: Iterable[str]) -> dict[str, tuple[UUID, str]]:
    """The id and number of each case among `streams` that `caller` may read, by stream."""
    ids = [UUID(stream.removeprefix("case:")) for stream in streams if stream.startswith("case:")]
    rows = await session.exec(
        select(Case.id, Case.number).where(col(Case.id).in_(ids), visibility.cases_followed_by(caller, {Role.AUDITOR}))
    )
    return {f"case:{case_id}": (case_id, number) for case_id, number in rows}


async def case_numbered(session: AsyncSession, caller: Caller, number: str) -> UUID | None:
    """The case of this number, if `caller` may read it."""
    rows = await session.exec(
        select(Case.id).where(
            col(Case.number) == number.strip().upper(), visibility.cases_followed_by(caller, {Role.AUDITOR})
        )
    )
    return rows.first()


async def person_at(session: AsyncSession, caller: Caller, email: str) -> UUID | None:
    """The person with this address, if `caller` may read of them."""
    rows = await session.exec(
        select(Person.id).where(col(Person.email) == email.strip().lower(), _in_reach(caller, col(Person.id)))
    )
    return rows.first()


def _within(caller: Caller, dialect: str) -> ColumnElement[bool]:
    """Lines of cases that the auditor sees, of people who work or ask there, and of the system."""
    seen = sa.exists().where(
        col(Case.id) == _id_of("case:", dialect), visibility.cases_followed_by(caller, {Role.AUDITOR})
    )
    return sa.or_(col(AuditLine.stream) == SYSTEM, seen, _in_reach(caller, _id_of("person:", dialect)))


def _in_reach(caller: Caller, person: ColumnElement[Any] | Mapped[UUID]) -> ColumnElement[bool]:
    """Somebody who holds, or held, a role where `caller` audits, or whose case `caller` sees."""
    audits = [one for one in caller.memberships if one.role is Role.AUDITOR]
    works = [
        sa.exists().where(
            col(PersonRole.person_id) == person,
            col(PersonRole.institution_id) == one.institution,
            sa.true()
            if one.programme is None
            else sa.or_(col(PersonRole.programme).is_(None), col(PersonRole.programme) == one.programme),
        )
        for one in audits
    ]
    asks = sa.exists().where(col(Case.learner_id) == person, visibility.cases_followed_by(caller, {Role.AUDITOR}))
    return sa.or_(asks, *works)


def _id_of(prefix: str, dialect: str) -> ColumnElement[Any]:
    """The id that a stream names after `prefix`, as the database keeps ids, so that it is found by its key."""
    rest = sa.func.substr(col(AuditLine.stream), len(prefix) + 1)
    if dialect == "postgresql":
        return sa.cast(sa.case((col(AuditLine.stream).startswith(prefix), rest)), sa.Uuid())
    return sa.case((col(AuditLine.stream).startswith(prefix), sa.func.replace(rest, "-", "")))
