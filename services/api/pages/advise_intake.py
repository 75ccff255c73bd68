"""An advisor opens a case for somebody who agreed to it, writes in it with them, and hands it over."""

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import problem_words
from services.api.access import Who
from services.api.house import House, Now, TheHouse, Writing
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm, of_query
from services.api.pages.site import Page, ThePage
from services.records import enquiries, intake, programmes
from services.records.drafts import Purpose
from services.records.intake import Agreed, Applicant, Application, ConsentForm
from services.records.programmes import Published
from services.rules.people import Action, Caller, Role
from services.rules.programmes import Language
from services.rules.refusals import Refused

TEXT = "2026-1"
"""The version of the consent that the page shows."""

NOTHING_SENT = Sent(())


async def _open_programmes(session: AsyncSession, caller: Caller) -> list[Published]:
    """The programmes for which the caller advises and that take new cases."""
    return [one for one in await programmes.published(session) if caller.holds(Role.ADVISOR, one.institution, one.slug)]


@dataclass(frozen=True, slots=True)
class _Form:
    page: Page
    house: House
    caller: Caller

    async def show(self, sent: Sent = NOTHING_SENT, wrong: tuple[Wrong, ...] = ()) -> Response[str]:
        """The form with what was typed."""
        async with self.house.database.reading() as session:
            listed = await _open_programmes(session, self.caller)
        return self.page.show(
            "advise/intake.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
            programmes=listed,
            purposes=purposes(self.page),
            typed=sent,
            wrong=wrong,
            at={one.at: one.says for one in wrong},
        )


def purposes(page: Page) -> dict[Purpose, str]:
    """What somebody wants it for, in words."""
    return {
        Purpose.UPSKILL: page.say("do better in the work they do"),
        Purpose.RESKILL: page.say("change to other work"),
        Purpose.ACCESS: page.say("enter a programme of study"),
    }


def _missing(page: Page) -> dict[str, str]:
    """What to do about a field that was left empty, in the order of the form."""
    return {
        "name": page.say("Give the name of the learner."),
        "email": page.say("Give the e-mail address of the learner."),
        "language": page.say("Choose the language of the case."),
        "programme": page.say("Choose a programme."),
        "purpose": page.say("Say what the learner wants."),
        "form": page.say("Say how the learner agreed."),
        "agreed": page.say("Tick that the learner agreed: without it no case can be opened for somebody."),
    }


@get("/intake", opt={"action": Action.OPEN_INTAKE}, include_in_schema=False)
async def ask(page: ThePage, caller: Who, house: TheHouse) -> Response[str]:
    """For whom, what for, and how they agreed; what an enquiry said stands in the form already."""
    asked = of_query(page.request)
    if not asked.one("enquiry"):
        return await _Form(page, house, caller).show()
    async with house.database.reading() as session:
        row = await enquiries.get(session, caller, asked.id("enquiry"))
    known = (("enquiry", str(row.id)), ("programme", row.programme or ""), ("language", row.language.value))
    return await _Form(page, house, caller).show(Sent(known))


@post("/intake", opt={"action": Action.OPEN_INTAKE}, include_in_schema=False)
async def open_case(page: ThePage, caller: Who, form: TheForm, house: TheHouse) -> Response[str] | Redirect:
    """Open the case, tell the learner by mail, and go on to it."""
    shown = _Form(page, house, caller)
    if empty := tuple(Wrong(name, says) for name, says in _missing(page).items() if not form.one(name)):
        return await shown.show(form, empty)
    try:
        async with house.database.writing() as session:
            case = await intake.open_for(
                session,
                Applicant(form.one("name"), form.one("email"), Language(form.one("language"))),
                application=Application(form.one("programme"), Purpose(form.one("purpose"))),
                agreed=Agreed(TEXT, ConsentForm(form.one("form"))),
                advisor=caller,
                now=house.clock(),
            )
            if form.one("enquiry"):
                enquiry = await enquiries.get(session, caller, form.id("enquiry"))
                await enquiries.led_to(session, caller, enquiry, case=case, now=house.clock())
            opened = case.id
    except ValueError:
        raise Refused("malformed", field="form") from None
    except Refused as refused:
        if refused.code == "malformed":
            unread = problem_words.field("form", page.language)
            return await shown.show(form, (Wrong(refused.facts.get("field", "name"), unread),))
        raise
    await house.desk.wake(opened)  # a draft has no workflow: this run sends the mail, and ends
    return page.go(f"/cases/{opened}")


@post("/cases/{case_id:uuid}/hand-over", opt={"action": Action.END_INTAKE}, include_in_schema=False)
async def hand_over(case_id: FromPath[UUID], *, page: ThePage, caller: Who, writing: Writing, now: Now) -> Redirect:
    """From now on the learner writes alone."""
    await intake.hand_over(writing, case_id, person=UUID(caller.id), now=now)
    return page.go(f"/cases/{case_id}")
