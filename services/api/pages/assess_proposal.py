"""Somebody who could attest, named by an assessor: the learner is asked, and the assessor is not told the answer."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Redirect

from services.api import portraits, problems
from services.api.pages import assess_sending, command_pages
from services.api.pages.assess_sending import TheVisit, Visit
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent
from services.api.problems import Problem
from services.records import attestation_asking
from services.records.attestation_asking import Named
from services.rules.attestations import Relation
from services.rules.people import Action
from services.rules.programmes import Language
from services.rules.refusals import Refused

PROPOSES = {"action": Action.PROPOSE_ATTESTATION}
VISITED = {"visit": Provide(assess_sending.provide)}


@get("/assess/{case_id:uuid}/proposal", opt=PROPOSES, include_in_schema=False, dependencies=VISITED)
async def ask(visit: TheVisit) -> Response[str]:
    """Who it is, how they know the learner, and what they may have seen."""
    return await _show(visit, sent=Sent(()))


async def _show(
    visit: Visit, *, sent: Sent, wrong: tuple[Wrong, ...] = (), refused: Problem | None = None
) -> Response[str]:
    async with visit.house.database.reading() as session:
        about, setting = await command_pages.setting(session, visit.page, visit.case_id, caller=visit.caller)
        portrait = await portraits.of_case(
            session, visit.case_id, caller=visit.caller, facts=visit.facts, now=visit.now
        )
    fault = HTTPStatus.CONFLICT if refused else HTTPStatus.UNPROCESSABLE_ENTITY
    return about.show(
        "assess/proposal.html",
        status=fault if wrong or refused else HTTPStatus.OK,
        case=portrait,
        language_of_case=setting.case.language,
        relations=list(Relation),
        sent=sent,
        wrong=wrong,
        at={one.at: one.says for one in wrong},
        refused=refused,
        done=visit.page.request.query_params.get("done", ""),
    )


@post("/assess/{case_id:uuid}/proposal", opt=PROPOSES, include_in_schema=False, dependencies=VISITED)
async def propose(case_id: FromPath[UUID], visit: TheVisit) -> Response[Any] | Redirect:
    """Name the person to the learner; nobody is written to before they agree."""
    form = visit.form
    if wrong := tuple(_missing(visit)):
        return await _show(visit, sent=form, wrong=wrong)
    claims = tuple(UUID(one) for one in form.all("claims"))
    named = Named(
        form.one("name"),
        form.one("organisation"),
        Relation(form.one("relation")),
        form.one("email"),
        form.one("language"),
        claims,
        form.one("phone"),
    )
    try:
        async with visit.house.database.writing() as session:
            await attestation_asking.propose(
                session, case_id=case_id, assessor=visit.person, named=named, now=visit.now
            )
    except Refused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            raise
        return await _show(visit, sent=form, refused=problems.of_refusal(visit.page.request, refused).content)
    await visit.house.desk.wake(case_id)
    return visit.page.go(f"/assess/{case_id}/proposal?done=proposed")


def _missing(visit: Visit) -> list[Wrong]:
    form, say = visit.form, visit.page.say
    checks = (
        ("name", bool(form.one("name")), say("Write the name of the person.")),
        ("organisation", bool(form.one("organisation")), say("Write where the person works or worked.")),
        ("relation", form.one("relation") in set(Relation), say("Say how the person knows the learner.")),
        ("language", form.one("language") in set(Language), say("Choose in which language we write.")),
        ("claims", _ids(form.all("claims")), say("Choose at least one competency that the person may have seen.")),
    )
    return [Wrong(name, says) for name, fine, says in checks if not fine]


def _ids(values: tuple[str, ...]) -> bool:
    """Whether something was chosen, and nothing that is no id."""
    try:
        return bool([UUID(one) for one in values])
    except ValueError:
        return False
