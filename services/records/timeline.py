"""What happened to a case, as the people of it may read it: every move that led it somewhere, and who made it.

Seats are no part of it unless asked for: a learner and an advisor never see who was offered, declined or replaced.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.cases import StageHistory
from services.records.tables.commands import CommandRow
from services.rules.case import Stage
from services.rules.people import ARRANGING, Action, Answer, CaseFacts, Role, on_a_case

OF_SEATS = frozenset(
    {
        "accept_offer",
        "decline_offer",
        "declare_conflict",
        "screen_again",
        "lapse_offer",
        "name_appeal_panel",
        "reoffer_seats",
        "reassign",
        "submit_judgements",
        "settle_conferral",
        "end_conferral",
        "compose_panel",
        "confirm_judgements",
        "return_judgement",
        "clarify_judgement",
        "take_back_return",
    }
)
"""Moves that tell of seats as long as they lead nowhere else. Source: case design, section 2 (learner may never)."""


OF_ACCOMMODATIONS = frozenset({"ask_accommodation", "answer_accommodation", "end_accommodation", "waive_fee"})
"""Moves that tell that somebody needs something, or of what is paid: for learner, advisor and lead alone."""


@dataclass(frozen=True, slots=True)
class Step:
    """One move: when, which, from where to where, and in which role; `actor` is a person's id, or `clock`."""

    at: datetime
    move: str
    from_stage: Stage
    to_stage: Stage
    role: Role
    actor: str


_STEPS = (
    sa.select(
        col(StageHistory.at),
        col(StageHistory.move),
        col(StageHistory.from_stage),
        col(StageHistory.to_stage),
        col(CommandRow.role),
        col(CommandRow.actor),
    )
    .join(CommandRow, col(CommandRow.id) == col(StageHistory.command_id))
    .where(col(StageHistory.case_id) == sa.bindparam("case", type_=sa.Uuid()))
    .order_by(col(StageHistory.version))
)


async def came_from(session: AsyncSession, case_id: UUID, stage: Stage) -> Stage | None:
    """Where the case was when it last went into `stage`; a move within it, and a way back in, are none."""
    entered = await session.exec(
        select(StageHistory.from_stage)
        .where(
            col(StageHistory.case_id) == case_id,
            col(StageHistory.to_stage) == stage,
            col(StageHistory.from_stage).not_in([Stage.CLOSED, Stage.UNDER_REVIEW, stage]),
        )
        .order_by(col(StageHistory.version).desc())
        .limit(1)
    )
    came = entered.first()
    return Stage(came) if came else None


async def for_reader(session: AsyncSession, case_id: UUID, *, facts: CaseFacts) -> tuple[Step, ...]:
    """The case's moves as somebody with these ties may read them."""
    seats = on_a_case(Action.SEE_SEATS, facts) is Answer.ALLOWED
    return await of_case(session, case_id, seats=seats, accommodations=bool(facts.ties & ARRANGING))


async def of_case(
    session: AsyncSession, case_id: UUID, *, seats: bool, accommodations: bool = False
) -> tuple[Step, ...]:
    """The case's moves, first to last; `seats` for whoever may see them (action `see_seats`).

    `accommodations`: for whoever is tied to the case by one of `rules.people.ARRANGING`.
    """
    rows = await session.exec(_STEPS, params={"case": case_id})  # type: ignore[call-overload]  # a select of many columns
    steps = (Step(*row) for row in rows)
    return tuple(
        step
        for step in steps
        if (seats or not _about_seats(step)) and (accommodations or step.move not in OF_ACCOMMODATIONS)
    )


def _about_seats(step: Step) -> bool:
    return step.move in OF_SEATS and step.from_stage is step.to_stage
