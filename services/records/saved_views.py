"""The views of the caseload that each person keeps for themselves, by name."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import wording
from services.records.ids import new_id
from services.records.tables.saved_views import SavedView
from services.rules.refusals import Refused

LONGEST_NAME = 60
MOST = 20
"""Views of one person: more than that is a list to look for a list in."""


async def of(session: AsyncSession, person: UUID) -> list[SavedView]:
    """The views of `person`, by name."""
    rows = await session.exec(
        select(SavedView).where(col(SavedView.person_id) == person).order_by(col(SavedView.name), col(SavedView.id))
    )
    return list(rows)


async def keep(session: AsyncSession, *, person: UUID, name: str, query: Mapping[str, str], now: datetime) -> SavedView:
    """Keep `query` under `name`, instead of what had that name before. Raises `Refused`: malformed, views_full."""
    named = " ".join(name.split())
    wording.check("name", named, most=LONGEST_NAME)
    if not named:
        raise Refused("malformed", field="name")
    held = await of(session, person)
    row = next((one for one in held if one.name == named), None)
    if row is None and len(held) >= MOST:
        raise Refused("views_full", most=str(MOST))
    row = row or SavedView(id=new_id(), person_id=person, name=named, query={}, created_at=now)
    row.query = dict(query)
    session.add(row)
    await session.flush()
    return row


async def drop(session: AsyncSession, *, person: UUID, view: UUID) -> None:
    """Forget a view. Raises `Refused('not_found')` for one that is not the person's."""
    row = await session.get(SavedView, view)
    if row is None or row.person_id != person:
        raise Refused("not_found")
    await session.delete(row)
    await session.flush()
