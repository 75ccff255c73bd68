"""Where everybody enters: the way in by language, signing in and out, and the page after that."""

from http import HTTPStatus
from typing import Annotated

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect

from services.api import access
from services.api.access import Session
from services.api.house import Now, TheHouse, Writing
from services.api.pages import navigation
from services.api.pages.sent import TheForm
from services.api.pages.site import SEE_OTHER, AnyRequest, ThePage
from services.api.routes import accounts
from services.records import sessions
from services.rules.people import Action
from services.rules.refusals import Refused

Next = Annotated[str, QueryParameter(name="next", required=False)]


def _safe(path: str) -> str:
    """A page of ours to return to, never another site."""
    return path if path.startswith(("/en/", "/fr/")) and "\\" not in path else ""


@get("/sign-in", opt={"action": Action.PUBLIC, "knows_session": True}, include_in_schema=False)
async def ask(page: ThePage, signed_in: Session, next_page: Next = "") -> Response[str] | Redirect:
    """The form to sign in with; whoever is signed in goes on."""
    if signed_in is not None:
        return page.go(navigation.home(signed_in.caller.roles))
    return page.show("shell/sign-in.html", next_page=_safe(next_page), email="", wrong="")


@post("/sign-in", opt={"action": Action.PUBLIC}, include_in_schema=False)
async def sign_in(request: AnyRequest, page: ThePage, form: TheForm, house: TheHouse) -> Response[str] | Redirect:
    """Begin a session in this browser, and go where one was going."""
    email, back = form.one("email"), _safe(form.one("next"))
    try:
        begun = await accounts.begin(request, house, email=email, password=form.one("password"))
    except Refused as refused:
        if refused.code != "sign_in_failed":
            raise
        wrong = page.say("The e-mail address and the password do not belong together.")
        return page.show(
            "shell/sign-in.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, next_page=back, email=email, wrong=wrong
        )
    there = Redirect(back or page.link("/home"), status_code=SEE_OTHER)
    there.cookies.append(access.cookie(house, begun.token))
    return there


@post("/sign-out", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def sign_out(page: ThePage, signed_in: Session, house: TheHouse, writing: Writing, now: Now) -> Redirect:
    """End this session; the browser forgets what it kept for it."""
    if signed_in is not None:
        await sessions.end(writing, signed_in.token, now=now)
    there = page.go("/")
    there.cookies.append(access.no_cookie(house))
    there.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return there


@get("/home", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def home(page: ThePage) -> Redirect:
    """Where somebody with these roles begins."""
    return page.go(navigation.home(page.caller.roles))
