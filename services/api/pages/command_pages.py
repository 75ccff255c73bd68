"""One page per command: what it asks, what was wrong with what was sent, and what became of it.

Which commands a case offers comes from the same table as the verdict (`rules/stages.py`), through the portrait.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import portraits, problems
from services.api.access import Facts, Who
from services.api.house import House, Now, Reading, TheHouse
from services.api.pages import command_choices, command_fields, command_rows, command_words
from services.api.pages import sent as sent_parts
from services.api.pages.command_choices import About, Choice, Setting
from services.api.pages.command_fields import Asks, Field, Unreadable, Wrong
from services.api.pages.command_words import Said
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import commands
from services.api.views import CaseView
from services.records import cases, programmes
from services.records.tables.commands import CommandRow, CommandStatus
from services.rules.commands import BODIES
from services.rules.people import Action, Caller, CaseFacts, roles_on_a_case
from services.rules.refusals import Refused

SPARE_ROWS = 2
"""Empty rows offered in a list whose length the case does not give; sending with "add" offers more."""

ASKED_AGAIN_FOR = timedelta(minutes=1)
"""For how long a page asks by itself what became of a command. Source: interface design, section 3."""

SHORT = frozenset(
    {
        "capacity",
        "time",
        "place",
        "interpreter",
        "attending",
        "bring",
        "representative",
        "version",
        "conditions",
        "props",
    }
)
"""Fields that a line is enough for."""

DONE_ON = {"settle_conferral": "compare", "record_panel": "panel"}
"""Commands that are sent from a page of their own, below the case: what they name stands there to be read first."""

NOTHING_SENT = Sent(())

Again = Callable[[problems.Problem], Awaitable[Response[Any]]]
"""How a page of its own shows a refusal."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field as the page shows it; `rows` are those of a list, each with what it is about."""

    path: str
    asks: Asks
    label: str
    hint: str
    required: bool
    value: str = ""
    values: tuple[str, ...] = ()
    choices: list[Choice] | None = None
    short: bool = False
    wrong: str = ""
    inside: list["Shown"] = field(default_factory=list)
    rows: list["Row"] = field(default_factory=list)
    may_grow: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: its number, what it is about where the case says so, and its fields."""

    number: int
    about: str
    fixed: dict[str, str]
    fields: list[Shown]


@dataclass(frozen=True, slots=True)
class Form:
    """A command's form on one case, as filled in so far."""

    setting: Setting
    command: str
    said: Said
    sent: Sent
    wrong: dict[str, str]
    not_asked: frozenset[str]

    async def fields(self) -> list[Shown]:
        """Every field that this case asks for, with what was typed and what is wrong with it."""
        asked = self._asked(command_fields.of(BODIES[self.command]))
        return [await self._shown(one, one.name, one.name) for one in asked]

    def _asked(self, fields: tuple[Field, ...], before: str = "") -> list[Field]:
        return [one for one in fields if before + one.name not in self.not_asked]

    async def _shown(self, asked: Field, path: str, name: str) -> Shown:
        """`path` is where the field stands in the form, `name` where its words stand: without numbers of rows."""
        words = self.said.fields[name]
        say = self.setting.words.text
        choices = await command_choices.of(self.setting, self.command, name)
        shown = Shown(
            path=path,
            asks=asked.asks,
            label=say(words.label),
            hint=say(words.hint),
            required=asked.required,
            value=self.sent.one(path) or ("" if words.words else _only(asked, choices)),
            values=self.sent.all(path) or tuple(key for key, on in self.sent.under(f"{path}-").items() if on == "yes"),
            choices=choices,
            short=asked.name in SHORT,
            wrong=self.wrong.get(path, ""),
        )
        if asked.asks is Asks.PART:
            parts = self._asked(asked.inside, f"{name}.")
            inside = [await self._shown(one, f"{path}-{one.name}", f"{name}.{one.name}") for one in parts]
            shown.inside.extend(inside)
        if asked.asks is Asks.ROWS:
            shown.rows.extend(await self._rows(asked, path, name))
            return replace(shown, may_grow=self._grows(shown, name))
        return shown

    def _grows(self, shown: Shown, name: str) -> bool:
        return f"{self.command}.{name}" in command_rows.GROWING or not any(row.fixed for row in shown.rows)

    async def _rows(self, asked: Field, path: str, name: str) -> list[Row]:
        """A row per thing that the case names (each claim once), else what was typed and some empty ones."""
        about = await command_rows.rows(self.setting, self.command, name)
        listed = [About("")] * self._typed(path) if about is None else about
        if f"{self.command}.{name}" in command_rows.GROWING:
            more = 1 if self.sent.one("add") == path else 0
            listed = listed + [About("")] * (max(self._numbered(path) - len(listed), 0) + more)
        return [
            Row(
                number,
                one.label,
                one.fixed,
                [
                    await self._shown(inner, f"{path}-{number}-{inner.name}", f"{name}.{inner.name}")
                    for inner in self._asked(asked.inside, f"{name}.")
                    if inner.name not in one.fixed
                ],
            )
            for number, one in enumerate(listed)
        ]

    def _typed(self, path: str) -> int:
        """How many rows a list shows: those that were sent, and empty ones where none were or more were asked for."""
        typed = self._numbered(path)
        return typed + (SPARE_ROWS if self.sent.one("add") == path or not typed else 0)

    def _numbered(self, path: str) -> int:
        """How many rows were sent."""
        return max(self.sent.rows(path), default=-1) + 1


def _only(asked: Field, choices: list[Choice] | None) -> str:
    """What is chosen where one thing has to be chosen and there is no other."""
    one_of = asked.asks is Asks.TEXT and asked.required
    return choices[0].value if one_of and choices is not None and len(choices) == 1 else ""


def spelled(address: str) -> str:
    """A command as the table spells it. Raises `Refused('not_found')`."""
    command = address.replace("-", "_")
    if command not in BODIES or command not in command_words.known():
        raise Refused("not_found")
    return command


async def setting(session: AsyncSession, page: Page, case_id: UUID, *, caller: Caller) -> tuple[Page, Setting]:
    """The page in the words of the case, and what its forms choose from."""
    case = await cases.get(session, case_id)
    programme = await programmes.of_case(session, case)
    about = page.about(terms=programme.policy.terms, zone=case.zone)
    claims = await cases.claims_of(session, case_id)
    return about, Setting(session, case, programme, claims, caller, about.words, page.house.clock())


@get("/cases/{case_id:uuid}/do/{command:str}", opt={"action": Action.SEE_CASE}, include_in_schema=False)
async def ask(
    case_id: FromPath[UUID], command: FromPath[str], *, page: ThePage, caller: Who, facts: Facts, reading: Reading
) -> Response[str] | Redirect:
    """The form of a command that can be sent now, filled in as the address says; otherwise what the case waits for.

    What has a page of its own is led there.
    """
    kind = spelled(command)
    about, made = await setting(reading, page, case_id, caller=caller)
    portrait = await portraits.of_case(reading, case_id, caller=caller, facts=facts, now=made.now)
    if kind not in portrait.commands:
        against = await portraits.why_not(reading, made.case, kind, caller=caller, facts=facts, now=made.now)
        return about.show(
            "command/not-now.html",
            status=HTTPStatus.CONFLICT,
            said=command_words.said(kind),
            case=portrait,
            why=about.words.refusal(against) if against else None,
        )
    if kind in DONE_ON:
        return page.go(f"/cases/{case_id}/{DONE_ON[kind]}")
    return await _form(about, made, kind, portrait=portrait, key=uuid4(), sent=sent_parts.of_query(page.request))


async def _form(
    page: Page,
    made: Setting,
    command: str,
    *,
    portrait: CaseView,
    key: UUID,
    sent: Sent = NOTHING_SENT,
    wrong: tuple[Wrong, ...] = (),
    refused: problems.Problem | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response[str]:
    said = command_words.said(command)
    seen = {claim.id for claim in getattr(portrait, "claims", ())}
    # Whoever judges some claims of a case does not learn from a form that there are others.
    made = replace(made, claims=[claim for claim in made.claims if claim.id in seen])
    not_asked = await command_rows.not_asked(made, command)
    form = Form(made, command, said, sent, {one.at: one.says for one in wrong}, not_asked)
    fields = await form.fields()
    return page.show(
        "command/form.html",
        status=status,
        said=said,
        command=command,
        case=portrait,
        fields=fields,
        wrong=_named(fields, wrong),
        refused=refused,
        key=key,
        typed=sent,
    )


def _named(fields: Iterable[Shown], wrong: Iterable[Wrong]) -> list[Wrong]:
    """What is wrong, as the list above a form says it: with the name of each field."""
    labels = dict(_labels(fields))
    return [Wrong(one.at, f"{labels[one.at]} – {one.says}" if one.at in labels else one.says) for one in wrong]


def _labels(fields: Iterable[Shown]) -> Iterator[tuple[str, str]]:
    for one in fields:
        yield one.path, one.label
        yield from _labels(one.inside)
        for row in one.rows:
            yield from _labels(row.fields)


@post("/cases/{case_id:uuid}/do/{command:str}", opt={"action": Action.SEE_CASE}, include_in_schema=False)
async def send(
    case_id: FromPath[UUID],
    command: FromPath[str],
    *,
    page: ThePage,
    caller: Who,
    facts: Facts,
    form: TheForm,
    house: TheHouse,
    now: Now,
) -> Response[Any]:
    """Have the command carried out, or show the form again with everything that was typed and what is wrong."""
    kind = spelled(command)
    if kind in DONE_ON:
        return page.go(f"/cases/{case_id}/{DONE_ON[kind]}")
    if form.one("add"):
        return await _again(house, page, case_id, kind, caller=caller, facts=facts, sent=form)
    async with house.database.reading() as session:
        about, made = await setting(session, page, case_id, caller=caller)
        zone = made.case.zone
    try:
        body = command_fields.read(BODIES[kind], form, zone=zone, language=page.language)
    except Unreadable as unreadable:
        return await _again(house, page, case_id, kind, caller=caller, facts=facts, sent=form, wrong=unreadable.wrong)
    return await carry_out(about, house, case_id, kind, body, caller=caller, facts=facts, form=form, now=now)


async def carry_out(
    page: Page,
    house: House,
    case_id: UUID,
    kind: str,
    body: object,
    *,
    caller: Caller,
    facts: CaseFacts,
    form: Sent,
    now: datetime,
    back: str = "",
    again: Again | None = None,
) -> Response[Any]:
    """Send a command for a page: on to the case (`back`, or what the form named) once applied, else why not.

    The form carries `command_id` and `version`. A refusal shows the command's own page with what was typed kept, or
    what `again` makes of the problem.
    """
    sender = commands.Sender(house, UUID(caller.id), roles_on_a_case(facts), form.number("version"), form.key, now)
    try:
        answer = await sender.send(kind, case_id, body)
    except problems.CommandRefused as refused:
        told = problems.of_command(page.request, refused)
        if again is not None:
            return await again(told.content)
        return await _again(house, page, case_id, kind, caller=caller, facts=facts, sent=form, refused=told.content)
    if answer.status_code == HTTPStatus.ACCEPTED:
        return page.go(f"/commands/{form.key}")
    return page.go(back or f"/cases/{case_id}?done={kind}")


async def _again(
    house: House,
    page: Page,
    case_id: UUID,
    kind: str,
    *,
    caller: Caller,
    facts: CaseFacts,
    sent: Sent,
    wrong: tuple[Wrong, ...] = (),
    refused: problems.Problem | None = None,
) -> Response[str]:
    """The form with everything that was typed; after a refusal with a new key and the version of now."""
    status = HTTPStatus.CONFLICT if refused else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    async with house.database.reading() as session:
        about, made = await setting(session, page, case_id, caller=caller)
        portrait = await portraits.of_case(session, case_id, caller=caller, facts=facts, now=made.now)
        key = uuid4() if refused else sent.key
        return await _form(
            about, made, kind, portrait=portrait, key=key, sent=sent, wrong=wrong, refused=refused, status=status
        )


@get("/commands/{command_id:uuid}", opt={"action": Action.SEE_COMMAND}, include_in_schema=False)
async def follow(
    command_id: FromPath[UUID], page: ThePage, *, caller: Who, reading: Reading, now: Now
) -> Response[Any] | Redirect:
    """What became of a command that could not be applied at once; for a minute the page asks again by itself."""
    row = await reading.get(CommandRow, command_id)
    if row is None:
        raise Refused("not_found")
    if row.status is CommandStatus.APPLIED and "hx-request" not in page.request.headers:
        return page.go(f"/cases/{row.case_id}?done={row.kind}")
    return page.show(
        "command/pending.html",
        row=row,
        said=command_words.said(row.kind) if row.kind in command_words.known() else None,
        applied=row.status is CommandStatus.APPLIED,
        refused=row.status is CommandStatus.REFUSED,
        reasons=(await commands.view(reading, row, caller=caller)).reasons,
        late=now - row.received_at > ASKED_AGAIN_FOR,
    )
