"""An offer to read a case: what may be known before the answer, six questions about ties, and the answer."""

from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Redirect

from services.api.access import Facts, Who
from services.api.house import Reading
from services.api.pages import assess_sending, command_fields
from services.api.pages.assess_sending import TheVisit, Visit
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent
from services.api.pages.site import Page, ThePage
from services.api.problems import Problem
from services.api.routes import judgements
from services.api.routes.judgements import ScreenView
from services.rules.assignment import DeclineReason
from services.rules.case import SeatState
from services.rules.commands import AcceptOffer, DeclareConflict, DeclineOffer, Screen, ScreenAgain
from services.rules.people import Action

ANSWERS = {"yes": True, "no": False}

NOTHING_SENT = Sent(())


@get("/cases/{case_id:uuid}/offer", opt={"action": Action.SCREEN_OFFER}, include_in_schema=False)
async def ask(case_id: FromPath[UUID], page: ThePage, caller: Who, facts: Facts, reading: Reading) -> Response[str]:
    """The offer; for a seat that was taken, the screen to say that there is a tie after all.

    Whoever read masked is asked the same questions again once the name is shown.
    """
    return _shown(page, case_id, await judgements.screen_of(reading, case_id, caller=caller, facts=facts))


def _shown(
    page: Page,
    case_id: UUID,
    screen: ScreenView,
    *,
    sent: Sent = NOTHING_SENT,
    wrong: tuple[Wrong, ...] = (),
    refused: Problem | None = None,
) -> Response[str]:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    return page.show(
        "assess/offer.html",
        status=status,
        case_id=case_id,
        screen=screen,
        offered=screen.state is SeatState.OFFERED,
        reasons=list(DeclineReason),
        sent=sent,
        wrong=wrong,
        faults={one.at: one.says for one in wrong},
        refused=refused,
        key=sent.key if wrong else uuid4(),
    )


@post(
    "/cases/{case_id:uuid}/offer",
    opt={"action": Action.SCREEN_OFFER},
    include_in_schema=False,
    dependencies={"visit": Provide(assess_sending.provide)},
)
async def answer(visit: TheVisit) -> Response[Any]:
    """Take the seat, give it back with a reason, or say that there is a tie: then the case is closed to its sender."""
    form = visit.form
    seat, said = form.one("assignment"), form.one("answer")
    if said == "decline":
        if form.one("reason") not in set(DeclineReason):
            why = visit.page.say("Say why you decline. No reason counts against you.")
            return await _again(visit, wrong=(Wrong("reason", why),))
        return await _sent(visit, "decline_offer", DeclineOffer(seat, form.one("reason")), back="/queue?done=declined")
    screen = _screen(form)
    if wrong := await _unanswered(visit, screen):
        return await _again(visit, wrong=wrong)
    if said == "declare":
        return await _sent(visit, "declare_conflict", DeclareConflict(seat, screen), back="/queue?done=conflict")
    if said == "again":
        return await _sent(visit, "screen_again", ScreenAgain(seat, screen), back=f"/cases/{visit.case_id}")
    return await _sent(visit, "accept_offer", AcceptOffer(seat, screen), back=f"/assess/{visit.case_id}")


def _screen(form: Sent) -> Screen:
    answers = {tie: ANSWERS[said] for tie, said in form.under("tie-").items() if said in ANSWERS}
    return Screen(answers, signed=form.one("signed") == command_fields.TICKED, note=form.one("note"))


async def _unanswered(visit: Visit, screen: Screen) -> tuple[Wrong, ...]:
    """Every question wants its answer, and the whole a signature."""
    async with visit.house.database.reading() as session:
        asked = await judgements.screen_of(session, visit.case_id, caller=visit.caller, facts=visit.facts)
    page = visit.page
    wrong = [
        Wrong(f"tie-{one.tie}", page.say("Answer: %(question)s", question=page.text(one.text)))
        for one in asked.questions
        if one.tie not in screen.answers
    ]
    if not screen.signed:
        wrong.append(Wrong("signed", page.say("Sign: tick that your answers are true.")))
    return tuple(wrong)


async def _sent(visit: Visit, kind: str, body: object, *, back: str) -> Response[Any]:
    sent = await visit.send(kind, body, back=back)
    return sent if isinstance(sent, Redirect) else await _again(visit, refused=sent)


async def _again(visit: Visit, *, wrong: tuple[Wrong, ...] = (), refused: Problem | None = None) -> Response[str]:
    async with visit.house.database.reading() as session:
        screen = await judgements.screen_of(session, visit.case_id, caller=visit.caller, facts=visit.facts)
    return _shown(visit.page, visit.case_id, screen, sent=visit.form, wrong=wrong, refused=refused)
