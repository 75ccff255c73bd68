"""The page behind a link in a mail, on which somebody chooses the first password of their account."""

from http import HTTPStatus

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from services.api.house import TheHouse
from services.api.pages.sent import TheForm
from services.api.pages.site import AnyRequest, ThePage
from services.api.routes import invitations
from services.rules.people import Action
from services.rules.refusals import Refused


@get("/invitations/{token:str}", opt={"action": Action.PUBLIC}, include_in_schema=False)
async def ask(request: AnyRequest, page: ThePage, token: FromPath[str], house: TheHouse) -> Response[str]:
    """The form; opening it changes nothing. Raises `Refused`: invitation_ended, throttled."""
    known = await invitations.see(request, house, token)
    return page.show("shell/invitation.html", email=known.email, token=token, wrong="")


@post("/invitations/{token:str}", opt={"action": Action.PUBLIC}, include_in_schema=False)
async def choose(
    request: AnyRequest, page: ThePage, token: FromPath[str], form: TheForm, house: TheHouse
) -> Response[str] | Redirect:
    """Keep the password, and go where one signs in with it."""
    try:
        await invitations.choose(request, house, token, form.one("password"))
    except Refused as refused:
        if refused.code != "password_weak":
            raise
        known = await invitations.see(request, house, token)
        wrong = page.say("Choose a password of 12 to 128 characters; several words in a row are good.")
        return page.show(
            "shell/invitation.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            email=known.email,
            token=token,
            wrong=wrong,
        )
    return page.go("/sign-in")
