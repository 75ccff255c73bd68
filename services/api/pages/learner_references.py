"""People who saw the learner at work: who was asked, what became of it, and asking somebody else."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import problems
from services.api.access import Who
from services.api.house import House, Now, Reading, TheHouse
from services.api.pages import command_pages
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import attestations
from services.records import attestation_asking
from services.records.attestation_asking import Named
from services.rules import attestations as rules
from services.rules.attestations import Relation
from services.rules.claims import OPEN_CLAIMS
from services.rules.people import Action, Caller
from services.rules.programmes import Language
from services.rules.refusals import Refused

CONSENT = max(rules.CONSENTS)
"""The version of the text of consent that stands on the page."""

STEPS: dict[str, attestation_asking.Step] = {
    "remind": attestation_asking.remind,
    "renew": attestation_asking.renew,
    "cancel": attestation_asking.cancel,
}
"""What a learner does with a request that is theirs, by the last word of its address."""

Act = Callable[[AsyncSession], Awaitable[object]]


async def _show(
    session: AsyncSession,
    page: Page,
    case_id: UUID,
    *,
    caller: Caller,
    sent: Sent,
    wrong: tuple[Wrong, ...] = (),
    refused: problems.Problem | None = None,
) -> Response[str]:
    about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    unreadable = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    titles = {one.id: setting.programme.competency(one.competency).title for one in setting.claims}
    return about.show(
        "learner/references.html",
        status=HTTPStatus.CONFLICT if refused else unreadable,
        case=setting.case,
        requests=await attestations.asked(session, case_id),
        titles=titles,
        claims=[one for one in setting.claims if one.state in OPEN_CLAIMS],
        open=setting.case.stage in rules.ASKABLE,
        relations=list(Relation),
        typed=sent,
        wrong=wrong,
        said={one.at: one.says for one in wrong},
        refused=refused,
    )


@get("/cases/{case_id:uuid}/references", opt={"action": Action.ASK_ATTESTATION}, include_in_schema=False)
async def see(case_id: FromPath[UUID], page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """Everybody who was asked, without their addresses, and the form to ask somebody."""
    return await _show(reading, page, case_id, caller=caller, sent=Sent((("language", page.language.value),)))


@post("/cases/{case_id:uuid}/references", opt={"action": Action.ASK_ATTESTATION}, include_in_schema=False)
async def ask(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, form: TheForm, house: TheHouse, now: Now
) -> Response[Any] | Redirect:
    """Write to somebody with a link of their own, by the learner's consent."""
    wrong = _missing(page, form)
    if wrong:
        async with house.database.reading() as session:
            return await _show(session, page, case_id, caller=caller, sent=form, wrong=wrong)
    named = Named(
        form.one("name"),
        form.one("organisation"),
        Relation(form.one("relation")),
        form.one("email"),
        form.one("language"),
        tuple(_ids(form)),
        form.one("phone"),
    )

    async def asked(session: AsyncSession) -> object:
        return await attestation_asking.ask(
            session, case_id=case_id, learner=UUID(caller.id), named=named, consent=CONSENT, now=now
        )

    return await _done(house, page, case_id, asked, caller=caller, form=form)


def _ids(form: Sent) -> list[UUID]:
    """Raises `Refused('malformed')`."""
    try:
        return [UUID(one) for one in form.all("claims")]
    except ValueError:
        raise Refused("malformed", field="claims") from None


def _missing(page: Page, form: Sent) -> tuple[Wrong, ...]:
    """What has to be filled in before somebody can be asked, in the order of the form."""
    said = (
        ("name", bool(form.one("name")), page.say("Write the name of the person.")),
        ("organisation", bool(form.one("organisation")), page.say("Write where the person works or worked.")),
        ("relation", form.one("relation") in set(Relation), page.say("Say how the person knows you.")),
        (
            "email",
            "@" in form.one("email") or bool(form.one("phone") and not form.one("email")),
            page.say("Write the e-mail address of the person, or a telephone number where they have none."),
        ),
        ("language", form.one("language") in set(Language), page.say("Choose in which language we write.")),
        ("claims", bool(form.all("claims")), page.say("Choose at least one thing that the person saw you do.")),
        ("consent", form.one("consent") == "yes", page.say("Say that we may write to this person.")),
    )
    return tuple(Wrong(name, says) for name, given, says in said if not given)


@post(
    "/cases/{case_id:uuid}/references/{request_id:uuid}/agree",
    opt={"action": Action.ASK_ATTESTATION},
    include_in_schema=False,
)
async def agree(
    *,
    case_id: FromPath[UUID],
    request_id: FromPath[UUID],
    page: ThePage,
    caller: Who,
    form: TheForm,
    house: TheHouse,
    now: Now,
) -> Response[Any] | Redirect:
    """Have somebody written to whom an assessor proposed; the box that was ticked is the consent."""

    async def agreed(session: AsyncSession) -> object:
        return await attestation_asking.agree(
            session,
            case_id=case_id,
            request_id=request_id,
            consent=CONSENT if form.one("consent") == "yes" else "",
            email=form.one("email") or None,
            now=now,
        )

    return await _done(house, page, case_id, agreed, caller=caller, form=form)


@post(
    "/cases/{case_id:uuid}/references/{request_id:uuid}/{step:str}",
    opt={"action": Action.ASK_ATTESTATION},
    include_in_schema=False,
)
async def act(
    *,
    case_id: FromPath[UUID],
    request_id: FromPath[UUID],
    step: FromPath[str],
    page: ThePage,
    caller: Who,
    form: TheForm,
    house: TheHouse,
    now: Now,
) -> Response[Any] | Redirect:
    """Have somebody reminded, give them more time, or take the request back."""
    if step not in STEPS:
        raise Refused("not_found")

    async def stepped(session: AsyncSession) -> object:
        return await STEPS[step](session, case_id=case_id, request_id=request_id, now=now)

    return await _done(house, page, case_id, stepped, caller=caller, form=form)


async def _done(
    house: House, page: Page, case_id: UUID, act: Act, *, caller: Caller, form: Sent
) -> Response[Any] | Redirect:
    """Do it and lead back to the list; a refusal is told on the same page, where nothing that was typed is lost."""
    try:
        async with house.database.writing() as session:
            await act(session)
    except Refused as refused:
        if refused.code in {"not_found", "unavailable"}:
            raise
        told = problems.of_refusal(page.request, refused).content
        async with house.database.reading() as session:
            return await _show(session, page, case_id, caller=caller, sent=form, refused=told)
    await house.desk.wake(case_id)
    return page.go(f"/cases/{case_id}/references")
