"""What becomes of people afterwards: five questions behind a link, without account and cookie, and one's own agreement.

GET changes nothing, for mail scanners open links. The token stands in the path, which is never logged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.params import FromPath, JSONBody

from services.api import links
from services.api.access import Who
from services.api.house import House, Now, Reading, TheHouse, Writing
from services.records import baselines, sponsors, surveys
from services.records.surveys import Standing
from services.rules import surveys as rules
from services.rules.people import Action
from services.rules.surveys import Question

AnyRequest = Request[Any, Any, Any]
Token = FromPath[str]
OPEN: dict[str, Any] = {"action": Action.PUBLIC}
OWN: dict[str, Any] = {"action": Action.OWN_ACCOUNT}
ENDED = "survey_ended"
"""How a link that opens nothing is refused."""

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class SurveyView:
    """What is asked; `months` after the decision. Any question can be left out.

    `sponsor`: who pays, where whoever answers may have them told that they have work; null where nobody can be told.
    """

    months: int
    expires_at: datetime
    questions: dict[Question, tuple[str, ...]]
    sponsor: str | None


class Answers(msgspec.Struct, forbid_unknown_fields=True):
    """One word for each question that one answers; see `questions`.

    `tell_sponsor`: that one has work, if the answer says so, the sponsor may know; of the answers only this is noted.
    """

    answers: dict[Question, str]
    tell_sponsor: bool = False


class After(msgspec.Struct, forbid_unknown_fields=True):
    """A case of one's own, after which one agrees to be asked."""

    case: UUID


class Beginning(msgspec.Struct, forbid_unknown_fields=True):
    """A running case of one's own, and what one does at work; null takes it back."""

    case: UUID
    work: str | None


async def read(request: AnyRequest, house: House, token: str) -> SurveyView:
    """What the link opens. Raises `Refused`: survey_ended, throttled."""
    async with links.watched(request, house, ended=ENDED), house.database.reading() as session:
        row = await surveys.opened(session, token, now=house.clock())
        sponsor = await sponsors.told_of_work(session, row.case_id, wave=row.wave)
        return SurveyView(row.wave, row.expires_at, rules.ANSWERS, sponsor)


async def take(
    request: AnyRequest, house: House, token: str, answers: Mapping[Question, str], *, tell_sponsor: bool
) -> None:
    """Count the answers; the link is spent. Raises `Refused`: throttled, and what `surveys.answer` says."""
    async with links.watched(request, house, ended=ENDED), house.database.writing() as session:
        await surveys.answer(session, token, answers, now=house.clock(), tell_sponsor=tell_sponsor)


async def end_all(request: AnyRequest, house: House, token: str) -> None:
    """Stop all surveys of whoever has the link. Raises `Refused`: survey_ended, throttled."""
    async with links.watched(request, house, ended=ENDED), house.database.writing() as session:
        await surveys.stop_by_link(session, token, now=house.clock())


@get("/{token:str}", opt=OPEN, operation_id="open_survey", summary="The five questions behind a link")
async def see(request: AnyRequest, token: Token, house: TheHouse) -> Response[SurveyView]:
    """Opening changes nothing. An unknown, spent or ended link is answered with 404 `survey_ended`, all alike."""
    return Response(await read(request, house, token), headers=HEADERS)


@post(
    "/{token:str}",
    opt=OPEN,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="answer_survey",
    summary="Say what became of oneself",
)
async def answer(request: AnyRequest, token: Token, data: JSONBody[Answers], house: TheHouse) -> Response[None]:
    """The answers are counted and kept with no name; the link is spent."""
    await take(request, house, token, data.answers, tell_sponsor=data.tell_sponsor)
    return Response(None, headers=HEADERS)


@post(
    "/{token:str}/stop",
    opt=OPEN,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="stop_surveys_by_link",
    summary="Stop all surveys",
)
async def stop_by_link(request: AnyRequest, token: Token, house: TheHouse) -> Response[None]:
    """Whoever the link was sent to is asked nothing any more, after none of their cases."""
    await end_all(request, house, token)
    return Response(None, headers=HEADERS)


@get("/", opt=OWN, operation_id="list_my_surveys", summary="After which cases one is or can be asked")
async def mine(caller: Who, reading: Reading, now: Now) -> list[Standing]:
    """`agreed_at`: since when one agrees, null where one does not; `open`: whether one can."""
    return await surveys.of_person(reading, UUID(caller.id), now=now)


@put(
    "/",
    opt=OWN,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="agree_to_surveys",
    summary="Agree to be asked after a case",
)
async def agree(data: JSONBody[After], caller: Who, writing: Writing, now: Now) -> None:
    """Five questions, at most five times in two years; it can be stopped at any time. To agree twice is to agree."""
    await surveys.agree(writing, data.case, person=UUID(caller.id), now=now)


@put(
    "/beginning",
    opt=OWN,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="tell_beginning",
    summary="What one does at work while one applies",
)
async def begin(data: JSONBody[Beginning], caller: Who, writing: Writing, now: Now) -> None:
    """One of the words of the question `work`. It is counted when one is first asked what became of oneself."""
    await baselines.tell(writing, data.case, data.work or "", person=UUID(caller.id), now=now)


@delete("/", opt=OWN, operation_id="stop_surveys", summary="Stop all surveys")
async def stop(caller: Who, writing: Writing, now: Now) -> None:
    """One is asked nothing any more, after none of one's cases."""
    await surveys.stop(writing, UUID(caller.id), now=now)


def router() -> Router:
    """Every route of surveys."""
    behind_links = Router("/surveys", route_handlers=[see, answer, stop_by_link])
    own = Router("/me/surveys", route_handlers=[mine, agree, begin, stop])
    return Router("/api/v1", route_handlers=[behind_links, own], tags=["surveys"])
