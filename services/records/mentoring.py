"""What a mentor writes down, and when a mentor who fell silent is asked: first the mentor, then a lead."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, effects, programmes, wording
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.support import MentorNote
from services.rules import deadlines
from services.rules.case import Stage
from services.rules.people import Role
from services.rules.refusals import Refused

LONGEST = 5_000

QUIET = frozenset({Stage.DRAFT, Stage.CLOSED})
"""Stages in which nobody expects a mentor to call."""


async def note(
    session: AsyncSession, *, case_id: UUID, mentor: UUID, text: str, spoke: bool, now: datetime
) -> MentorNote:
    """Keep a note of `mentor`; `spoke`: it is about a talk with the learner. Raises `Refused`: malformed."""
    wording.check("text", text, most=LONGEST, lines=True)
    if not text.strip():
        raise Refused("malformed", field="text")
    row = MentorNote(id=new_id(), case_id=case_id, mentor_id=mentor, text=text.strip(), spoke=spoke, written_at=now)
    session.add(row)
    await session.flush()
    return row


async def notes(session: AsyncSession, *, case_id: UUID, mentor: UUID) -> list[MentorNote]:
    """The notes of this very mentor on the case, newest first."""
    rows = await session.exec(
        select(MentorNote)
        .where(col(MentorNote.case_id) == case_id, col(MentorNote.mentor_id) == mentor)
        .order_by(col(MentorNote.written_at).desc(), col(MentorNote.id).desc())
    )
    return list(rows)


async def mentored(session: AsyncSession, after: UUID, *, limit: int) -> list[UUID]:
    """Cases under way that have a mentor, in the order of their ids, from the one after `after`."""
    rows = await session.exec(
        select(Case.id)
        .where(col(Case.id) > after, col(Case.mentor_id).is_not(None), col(Case.stage).not_in(QUIET))
        .order_by(col(Case.id))
        .limit(limit)
    )
    return list(rows)


async def nudge(session: AsyncSession, case_id: UUID, *, now: datetime) -> bool:
    """Write to a mentor who has not been heard of for the cadence of the policy, and to leads after twice as long.

    Answers whether anybody was written to; each silence is told once to each.
    """
    case = await cases.get(session, case_id, lock=True)
    if case.mentor_id is None or case.mentor_since is None or case.paused_until is not None:
        return False
    heard = await _last_heard(session, case)
    policy = (await programmes.of_case(session, case)).policy
    first = deadlines.due(policy.calendar, heard, policy.mentor_cadence, zone=case.zone, learner=False)
    second = first + (first - heard)
    if now < first:
        return False
    occasion, due = f"mentor-{heard:%Y%m%d}", {"due": first.isoformat()}
    await effects.tell(
        session, case=case, notice="mentor_check_in", person=case.mentor_id, facts=due, now=now, occasion=occasion
    )
    if now >= second:
        for lead in await effects.staff(session, case=case, role=Role.LEAD):
            await effects.tell(
                session, case=case, notice="mentor_silent", person=lead, facts=due, now=now, occasion=occasion
            )
    fresh = bool(session.new)
    await session.flush()
    return fresh


async def _last_heard(session: AsyncSession, case: Case) -> datetime:
    """When the mentor last spoke with the learner, or began."""
    rows = await session.exec(
        select(sa.func.max(MentorNote.written_at)).where(
            col(MentorNote.case_id) == case.id, col(MentorNote.mentor_id) == case.mentor_id, col(MentorNote.spoke)
        )
    )
    spoke = rows.first()
    since = case.mentor_since or case.created_at
    return max(since, spoke) if spoke is not None else since
