"""An assessor's register of people they know: kept by each for themselves, matched by the system, read by nobody else.

Source: case design, section 5 (system-detected ties, masked programmes).
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, wording
from services.records.ids import new_id
from services.records.tables.people import KnownPerson
from services.rules.conflicts import Known
from services.rules.refusals import Refused

MOST = 500
"""Lines of one register."""


async def of(session: AsyncSession, owner: UUID) -> list[KnownPerson]:
    """The register of `owner`, oldest line first."""
    lines = select(KnownPerson).where(col(KnownPerson.owner_id) == owner).order_by(col(KnownPerson.id))
    return list(await session.exec(lines))


async def add(session: AsyncSession, *, owner: UUID, name: str, email: str, now: datetime) -> KnownPerson:
    """Add a line. Raises `Refused`: malformed for neither name nor address, register_full."""
    name, email = name.strip(), email.strip().lower()
    wording.check("name", name, most=200)
    wording.check("email", email, most=320)
    if not (name or email) or (email and "@" not in email):
        raise Refused("malformed", field="email" if email else "name")
    if len(await of(session, owner)) >= MOST:
        raise Refused("register_full", most=str(MOST))
    row = KnownPerson(id=new_id(), owner_id=owner, name=name, email=email, added_at=now)
    session.add(row)
    await session.flush()
    await _log(session, owner=owner, action="register_line_added", subject=row.id, now=now)
    return row


async def remove(session: AsyncSession, *, owner: UUID, line: UUID, now: datetime) -> None:
    """Take a line out; cases from which it barred its owner stay barred. Raises `Refused('not_found')`."""
    row = await session.get(KnownPerson, line)
    if row is None or row.owner_id != owner:
        raise Refused("not_found")
    await session.delete(row)
    await _log(session, owner=owner, action="register_line_removed", subject=line, now=now)


async def registers(session: AsyncSession, owners: Collection[UUID]) -> dict[UUID, tuple[Known, ...]]:
    """Whom each of `owners` knows."""
    found: dict[UUID, tuple[Known, ...]] = {}
    rows = await session.exec(
        sa.select(col(KnownPerson.owner_id), col(KnownPerson.name), col(KnownPerson.email)).where(  # type: ignore[call-overload]  # a select of columns
            col(KnownPerson.owner_id).in_(owners)
        )
    )
    for owner, name, email in rows:
        found[owner] = (*found.get(owner, ()), Known(name, email))
    return found


async def _log(session: AsyncSession, *, owner: UUID, action: str, subject: UUID, now: datetime) -> None:
    await audit.log(session, stream=f"person:{owner}", actor=str(owner), action=action, subject=str(subject), now=now)
