"""What became of somebody, asked by link: five questions on one page, without account and without scripts.

Whatever is wrong with a link, the answer is one page. To open it changes nothing.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from services.api.access import Who
from services.api.house import Now, TheHouse, Writing
from services.api.pages import site
from services.api.pages.command_fields import Wrong
from services.api.pages.faults import PAGE_HANDLERS
from services.api.pages.sent import TheForm
from services.api.pages.site import AnyRequest, Page, ThePage
from services.api.routes import surveys as routes
from services.api.routes.surveys import SurveyView
from services.records import baselines, surveys
from services.rules.people import Action
from services.rules.refusals import Refused
from services.rules.surveys import ANSWERS, Question

OPEN: dict[str, Any] = {"action": Action.PUBLIC}
QUIET = {"X-Robots-Tag": "noindex"}

Done = Annotated[str, QueryParameter(name="done", required=False)]


def ended(request: AnyRequest, refused: Refused) -> Response[Any]:
    """The one page for a link that opens nothing, whatever the reason; other refusals as everywhere."""
    if refused.code != routes.ENDED:
        shown: Response[Any] = PAGE_HANDLERS[Refused](request, refused)
        return shown
    return site.of(request).show("survey/ended.html", status=HTTPStatus.NOT_FOUND, headers=QUIET)


GUARDED: dict[Any, Any] = {Refused: ended}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the words that it can be answered with, none of them chosen."""

    key: str
    text: str
    items: list[dict[str, Any]]


def questions(page: Page) -> list[Asked]:
    """The five questions, in the words of the page."""
    texts, said = question_words(page), answer_words(page)
    return [
        Asked(one.value, texts[one], [{"value": word, "text": said[one][word]} for word in words])
        for one, words in ANSWERS.items()
    ]


def question_words(page: Page) -> dict[Question, str]:
    """What each question is called."""
    return {
        Question.WORK: page.say("What do you do now?"),
        Question.CHANGE: page.say("What changed most at work in the last months?"),
        Question.STUDY: page.say("Are you studying?"),
        Question.CREDENTIAL: page.say("Was your credential of use?"),
        Question.RECOMMEND: page.say("Would you tell a friend to do the same?"),
    }


def answer_words(page: Page) -> dict[Question, dict[str, str]]:
    """What each answer to each question is called."""
    return {
        Question.WORK: {
            "in_field": page.say("I have paid work in this field"),
            "other_work": page.say("I have other paid work"),
            "looking": page.say("I am looking for work"),
            "not_looking": page.say("None of these"),
        },
        Question.CHANGE: {
            "new_job": page.say("I have a new job"),
            "promotion": page.say("I was promoted"),
            "raise_under_5": page.say("I earn up to 5 percent more"),
            "raise_5_to_15": page.say("I earn 5 to 15 percent more"),
            "raise_over_15": page.say("I earn over 15 percent more"),
            "none": page.say("Nothing changed"),
        },
        Question.STUDY: {
            "counted": page.say("Yes, and what was recognised counts there"),
            "studying": page.say("Yes, something else"),
            "planned": page.say("Not yet, but I plan to"),
            "no": page.say("No"),
        },
        Question.CREDENTIAL: {
            "asked_for": page.say("Yes, somebody asked for it"),
            "shown": page.say("Yes, I showed it unasked"),
            "not_used": page.say("Not so far"),
            "has_none": page.say("I have no credential"),
        },
        Question.RECOMMEND: {
            "yes": page.say("Yes"),
            "unsure": page.say("I am not sure"),
            "no": page.say("No"),
        },
    }


@get("/survey/{token:str}", opt=OPEN, include_in_schema=False, exception_handlers=GUARDED)
async def see(request: AnyRequest, token: FromPath[str], *, page: ThePage, house: TheHouse) -> Response[str]:
    """The five questions; to open them changes nothing."""
    return _shown(page, token, await routes.read(request, house, token))


def _shown(page: Page, token: str, survey: SurveyView, *, wrong: tuple[Wrong, ...] = ()) -> Response[str]:
    return page.show(
        "survey/questions.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        headers=QUIET,
        token=token,
        survey=survey,
        questions=questions(page),
        wrong=wrong,
    )


@post("/survey/{token:str}", opt=OPEN, include_in_schema=False, exception_handlers=GUARDED)
async def send(
    request: AnyRequest, token: FromPath[str], *, page: ThePage, house: TheHouse, form: TheForm
) -> Response[str] | Redirect:
    """Count what was answered; whatever was left out is not counted."""
    answers = {one: form.one(one) for one in Question if form.one(one)}
    try:
        await routes.take(request, house, token, answers, tell_sponsor=form.one("tell_sponsor") == "yes")
    except Refused as refused:
        if refused.code != "survey_unanswered":
            raise
        survey = await routes.read(request, house, token)
        wrong = Wrong(Question.WORK.value, page.say("Answer at least one question."))
        return _shown(page, token, survey, wrong=(wrong,))
    return page.go("/surveyed?done=answered")


@post("/survey/{token:str}/stop", opt=OPEN, include_in_schema=False, exception_handlers=GUARDED)
async def stop(request: AnyRequest, token: FromPath[str], *, page: ThePage, house: TheHouse) -> Redirect:
    """One click: whoever the link was sent to is asked nothing any more."""
    await routes.end_all(request, house, token)
    return page.go("/surveyed?done=stopped")


@get("/surveyed", opt=OPEN, include_in_schema=False)
async def thanks(page: ThePage, done: Done = "") -> Response[str]:
    """The end; its address holds nothing of the link."""
    return page.show("survey/thanks.html", headers=QUIET, stopped=done == "stopped")


@post("/account/surveys", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def agree(page: ThePage, form: TheForm, caller: Who, *, writing: Writing, now: Now) -> Redirect:
    """Agree to be asked after a case; back to it where one came from there."""
    case_id = form.id("case")
    await surveys.agree(writing, case_id, person=UUID(caller.id), now=now)
    return page.go(f"/cases/{case_id}?saved=survey" if form.one("from") == "case" else "/account/privacy?saved=asked")


@post("/account/surveys/beginning", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def begin(page: ThePage, form: TheForm, caller: Who, *, writing: Writing, now: Now) -> Redirect:
    """Say what one does at work while one applies, or that one says nothing any more."""
    case_id = form.id("case")
    await baselines.tell(writing, case_id, form.one("work"), person=UUID(caller.id), now=now)
    return page.go(f"/cases/{case_id}/receipt?saved=beginning")


@post("/account/surveys/stop", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def stop_mine(page: ThePage, caller: Who, *, writing: Writing, now: Now) -> Redirect:
    """Be asked nothing any more."""
    await surveys.stop(writing, UUID(caller.id), now=now)
    return page.go("/account/privacy?saved=stopped")
