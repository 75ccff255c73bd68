"""A learner's credentials: what others see of each, and what to take along: link, file, picture, letter."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import problems
from services.api.access import Facts, Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import command_pages
from services.api.pages.sent import TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import credentials, letters
from services.api.routes.letters import CredentialView
from services.records.sharing import Choice
from services.records.tables.credentials import CredentialState
from services.rules.people import Action, Answer, Caller, CaseFacts, on_a_case
from services.rules.refusals import Refused

LINKEDIN = "https://www.linkedin.com/profile/add"


@dataclass(frozen=True, slots=True)
class Kept:
    """One credential, and the address at which a profile elsewhere asks for it; empty where it would lead nowhere.

    `again`: it is private and takes the place of one that its holder shared.
    """

    shown: CredentialView
    profile: str
    again: bool


@get("/cases/{case_id:uuid}/credentials", opt={"action": Action.SHARE_CREDENTIAL}, include_in_schema=False)
async def see(case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading) -> Response[str]:
    """Every credential of the case with its switches; before the decision, when there will be some."""
    return await _show(reading, page, case_id, caller=caller, facts=facts)


@post(
    "/cases/{case_id:uuid}/credentials/{credential_id:uuid}/sharing",
    opt={"action": Action.SHARE_CREDENTIAL},
    include_in_schema=False,
)
async def share(
    case_id: FromPath[UUID],
    credential_id: FromPath[UUID],
    form: TheForm,
    *,
    page: ThePage,
    caller: Who,
    facts: Facts,
    house: TheHouse,
    now: Now,
) -> Response[str] | Redirect:
    """Keep the choice; a name without a page comes back with the reason."""
    chosen = Choice(page="page" in form.all("show"), name="name" in form.all("show"))
    try:
        async with house.database.writing() as session:
            await credentials.choose(session, case_id, credential_id, chosen=chosen, caller=caller, now=now)
    except Refused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            raise
        said = problems.of_refusal(page.request, refused).content
        async with house.database.reading() as session:
            return await _show(session, page, case_id, caller=caller, facts=facts, refused=said, chosen=credential_id)
    return page.go(f"/cases/{case_id}/credentials?saved={credential_id}#c-{credential_id}")


async def _show(
    session: AsyncSession,
    page: Page,
    case_id: UUID,
    *,
    caller: Caller,
    facts: CaseFacts,
    refused: problems.Problem | None = None,
    chosen: UUID | None = None,
) -> Response[str]:
    about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    held = await letters.held(session, page.house, case_id)
    readable = on_a_case(Action.SEE_LETTER, facts) is Answer.ALLOWED
    institution = setting.programme.institution
    return about.show(
        "learner/credentials.html",
        status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        case=setting.case,
        institution=institution,
        kept=[
            Kept(one, _profile(about, one, institution=about.text(institution.name)), _again(one, held)) for one in held
        ],
        letters=await letters.readable(session, case_id) if readable else [],
        saved=page.request.query_params.get("saved", ""),
        refused=refused,
        chosen=chosen,
    )


def _again(one: CredentialView, held: list[CredentialView]) -> bool:
    replaced = (CredentialState.SUPERSEDED, CredentialState.SUSPENDED)
    before = [other for other in held if other.competency == one.competency and other.state in replaced]
    private = one.state is CredentialState.ACTIVE and not one.page_shown
    return private and any(other.page_shown for other in before)


def _profile(page: Page, shown: CredentialView, *, institution: str) -> str:
    """A plain link that fills in a form at LinkedIn, once somebody who follows it from there would read something.

    Source: credential design, section 10. Nothing of the holder is in it.
    """
    if not shown.page_shown or shown.state is not CredentialState.ACTIVE or shown.published_at is None:
        return ""
    facts: dict[str, object] = {
        "startTask": "CERTIFICATION_NAME",
        "name": page.text(shown.title),
        "organizationName": institution,
        **_month("issue", shown.published_at),
        **(_month("expiration", shown.valid_until) if shown.valid_until else {}),
        "certUrl": shown.verify_url,
        "certId": shown.code,
    }
    return f"{LINKEDIN}?{urlencode(facts)}"


def _month(name: str, at: datetime) -> dict[str, object]:
    return {f"{name}Year": at.year, f"{name}Month": at.month}
