"""What somebody saw of a learner's work, said by link: one page of questions, without account and without scripts.

Whatever is wrong with a link, the answer is one page that says where to ask for another.
"""

from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from services.api import problems
from services.api.house import House, Now, TheHouse
from services.api.pages import site
from services.api.pages.command_fields import TICKED, Wrong
from services.api.pages.faults import PAGE_HANDLERS
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import AnyRequest, Page, ThePage
from services.api.problems import Problem
from services.api.routes import attestation_links as links
from services.records import attestation_links, statements
from services.records.attestation_links import Form
from services.rules import attestations as rules
from services.rules.attestations import Observation, Relation, Seen, Statement
from services.rules.people import Action
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.rules.statements import ANSWERS, RELATIONS, as_text

OPEN: dict[str, Any] = {"action": Action.PUBLIC}
QUIET = {"X-Robots-Tag": "noindex"}
NOT_WHOLE = frozenset({"statement_incomplete", "example_missing", "declaration_missing", "malformed"})
"""Refusals that a field of the form mends."""

Done = Annotated[str, QueryParameter(name="done", required=False)]


def ended(request: AnyRequest, refused: Refused) -> Response[Any]:
    """The one page for a link that opens nothing, whatever the reason; other refusals as everywhere."""
    if refused.code != "link_ended":
        shown: Response[Any] = PAGE_HANDLERS[Refused](request, refused)
        return shown
    return site.of(request).show("attest/ended.html", status=HTTPStatus.NOT_FOUND, headers=QUIET)


GUARDED: dict[Any, Any] = {Refused: ended}


@get("/attest/{token:str}", opt=OPEN, include_in_schema=False, exception_handlers=GUARDED)
async def see(
    request: AnyRequest, token: FromPath[str], *, page: ThePage, house: TheHouse, done: Done = ""
) -> Response[str]:
    """The form as it was left; to open it changes nothing."""
    form = await links.read(request, house, token)
    draft = form.draft
    typed = {"since": _iso(draft.since), "until": _iso(draft.until)}
    begun = draft if form.draft_version else _begun(form)
    return _shown(page, token, form, said=begun, typed=typed, saved=done == "saved")


def _begun(form: Form) -> Statement:
    """What is known of the person stands in the form at first."""
    return Statement(name=form.name, organisation=form.organisation)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _shown(
    page: Page,
    token: str,
    form: Form,
    *,
    said: Statement,
    typed: dict[str, str],
    wrong: tuple[Wrong, ...] = (),
    refused: Problem | None = None,
    saved: bool = False,
) -> Response[str]:
    elsewhere = refused is not None and refused.code == "stale_version"
    return page.show(
        "attest/form.html",
        headers=QUIET,
        token=token,
        form=form,
        typed=typed,
        # What another window saved is shown, not merged: only its writer knows which of the two is meant.
        saved_elsewhere=as_text(form.draft, titles=form.competencies, language=page.language) if elsewhere else "",
        saved=saved,
        **questions(said, wrong=wrong, refused=refused),
    )


def questions(said: Statement, *, wrong: tuple[Wrong, ...], refused: Problem | None) -> dict[str, Any]:
    """What the questions are drawn from, wherever they are asked: answers so far, and what is wrong with them."""
    return {
        "status": HTTPStatus.UNPROCESSABLE_ENTITY if wrong else refused.status if refused else HTTPStatus.OK,
        "said": said,
        "seen": {one.competency: one for one in said.observations},
        "wrong": wrong,
        "faults": {one.at: one.says for one in wrong},
        "refused": refused,
        "relations": RELATIONS,
        "answers": ANSWERS,
        "minimum": rules.EXAMPLE_MINIMUM,
        "notice": rules.READ_LATER,
    }


@post("/attest/{token:str}", opt=OPEN, include_in_schema=False, exception_handlers=GUARDED)
async def send(
    request: AnyRequest, token: FromPath[str], *, page: ThePage, house: TheHouse, form: TheForm, now: Now
) -> Response[str] | Redirect:
    """Keep what was written so far, go on to the files, or send it all."""
    asked = await links.read(request, house, token)
    said, wrong = said_in(page, form, asked.competencies)
    refused: Refused | None = None
    if not wrong:
        try:
            if form.one("do") == "send":
                await links.take(request, house, token, said, now=now)
                return page.go("/attested?done=sent")
            await links.keep_draft(request, house, token, said, version=form.number("version"))
            return page.go(f"/attest/{token}/files" if form.one("do") == "files" else f"/attest/{token}?done=saved")
        except Refused as no:
            if no.code == "link_ended":
                raise
            refused = no
    if refused is not None and refused.code in NOT_WHOLE:
        wrong = tuple(
            named(page, refused, said, asked.competencies) for refused in await _faults(house, token, said, refused)
        )
    problem = problems.of_refusal(request, refused).content if refused is not None and not wrong else None
    asked = await links.read(request, house, token)
    typed = {name: form.one(name) for name in ("since", "until")}
    return _shown(page, token, asked, said=said, typed=typed, wrong=wrong, refused=problem)


async def _faults(house: House, token: str, said: Statement, first: Refused) -> list[Refused]:
    """Everything that has to be mended, not the first of it alone."""
    if first.code == "malformed":
        return [first]
    now = house.clock()
    async with house.database.reading() as session:
        request = await attestation_links.opened(session, token, now=now)
        return await statements.faults(session, request, said, now=now) or [first]


def said_in(page: Page, form: Sent, competencies: dict[str, Text]) -> tuple[Statement, tuple[Wrong, ...]]:
    """What the form says, and which of its days are none."""
    days: dict[str, date | None] = {}
    wrong: list[Wrong] = []
    for name in ("since", "until"):
        try:
            days[name] = date.fromisoformat(form.one(name)) if form.one(name) else None
        except ValueError:
            days[name] = None
            wrong.append(Wrong(name, page.say("Write the day as year-month-day, such as 2024-09-30.")))
    relation = form.one("relation")
    said = Statement(
        name=form.one("name"),
        position=form.one("position"),
        organisation=form.one("organisation"),
        relation=Relation(relation) if relation in set(Relation) else None,
        how_observed=form.one("how_observed"),
        since=days["since"],
        until=days["until"],
        observations=tuple(_observations(form, competencies)),
        doubts=form.one("doubts"),
        may_call=form.one("may_call") == TICKED,
        phone=form.one("phone"),
        declaration=max(rules.DECLARATIONS) if form.one("declaration") == TICKED else "",
    )
    return said, tuple(wrong)


def _observations(form: Sent, competencies: dict[str, Text]) -> Iterator[Observation]:
    for key in competencies:
        seen = form.one(f"seen-{key}")
        yield Observation(key, Seen(seen) if seen in set(Seen) else None, form.one(f"example-{key}"))


def named(page: Page, refused: Refused, said: Statement, competencies: dict[str, Text]) -> Wrong:
    """A fault at its field, in words of the form."""
    if refused.code == "declaration_missing":
        return Wrong("declaration", page.say("Tick that what you say is true."))
    if refused.code == "example_missing":
        at, title = f"example-{refused.facts['competency']}", competencies[refused.facts["competency"]]
        facts = {"minimum": refused.facts["minimum"], "competency": page.text(title)}
        return Wrong(at, page.say("Give an example of at least %(minimum)s characters: %(competency)s", **facts))
    field = refused.facts["field"]
    if refused.code == "malformed":
        return Wrong(field, page.say("This is too long, or holds signs that cannot be kept: %(field)s", field=field))
    if field == "observations":
        first = next(one.competency for one in said.observations if one.seen is None)
        title = competencies[first]
        return Wrong(f"seen-{first}", page.say("Answer for each skill: %(competency)s", competency=page.text(title)))
    words = {
        "name": page.say("Write your name."),
        "position": page.say("Write what you do, or did, there."),
        "organisation": page.say("Write the name of the workplace or group."),
        "relation": page.say("Say how you know this person."),
        "how_observed": page.say("Say how you saw this person at work."),
        "since": page.say("Say since when. It cannot be a day to come."),
        "until": page.say("Until when? The day must be past, and after the first one."),
        "phone": page.say("Write a number, or take the tick away."),
    }
    return Wrong(field, words[field])


@get("/attest/{token:str}/decline", opt=OPEN, include_in_schema=False, exception_handlers=GUARDED)
async def ask_no(request: AnyRequest, token: FromPath[str], page: ThePage, house: TheHouse) -> Response[str]:
    """Whether one means it: what was written is thrown away."""
    form = await links.read(request, house, token)
    return page.show("attest/decline.html", headers=QUIET, token=token, form=form)


@post("/attest/{token:str}/decline", opt=OPEN, include_in_schema=False, exception_handlers=GUARDED)
async def say_no(
    request: AnyRequest, token: FromPath[str], *, page: ThePage, house: TheHouse, form: TheForm
) -> Redirect:
    """Say no, or that one does not know this person; the link is spent."""
    await links.say_no(request, house, token, unknown=form.one("why") == "unknown")
    return page.go("/attested?done=declined")


@get("/attested", opt=OPEN, include_in_schema=False)
async def thanks(page: ThePage, done: Done = "") -> Response[str]:
    """The end; its address holds nothing of the link."""
    return page.show("attest/thanks.html", headers=QUIET, sent=done == "sent")
