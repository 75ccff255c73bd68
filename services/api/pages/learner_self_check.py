"""How somebody sees each competency: done alone, with help, not yet; and which of them they ask for."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import autosave, command_pages
from services.api.pages.command_choices import Setting
from services.api.pages.sent import TheForm
from services.api.pages.site import ThePage
from services.records import drafts, portfolio
from services.records.tables.cases import Claim
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS, ClaimState, SelfAssessment
from services.rules.people import Action
from services.rules.refusals import Refused

BEFORE = "see-"
NOT_ASKED = "none"
"""The answer of whoever does not ask for a competency."""


def _newest(setting: Setting) -> dict[str, Claim]:
    """The newest claim on each competency."""
    return {one.competency: one for one in sorted(setting.claims, key=lambda one: one.attempt)}


def answerable(setting: Setting) -> list[str]:
    """The competencies of which one can say now how one sees them: all in a draft, later those that are claimed."""
    if setting.case.stage not in portfolio.EDITABLE:
        return []
    newest = _newest(setting)
    draft = setting.case.stage is Stage.DRAFT
    return [
        one.key
        for one in setting.programme.competencies
        if draft or (one.key in newest and newest[one.key].state in OPEN_CLAIMS | {ClaimState.WITHDRAWN})
    ]


@get("/cases/{case_id:uuid}/self-check", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def see(case_id: FromPath[UUID], page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """Each competency in plain words, with examples and what was answered so far."""
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    newest = _newest(setting)
    part = {key: claim for key, claim in newest.items() if claim.state is not ClaimState.WITHDRAWN}
    seen = {key: claim.self_assessment or "" for key, claim in part.items()}
    return about.show(
        "learner/self-check.html",
        case=setting.case,
        competencies=setting.programme.competencies,
        claimed=set(newest),
        seen=seen,
        answerable=set(answerable(setting)),
        draft=setting.case.stage is Stage.DRAFT,
        not_asked=NOT_ASKED,
    )


@post("/cases/{case_id:uuid}/self-check", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def answer(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, form: TheForm, house: TheHouse, now: Now
) -> Response[Any]:
    """Keep what was said of each competency; what was left open stays as it is."""
    async with house.database.writing() as session:
        about, setting = await command_pages.setting(session, page, case_id, caller=caller)
        if setting.case.stage not in portfolio.EDITABLE:
            raise Refused("portfolio_locked")
        for key in answerable(setting):
            await _keep(session, setting, key, form.one(BEFORE + key), now=now)
    return autosave.saved(about, now=now) if autosave.asked(page) else page.go(f"/cases/{case_id}?saved=self_check")


async def _keep(session: AsyncSession, setting: Setting, key: str, said: str, *, now: Now) -> None:
    claim = _newest(setting).get(key)
    asked = claim is not None and claim.state in OPEN_CLAIMS
    person, case_id = UUID(setting.caller.id), setting.case.id
    if said == NOT_ASKED and claim is not None and setting.case.stage is Stage.DRAFT:
        await drafts.drop_claim(session, case_id=case_id, competency=key, now=now, person=person)
    if said in set(SelfAssessment) and not (asked and claim is not None and claim.self_assessment == said):
        view = SelfAssessment(said)
        await drafts.assess_oneself(session, case_id=case_id, competency=key, said=view, now=now, person=person)
