"""Accounts, and what each is to which institution: the caller that every rule of access asks about."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, sessions
from services.records.ids import new_id
from services.records.tables.people import Person, PersonRole
from services.rules.people import STAFF, Caller, Membership, Role
from services.rules.refusals import Refused

SYSTEM = "system"
"""The actor of what an operator does on the command line."""


class AddressTakenError(Exception):
    """Another account has this address."""


def address(email: str) -> str:
    """An e-mail address as accounts are found by it: no spaces around it, in lower case."""
    return email.strip().lower()


async def add(
    session: AsyncSession,
    *,
    name: str,
    email: str,
    language: str,
    password_hash: str | None,
    organisation: str | None,
    now: datetime,
    actor: str = SYSTEM,
) -> Person:
    """Open an account; somebody known by address alone gets theirs, and stays who they are to every case.

    Raises `AddressTakenError`.
    """
    known = await by_email(session, email)
    if known is not None and known.account:
        raise AddressTakenError
    if known is not None:
        known.name, known.language, known.organisation = name.strip(), language, organisation
        known.password_hash, known.account, known.active = password_hash, True, True
        await session.flush()
        await _log(session, known.id, action="account_opened", actor=actor, now=now)
        return known
    person = Person(
        id=new_id(),
        email=address(email),
        name=name.strip(),
        language=language,
        organisation=organisation,
        password_hash=password_hash,
        created_at=now,
    )
    session.add(person)
    await session.flush()
    await _log(session, person.id, action="account_opened", actor=actor, now=now)
    return person


async def known_by_address(session: AsyncSession, *, email: str, name: str, language: str, now: datetime) -> Person:
    """Whoever has this address: the account as it is, or a row without one, by which nobody can sign in."""
    known = await by_email(session, email)
    if known is not None:
        return known
    person = Person(
        id=new_id(),
        email=address(email),
        name=name.strip(),
        language=language,
        active=False,
        account=False,
        created_at=now,
    )
    session.add(person)
    await session.flush()
    await _log(session, person.id, action="known_by_address", actor=str(person.id), now=now)
    return person


async def by_email(session: AsyncSession, email: str) -> Person | None:
    """The account with this address, in whatever case it was typed."""
    return (await session.exec(select(Person).where(col(Person.email) == address(email)))).first()


async def names(session: AsyncSession, ids: Iterable[str]) -> dict[str, str]:
    """The names of the people among `ids`, by id; what is no person's id (`system`, a request's) is left out."""
    wanted = set[UUID]()
    for one in ids:
        with suppress(ValueError):
            wanted.add(UUID(one))
    rows = await session.exec(select(Person.id, Person.name).where(col(Person.id).in_(wanted)))
    return {str(person): name for person, name in rows}


async def set_password(
    session: AsyncSession, person_id: UUID, *, password_hash: str, now: datetime, actor: str = SYSTEM
) -> None:
    """Store a new hash and end every session: whoever knew the old password is out."""
    person = await session.get_one(Person, person_id)
    person.password_hash = password_hash
    await sessions.end_all(session, person_id, now=now)
    await _log(session, person_id, action="password_changed", actor=actor, now=now)


async def choose_language(session: AsyncSession, person_id: UUID, *, language: str, now: datetime) -> None:
    """Address the person in `language` (`en` or `fr`) from now on."""
    person = await session.get_one(Person, person_id)
    person.language = language
    await session.flush()
    await _log(session, person_id, action="language_chosen", actor=str(person_id), now=now)


async def deactivate(session: AsyncSession, person_id: UUID, *, now: datetime, actor: str = SYSTEM) -> None:
    """Close an account at once; what the person did stays theirs."""
    person = await session.get_one(Person, person_id)
    person.active = False
    await sessions.end_all(session, person_id, now=now)
    await _log(session, person_id, action="account_closed", actor=actor, now=now)


async def grant_role(
    session: AsyncSession,
    person_id: UUID,
    *,
    role: Role,
    institution: str,
    programme: str | None = None,
    now: datetime,
    actor: str = SYSTEM,
) -> PersonRole:
    """Give a role at an institution, for one programme or for all; the same role again changes nothing.

    Sessions end, for those of staff have shorter limits. Raises `ValueError` for a role that nobody can be given.
    """
    if role not in STAFF:
        raise ValueError(role)
    row = await _live(session, person_id, role=role, institution=institution, programme=programme)
    if row is not None:
        return row
    row = PersonRole(
        id=new_id(),
        person_id=person_id,
        role=role,
        institution_id=institution,
        programme=programme,
        granted_at=now,
    )
    session.add(row)
    await session.flush()
    await sessions.end_all(session, person_id, now=now)
    await _log(session, person_id, action="role_granted", actor=actor, row=row, now=now)
    return row


async def end_role(
    session: AsyncSession,
    person_id: UUID,
    *,
    role: Role,
    institution: str,
    programme: str | None = None,
    now: datetime,
    actor: str = SYSTEM,
) -> bool:
    """Take a role away; it is gone on the person's next request. Answers whether there was one."""
    row = await _live(session, person_id, role=role, institution=institution, programme=programme)
    if row is None:
        return False
    row.ended_at = now
    await sessions.end_all(session, person_id, now=now)
    await _log(session, person_id, action="role_ended", actor=actor, row=row, now=now)
    return True


# Asked by every request, so built once and of columns only.
_MEMBERSHIPS = (
    sa.select(col(PersonRole.role), col(PersonRole.institution_id), col(PersonRole.programme))
    .where(col(PersonRole.person_id) == sa.bindparam("person", type_=sa.Uuid()), col(PersonRole.ended_at).is_(None))
    .order_by(col(PersonRole.granted_at), col(PersonRole.id))
)


async def memberships(session: AsyncSession, person_id: UUID) -> tuple[Membership, ...]:
    """Every role that the person holds now."""
    rows = await session.exec(_MEMBERSHIPS, params={"person": person_id})  # type: ignore[call-overload]  # columns
    return tuple(Membership(role, institution, programme) for role, institution, programme in rows)


async def caller(session: AsyncSession, person_id: UUID) -> Caller:
    """Who asks, with the roles of this moment. Raises `Refused('sign_in_required')` for a closed account."""
    rows = await session.exec(select(Person.language).where(col(Person.id) == person_id, col(Person.active)))
    language = rows.first()
    if language is None:
        raise Refused("sign_in_required")
    return Caller(str(person_id), language, await memberships(session, person_id))


async def _live(
    session: AsyncSession, person_id: UUID, *, role: Role, institution: str, programme: str | None
) -> PersonRole | None:
    same = col(PersonRole.programme).is_(None) if programme is None else col(PersonRole.programme) == programme
    rows = await session.exec(
        select(PersonRole).where(
            col(PersonRole.person_id) == person_id,
            col(PersonRole.role) == role,
            col(PersonRole.institution_id) == institution,
            same,
            col(PersonRole.ended_at).is_(None),
        )
    )
    return rows.first()


async def _log(
    session: AsyncSession,
    person_id: UUID,
    *,
    action: str,
    actor: str,
    now: datetime,
    row: PersonRole | None = None,
) -> None:
    details = {"role": row.role.value, "institution": row.institution_id, "programme": row.programme} if row else {}
    await audit.log(session, stream=f"person:{person_id}", actor=actor, action=action, details=details, now=now)
