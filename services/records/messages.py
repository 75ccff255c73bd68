"""What a learner and those who guide them write to each other: kept as written, read marks, and whose answer is due.

Who reads and writes in which thread is the question of `rules/conversations.py`; callers ask it first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases, effects, wording
from services.records.ids import new_id
from services.records.tables.cases import Case
from services.records.tables.commands import EffectRow
from services.records.tables.messages import UNANSWERED, CaseMessage, Conversation, MessageMark
from services.records.tables.people import Person
from services.rules.conversations import Thread
from services.rules.people import Role
from services.rules.refusals import Refused

LONGEST = 4000
"""Characters of one message."""

PAGE = 50
MOST_A_DAY = 100
"""Messages of one person on one case in 24 hours: more is no conversation."""

A_WHILE = timedelta(minutes=5)
"""How long a mail waits, so that messages written in a row are one mail, and none for whoever is reading."""

TO_LEARNER, TO_STAFF = "message_waiting", "learner_wrote"
NOTICES = frozenset({TO_LEARNER, TO_STAFF})
"""The mails that say that there is something to read; each of them once until its reader has read."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it is read; `author` is a name, `role` what its writer is in the thread."""

    id: UUID
    author_id: UUID
    author: str
    role: Role
    text: str
    at: datetime


# writing


async def write(
    session: AsyncSession,
    *,
    case_id: UUID,
    thread: Thread,
    author: UUID,
    role: Role,
    text: str,
    key: UUID,
    now: datetime,
) -> UUID:
    """Keep a message and have its readers written to; answers its id, the same one for the same `key`.

    Raises `Refused`: malformed, key_reused for other words under the same key, throttled, mentor_missing.
    """
    # Locked, so that ids of one case follow each other as they are committed: whoever asks for what came after misses
    # nothing.
    case = await cases.get(session, case_id, lock=True)
    said = text.strip()
    wording.check("text", said, most=LONGEST, lines=True)
    if not said:
        raise Refused("malformed", field="text")
    known = await _under(session, author=author, key=key)
    if known is not None:
        if (known.case_id, known.thread, known.text) != (case_id, thread, said):
            raise Refused("key_reused")
        return known.id
    if thread is Thread.MENTORING and case.mentor_id is None:
        raise Refused("mentor_missing")
    await _not_too_many(session, case_id=case_id, author=author, now=now)
    row = CaseMessage(
        id=new_id(), case_id=case_id, thread=thread, author_id=author, role=role, text=said, key=key, at=now
    )
    session.add(row)
    await session.flush()
    by_learner = role is Role.LEARNER
    if by_learner:
        case.active_at = now
    await _waits(session, case_id=case_id, thread=thread, since=now if by_learner else None)
    await mark(session, case_id=case_id, thread=thread, person=author, read_to=row.id, now=now)
    await _tell(session, case=case, row=row, now=now)
    await _log(session, row.case_id, actor=author, action="message_written", subject=str(row.id), now=now)
    return row.id


async def _under(session: AsyncSession, *, author: UUID, key: UUID) -> CaseMessage | None:
    rows = await session.exec(
        select(CaseMessage).where(col(CaseMessage.author_id) == author, col(CaseMessage.key) == key)
    )
    return rows.first()


async def _not_too_many(session: AsyncSession, *, case_id: UUID, author: UUID, now: datetime) -> None:
    rows = await session.exec(
        select(CaseMessage.at)
        .where(
            col(CaseMessage.case_id) == case_id,
            col(CaseMessage.author_id) == author,
            col(CaseMessage.at) > now - timedelta(days=1),
        )
        .order_by(col(CaseMessage.id).desc())
        .offset(MOST_A_DAY - 1)
        .limit(1)
    )
    oldest = rows.first()
    if oldest is not None:
        raise Refused("throttled", seconds=str(int((oldest + timedelta(days=1) - now).total_seconds())))


async def _waits(session: AsyncSession, *, case_id: UUID, thread: Thread, since: datetime | None) -> None:
    """A learner's message waits since the first that nobody answered; whatever staff write answers it."""
    held = await session.get(Conversation, (case_id, thread))
    if held is None:
        session.add(Conversation(case_id=case_id, thread=thread, waiting_since=since))
    elif since is None or held.waiting_since is None:
        held.waiting_since = since
    await session.flush()


async def settle(session: AsyncSession, *, case_id: UUID, thread: Thread, person: UUID, now: datetime) -> None:
    """Say that what the learner wrote last needs no answer, such as thanks."""
    await cases.get(session, case_id, lock=True)
    await _waits(session, case_id=case_id, thread=thread, since=None)
    await _log(session, case_id, actor=person, action="message_settled", subject=thread, now=now)


async def _log(session: AsyncSession, case_id: UUID, *, actor: UUID, action: str, subject: str, now: datetime) -> None:
    await audit.log(session, stream=f"case:{case_id}", actor=str(actor), action=action, subject=subject, now=now)


async def _tell(session: AsyncSession, *, case: Case, row: CaseMessage, now: datetime) -> None:
    """Queue the mail of each reader who has read so far: who has one waiting is not written to again."""
    for person in await _readers(session, case=case, row=row):
        held = await session.get(MessageMark, (case.id, row.thread, person))
        await effects.tell(
            session,
            case=case,
            notice=TO_LEARNER if person == case.learner_id else TO_STAFF,
            person=person,
            facts={"message": row.id.hex},
            occasion=f"{row.thread}-{held.read_to.hex if held else 'first'}",
            now=now,
        )
    await session.flush()


async def _readers(session: AsyncSession, *, case: Case, row: CaseMessage) -> list[UUID]:
    """Who has to learn of a message: the learner; or the mentor, the advisor, or leads while there is none."""
    if row.role is not Role.LEARNER:
        return [case.learner_id]
    guide = case.mentor_id if row.thread is Thread.MENTORING else case.advisor_id
    return [guide] if guide else await effects.staff(session, case=case, role=Role.LEAD)


async def needless(session: AsyncSession, effect: EffectRow) -> bool:
    """Whether the reader of a mail that waits has read by now what it would tell of."""
    thread = Thread(str(effect.key).split(":")[1].partition("-")[0])
    held = await session.get(MessageMark, (effect.case_id, thread, effect.recipient))
    return held is not None and held.read_to >= UUID(str(effect.facts["message"]))


# reading


async def mark(
    session: AsyncSession, *, case_id: UUID, thread: Thread, person: UUID, read_to: UUID, now: datetime
) -> None:
    """Remember how far `person` has read; it never goes back. Raises `Refused('not_found')` for another thread's."""
    read = await session.get(CaseMessage, read_to)
    if read is None or (read.case_id, read.thread) != (case_id, thread):
        raise Refused("not_found")
    held = await session.get(MessageMark, (case_id, thread, person), with_for_update=True)
    if held is None:
        session.add(MessageMark(case_id=case_id, thread=thread, person_id=person, read_to=read_to, at=now))
    elif held.read_to < read_to:
        held.read_to, held.at = read_to, now
    await session.flush()


async def read_to(session: AsyncSession, *, case_id: UUID, thread: Thread, person: UUID) -> UUID | None:
    """The last message that `person` has read, if any."""
    held = await session.get(MessageMark, (case_id, thread, person))
    return held.read_to if held else None


async def since(session: AsyncSession, *, case_id: UUID, thread: Thread, role: Role | None) -> datetime | None:
    """From when on somebody reads a thread: a mentor who follows another begins with an empty one."""
    if role is not Role.MENTOR:
        return None
    case = await cases.get(session, case_id)
    return case.mentor_since if thread is Thread.MENTORING else None


async def page(
    session: AsyncSession,
    *,
    case_id: UUID,
    thread: Thread,
    since: datetime | None = None,
    after: UUID | None = None,
    before: UUID | None = None,
    latest: bool = False,
    limit: int = PAGE,
) -> list[Said]:
    """Up to `limit` messages, oldest first: the first after `after`, or with `latest` the last before `before`."""
    wanted = [col(CaseMessage.case_id) == case_id, col(CaseMessage.thread) == thread]
    if since is not None:
        wanted.append(col(CaseMessage.at) >= since)
    if after is not None:
        wanted.append(col(CaseMessage.id) > after)
    if before is not None:
        wanted.append(col(CaseMessage.id) < before)
    order = col(CaseMessage.id)
    rows = await session.exec(
        select(CaseMessage, Person.name)
        .join(Person, col(Person.id) == col(CaseMessage.author_id))
        .where(*wanted)
        .order_by(order.desc() if latest else order)
        .limit(limit)
    )
    found = [Said(row.id, row.author_id, name, row.role, row.text, row.at) for row, name in rows]
    return found[::-1] if latest else found


async def last(session: AsyncSession, *, case_id: UUID, threads: Collection[Thread]) -> UUID | None:
    """The last message in one of `threads`, if any."""
    rows = await session.exec(
        select(CaseMessage.id)
        .where(col(CaseMessage.case_id) == case_id, col(CaseMessage.thread).in_(threads))
        .order_by(col(CaseMessage.id).desc())
        .limit(1)
    )
    return rows.first()


async def waiting_since(session: AsyncSession, *, case_id: UUID, thread: Thread) -> datetime | None:
    """Since when a learner's message waits for an answer, if one does."""
    held = await session.get(Conversation, (case_id, thread))
    return held.waiting_since if held else None


async def unread(session: AsyncSession, *, person: UUID, case_ids: Collection[UUID]) -> dict[UUID, dict[Thread, int]]:
    """By case and thread, what is new to `person` in those of `case_ids` that they take part in.

    To a learner what staff wrote is new, to staff what the learner wrote and nobody answered since. `case_ids` are
    cases that the person sees: whose they are is asked here, whether they may be seen is not.
    """
    marked = sa.and_(
        col(MessageMark.case_id) == col(CaseMessage.case_id),
        col(MessageMark.thread) == col(CaseMessage.thread),
        col(MessageMark.person_id) == person,
    )
    rows = await session.exec(  # type: ignore[call-overload]  # a select of columns
        sa.select(col(CaseMessage.case_id), col(CaseMessage.thread), sa.func.count())
        .join(Case, col(Case.id) == col(CaseMessage.case_id))
        .outerjoin(MessageMark, marked)
        .where(
            col(CaseMessage.case_id).in_(case_ids),
            sa.or_(col(MessageMark.read_to).is_(None), col(CaseMessage.id) > col(MessageMark.read_to)),
            _meant_for(person),
        )
        .group_by(col(CaseMessage.case_id), col(CaseMessage.thread))
    )
    found: dict[UUID, dict[Thread, int]] = {}
    for case_id, thread, count in rows:
        found.setdefault(case_id, {})[thread] = count
    return found


def _meant_for(person: UUID) -> ColumnElement[bool]:
    """The message is for `person`: as the learner, or as the one of the staff whose answer is waited for."""
    guides = sa.and_(
        col(CaseMessage.thread) == Thread.GUIDANCE,
        sa.or_(col(Case.advisor_id) == person, col(Case.advisor_id).is_(None)),
    )
    mentors = sa.and_(
        col(CaseMessage.thread) == Thread.MENTORING,
        col(Case.mentor_id) == person,
        col(CaseMessage.at) >= col(Case.mentor_since),
    )
    waits = sa.exists().where(
        col(Conversation.case_id) == col(CaseMessage.case_id),
        col(Conversation.thread) == col(CaseMessage.thread),
        col(Conversation.waiting_since) <= col(CaseMessage.at),
    )
    return sa.or_(
        sa.and_(col(Case.learner_id) == person, col(CaseMessage.role) != Role.LEARNER),
        sa.and_(col(Case.learner_id) != person, col(CaseMessage.role) == Role.LEARNER, sa.or_(guides, mentors), waits),
    )


def unanswered(thread: Thread) -> ColumnElement[bool]:
    """Of a row of `cases`: a learner's message waits for an answer in `thread`."""
    return col(Case.id).in_(sa.select(col(Conversation.case_id)).where(UNANSWERED, col(Conversation.thread) == thread))


async def wrote(session: AsyncSession, case_id: UUID) -> frozenset[UUID]:
    """Who of the staff wrote to the learner: whoever did can take no seat on the case."""
    rows = await session.exec(
        select(CaseMessage.author_id)
        .where(col(CaseMessage.case_id) == case_id, col(CaseMessage.role) != Role.LEARNER)
        .distinct()
    )
    return frozenset(rows)
