"""The conversation of a case on a page: a message is written at the top, what was said stands below, newest first.

The form stands above, so that what arrives while somebody types moves nothing under their hands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Facts, Who
from services.api.house import House, Now, TheHouse, Writing
from services.api.pages import command_pages, live, nudges, steps
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import letters
from services.api.routes import messages as routes
from services.api.routes.messages import MessagePage, NewMessage
from services.records import messages, remarks
from services.records.tables.cases import Case
from services.rules.conversations import Thread
from services.rules.people import Action, Answer, Caller, CaseFacts, Tie, on_a_case

NEW = Sent(())

Wanted = Annotated[str, QueryParameter(name="thread", required=False)]
Before = Annotated[UUID | None, QueryParameter(name="before", required=False)]
Nudged = Annotated[str, QueryParameter(name="nudge", required=False)]
Wished = Annotated[str, QueryParameter(name="wish", required=False)]
AskedAbout = Annotated[UUID | None, QueryParameter(name="about", required=False)]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who opens the conversation of which case."""

    page: Page
    house: House
    case_id: UUID
    caller: Caller
    facts: CaseFacts


@dataclass(frozen=True, slots=True)
class New:
    """What is new in a case to its reader: all of it, and the path of the thread to begin with."""

    count: int
    path: str


def thread_of(value: str) -> Thread | None:
    """A thread by its name; an address with another name opens the first."""
    return Thread(value) if value in set(Thread) else None


async def new(session: AsyncSession, case: Case, *, caller: Caller, facts: CaseFacts) -> New | None:
    """What is new in the case; None for whoever has no part in its conversation."""
    if on_a_case(Action.READ_MESSAGES, facts) is not Answer.ALLOWED:
        return None
    if on_a_case(Action.WRITE_MESSAGES, facts) is not Answer.ALLOWED:
        return new_of(case.id, {})  # whoever only audits has nothing to answer
    found = (await messages.unread(session, person=UUID(caller.id), case_ids=[case.id])).get(case.id, {})
    return new_of(case.id, found)


def new_of(case_id: UUID, found: Mapping[Thread, int]) -> New:
    """The counts of a case, and where to read what they count."""
    first = next(iter(sorted(found)), None)
    query = f"?thread={first}" if first not in (None, Thread.GUIDANCE) else ""
    return New(sum(found.values()), f"/cases/{case_id}/messages{query}")


@get("/cases/{case_id:uuid}/messages", opt={"action": Action.READ_MESSAGES}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID],
    *,
    page: ThePage,
    caller: Who,
    facts: Facts,
    house: TheHouse,
    now: Now,
    thread: Wanted = "",
    before: Before = None,
    nudge: Nudged = "",
    wish: Wished = "",
    about: AskedAbout = None,
) -> Response[str]:
    """The last fifty messages, or those before one of them; what is shown counts as read.

    `wish` is what a learner asks for, `about` the credential that it is about: the message begins with it.
    """
    visit = Visit(page, house, case_id, caller, facts)
    answer, shown = await _shown(visit, thread_of(thread), before=before, nudge=nudge, wish=wish, credential=about)
    newest = shown.messages[-1].id if shown.messages else None
    if shown.writes and newest is not None and (shown.read_to is None or shown.read_to < newest):
        async with house.database.writing() as session:
            await messages.mark(
                session, case_id=case_id, thread=shown.thread, person=UUID(caller.id), read_to=newest, now=now
            )
    return answer


def _wishes(page: Page, credential: str) -> dict[str, str]:
    """How a learner's message begins who asks for something that only people can do; they write on as they like."""
    return {
        "withdraw-credential": page.say(
            "I ask you to withdraw this credential for good: %(credential)s", credential=credential
        ),
        "correct": page.say("Please correct what you keep about me. This is wrong:") + " ",
        "delete": page.say("Please delete what you keep about me in this case. I mean:") + " ",
    }


async def _shown(
    visit: Visit,
    thread: Thread | None,
    *,
    before: UUID | None = None,
    nudge: str = "",
    wish: str = "",
    credential: UUID | None = None,
    sent: Sent = NEW,
    wrong: str = "",
) -> tuple[Response[str], MessagePage]:
    caller, facts = visit.caller, visit.facts
    async with visit.house.database.reading() as session:
        about, setting = await command_pages.setting(session, visit.page, visit.case_id, caller=caller)
        case = setting.case
        shown = await routes.thread_of(
            session, visit.case_id, caller=caller, facts=facts, thread=thread, before=before, latest=True
        )
        beat = await live.of_case(session, case, caller=caller, facts=facts)
        own = Tie.LEARNER in facts.ties
        held = await letters.held(session, visit.house, visit.case_id) if own and credential else []
    title = next((about.text(one.title) for one in held if one.id == credential), "")
    wished = _wishes(about, title).get(wish, "") if own else ""
    guides = shown.writes and not own
    start = nudges.preview(nudge, case, about.words) if guides else None
    answer = about.show(
        "case/messages.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        case=case,
        shown=shown,
        listed=shown.messages[::-1],
        earlier=shown.messages[0].id if len(shown.messages) == messages.PAGE else None,
        before=before,
        beat=beat,
        guides=guides,
        reaches=case.mentor_id is not None or shown.thread is not Thread.MENTORING,
        people=steps.people(about, learner=own),
        nudges=nudges.offered(case) if guides else {},
        start=start,
        text=sent.one("text") or (start.text if start else wished),
        key=sent.key,
        most=messages.LONGEST,
        wrong=wrong,
    )
    return answer, shown


@post("/cases/{case_id:uuid}/messages", opt={"action": Action.WRITE_MESSAGES}, include_in_schema=False)
async def write(
    case_id: FromPath[UUID],
    *,
    page: ThePage,
    caller: Who,
    facts: Facts,
    house: TheHouse,
    form: TheForm,
    now: Now,
) -> Response[str] | Redirect:
    """Keep a message; one that says nothing or too much is shown again as it was typed."""
    thread, text = thread_of(form.one("thread")), form.one("text")
    visit = Visit(page, house, case_id, caller, facts)
    if wrong := _wrong(page, text):
        answer, _ = await _shown(visit, thread, sent=form, wrong=wrong)
        return answer
    sent = NewMessage(text=text, thread=thread)
    async with house.database.writing() as session:
        await routes.send(session, case_id, caller=caller, facts=facts, sent=sent, key=form.key, now=now)
    await house.desk.wake(case_id)
    return page.go(_address(case_id, thread))


def _wrong(page: Page, text: str) -> str:
    if not text:
        return page.say("Write a message")
    if len(text) > messages.LONGEST:
        return page.say("The message must have %(most)s characters or fewer", most=messages.LONGEST)
    return ""


def _address(case_id: UUID, thread: Thread | None) -> str:
    return f"/cases/{case_id}/messages" + (f"?thread={thread}" if thread is Thread.MENTORING else "")


@post("/cases/{case_id:uuid}/messages/settled", opt={"action": Action.WRITE_MESSAGES}, include_in_schema=False)
async def settle(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, form: TheForm, writing: Writing, now: Now
) -> Redirect:
    """What the learner wrote last needs no answer."""
    thread = thread_of(form.one("thread"))
    await routes.no_answer(writing, case_id, caller=caller, facts=facts, thread=thread, now=now)
    return page.go(_address(case_id, thread))


@post("/cases/{case_id:uuid}/remarks", opt={"action": Action.KEEP_REMARKS}, include_in_schema=False)
async def remark(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, form: TheForm, writing: Writing, now: Now
) -> Redirect:
    """Keep a remark for those who lead the case."""
    text = form.one("text")
    await remarks.keep(writing, case_id=case_id, author=UUID(caller.id), ties=facts.ties, text=text, now=now)
    return page.go(f"/cases/{case_id}#remarks")
