"""Who works for an institution: the people and roles that its administrators keep, and what they may change of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import agreement_figures, audit, people, sessions
from services.records.tables.people import Person, PersonRole, SignInSession
from services.rules.people import Caller, Role, keeps_role
from services.rules.refusals import Refused

PAGE = 50
"""People of one page."""

Reach = Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with at least one role; `last_seen` is when they were last signed in, of the last ninety days."""

    id: UUID
    name: str
    email: str
    active: bool
    roles: tuple[PersonRole, ...]
    last_seen: datetime | None


async def listed(session: AsyncSession, reach: Reach, *, after: UUID | None = None) -> list[Member]:
    """Up to one more than a page of people with a role within `reach`, in the order in which accounts were made."""
    rows = await session.exec(
        select(Person)
        .where(_works(reach), *([col(Person.id) > after] if after else []))
        .order_by(col(Person.id))
        .limit(PAGE + 1)
    )
    return await _members(session, list(rows), reach)


async def one(session: AsyncSession, reach: Reach, person_id: UUID) -> Member:
    """Somebody with a role within `reach`. Raises `Refused('not_found')`, as for nobody."""
    rows = await session.exec(select(Person).where(col(Person.id) == person_id, _works(reach)))
    found = await _members(session, list(rows), reach)
    if not found:
        raise Refused("not_found")
    return found[0]


async def works(session: AsyncSession, reach: Reach, person_id: UUID) -> bool:
    """Whether somebody still has a role within `reach`."""
    rows = await session.exec(select(Person.id).where(col(Person.id) == person_id, _works(reach)))
    return rows.first() is not None


def _works(reach: Reach) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        col(PersonRole.person_id) == col(Person.id),
        col(PersonRole.ended_at).is_(None),
        agreement_figures.within(PersonRole, reach),
    )


async def _members(session: AsyncSession, found: list[Person], reach: Reach) -> list[Member]:
    ids = [person.id for person in found]
    roles = await session.exec(
        select(PersonRole)
        .where(
            col(PersonRole.person_id).in_(ids),
            col(PersonRole.ended_at).is_(None),
            agreement_figures.within(PersonRole, reach),
        )
        .order_by(col(PersonRole.granted_at), col(PersonRole.id))
    )
    held: dict[UUID, list[PersonRole]] = {}
    for row in roles:
        held.setdefault(row.person_id, []).append(row)
    seen = await session.exec(
        select(SignInSession.person_id, sa.func.max(col(SignInSession.seen_at)))
        .where(col(SignInSession.person_id).in_(ids))
        .group_by(col(SignInSession.person_id))
    )
    last = dict(seen.all())
    return [
        Member(one.id, one.name, one.email, one.active, tuple(held.get(one.id, ())), last.get(one.id)) for one in found
    ]


async def grant(
    session: AsyncSession,
    caller: Caller,
    email: str,
    *,
    role: Role,
    institution: str,
    programme: str | None,
    now: datetime,
) -> UUID:
    """Give the account at this address a role, as `caller`.

    Raises `Refused`: forbidden for a role that is not the caller's to give and for oneself, not_found for an address
    without an open account.
    """
    if not keeps_role(caller, role, institution=institution, programme=programme):
        raise Refused("forbidden")
    person = await people.by_email(session, email)
    if person is None or not (person.account and person.active):
        raise Refused("not_found")
    if str(person.id) == caller.id:
        raise Refused("forbidden")
    await people.grant_role(
        session, person.id, role=role, institution=institution, programme=programme, now=now, actor=caller.id
    )
    return person.id


async def end_role(session: AsyncSession, caller: Caller, role_id: UUID, *, person_id: UUID, now: datetime) -> None:
    """Take a role away, as `caller`. Raises `Refused`: not_found for no live role of that person, forbidden."""
    row = await session.get(PersonRole, role_id)
    if row is None or row.person_id != person_id or row.ended_at is not None:
        raise Refused("not_found")
    if str(person_id) == caller.id or not keeps_role(
        caller, row.role, institution=row.institution_id, programme=row.programme
    ):
        raise Refused("forbidden")
    await people.end_role(
        session,
        person_id,
        role=row.role,
        institution=row.institution_id,
        programme=row.programme,
        now=now,
        actor=caller.id,
    )


async def end_sessions(session: AsyncSession, caller: Caller, person_id: UUID, *, now: datetime) -> None:
    """Sign somebody out everywhere, as `caller`; whoever called has checked that the person is within reach."""
    await sessions.end_all(session, person_id, now=now)
    await audit.log(
        session, stream=f"person:{person_id}", actor=caller.id, action="sessions_ended", details={}, now=now
    )
