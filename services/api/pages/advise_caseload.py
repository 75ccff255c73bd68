"""The caseload: four counters, filters that stand in the address, views kept by name, and the same rows as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import spreadsheets, views
from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.api.pages import advise_words, conversation, next_steps
from services.api.pages.advise_words import Due
from services.api.pages.conversation import New
from services.api.pages.sent import TheForm
from services.api.pages.site import Page, ThePage
from services.records import caseload, messages, programmes, saved_views
from services.records.caseload import Counter, Row, Sort, Wanted
from services.rules import stages
from services.rules.case import Clock, Stage, WaitingOn
from services.rules.conversations import Thread
from services.rules.enquiries import ANSWERING
from services.rules.people import Action, Caller, Role
from services.rules.programmes import Language, Text
from services.rules.refusals import Refused

ON = "1"
NAMES = ("show", "stage", "waiting", "clock", "programme", "language", "advisor", "mine", "closed", "sort")
"""The filters, in the order in which they stand in an address."""

Word = TypeVar("Word", bound=StrEnum)


def _word(kind: type[Word], value: str) -> Word | None:
    """A word of the rules; one that is none narrows nothing, so that an old address still opens a list."""
    return kind(value) if value in {one.value for one in kind} else None


def _id(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def wanted_of(query: Mapping[str, str], *, text: str = "") -> Wanted:
    """What an address asks for."""
    return Wanted(
        counter=_word(Counter, query.get("show", "")),
        stage=_word(Stage, query.get("stage", "")),
        waiting_on=_word(WaitingOn, query.get("waiting", "")),
        clock=_word(Clock, query.get("clock", "")),
        programme=query.get("programme", "")[:64],
        language=_word(Language, query.get("language", "")) or "",
        advisor=_id(query.get("advisor", "")),
        mine=query.get("mine") == ON,
        closed=query.get("closed") == ON,
        sort=_word(Sort, query.get("sort", "")) or Sort.DUE,
        text=text,
    )


def query_of(wanted: Wanted) -> dict[str, str]:
    """The address of a list: ids and words of the rules, and only what narrows or orders it."""
    values = (
        wanted.counter,
        wanted.stage,
        wanted.waiting_on,
        wanted.clock,
        wanted.programme,
        wanted.language,
        wanted.advisor,
        ON if wanted.mine else "",
        ON if wanted.closed else "",
        wanted.sort if wanted.sort is not Sort.DUE else "",
    )
    return {name: str(value) for name, value in zip(NAMES, values, strict=True) if value}


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that narrows the list, and the address without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class Count:
    """A counter: its number, and the address of the very rows that it counts."""

    label: str
    number: int
    query: str
    here: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the page writes it; `contact` is in days of the case's own calendar, none or negative.

    `next` is what is expected next of whoever the case waits for; `for_me`: of people of an office of the reader.
    """

    row: Row
    stage: Text
    waiting: str
    clock: str
    due: Due | None
    contact: Due | None
    new: New
    next: str
    for_me: bool


@dataclass(frozen=True, slots=True)
class _Words:
    """Every filter's entries in words, read once per page."""

    page: Page
    programmes: list[tuple[str, str]]
    advisors: list[tuple[UUID, str]]

    def counters(self) -> dict[Counter, str]:
        return {
            Counter.NEEDS_ME: self.page.say("Needs me"),
            Counter.OVERDUE: self.page.say("Overdue"),
            Counter.AT_RISK: self.page.say("At risk"),
            Counter.WAITING: self.page.say("Waiting on the learner"),
        }

    def entries(self) -> dict[str, tuple[str, dict[str, str]]]:
        """By filter: what it is called, and the words of its values."""
        page = self.page
        stages_in_words = {stage.value: page.text(facts.label) for stage, facts in stages.STAGES.items()}
        return {
            "stage": (page.say("Stage"), stages_in_words),
            "waiting": (page.say("Waiting on"), {k.value: v for k, v in advise_words.waiting(page).items()}),
            "clock": (page.say("Clock"), {k.value: v for k, v in advise_words.clocks(page).items()}),
            "programme": (page.say("Programme"), dict(self.programmes)),
            "language": (page.say("Language of the case"), {"en": page.say("English"), "fr": page.say("French")}),
            "advisor": (page.say("Advisor"), {str(person): name for person, name in self.advisors}),
            "sort": (
                page.say("Order"),
                {
                    Sort.DUE.value: page.say("Due first"),
                    Sort.NAME.value: page.say("Name"),
                    Sort.NUMBER.value: page.say("Case number"),
                    Sort.QUIET.value: page.say("Longest without activity"),
                    Sort.NEWEST.value: page.say("Newest"),
                },
            ),
        }

    def chips(self, wanted: Wanted) -> list[Chip]:
        """What narrows the list, each with the address without it; an order narrows nothing."""
        query, entries = query_of(wanted), self.entries()
        said = {
            name: f"{title}: {words.get(query[name], query[name])}"
            for name, (title, words) in entries.items()
            if name in query
        }
        if self.page.language is Language.FR:
            said = {name: label.replace(": ", "\u00a0: ", 1) for name, label in said.items()}
        if wanted.counter is not None:
            said["show"] = self.counters()[wanted.counter]
        if wanted.mine:
            said["mine"] = self.page.say("Only mine")
        if wanted.closed:
            said["closed"] = self.page.say("Decided or closed")
        return [
            Chip(said[name], urlencode({key: value for key, value in query.items() if key != name}))
            for name in NAMES
            if name in said and name != "sort"
        ]

    def choices(self, wanted: Wanted) -> list[tuple[str, str, list[Choice]]]:
        """Every filter with its entries, the chosen ones marked."""
        query = query_of(wanted)
        return [
            (name, title, [Choice(value, label, query.get(name) == value) for value, label in words.items()])
            for name, (title, words) in self.entries().items()
            if words
        ]


async def _words(reading: AsyncSession, page: Page, caller: Caller) -> _Words:
    titles = await caseload.programmes(reading, caller=caller)
    named = [(slug, page.text(title)) for slug, title in titles.items()]
    overseeing = {Role.LEAD, Role.AUDITOR} & caller.roles
    advisors = await caseload.advisors(reading, caller=caller) if overseeing else []
    return _Words(page, named, advisors)


def _line(
    page: Page, row: Row, now: Now, *, caller: Caller, terms: Mapping[str, str], unread: Mapping[Thread, int]
) -> Line:
    page = page.about(terms=terms[row.programme], zone=row.zone)
    return Line(
        row=row,
        stage=views.label(row.stage, terms=terms[row.programme]),
        waiting=advise_words.waiting(page)[row.waiting_on],
        clock=advise_words.clocks(page)[row.clock],
        due=advise_words.due(row.due_at, zone=row.zone, now=now),
        contact=advise_words.due(row.contact, zone=row.zone, now=now),
        new=conversation.new_of(row.id, unread),
        next=next_steps.of_case(page, row),
        for_me=next_steps.for_me(row, caller),
    )


def _check(caller: Caller) -> None:
    """Raises `Refused('forbidden')` for whoever follows no cases as staff."""
    if not caller.roles & {Role.ADVISOR, Role.MENTOR, Role.LEAD, Role.AUDITOR}:
        raise Refused("forbidden")


async def _list(
    reading: AsyncSession, page: Page, *, caller: Caller, wanted: Wanted, now: Now, after: UUID | None = None
) -> Response[str]:
    terms = await programmes.terms(reading)
    words = await _words(reading, page, caller)
    counted = await caseload.counters(reading, caller=caller, now=now)
    found = await caseload.rows(reading, caller=caller, wanted=wanted, now=now, after=after, limit=caseload.PAGE + 1)
    rows, query, slugs = found[: caseload.PAGE], query_of(wanted), dict(words.programmes)
    unread = await messages.unread(reading, person=UUID(caller.id), case_ids=[one.id for one in rows])
    return page.show(
        "advise/cases.html",
        counters=[
            Count(label, counted[one], urlencode({"show": one.value}), one is wanted.counter)
            for one, label in words.counters().items()
        ],
        lines=[_line(page, row, now, caller=caller, terms=terms, unread=unread.get(row.id, {})) for row in rows],
        programmes=slugs,
        several=len(slugs) > 1,
        chips=words.chips(wanted),
        choices=words.choices(wanted),
        wanted=wanted,
        query=urlencode(query),
        further=urlencode(query | {"after": str(rows[-1].id)}) if len(found) > caseload.PAGE else "",
        views=[
            (view, urlencode(view.query), view.query == query)
            for view in await saved_views.of(reading, UUID(caller.id))
        ],
        text=wanted.text,
        first=after is None,
        may_open=Role.ADVISOR in caller.roles,
        may_enquire=bool(ANSWERING & caller.roles),
        saved=list(query.items()),
    )


@get("/cases", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def see(page: ThePage, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """The cases that one follows, fifty at a time, under the filters of the address."""
    _check(caller)
    query = page.request.query_params
    after = _id(query.get("after", ""))
    return await _list(reading, page, caller=caller, wanted=wanted_of(query), now=now, after=after)


@post("/cases/find", opt={"action": Action.LIST_CASES}, status_code=HTTPStatus.OK, include_in_schema=False)
async def find(page: ThePage, caller: Who, form: TheForm, reading: Reading, now: Now) -> Response[str]:
    """Cases by part of a number or a name: what is typed is in no address, so in no log and no history."""
    _check(caller)
    wanted = Wanted(text=form.one("text")[:100])
    return await _list(reading, page, caller=caller, wanted=wanted, now=now)


@get("/cases.csv", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def export(page: ThePage, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """The same rows as a table, all pages of them."""
    _check(caller)
    wanted = wanted_of(page.request.query_params)
    words = await _words(reading, page, caller)
    slugs = dict(words.programmes)
    found = await caseload.rows(reading, caller=caller, wanted=wanted, now=now, limit=caseload.MOST)
    headings = (
        page.say("Case number"),
        page.say("Name"),
        page.say("Programme"),
        page.say("Stage"),
        page.say("Waiting on"),
        page.say("Clock"),
        page.say("Due on"),
        page.say("Days left"),
        page.say("Last contact on"),
        page.say("Next step"),
    )
    terms = await programmes.terms(reading)
    rows = [
        (
            spreadsheets.cell(line.row.number),
            spreadsheets.cell(line.row.learner),
            spreadsheets.cell(slugs[line.row.programme]),
            page.text(line.stage),
            line.waiting,
            line.clock,
            line.due.on.isoformat() if line.due else "",
            line.due.days if line.due else "",
            line.contact.on.isoformat() if line.contact else "",
            line.next,
        )
        for line in (_line(page, row, now, caller=caller, terms=terms, unread={}) for row in found)
    ]
    return spreadsheets.file("cases.csv", [headings, *rows])


@post("/cases/views", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def keep(page: ThePage, caller: Who, form: TheForm, writing: Writing, now: Now) -> Redirect:
    """Keep the list as it is filtered now under a name."""
    _check(caller)
    query = query_of(wanted_of({name: form.one(name) for name in NAMES}))
    await saved_views.keep(writing, person=UUID(caller.id), name=form.one("name"), query=query, now=now)
    return page.go(f"/cases?{urlencode(query)}")


@post("/cases/views/{view_id:uuid}/remove", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def drop(view_id: FromPath[UUID], page: ThePage, caller: Who, writing: Writing) -> Redirect:
    """Forget a view of one's own."""
    _check(caller)
    await saved_views.drop(writing, person=UUID(caller.id), view=view_id)
    return page.go("/cases")
