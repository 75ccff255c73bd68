"""Addresses without a language, as mails, letters and people write them: they lead to the page in the reader's own."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Redirect

from services.api import languages
from services.api.access import Session, Signed
from services.api.pages.site import SEE_OTHER, AnyRequest
from services.rules.people import Action
from services.rules.programmes import Language


def _there(request: AnyRequest, signed_in: Signed | None) -> Redirect:
    chosen = Language(signed_in.caller.language) if signed_in else languages.asked(request)
    place = f"/{chosen}{request.scope['path']}"
    return Redirect(place, status_code=SEE_OTHER, headers={"Vary": "Accept-Language, Cookie"})


@get(
    ["/", "/programmes", "/verify", "/look-backs"],
    opt={"action": Action.PUBLIC, "knows_session": True},
    include_in_schema=False,
)
async def enter(request: AnyRequest, signed_in: Session) -> Redirect:
    """Lead to the pages in the language of the account, else of the browser."""
    return _there(request, signed_in)


@get("/cases/{name:str}", opt={"action": Action.PUBLIC, "knows_session": True}, include_in_schema=False)
async def case(request: AnyRequest, name: FromPath[str], signed_in: Session) -> Redirect:  # noqa: ARG001 - of the path
    """Lead to the page of a case, which shows it to whoever may see it."""
    return _there(request, signed_in)


@get("/attestations/{token:str}", opt={"action": Action.PUBLIC}, include_in_schema=False)
async def attestation(request: AnyRequest, token: FromPath[str]) -> Redirect:
    """Lead a third party to the form; their browser says in which language."""
    return Redirect(f"/{languages.asked(request)}/attest/{token}", status_code=SEE_OTHER)


ENTRANCES = (enter, case, attestation)
