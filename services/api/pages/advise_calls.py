"""Somebody without an e-mail address is called: the advisor reads the questions out and writes down what is answered.

The questions are those of the form behind the link, and what comes of them is the same statement.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import problems
from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import advise_heard, attest_form, command_pages
from services.api.pages.command_fields import TICKED, Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.problems import Problem
from services.api.routes import telephone as routes
from services.records import cases, statements, telephone
from services.records.telephone import Answered, Call
from services.rules import attestations as rules
from services.rules.attestations import Statement
from services.rules.people import Action, Caller
from services.rules.programmes import Text
from services.rules.refusals import Refused

HEARS = {"action": Action.HEAR_OTHERS}
TYPED = ("answered_by", "number_from", "looked_up", "called_at", "email", "since", "until", "consent")
"""Fields that stand in the form as they were typed."""


@get("/cases/{case_id:uuid}/heard/{request_id:uuid}/call", opt=HEARS, include_in_schema=False)
async def see(
    case_id: FromPath[UUID], request_id: FromPath[UUID], *, page: ThePage, caller: Who, reading: Reading, now: Now
) -> Response[str]:
    """Whom to call, and what to ask. For the advisor alone: nobody else is given the number."""
    asked = await telephone.form(reading, case_id=case_id, request_id=request_id, now=now)
    begun = Statement(name=asked.request.name, organisation=asked.request.organisation)
    return await _show(reading, page, case_id, caller=caller, asked=asked, said=begun)


async def _show(
    session: AsyncSession,
    page: Page,
    case_id: UUID,
    *,
    caller: Caller,
    asked: telephone.Form,
    said: Statement,
    sent: Sent = advise_heard.NOTHING_SENT,
    wrong: tuple[Wrong, ...] = (),
    refused: Problem | None = None,
) -> Response[str]:
    about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    return about.show(
        "advise/call.html",
        case=setting.case,
        request=asked.request,
        form=asked,
        typed={name: sent.one(name) for name in TYPED},
        **attest_form.questions(said, wrong=wrong, refused=refused),
    )


@post("/cases/{case_id:uuid}/heard/{request_id:uuid}/call", opt=HEARS, include_in_schema=False)
async def write(
    case_id: FromPath[UUID],
    request_id: FromPath[UUID],
    *,
    page: ThePage,
    form: TheForm,
    caller: Who,
    house: TheHouse,
    now: Now,
) -> Response[Any]:
    """Keep what was answered, or that there will be no answer."""
    about: dict[str, Any] = {"caller": caller, "house": house, "now": now}
    if form.one("do") in {"no", "unknown"}:
        await routes.declined(case_id, request_id, unknown=form.one("do") == "unknown", **about)
        return page.go(f"/cases/{case_id}/heard?done=noted")
    async with house.database.reading() as session:
        zone = (await cases.get(session, case_id)).zone
        asked = await telephone.form(session, case_id=case_id, request_id=request_id, now=now)
    said, wrong = attest_form.said_in(page, form, asked.competencies)
    refused: Refused | None = None
    if not wrong:
        try:
            answered = _answered(form, said, zone=zone)
            await routes.written_down(case_id, request_id, said=answered, **about)
            return page.go(f"/cases/{case_id}/heard?done=answered")
        except Refused as no:
            refused = no
    async with house.database.reading() as session:
        if refused is not None:
            found = await _faults(session, asked, said, refused, now=now)
            wrong = tuple(named(page, one, said, asked.competencies) for one in found)
        problem = problems.of_refusal(page.request, refused).content if refused is not None and not wrong else None
        return await _show(
            session, page, case_id, caller=caller, asked=asked, said=said, sent=form, wrong=wrong, refused=problem
        )


def _answered(form: Sent, said: Statement, *, zone: str) -> Answered:
    """What the form says. Raises `Refused('malformed')` for a moment that is none."""
    call = Call(
        form.one("answered_by"),
        form.one("number_from"),
        advise_heard.moment(form.one("called_at"), zone=zone),
        form.one("looked_up") == TICKED,
    )
    consent = max(rules.CONSENTS) if form.one("consent") == TICKED else ""
    return Answered(said, call, consent, form.one("email"))


async def _faults(
    session: AsyncSession, asked: telephone.Form, said: Statement, first: Refused, *, now: datetime
) -> list[Refused]:
    """Everything that a field mends, not the first of it alone; nothing where no field does."""
    if first.code in {"malformed", "consent_missing"}:
        return [first]
    if first.code not in attest_form.NOT_WHOLE:
        return []
    return await statements.faults(session, asked.request, said, now=now) or [first]


def named(page: Page, refused: Refused, said: Statement, competencies: dict[str, Text]) -> Wrong:
    """A fault at its field, in words of the form."""
    if refused.code == "consent_missing":
        return Wrong("consent", page.say("Ask whether they agree. Without that, nothing of it may be kept."))
    words = {
        "answered_by": page.say("Write who answered."),
        "number_from": page.say("Write where the number came from."),
        "called_at": page.say("Say when you called. It cannot be before the request, or still to come."),
    }
    field = refused.facts.get("field", "")
    if refused.code == "malformed" and field in words:
        return Wrong(field, words[field])
    return attest_form.named(page, refused, said, competencies)
