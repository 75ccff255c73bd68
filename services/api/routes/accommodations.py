"""What is arranged for a learner, as far as each of the people around a case needs it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Facts
from services.api.house import Reading
from services.records import accommodations
from services.rules.accommodations import Answered, Arrangement
from services.rules.people import ARRANGING, Action, CaseFacts


@dataclass(frozen=True, slots=True)
class AccommodationView:
    """What was asked for, and the answer; `extra_time` in percent of the usual time."""

    id: UUID
    arrangements: list[Arrangement]
    extra_time: int
    note: str
    state: Answered
    asked_by: UUID
    asked_at: datetime
    answered_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class ArrangedView:
    """What is in force, for whoever meets the learner; `requests` only for learner, advisor and lead."""

    arrangements: list[Arrangement]
    extra_time: int
    requests: list[AccommodationView]


@get(
    "/{case_id:uuid}/accommodations",
    opt={"action": Action.SEE_ARRANGED},
    operation_id="see_accommodations",
    summary="What is arranged for the learner",
)
async def arranged(case_id: FromPath[UUID], facts: Facts, reading: Reading) -> ArrangedView:
    """Never why: nobody has to say it, and nothing here is part of what is judged."""
    return await portrayed(reading, case_id, facts=facts)


async def portrayed(session: AsyncSession, case_id: UUID, *, facts: CaseFacts) -> ArrangedView:
    """What is in force, and what was asked and answered for whoever may see that."""
    found = await accommodations.in_force(session, case_id)
    rows = await accommodations.of_case(session, case_id) if facts.ties & ARRANGING else []
    return ArrangedView(
        arrangements=list(found.arrangements),
        extra_time=found.extra_time,
        requests=[
            AccommodationView(
                id=row.id,
                arrangements=[Arrangement(word) for word in row.arrangements],
                extra_time=row.extra_time,
                note=row.note,
                state=row.state,
                asked_by=row.asked_by,
                asked_at=row.asked_at,
                answered_at=row.answered_at,
                reason=row.reason,
            )
            for row in rows
        ],
    )


def router() -> Router:
    """Every route of accommodations; they are asked for and answered by commands."""
    return Router("/api/v1/cases", route_handlers=[arranged], tags=["cases"])
