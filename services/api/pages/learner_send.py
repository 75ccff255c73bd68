"""Everything that was answered, on one page, before it is sent; and the receipt of what was sent."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import portraits, problems, views
from services.api.access import Facts, Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import command_pages, learner_tasks, survey
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.pages.survey import Asked
from services.records import attestations, baselines, dossier, evidence, portfolio, self_identification
from services.records.tables.cases import Case
from services.rules.case import Stage
from services.rules.commands import DECLARATIONS, PURPOSES, Submit, SubmitPortfolio
from services.rules.people import Action, Caller, CaseFacts
from services.rules.refusals import Refused
from services.rules.surveys import BEFORE, Question

DECLARATION = max(DECLARATIONS)
"""The version of the declaration of truth that stands on the page."""

WHERE = {
    "claims_missing": "self-check",
    "answers_required": "story",
    "evidence_unready": "evidence",
    "pointer_missing": "evidence",
    "transfer_incomplete": "evidence",
}
"""The page on which something that is missing can be mended."""


def _lacking(page: Page, refused: Refused) -> dict[str, str]:
    """What is missing in words, what to do about it, and where."""
    says, then = page.words.refusal(refused)
    return {"says": says, "next": then, "where": WHERE.get(refused.code, "")}


async def _show(
    session: AsyncSession,
    page: Page,
    case_id: UUID,
    *,
    caller: Caller,
    facts: CaseFacts,
    now: datetime,
    sent: Sent,
    wrong: tuple[Wrong, ...] = (),
    refused: problems.Problem | None = None,
) -> Response[str]:
    about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    portrait = await portraits.of_case(session, case_id, caller=caller, facts=facts, now=now)
    case = setting.case
    command = "submit" if case.stage is Stage.DRAFT else "submit_portfolio"
    if command not in portrait.commands and case.stage not in learner_tasks.BUILDING:
        raise Refused("illegal_transition", stage=case.stage, command=command)
    building = await learner_tasks.of_case(setting, now=now)
    unreadable = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return about.show(
        "learner/send.html",
        status=HTTPStatus.CONFLICT if refused else unreadable,
        case=case,
        command=command,
        allowed=command in portrait.commands,
        version=portrait.version,
        key=uuid4() if refused or not sent.one("command_id") else sent.key,
        programme=setting.programme,
        building=building,
        lacking=[_lacking(about, one) for one in building.lacking],
        files=await evidence.of_case(session, case_id),
        employers=await dossier.employers(session, case_id),
        references=await attestations.of_case(session, case_id),
        policy=setting.programme.policy,
        typed=sent,
        wrong=wrong,
        said={one.at: one.says for one in wrong},
        refused=refused,
    )


@get("/cases/{case_id:uuid}/send", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def ask(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[str]:
    """All answers, what is missing, what sending means; the form where it can be sent."""
    return await _show(reading, page, case_id, caller=caller, facts=facts, now=now, sent=Sent(()))


@post("/cases/{case_id:uuid}/send", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def send(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, form: TheForm, house: TheHouse, now: Now
) -> Response[Any]:
    """Send the application or the portfolio, and lead to the receipt."""
    application = form.one("command") == "submit"
    wrong = _unsaid(page, form, application=application)

    async def again(problem: problems.Problem | None = None) -> Response[Any]:
        async with house.database.reading() as session:
            return await _show(
                session, page, case_id, caller=caller, facts=facts, now=now, sent=form, wrong=wrong, refused=problem
            )

    if wrong:
        return await again()
    consents = tuple(sorted(PURPOSES & set(form.all("consents"))))
    body: Submit | SubmitPortfolio = SubmitPortfolio(authentic=True, ai_use=form.one("ai_use"))
    if application:
        body = Submit(DECLARATION, consents, form.one("agent"))
    return await command_pages.carry_out(
        page,
        house,
        case_id,
        "submit" if application else "submit_portfolio",
        body,
        caller=caller,
        facts=facts,
        form=form,
        now=now,
        back=f"/cases/{case_id}/receipt",
        again=again,
    )


def _unsaid(page: Page, form: Sent, *, application: bool) -> tuple[Wrong, ...]:
    """What somebody has to declare before sending."""
    asked: dict[str, tuple[bool, str]] = {
        "declaration": (form.one("declaration") == "yes", page.say("Declare that what you say is true.")),
        "authentic": (form.one("authentic") == "yes", page.say("Declare that this is your own work.")),
        "ai_use": (bool(form.one("ai_use")), page.say("Say whether you used AI tools, and for what.")),
    }
    names = ("declaration",) if application else ("authentic", "ai_use")
    return tuple(Wrong(name, asked[name][1]) for name in names if not asked[name][0])


@dataclass(frozen=True, slots=True)
class Asks:
    """What its learner, and nobody else, is asked on the receipt: about themselves, and what they do at work now.

    `work` is the question with its words; None where it cannot be answered.
    """

    about: bool
    work: Asked | None


async def _asks(session: AsyncSession, page: Page, case: Case, caller: Caller) -> Asks:
    if case.stage is Stage.DRAFT or str(case.learner_id) != caller.id:
        return Asks(about=False, work=None)
    about = await self_identification.of_person(session, case.learner_id) is None
    if case.stage not in BEFORE:
        return Asks(about, None)
    said = await baselines.of_case(session, case.id) or ""
    question = next(one for one in survey.questions(page) if one.key == Question.WORK)
    items = [*question.items, {"value": "", "text": page.say("I leave this out")}]
    chosen: list[dict[str, Any]] = [one | {"checked": one["value"] == said} for one in items]
    return Asks(about, Asked(question.key, question.text, chosen))


@get("/cases/{case_id:uuid}/receipt", opt={"action": Action.SEE_RECEIPT}, include_in_schema=False)
async def receipt(case_id: FromPath[UUID], page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """Number, date, the SHA-256 of each file and version, and what comes next by when."""
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    case = setting.case
    return about.show(
        "learner/receipt.html",
        case=case,
        programme=setting.programme,
        stage=views.stage_view(case.stage, case.waiting_on, case.due_at, terms=setting.programme.policy.terms),
        held=await portfolio.receipt(reading, case_id),
        asks=await _asks(reading, about, case, caller),
        saved=page.request.query_params.get("saved", "") == "beginning",
    )
