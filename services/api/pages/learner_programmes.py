"""What can be recognised, as somebody reads it who wonders whether it is for them, and how they begin."""

import unicodedata
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages.command_fields import Wrong
from services.api.pages.learner_employers import Rows, employers_sent
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.records import drafts, programmes
from services.records.drafts import Purpose
from services.rules import fees
from services.rules.people import Action
from services.rules.programmes import Language, Programme, Text

Search = Annotated[str, QueryParameter(name="q", required=False, max_length=100)]


async def _open(session: AsyncSession) -> list[Programme]:
    return [await programmes.read(session, one.id) for one in await programmes.published(session)]


def _plain(text: str) -> str:
    """Letters without their accents, in lower case: somebody who types "sante" finds "santé"."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def found(programme: Programme, wanted: str) -> bool:
    """Whether every word that is looked for stands in what the programme says of itself, in either language."""
    texts = [programme.title, programme.summary, programme.field_of_study]
    texts += [text for one in programme.competencies for text in (one.title, one.explanation)]
    return says(texts, wanted)


def says(texts: Iterable[Text], wanted: str) -> bool:
    """Whether every word that is looked for stands in `texts`, in either language."""
    whole = _plain(" ".join(f"{text.en} {text.fr}" for text in texts))
    return all(word in whole for word in _plain(wanted).split())


@get("/programmes", opt={"action": Action.PUBLIC, "knows_session": True}, include_in_schema=False)
async def listed(page: ThePage, reading: Reading, wanted: Search = "") -> Response[str]:
    """Every programme that is open to new cases, or those that say what is looked for."""
    every = await _open(reading)
    shown = [one for one in every if found(one, wanted)]
    return page.show("learner/programmes.html", programmes=shown, wanted=wanted.strip(), any=bool(every))


@get("/programmes/{slug:str}", opt={"action": Action.PUBLIC, "knows_session": True}, include_in_schema=False)
async def one(slug: FromPath[str], page: ThePage, reading: Reading) -> Response[str]:
    """The version that a new case is pinned to."""
    row = await programmes.newest(reading, slug)
    programme = await programmes.read(reading, row.id)
    methods = {method: None for competency in programme.competencies for method in competency.methods}
    about = page.about(terms=programme.policy.terms, zone=programme.policy.calendar.zone)
    return about.show(
        "learner/programme.html",
        programme=programme,
        policy=programme.policy,
        methods=list(methods),
        ends=row.ends_at,
        prices=fees.prices(programme.policy),
    )


@get("/programmes/{slug:str}/start", opt={"action": Action.OPEN_CASE}, include_in_schema=False)
async def ask(slug: FromPath[str], page: ThePage, reading: Reading) -> Response[str]:
    """What has to be said before a case is opened; nothing of it is final."""
    row = await programmes.newest(reading, slug)
    return _form(page, await programmes.read(reading, row.id), Sent((("language", page.language.value),)))


def _form(page: Page, programme: Programme, sent: Sent, wrong: tuple[Wrong, ...] = ()) -> Response[str]:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    about = page.about(terms=programme.policy.terms, zone=programme.policy.calendar.zone)
    return about.show(
        "learner/start.html",
        status=status,
        programme=programme,
        typed=sent,
        purposes=list(Purpose),
        employers=Rows.typed(sent),
        wrong=wrong,
        said={one.at: one.says for one in wrong},
    )


@post("/programmes/{slug:str}/start", opt={"action": Action.OPEN_CASE}, include_in_schema=False)
async def start(
    slug: FromPath[str], *, page: ThePage, form: TheForm, caller: Who, house: TheHouse, now: Now
) -> Response[Any] | Redirect:
    """Open a draft and lead to it, or show the form again with what was typed."""
    async with house.database.reading() as session:
        row = await programmes.newest(session, slug)
        programme = await programmes.read(session, row.id)
    employers, wrong = employers_sent(page, form)
    purpose, language = form.one("purpose"), form.one("language")
    if purpose not in set(Purpose):
        wrong = (Wrong("purpose", page.say("Say what you want it for.")), *wrong)
    if language not in set(Language):
        wrong = (Wrong("language", page.say("Choose the language in which you want to be written to.")), *wrong)
    if form.one("add") or wrong:
        return _form(page, programme, form, () if form.one("add") else wrong)
    async with house.database.writing() as session:
        case = await drafts.open_case(
            session,
            learner=UUID(caller.id),
            programme=slug,
            language=language,
            purpose=Purpose(purpose),
            competencies=form.all("competencies"),
            employers=employers,
            now=now,
        )
    return page.go(f"/cases/{case.id}?saved=opened")
