"""Enquiries before there is a case: written down by whoever is asked, and led to the case that comes of them."""

from datetime import date
from http import HTTPStatus
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, TheHouse, Writing
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.records import enquiries, programmes
from services.records.enquiries import Asked
from services.rules.enquiries import Way
from services.rules.people import Action, Caller, Role
from services.rules.programmes import Language
from services.rules.refusals import Refused

KEEP = {"action": Action.KEEP_ENQUIRIES}
NOTHING_SENT = Sent(())
NOT_KNOWN = "-"
"""What the form sends where nobody knows yet which programme it is about."""


@get("/enquiries", opt=KEEP, include_in_schema=False)
async def see(page: ThePage, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """The form for another one, and those that have led to no case yet."""
    return await _show(reading, page, caller, today=await enquiries.today(reading, caller, now=now))


async def _show(
    session: AsyncSession,
    page: Page,
    caller: Caller,
    *,
    today: date,
    sent: Sent = NOTHING_SENT,
    wrong: tuple[Wrong, ...] = (),
) -> Response[str]:
    listed = await enquiries.listed(session, caller)
    every = {one.slug: one.title for one in await programmes.published(session)}
    return page.show(
        "advise/enquiries.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        listed=listed,
        titles={one.programme: every.get(one.programme) for one in listed if one.programme},
        programmes=await enquiries.answered_by(session, caller),
        ways={
            Way.PHONE: page.say("By telephone"),
            Way.VISIT: page.say("In person"),
            Way.EMAIL: page.say("By e-mail"),
            Way.WEB: page.say("Through the web site"),
        },
        not_known=NOT_KNOWN,
        today=today,
        may_open=Role.ADVISOR in caller.roles,
        sent=sent,
        wrong=wrong,
        at={one.at: one.says for one in wrong},
        done=page.request.query_params.get("done", ""),
    )


@post("/enquiries", opt=KEEP, include_in_schema=False)
async def record(*, page: ThePage, caller: Who, form: TheForm, house: TheHouse, now: Now) -> Response[str] | Redirect:
    """Keep one, or say what is missing of it."""
    async with house.database.writing() as session:
        today = await enquiries.today(session, caller, now=now)
        if (asked := _asked(form)) is None:
            return await _show(session, page, caller, today=today, sent=form, wrong=_missing(page, form))
        try:
            await enquiries.record(session, caller, asked, now=now)
        except Refused as refused:
            if refused.code != "malformed":
                raise
            said = {"day": _day(page), "programme": page.say("Choose the programme.")}
            wrong = tuple(Wrong(field, says) for field, says in said.items() if field == refused.facts.get("field"))
            return await _show(session, page, caller, today=today, sent=form, wrong=wrong)
    return page.go("/enquiries?done=recorded")


def _asked(form: Sent) -> Asked | None:
    """What the form says, or None where something of it is missing."""
    programme = form.one("programme")
    try:
        return Asked(
            date.fromisoformat(form.one("day")),
            Way(form.one("way")),
            Language(form.one("language")),
            None if programme == NOT_KNOWN else programme,
        )
    except ValueError:
        return None


def _day(page: Page) -> str:
    return page.say("Give the day on which they asked: today, or a day of the year before.")


def _missing(page: Page, form: Sent) -> tuple[Wrong, ...]:
    try:
        date.fromisoformat(form.one("day"))
        dated = True
    except ValueError:
        dated = False
    checks = (
        ("day", dated, _day(page)),
        ("way", form.one("way") in set(Way), page.say("Say how they asked.")),
        ("language", form.one("language") in set(Language), page.say("Choose the language in which they asked.")),
    )
    return tuple(Wrong(name, says) for name, fine, says in checks if not fine)


@post("/enquiries/{enquiry_id:uuid}/case", opt=KEEP, include_in_schema=False)
async def link(
    enquiry_id: FromPath[UUID], *, page: ThePage, caller: Who, form: TheForm, house: TheHouse, now: Now
) -> Response[str] | Redirect:
    """Lead an enquiry to the case whose number was typed, or say that there is none that one follows."""
    async with house.database.writing() as session:
        await enquiries.get(session, caller, enquiry_id)
        try:
            await enquiries.link(session, caller, enquiry_id, number=form.one("number"), now=now)
        except Refused as refused:
            said = {
                "not_found": page.say("You follow no case of this number."),
                "case_before_enquiry": page.say("This case was begun before the enquiry, and cannot have come of it."),
            }
            wrong = (Wrong(f"number-{enquiry_id}", said[refused.code]),)
            today = await enquiries.today(session, caller, now=now)
            return await _show(session, page, caller, today=today, sent=form, wrong=wrong)
    return page.go("/enquiries?done=linked")


@post("/enquiries/{enquiry_id:uuid}/remove", opt=KEEP, include_in_schema=False)
async def remove(enquiry_id: FromPath[UUID], *, page: ThePage, caller: Who, writing: Writing, now: Now) -> Redirect:
    """Delete what was written down by mistake."""
    await enquiries.remove(writing, caller, enquiry_id, now=now)
    return page.go("/enquiries?done=removed")
