"""The programme's questions, answered in one's own words; kept while one types, and with a button without a script."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import problems
from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import autosave, command_pages
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.records import drafts, portfolio
from services.rules.people import Action, Caller
from services.rules.refusals import Refused

BEFORE = "answer-"


async def _show(
    session: AsyncSession,
    page: Page,
    case_id: UUID,
    *,
    caller: Caller,
    sent: Sent | None = None,
    theirs: bool = False,
    wrong: tuple[Wrong, ...] = (),
) -> Response[str]:
    """The questions; what was `sent` stands in the fields, beside what is kept where `theirs` was written since."""
    about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    case = setting.case
    status = HTTPStatus.CONFLICT if theirs else HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    typed = sent.under(BEFORE) if sent else case.answers
    return about.show(
        "learner/story.html",
        status=status,
        case=case,
        questions=setting.programme.form,
        typed=typed,
        kept=case.answers,
        theirs=theirs,
        open=case.stage in portfolio.EDITABLE,
        most=drafts.LONGEST,
        wrong=wrong,
        said={one.at: one.says for one in wrong},
    )


@get("/cases/{case_id:uuid}/story", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def see(case_id: FromPath[UUID], page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """The questions with what was answered so far."""
    return await _show(reading, page, case_id, caller=caller)


@post("/cases/{case_id:uuid}/story", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def tell(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, form: TheForm, house: TheHouse, now: Now
) -> Response[Any]:
    """Keep every answer. Where somebody wrote in between, nothing is overwritten: both texts are shown."""
    answers, alone = form.under(BEFORE), autosave.asked(page)
    try:
        async with house.database.writing() as session:
            case = await drafts.answer_form(
                session,
                case_id=case_id,
                answers=answers,
                version=form.number("version"),
                now=now,
                person=UUID(caller.id),
            )
            version, zone = case.answers_version, case.zone
    except Refused as refused:
        if refused.code not in {"stale_version", "malformed"}:
            raise
        return await _not_kept(page, case_id, refused, caller=caller, form=form, house=house)
    if alone:
        return autosave.saved(page.about(terms=page.words.terms, zone=zone), now=now, version=version)
    return page.go(f"/cases/{case_id}?saved=story")


async def _not_kept(
    page: Page, case_id: UUID, refused: Refused, *, caller: Caller, form: Sent, house: TheHouse
) -> Response[Any]:
    async with house.database.reading() as session:
        if refused.code == "stale_version":
            if not autosave.asked(page):
                return await _show(session, page, case_id, caller=caller, sent=form, theirs=True)
            _, setting = await command_pages.setting(session, page, case_id, caller=caller)
            kept = {f"{BEFORE}{one.key}": setting.case.answers.get(one.key, "") for one in setting.programme.form}
            return autosave.elsewhere(kept, version=setting.case.answers_version)
        says = problems.of_refusal(page.request, refused).content.detail or ""
        if autosave.asked(page):
            return autosave.unreadable(says)
        at = BEFORE + str(refused.facts.get("field", "")).removeprefix("answers.")
        return await _show(session, page, case_id, caller=caller, sent=form, wrong=(Wrong(at, says),))
