"""Numbers that are counted up one by one, and hold nothing of who made them rise."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


async def one_more(
    session: AsyncSession,
    table: type[SQLModel],
    *,
    key: Mapping[str, object],
    given: Mapping[str, object],
    counted: str = "number",
) -> None:
    """Add one to `counted` under `key`, which begins at nothing with `given`; two at once are both counted."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    begun = {counted: 0} | dict(given) | dict(key)
    await session.exec(insert(table).values(begun).on_conflict_do_nothing())
    rising = getattr(table, counted)
    more = sa.update(table).where(*(getattr(table, name) == value for name, value in key.items()))
    await session.exec(more.values({counted: rising + 1}))
