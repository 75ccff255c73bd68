"""A competency that somebody else certified already: who, as what and when, and the file that shows it."""

from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import problems
from services.api.access import Who
from services.api.house import Now, Reading, TheHouse, Writing
from services.api.pages import command_pages
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.records import evidence, portfolio, transfers
from services.rules.claims import OPEN_CLAIMS
from services.rules.people import Action, Caller
from services.rules.refusals import Refused


async def _show(
    session: AsyncSession,
    page: Page,
    case_id: UUID,
    competency: str,
    *,
    caller: Caller,
    sent: Sent | None = None,
    wrong: tuple[Wrong, ...] = (),
    refused: problems.Problem | None = None,
) -> Response[str]:
    """The form for one claim. Raises `Refused`: claim_unknown, transfer_not_offered."""
    about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    open_claims = [one for one in setting.claims if one.competency == competency and one.state in OPEN_CLAIMS]
    if not open_claims:
        raise Refused("claim_unknown")
    if not setting.programme.policy.transfer_no_reassessment:
        raise Refused("transfer_not_offered")
    stated = (await transfers.statements(session, case_id)).get(open_claims[-1].id)
    kept = {
        "issuer": stated.issuer if stated else "",
        "title": stated.title if stated else "",
        "awarded_on": stated.awarded_on.isoformat() if stated else "",
        "evidence": str(stated.evidence_id) if stated else "",
    }
    unreadable = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return about.show(
        "learner/transfer.html",
        status=HTTPStatus.CONFLICT if refused else unreadable,
        case=setting.case,
        competency=setting.programme.competency(competency),
        files=await evidence.of_case(session, case_id),
        typed={name: sent.one(name) for name in kept} if sent else kept,
        stated=stated is not None,
        open=setting.case.stage in portfolio.EDITABLE,
        wrong=wrong,
        said={one.at: one.says for one in wrong},
        refused=refused,
    )


@get("/cases/{case_id:uuid}/transfer/{competency:str}", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID], competency: FromPath[str], *, page: ThePage, caller: Who, reading: Reading
) -> Response[str]:
    """What was stated so far."""
    return await _show(reading, page, case_id, competency, caller=caller)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


@post("/cases/{case_id:uuid}/transfer/{competency:str}", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def state(
    *,
    case_id: FromPath[UUID],
    competency: FromPath[str],
    page: ThePage,
    caller: Who,
    form: TheForm,
    house: TheHouse,
    now: Now,
) -> Response[Any] | Redirect:
    """Keep the statement; nobody then assesses the claim, an advisor checks the certificate."""
    day = _day(form.one("awarded_on"))
    needed = (
        ("issuer", bool(form.one("issuer")), page.say("Write who gave you the certificate.")),
        ("title", bool(form.one("title")), page.say("Write what the certificate is called.")),
        ("awarded_on", day is not None, page.say("Write the day as year, month and day, such as 2024-06-30.")),
        ("evidence", bool(form.one("evidence")), page.say("Choose the file that shows the certificate.")),
    )
    wrong = tuple(Wrong(name, says) for name, given, says in needed if not given)
    told: problems.Problem | None = None
    if day is not None and not wrong:
        try:
            async with house.database.writing() as session:
                await transfers.state(
                    session,
                    case_id=case_id,
                    competency=competency,
                    issuer=form.one("issuer"),
                    title=form.one("title"),
                    awarded_on=day,
                    evidence=form.id("evidence"),
                    now=now,
                    person=UUID(caller.id),
                )
        except Refused as refused:
            if refused.code == "not_found":
                raise
            told = problems.of_refusal(page.request, refused).content
    if wrong or told:
        async with house.database.reading() as session:
            return await _show(session, page, case_id, competency, caller=caller, sent=form, wrong=wrong, refused=told)
    return page.go(f"/cases/{case_id}/skills")


@post(
    "/cases/{case_id:uuid}/transfer/{competency:str}/take-back",
    opt={"action": Action.EDIT_PORTFOLIO},
    include_in_schema=False,
)
async def take_back(
    *, case_id: FromPath[UUID], competency: FromPath[str], page: ThePage, caller: Who, writing: Writing, now: Now
) -> Redirect:
    """Let the claim be assessed like any other."""
    await transfers.take_back(writing, case_id=case_id, competency=competency, now=now, person=UUID(caller.id))
    return page.go(f"/cases/{case_id}/skills")
