"""One's own account: the language, where one is signed in, and what is kept of somebody."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from services.api import access, portraits
from services.api.access import Session, Who
from services.api.house import Now, Reading, TheHouse, Writing
from services.api.pages.sent import TheForm
from services.api.pages.site import SEE_OTHER, ThePage
from services.records import belongings, cases, dossier, people, programmes, sessions, surveys, ties
from services.rules.people import STAFF, Action
from services.rules.programmes import Institution, Language
from services.rules.refusals import Refused
from services.rules.self_identification import KEPT_YEARS


@get("/account", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def see(*, page: ThePage, signed_in: Session, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """Name, address, language, and every place where this account is signed in."""
    person = await dossier.person(reading, UUID(caller.id))
    token = signed_in.token if signed_in else ""
    return page.show(
        "account/account.html",
        person=person,
        chosen=caller.language,
        staff=bool(caller.roles & STAFF),
        sessions=await sessions.open_of(reading, UUID(caller.id), token=token, now=now),
        saved=page.request.query_params.get("saved", "") == "language",
    )


@post("/account/language", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def choose(form: TheForm, caller: Who, writing: Writing, now: Now) -> Redirect:
    """Choose in which language one is addressed and written to; the page goes on in it."""
    language = form.one("language")
    if language not in set(Language):
        raise Refused("malformed", field="language")
    await people.choose_language(writing, UUID(caller.id), language=Language(language), now=now)
    return Redirect(f"/{language}/account?saved=language", status_code=SEE_OTHER)


@post("/account/sessions/{key:str}/end", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def end(key: FromPath[str], page: ThePage, caller: Who, writing: Writing, now: Now) -> Redirect:
    """Sign out in one other place; it bites there on the next request."""
    await sessions.end_one(writing, UUID(caller.id), key=key, now=now)
    return page.go("/account")


@post("/account/sign-out-everywhere", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def end_all(page: ThePage, caller: Who, house: TheHouse, writing: Writing, now: Now) -> Response[Any] | Redirect:
    """End every session of this account, this one too; the browser forgets what it kept."""
    await sessions.end_all(writing, UUID(caller.id), now=now)
    there = page.go("/")
    there.cookies.append(access.no_cookie(house))
    there.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return there


@get("/account/privacy", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def privacy(page: ThePage, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """What is kept of somebody, who reads it and how long; taking it along, ending a case, and whom to ask."""
    mine = await cases.of_learner(reading, UUID(caller.id))
    institutions: dict[str, Institution] = {}
    ending = set()
    for case in mine:
        institution = (await programmes.of_case(reading, case)).institution
        institutions.setdefault(institution.slug, institution)
        facts = await ties.ties(reading, case_id=case.id, caller=caller)
        portrait = await portraits.of_case(reading, case.id, caller=caller, facts=facts, now=now)
        if "withdraw" in portrait.commands:
            ending.add(case.id)
    return page.show(
        "account/privacy.html",
        cases=mine,
        institutions=list(institutions.values()),
        kept=sessions.KEPT.days,
        said_years=KEPT_YEARS,
        held=await belongings.weight(reading, UUID(caller.id)),
        ending=ending,
        surveys=await surveys.of_person(reading, UUID(caller.id), now=now),
        saved=saved if (saved := page.request.query_params.get("saved", "")) in {"asked", "stopped"} else "",
    )
