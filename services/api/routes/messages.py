"""Messages between a learner and those who guide them, and what these remark among themselves.

Whoever judges or decides is answered as a stranger is: there is nothing to be seen. Source: case design, section 2.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from litestar import Response, Router, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Facts, Who
from services.api.house import Now, Reading, TheHouse, Writing
from services.api.routes.commands import IdempotencyKey
from services.records import messages, remarks
from services.records.messages import Said
from services.rules import conversations
from services.rules.conversations import Thread
from services.rules.people import Action, Caller, CaseFacts, Role


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message; `role` says what its writer is in the conversation, `own` whether its reader wrote it."""

    id: UUID
    author: str
    role: Role
    own: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A thread, oldest first; `threads` are those that one reads, `next` where the next page begins.

    `read_to` is the last message that one has read, `waiting_since` when the learner's first unanswered one came.
    """

    thread: Thread
    threads: list[Thread]
    writes: bool
    messages: list[MessageView]
    next: UUID | None
    read_to: UUID | None
    waiting_since: datetime | None


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A message; it stays as it was written. `thread`: the first that one writes in, unless it is named."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=messages.LONGEST)]
    thread: Thread | None = None


class ReadUpTo(msgspec.Struct, forbid_unknown_fields=True):
    """How far one has read."""

    read_to: UUID
    thread: Thread | None = None


class Settled(msgspec.Struct, forbid_unknown_fields=True):
    """Which thread needs no answer."""

    thread: Thread | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The id of what was written."""

    id: UUID


@dataclass(frozen=True, slots=True)
class RemarkView:
    """A remark of an advisor or a lead."""

    id: UUID
    author: str
    role: Role
    text: str
    at: datetime


class NewRemark(msgspec.Struct, forbid_unknown_fields=True):
    """A remark for those who lead the case."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=remarks.LONGEST)]


async def thread_of(
    session: AsyncSession,
    case_id: UUID,
    *,
    caller: Caller,
    facts: CaseFacts,
    thread: Thread | None = None,
    after: UUID | None = None,
    before: UUID | None = None,
    latest: bool = False,
) -> MessagePage:
    """A page of a thread as one of its readers sees it. Raises `Refused('forbidden')` for a thread of others."""
    chosen = conversations.chosen(thread, facts.ties)
    role = conversations.speaks_as(chosen, facts.ties)
    found = await messages.page(
        session,
        case_id=case_id,
        thread=chosen,
        since=await messages.since(session, case_id=case_id, thread=chosen, role=role),
        after=after,
        before=before,
        latest=latest,
    )
    person = UUID(caller.id)
    return MessagePage(
        thread=chosen,
        threads=list(conversations.readable(facts.ties)),
        writes=role is not None,
        messages=[_view(one, person) for one in found],
        next=found[-1].id if len(found) == messages.PAGE and not latest else None,
        read_to=await messages.read_to(session, case_id=case_id, thread=chosen, person=person),
        waiting_since=await messages.waiting_since(session, case_id=case_id, thread=chosen),
    )


def _view(said: Said, person: UUID) -> MessageView:
    return MessageView(said.id, said.author, said.role, said.author_id == person, said.text, said.at)


@get("/messages", opt={"action": Action.READ_MESSAGES}, operation_id="list_messages", summary="What was written")
async def listed(
    case_id: FromPath[UUID],
    *,
    caller: Who,
    facts: Facts,
    reading: Reading,
    thread: FromQuery[Thread | None] = None,
    after: FromQuery[UUID | None] = None,
) -> MessagePage:
    """Oldest first, fifty at a time, from the message after `after`; asking marks nothing as read."""
    return await thread_of(reading, case_id, caller=caller, facts=facts, thread=thread, after=after)


@post("/messages", opt={"action": Action.WRITE_MESSAGES}, operation_id="send_message", summary="Write a message")
async def write(
    case_id: FromPath[UUID],
    *,
    data: JSONBody[NewMessage],
    caller: Who,
    facts: Facts,
    house: TheHouse,
    now: Now,
    key: IdempotencyKey = None,
) -> Written:
    """Its reader gets a mail with a link and no content, once until they have read."""
    async with house.database.writing() as session:
        kept = await send(session, case_id, caller=caller, facts=facts, sent=data, key=key or uuid4(), now=now)
    await house.desk.wake(case_id)
    return Written(kept)


async def send(
    session: AsyncSession,
    case_id: UUID,
    *,
    caller: Caller,
    facts: CaseFacts,
    sent: NewMessage,
    key: UUID,
    now: datetime,
) -> UUID:
    """Keep a message of somebody who takes part in its thread. Raises `Refused`: forbidden, and what `write` says."""
    thread = conversations.chosen(sent.thread, facts.ties)
    role = conversations.speaker(thread, facts.ties)
    return await messages.write(
        session,
        case_id=case_id,
        thread=thread,
        author=UUID(caller.id),
        role=role,
        text=sent.text,
        key=key,
        now=now,
    )


@put(
    "/messages/read",
    opt={"action": Action.WRITE_MESSAGES},
    operation_id="mark_messages_read",
    summary="Say what one read",
)
async def read(
    case_id: FromPath[UUID], *, data: JSONBody[ReadUpTo], caller: Who, facts: Facts, writing: Writing, now: Now
) -> Response[None]:
    """A mark never goes back."""
    thread = conversations.chosen(data.thread, facts.ties)
    await messages.mark(writing, case_id=case_id, thread=thread, person=UUID(caller.id), read_to=data.read_to, now=now)
    return Response(None, status_code=204)


@post(
    "/messages/settled",
    opt={"action": Action.WRITE_MESSAGES},
    operation_id="settle_messages",
    summary="Say that no answer is needed",
)
async def settle(
    case_id: FromPath[UUID], *, data: JSONBody[Settled], caller: Who, facts: Facts, writing: Writing, now: Now
) -> Response[None]:
    """For staff: the learner's last message waits no longer."""
    await no_answer(writing, case_id, caller=caller, facts=facts, thread=data.thread, now=now)
    return Response(None, status_code=204)


async def no_answer(
    session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts, thread: Thread | None, now: datetime
) -> None:
    """Settle a thread without an answer. Raises `Refused('forbidden')` for a learner, whose messages wait."""
    chosen = conversations.chosen(thread, facts.ties)
    conversations.answerer(chosen, facts.ties)
    await messages.settle(session, case_id=case_id, thread=chosen, person=UUID(caller.id), now=now)


@get("/remarks", opt={"action": Action.SEE_REMARKS}, operation_id="list_remarks", summary="What staff noted on a case")
async def remarked(case_id: FromPath[UUID], reading: Reading) -> list[RemarkView]:
    """Newest first, for those who lead the case and for auditors."""
    return [
        RemarkView(one.id, one.author, one.role, one.text, one.at) for one in await remarks.of_case(reading, case_id)
    ]


@post("/remarks", opt={"action": Action.KEEP_REMARKS}, operation_id="keep_remark", summary="Note something on a case")
async def remark(
    case_id: FromPath[UUID], *, data: JSONBody[NewRemark], caller: Who, facts: Facts, writing: Writing, now: Now
) -> Written:
    """Neither the learner nor whoever judges or decides reads it; it stays as it was written."""
    return Written(
        await remarks.keep(writing, case_id=case_id, author=UUID(caller.id), ties=facts.ties, text=data.text, now=now)
    )


def router() -> Router:
    """Every route of messages and remarks."""
    handlers = [listed, write, read, settle, remarked, remark]
    return Router("/api/v1/cases/{case_id:uuid}", route_handlers=handlers, tags=["messages"])
