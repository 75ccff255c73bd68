"""Reasons that are to be said more clearly: what an author is asked, and what a lead has asked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import Router, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Reading
from services.records import clarity, judgements
from services.records.clarity import Awaited
from services.rules.people import Action


@dataclass(frozen=True, slots=True)
class NoteView:
    """What the learner would read on one criterion, as it is said now."""

    criterion: str
    note: str


@dataclass(frozen=True, slots=True)
class UnclearView:
    """Reasons that wait for clearer words: what was asked, until when, and the words as they are.

    `clarify-judgement` takes the new ones; ratings and outcome stay as they were locked.
    """

    claim: UUID
    competency: str
    note: str
    asked_at: datetime
    due_at: datetime
    rationale: str
    notes: list[NoteView]


async def shown(session: AsyncSession, case_id: UUID, waiting: list[Awaited]) -> list[UnclearView]:
    """What waits, each with the words that stand now."""
    standing = await judgements.recommendations(session, case_id) if waiting else {}
    return [
        UnclearView(
            claim=one.claim_id,
            competency=standing[one.claim_id].competency,
            note=one.note,
            asked_at=one.asked_at,
            due_at=one.due_at,
            rationale=standing[one.claim_id].content.rationale,
            notes=[NoteView(rated.criterion, rated.note) for rated in standing[one.claim_id].content.ratings],
        )
        for one in waiting
        if one.claim_id in standing
    ]


@get(
    "/unclear-reasons",
    opt={"action": Action.JUDGE},
    operation_id="list_unclear_reasons",
    summary="Which of one’s own reasons are to be said more clearly",
)
async def mine(case_id: FromPath[UUID], caller: Who, reading: Reading) -> list[UnclearView]:
    """What one is asked oneself; of what others are asked there is nothing."""
    return await shown(reading, case_id, await clarity.awaited(reading, case_id, author=UUID(caller.id)))


@get(
    "/returned-reasons",
    opt={"action": Action.SEE_SEATS},
    operation_id="list_returned_reasons",
    summary="Which reasons wait for clearer words",
)
async def every(case_id: FromPath[UUID], reading: Reading) -> list[UnclearView]:
    """Everything that waits, first asked first."""
    return await shown(reading, case_id, await clarity.awaited(reading, case_id))


def router() -> Router:
    """Both lists."""
    return Router("/api/v1/cases/{case_id:uuid}", route_handlers=[mine, every], tags=["judgements"])
