"""The version of a case for whoever reads it without knowing of anybody else who does.

A case counts every move; how many there were, and when, would tell a reader of the other seats. What a reader counts
are the moves that they may know of: their own, and those that are no seat's.
Source: case design, section 6 (blind rule).
"""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.cases import StageHistory
from services.records.tables.commands import CommandRow
from services.records.timeline import OF_SEATS

_COUNTED = (
    sa.select(sa.func.count())
    .select_from(StageHistory)
    .join(CommandRow, col(CommandRow.id) == col(StageHistory.command_id))
    .where(
        col(StageHistory.case_id) == sa.bindparam("case", type_=sa.Uuid()),
        col(StageHistory.version) <= sa.bindparam("upto", type_=sa.Integer()),
        sa.or_(
            col(StageHistory.move).not_in(sorted(OF_SEATS)),
            col(CommandRow.actor) == sa.bindparam("person", type_=sa.String()),
        ),
    )
)


async def version(session: AsyncSession, *, case_id: UUID, person: UUID, upto: int) -> int:
    """What `person` counts of the case's first `upto` moves."""
    rows = await session.exec(_COUNTED, params={"case": case_id, "upto": upto, "person": str(person)})  # type: ignore[call-overload]  # a count
    return int(rows.scalar_one())
