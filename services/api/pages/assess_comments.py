"""An assessor's comment bank: sentences kept for reuse in both languages, one's own and those that others share."""

from http import HTTPStatus
from uuid import UUID

from litestar import Response, get, post
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.api.pages import command_fields
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.records import comment_bank, known_people
from services.rules.people import SITTERS, Action, Caller
from services.rules.refusals import Refused

NOTHING_SENT = Sent(())


def _institutions(caller: Caller) -> list[str]:
    """Where the caller sits: comments are shared with whoever sits there too."""
    return list(dict.fromkeys(one.institution for one in caller.memberships if one.role in SITTERS))


@get("/comments", opt={"action": Action.KEEP_REGISTER}, include_in_schema=False)
async def see(page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """One's own comments, and those that colleagues share."""
    return await _comments(reading, page, caller)


async def _comments(
    session: AsyncSession, page: Page, caller: Caller, *, sent: Sent = NOTHING_SENT, wrong: str = ""
) -> Response[str]:
    person, places = UUID(caller.id), _institutions(caller)
    own = await comment_bank.of(session, person)
    shared = [
        one
        for place in places
        for one in await comment_bank.usable(session, person=person, institution=place)
        if one.owner_id != person
    ]
    return page.show(
        "assess/comments.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        own=own,
        shared=shared,
        institutions=places,
        sent=sent,
        wrong=wrong,
    )


@post("/comments", opt={"action": Action.KEEP_REGISTER}, include_in_schema=False)
async def keep(page: ThePage, form: TheForm, caller: Who, writing: Writing, now: Now) -> Response[str] | Redirect:
    """Add a comment in one language or both, or take one out."""
    if form.one("remove"):
        await comment_bank.remove(writing, owner=UUID(caller.id), comment=form.id("remove"), now=now)
        return page.go("/comments")
    places = _institutions(caller)
    place = form.one("institution") or places[0]
    if place not in places:
        raise Refused("malformed", field="institution")
    if not (form.one("en") or form.one("fr")):
        wrong = page.say("Write the comment in at least one language.")
        return await _comments(writing, page, caller, sent=form, wrong=wrong)
    await comment_bank.add(
        writing,
        owner=UUID(caller.id),
        institution=place,
        en=form.one("en"),
        fr=form.one("fr"),
        shared=form.one("shared") == command_fields.TICKED,
        now=now,
    )
    return page.go("/comments")


# whom one knows


@get("/known-people", opt={"action": Action.KEEP_REGISTER}, include_in_schema=False)
async def known(page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """One's own register: nobody else reads it."""
    return await _known(reading, page, caller)


async def _known(session: AsyncSession, page: Page, caller: Caller, *, wrong: str = "") -> Response[str]:
    rows = await known_people.of(session, UUID(caller.id))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
    return page.show("assess/known-people.html", status=status, rows=rows, wrong=wrong)


@post("/known-people", opt={"action": Action.KEEP_REGISTER}, include_in_schema=False)
async def keep_known(page: ThePage, form: TheForm, caller: Who, writing: Writing, now: Now) -> Response[str] | Redirect:
    """Add somebody by name or address, or take a line out."""
    person = UUID(caller.id)
    if form.one("remove"):
        await known_people.remove(writing, owner=person, line=form.id("remove"), now=now)
    elif not (form.one("name") or form.one("email")):
        return await _known(writing, page, caller, wrong=page.say("Give a name, an e-mail address, or both."))
    else:
        await known_people.add(writing, owner=person, name=form.one("name"), email=form.one("email"), now=now)
    return page.go("/known-people")
