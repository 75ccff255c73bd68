"""What those who lead a case remark on it for each other: kept as written, and read by nobody else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases, wording
from services.records.ids import new_id
from services.records.tables.messages import Remark
from services.records.tables.people import Person
from services.rules.people import Role, Tie
from services.rules.refusals import Refused

LONGEST = 5000
"""Characters of one remark."""

KEPT_AS: dict[Tie, Role] = {Tie.ADVISOR: Role.ADVISOR, Tie.LEAD: Role.LEAD}
"""The role in which a tie lets a person remark on a case."""


@dataclass(frozen=True, slots=True)
class Remarked:
    """A remark as it is read."""

    id: UUID
    author: str
    role: Role
    text: str
    at: datetime


async def keep(
    session: AsyncSession, *, case_id: UUID, author: UUID, ties: frozenset[Tie], text: str, now: datetime
) -> UUID:
    """Keep a remark of somebody with one of `KEPT_AS`. Raises `Refused('malformed')`."""
    await cases.get(session, case_id)
    said = text.strip()
    wording.check("text", said, most=LONGEST, lines=True)
    if not said:
        raise Refused("malformed", field="text")
    role = next(role for tie, role in KEPT_AS.items() if tie in ties)
    row = Remark(id=new_id(), case_id=case_id, author_id=author, role=role, text=said, at=now)
    session.add(row)
    await session.flush()
    await audit.log(
        session, stream=f"case:{case_id}", actor=str(author), action="remark_kept", subject=str(row.id), now=now
    )
    return row.id


async def of_case(session: AsyncSession, case_id: UUID) -> list[Remarked]:
    """Every remark on the case, newest first."""
    rows = await session.exec(
        select(Remark, Person.name)
        .join(Person, col(Person.id) == col(Remark.author_id))
        .where(col(Remark.case_id) == case_id)
        .order_by(col(Remark.id).desc())
    )
    return [Remarked(row.id, name, row.role, row.text, row.at) for row, name in rows]
