"""Reading again after the fact: what one is asked, the conflict screen, the form; and what leads see of differences."""

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages.command_fields import TICKED
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import look_backs
from services.api.routes.look_backs import Act, LookBackView
from services.records import looking_back
from services.rules.assignment import DeclineReason
from services.rules.claims import Rating, Recommendation
from services.rules.looking_back import Finding
from services.rules.people import Action, Answer, by_role
from services.rules.refusals import Refused

NOTHING_SENT = Sent(())


@get("/look-backs", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def see_all(page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """What one is asked to read again; for leads and auditors, where such readings differ."""
    reads = by_role(Action.LOOK_BACK, caller) is Answer.ALLOWED
    leads = by_role(Action.SEE_AGREEMENT, caller) is Answer.ALLOWED
    if not (reads or leads):
        raise Refused("forbidden")
    return page.show(
        "assess/look-backs.html",
        asked=await look_backs.asked_of(reading, UUID(caller.id)) if reads else [],
        reads=reads,
        leads=leads,
        differing=await look_backs.differences(reading, caller) if leads else [],
    )


@get("/look-backs/{look_back:uuid}", opt={"action": Action.LOOK_BACK}, include_in_schema=False)
async def see(look_back: FromPath[UUID], page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """The screen, then the evidence and the form, then a word of thanks."""
    return _shown(page, await look_backs.shown(reading, look_back, person=UUID(caller.id)))


def _shown(
    page: Page, view: LookBackView, *, sent: Sent = NOTHING_SENT, refused: Refused | None = None
) -> Response[str]:
    return page.show(
        "assess/look-back.html",
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        view=view,
        sent=sent,
        why=page.words.refusal(refused) if refused else None,
        reasons=list(DeclineReason),
        ratings=tuple(Rating),
        recommendations=tuple(Recommendation),
    )


@post("/look-backs/{look_back:uuid}", opt={"action": Action.LOOK_BACK}, include_in_schema=False)
async def answer(
    look_back: FromPath[UUID], *, page: ThePage, form: TheForm, caller: Who, house: TheHouse, now: Now
) -> Response[Any]:
    """Take the reading, give it back, or send in what was found; what was typed stays when it is refused."""
    person, said = UUID(caller.id), form.one("answer")
    answers = {tie: given == "yes" for tie, given in form.under("tie-").items()}
    signed = form.one("signed") == TICKED
    act: Act
    if said == "decline":
        act = partial(looking_back.decline, look_back=look_back, person=person, reason=form.one("reason"), now=now)
    elif said == "send":
        act = partial(looking_back.send, look_back=look_back, person=person, findings=_findings(form), now=now)
    else:
        screened = looking_back.declare if said == "declare" else looking_back.accept
        act = partial(screened, look_back=look_back, person=person, answers=answers, signed=signed, now=now)
    try:
        await look_backs.answer(house, look_back, person=person, act=act)
    except Refused as refused:
        async with house.database.reading() as session:
            view = await look_backs.shown(session, look_back, person=person)
        return _shown(page, view, sent=form, refused=refused)
    return page.go("/look-backs" if said in {"decline", "declare"} else f"/look-backs/{look_back}")


def _findings(form: Sent) -> dict[UUID, Finding]:
    """What was found of each claim that the form names. Raises `Refused('malformed')`."""
    found = {}
    for key in form.all("claim"):
        try:
            claim = UUID(key)
        except ValueError:
            raise Refused("malformed", field="claim") from None
        rated = {criterion: word for criterion, word in form.under(f"rating-{key}-").items() if word}
        if recommended := form.one(f"recommendation-{key}"):  # what is left open is said to be open
            found[claim] = Finding(rated, recommended, form.one(f"rationale-{key}"))
    return found
