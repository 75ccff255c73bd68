"""Agreements with sponsors, for leads: who pays for whom, a list of people taken in, and what the sponsor is told.

And the learner's own choice whether the sponsor may be told, sent from the page of their case.
"""

from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services import locales
from services.api.access import Who
from services.api.house import House, Now, Reading, TheHouse, Writing
from services.api.pages import advise_intake
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import AnyRequest, Page, ThePage
from services.api.routes import cohorts as routes
from services.records import agreements, milestones, programmes, sponsors
from services.records.agreements import Agreed as Terms
from services.records.drafts import Purpose
from services.records.intake import Agreed, ConsentForm
from services.records.programmes import Published
from services.rules import deadlines
from services.rules.cohort_files import MOST_ROWS, Column, Fault, FileInvalid
from services.rules.cohorts import OPENING_TEXT, Milestone
from services.rules.people import Action, Caller, Role
from services.rules.refusals import Refused

KEEP: dict[str, Any] = {"action": Action.KEEP_COHORTS}
NOTHING_SENT = Sent(())
LONGEST_NAME, LONGEST_REFERENCE = 200, 64
"""Characters of a sponsor's name, and of our reference."""


# the list, and a new agreement


@get("/agreements", opt=KEEP, include_in_schema=False)
async def see_all(page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """Every agreement of the caller's programmes, and a form for another one."""
    return await _list(reading, page, caller=caller)


async def _list(
    session: AsyncSession, page: Page, *, caller: Caller, sent: Sent = NOTHING_SENT, wrong: tuple[Wrong, ...] = ()
) -> Response[str]:
    return page.show(
        "cohort/agreements.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        agreements=await agreements.led_by(session, caller),
        sizes=await milestones.sizes(session, caller=caller),
        titles={one.slug: one.title for one in await programmes.every_version(session)},
        programmes=await _open(session, caller),
        purposes=advise_intake.purposes(page),
        typed=sent,
        wrong=wrong,
        at={one.at: one.says for one in wrong},
    )


async def _open(session: AsyncSession, caller: Caller) -> list[Published]:
    """The programmes that the caller leads and that take new cases."""
    return [one for one in await programmes.published(session) if caller.holds(Role.LEAD, one.institution, one.slug)]


@post("/agreements", opt=KEEP, include_in_schema=False)
async def make(page: ThePage, form: TheForm, caller: Who, *, house: TheHouse, now: Now) -> Response[str] | Redirect:
    """Write an agreement down, and go on to it; or say what is missing of it."""
    wrong = _missing(page, form)
    try:
        async with house.database.writing() as session:
            if wrong:
                return await _list(session, page, caller=caller, sent=form, wrong=wrong)
            row = await agreements.make(session, _terms(form), caller=caller, now=now)
    except Refused as refused:
        if refused.code != "reference_taken":
            raise
        said = Wrong("reference", locales.sentence(refused.code, page.language))
        async with house.database.reading() as session:
            return await _list(session, page, caller=caller, sent=form, wrong=(said,))
    return page.go(f"/agreements/{row.id}?done=made")


def _terms(form: Sent) -> Terms:
    """What the form says. Raises `Refused('malformed')` for a purpose that is none."""
    starts, ends = _day(form, "starts_on"), _day(form, "ends_on")
    if form.one("purpose") not in set(Purpose) or starts is None or ends is None:
        raise Refused("malformed", field="form")
    said = (form.one("sponsor"), form.one("reference"), form.one("programme"))
    return Terms(*said, Purpose(form.one("purpose")), starts, ends)


def _missing(page: Page, form: Sent) -> tuple[Wrong, ...]:
    starts, ends = _day(form, "starts_on"), _day(form, "ends_on")
    in_order = ends is not None and (starts is None or starts <= ends)
    checks = (
        ("sponsor", 0 < len(form.one("sponsor")) <= LONGEST_NAME, page.say("Give the name of whoever pays.")),
        ("reference", 0 < len(form.one("reference")) <= LONGEST_REFERENCE, page.say("Give the agreement a reference.")),
        ("programme", bool(form.one("programme")), page.say("Choose a programme.")),
        ("purpose", form.one("purpose") in set(Purpose), page.say("Say what its people want.")),
        ("starts_on", starts is not None, page.say("Give the first day.")),
        ("ends_on", in_order, page.say("Give the last day; it cannot be before the first.")),
    )
    return tuple(Wrong(name, says) for name, fine, says in checks if not fine)


def _day(form: Sent, name: str) -> date | None:
    try:
        return date.fromisoformat(form.one(name))
    except ValueError:
        return None


# one agreement


@get("/agreements/{agreement_id:uuid}", opt=KEEP, include_in_schema=False)
async def see(agreement_id: FromPath[UUID], page: ThePage, caller: Who, *, reading: Reading, now: Now) -> Response[str]:
    """Its people and how far they came, what the sponsor is told, and a form to take in more."""
    return await _show(reading, page, agreement_id, caller=caller, now=now)


async def _show(
    session: AsyncSession,
    page: Page,
    agreement_id: UUID,
    *,
    caller: Caller,
    now: datetime,
    typed: Sent = NOTHING_SENT,
    wrong: tuple[Wrong, ...] = (),
) -> Response[str]:
    view = await routes.cohort(session, agreement_id, caller=caller)
    version = await programmes.last_published(session, view.agreement.programme)
    programme = await programmes.read(session, version.id)
    asked = page.request.query_params
    return page.show(
        "cohort/agreement.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        agreement=view.agreement,
        people=view.people,
        programme=programme,
        milestones=milestone_words(page),
        over=deadlines.local_day(now, programme.policy.calendar.zone) > view.agreement.ends_on,
        closed=version.retired_at is not None,
        most=MOST_ROWS,
        typed=typed,
        wrong=wrong,
        at={one.at: one.says for one in wrong},
        done=asked.get("done", ""),
        added=_number(asked.get("added", "")),
        known=_number(asked.get("known", "")),
    )


def _number(text: str) -> int:
    """A count of an address; nought for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST_ROWS)) else 0


def milestone_words(page: Page) -> dict[Milestone, str]:
    """What each milestone is called."""
    return {
        Milestone.ELIGIBLE: page.say("Eligible"),
        Milestone.DEPOSITED: page.say("Portfolio sent"),
        Milestone.GRANTED: page.say("Something recognised"),
        Milestone.EMPLOYED_3: page.say("At work after 3 months"),
        Milestone.EMPLOYED_6: page.say("At work after 6 months"),
    }


@post("/agreements/{agreement_id:uuid}/people", opt=KEEP, include_in_schema=False)
async def take_in(
    request: AnyRequest, agreement_id: FromPath[UUID], *, page: ThePage, caller: Who, house: TheHouse
) -> Response[str] | Redirect:
    """Open a case for everybody in the file; or say everything that is wrong with it, and open none."""
    form = await request.form()
    file = form.get("file")
    content = await file.read() if isinstance(file, UploadFile) else b""
    typed = Sent(tuple((name, str(form.get(name, ""))) for name in ("form", "agreed")))
    missing = (
        ("file", bool(content), page.say("Choose the file with the list.")),
        ("form", typed.one("form") in set(ConsentForm), page.say("Say how everybody in the list agreed.")),
        ("agreed", bool(typed.one("agreed")), page.say("Tick that everybody in the list agreed to this text.")),
    )
    if wrong := tuple(Wrong(name, says) for name, fine, says in missing if not fine):
        return await _again(house, page, agreement_id, caller=caller, typed=typed, wrong=wrong)
    try:
        agreed = Agreed(OPENING_TEXT, ConsentForm(typed.one("form")))
        done = await routes.carry_out(house, agreement_id, content, agreed, caller=caller)
    except FileInvalid as invalid:
        wrong = tuple(Wrong("file", _said(page, one)) for one in invalid.faults)
        return await _again(house, page, agreement_id, caller=caller, typed=typed, wrong=wrong)
    return page.go(f"/agreements/{agreement_id}?done=joined&added={done.added}&known={done.known}")


async def _again(
    house: House, page: Page, agreement_id: UUID, *, caller: Caller, typed: Sent, wrong: tuple[Wrong, ...]
) -> Response[str]:
    async with house.database.reading() as session:
        return await _show(session, page, agreement_id, caller=caller, now=house.clock(), typed=typed, wrong=wrong)


def _said(page: Page, fault: Fault) -> str:
    """What is wrong, after where in the file it is."""
    columns = {
        Column.EMAIL.value: page.say("e-mail"),
        Column.NAME.value: page.say("name"),
        Column.LANGUAGE.value: page.say("language"),
        Column.REFERENCE.value: page.say("reference"),
    }
    says = page.text(fault.says)
    if not fault.line:
        return says
    if not fault.column:
        return page.say("Line %(line)s: %(what)s", line=fault.line, what=says)
    column = columns.get(fault.column, fault.column)
    return page.say("Line %(line)s, column %(column)s: %(what)s", line=fault.line, column=column, what=says)


# the learner's own choice


@post("/account/sponsors", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def choose(page: ThePage, form: TheForm, caller: Who, *, writing: Writing, now: Now) -> Redirect:
    """Let a sponsor be told of milestones, or no longer; back to the case."""
    case_id = form.id("case")
    await sponsors.choose(writing, case_id, tell=form.one("tell") == "yes", person=UUID(caller.id), now=now)
    return page.go(f"/cases/{case_id}?saved=sponsor")
