"""People and their roles, as the administrators of an institution keep them; nobody changes their own."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import admin_programmes
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import statistics
from services.records import programmes, staff
from services.records.tables.people import Institution
from services.rules.people import GIVEN, Action, Caller, Role, keeps_role
from services.rules.programmes import Text
from services.rules.refusals import Refused

KEEP = {"action": Action.KEEP_PEOPLE}
After = Annotated[UUID | None, QueryParameter(name="after", required=False)]
Done = Annotated[str, QueryParameter(name="done", required=False)]

ROLES: dict[Role, Text] = {
    Role.ADVISOR: Text("advisor", "personne conseillère"),
    Role.MENTOR: Text("mentor", "personne mentore"),
    Role.ASSESSOR: Text("assessor", "personne évaluatrice"),
    Role.LEAD: Text("lead", "personne responsable"),
    Role.PANEL: Text("member of a panel", "membre de comité"),
    Role.DECISION_MAKER: Text("decision-maker", "personne qui décide"),
    Role.APPEAL_REVIEWER_1: Text("hears appeals, first level", "entend les révisions, premier niveau"),
    Role.APPEAL_REVIEWER_2: Text("hears appeals, second level", "entend les révisions, second niveau"),
    Role.PROGRAMME_ADMIN: Text("programme administrator", "administration des programmes"),
    Role.AUDITOR: Text("auditor", "personne vérificatrice"),
}


def _reach(caller: Caller) -> list[tuple[str, str | None]]:
    return statistics.reach(caller, Action.KEEP_PEOPLE)


@get("/admin/people", opt=KEEP, include_in_schema=False)
async def see(page: ThePage, caller: Who, *, reading: Reading, after: After = None, done: Done = "") -> Response[str]:
    """Who has which role, a page at a time, and a form to give somebody one."""
    return await _listed(page, reading, caller, after=after, done=done)


async def _listed(
    page: Page,
    session: AsyncSession,
    caller: Caller,
    *,
    after: UUID | None = None,
    done: str = "",
    sent: Sent = Sent(()),  # noqa: B008 - frozen
    wrong: str = "",
) -> Response[str]:
    found = await staff.listed(session, _reach(caller), after=after)
    return page.show(
        "admin/people.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        members=found[: staff.PAGE],
        further=found[staff.PAGE - 1].id if len(found) > staff.PAGE else None,
        first=after is None,
        done=done,
        roles=ROLES,
        given=[role for role in ROLES if role in GIVEN],
        scopes=await _scopes(page, session, caller),
        sent=sent,
        wrong=wrong,
    )


async def _scopes(page: Page, session: AsyncSession, caller: Caller) -> dict[str, str]:
    """For what a role can be given: an institution as a whole where the caller keeps all of it, or one programme."""
    reach = _reach(caller)
    names = await _institutions(session, {where for where, _ in reach})
    whole = {
        f"{where}/": page.say("All programmes of %(institution)s", institution=page.text(names[where]))
        for where, of in reach
        if not of
    }
    listed = [
        one for one in await programmes.published(session) if admin_programmes.within(caller, one.institution, one.slug)
    ]
    return whole | {f"{one.institution}/{one.slug}": page.text(one.title) for one in listed}


async def _institutions(session: AsyncSession, wanted: set[str]) -> dict[str, Text]:
    """Institutions by id, as they are called."""
    rows = [await session.get_one(Institution, one) for one in sorted(wanted)]
    return {row.id: Text(row.name_en, row.name_fr) for row in rows}


@post("/admin/people", opt=KEEP, include_in_schema=False)
async def grant(page: ThePage, caller: Who, *, house: TheHouse, form: TheForm, now: Now) -> Response[str] | Redirect:
    """Give a role to an account by its address."""
    institution, _, programme = form.one("scope").partition("/")
    role = next((role for role in GIVEN if role == form.one("role")), None)
    async with house.database.reading() as session:
        known = form.one("scope") in await _scopes(page, session, caller)
        if role is None or not known:
            why = page.say("Choose a role and for what it holds.")
            return await _listed(page, session, caller, sent=form, wrong=why)
    try:
        async with house.database.writing() as session:
            await staff.grant(
                session,
                caller,
                form.one("email"),
                role=role,
                institution=institution,
                programme=programme or None,
                now=now,
            )
    except Refused as refused:
        reasons = {
            "not_found": page.say("There is no open account with this address."),
            "forbidden": page.say("This role is not yours to give, or the account is your own."),
        }
        async with house.database.reading() as session:
            return await _listed(page, session, caller, sent=form, wrong=reasons[refused.code])
    return page.go("/admin/people?done=granted")


@get("/admin/people/{person_id:uuid}", opt=KEEP, include_in_schema=False)
async def one(
    person_id: FromPath[UUID], page: ThePage, *, caller: Who, reading: Reading, done: Done = ""
) -> Response[str]:
    """Somebody's roles, each with a button that ends it, and one that signs them out everywhere."""
    member = await staff.one(reading, _reach(caller), person_id)
    own = str(person_id) == caller.id

    def ends(row: Any) -> bool:  # noqa: ANN401 - a row of the table
        return not own and keeps_role(caller, row.role, institution=row.institution_id, programme=row.programme)

    institutions = await _institutions(reading, {row.institution_id for row in member.roles})
    return page.show(
        "admin/person.html", member=member, roles=ROLES, ends=ends, own=own, done=done, institutions=institutions
    )


@post("/admin/people/{person_id:uuid}/end-role", opt=KEEP, include_in_schema=False)
async def end_role(
    person_id: FromPath[UUID], page: ThePage, *, caller: Who, house: TheHouse, form: TheForm, now: Now
) -> Redirect:
    """Take a role away; it holds from the person's next request."""
    async with house.database.writing() as session:
        await staff.one(session, _reach(caller), person_id)
        await staff.end_role(session, caller, form.id("role"), person_id=person_id, now=now)
        left = await staff.works(session, _reach(caller), person_id)
    return page.go(f"/admin/people/{person_id}?done=ended" if left else "/admin/people?done=ended")


@post("/admin/people/{person_id:uuid}/end-sessions", opt=KEEP, include_in_schema=False)
async def end_sessions(person_id: FromPath[UUID], page: ThePage, *, caller: Who, house: TheHouse, now: Now) -> Redirect:
    """Sign somebody out everywhere."""
    async with house.database.writing() as session:
        await staff.one(session, _reach(caller), person_id)
        await staff.end_sessions(session, caller, person_id, now=now)
    return page.go(f"/admin/people/{person_id}?done=signed-out")
