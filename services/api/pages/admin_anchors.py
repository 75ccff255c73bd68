"""The anchors of a programme, for whoever keeps them: what there is to read, and what was agreed on it in advance."""

from http import HTTPStatus
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, TheHouse, Writing
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import calibration
from services.records import calibrations
from services.rules.claims import Recommendation
from services.rules.people import Action, Caller, Role
from services.rules.programmes import Language, Programme

KEEP = {"action": Action.KEEP_ANCHORS}
LONGEST_TITLE, LONGEST = 200, 20_000
"""Characters of a title, and of what there is to read."""

NOTHING_SENT = Sent(())


async def _programme(session: AsyncSession, slug: str, caller: Caller) -> Programme:
    return await calibration.programme_for(session, slug, caller, Role.PROGRAMME_ADMIN)


@get("/admin/programmes/{slug:str}/anchors", opt=KEEP, include_in_schema=False)
async def see(slug: FromPath[str], page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """Every anchor in use, and a form to add one."""
    return await _show(reading, page, slug, caller=caller)


async def _show(
    session: AsyncSession,
    page: Page,
    slug: str,
    *,
    caller: Caller,
    sent: Sent = NOTHING_SENT,
    wrong: tuple[Wrong, ...] = (),
) -> Response[str]:
    programme = await _programme(session, slug, caller)
    return page.show(
        "admin/anchors.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        programme=programme,
        anchors=[
            (one, programme.competency(one.competency).title)
            for one in await calibrations.in_use(session, programme.slug)
        ],
        choices=tuple(Recommendation),
        sent=sent,
        wrong=wrong,
        at={one.at: one.says for one in wrong},
        done=page.request.query_params.get("done", ""),
        longest_title=LONGEST_TITLE,
        longest=LONGEST,
    )


@post("/admin/programmes/{slug:str}/anchors", opt=KEEP, include_in_schema=False)
async def keep(
    slug: FromPath[str], form: TheForm, *, page: ThePage, caller: Who, house: TheHouse, now: Now
) -> Response[str] | Redirect:
    """Add an anchor, or say what is missing of it; it is asked in every round that ends from now on."""
    async with house.database.reading() as session:
        programme = await _programme(session, slug, caller)
        if wrong := tuple(_missing(page, programme, form)):
            return await _show(session, page, slug, caller=caller, sent=form, wrong=wrong)
    async with house.database.writing() as session:
        await calibrations.keep(
            session,
            programme,
            competency=form.one("competency"),
            language=Language(form.one("language")),
            title=form.one("title").strip(),
            material=form.one("material").strip(),
            agreed=Recommendation(form.one("agreed")),
            keeper=UUID(caller.id),
            now=now,
        )
    return page.go(f"/admin/programmes/{slug}/anchors?done=kept")


def _missing(page: Page, programme: Programme, form: Sent) -> list[Wrong]:
    known = {one.key for one in programme.competencies}
    title, material = form.one("title").strip(), form.one("material").strip()
    checks = (
        ("competency", form.one("competency") in known, page.say("Choose a competency.")),
        ("language", form.one("language") in set(Language), page.say("Choose the language of the text.")),
        ("title", 0 < len(title) <= LONGEST_TITLE, page.say("Give the anchor a title.")),
        ("material", 0 < len(material) <= LONGEST, page.say("Write what there is to read.")),
        ("agreed", form.one("agreed") in set(Recommendation), page.say("Say what was agreed on it.")),
    )
    return [Wrong(name, says) for name, fine, says in checks if not fine]


@post("/admin/programmes/{slug:str}/anchors/{anchor:uuid}/retire", opt=KEEP, include_in_schema=False)
async def retire(
    slug: FromPath[str], anchor: FromPath[UUID], *, page: ThePage, caller: Who, writing: Writing, now: Now
) -> Redirect:
    """Take an anchor out of use; answers already given to it stay on record and count no more."""
    programme = await _programme(writing, slug, caller)
    await calibrations.retire(writing, programme=programme.slug, anchor=anchor, keeper=UUID(caller.id), now=now)
    return page.go(f"/admin/programmes/{slug}/anchors?done=retired")
