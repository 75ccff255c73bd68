"""Evidence from a host of its own, where no cookie is: what a stranger's file might do there, it does to nobody.

The application keeps its addresses of files: with `ACQUIS_EVIDENCE_ORIGIN` they lead to a grant there. A browser keeps
that way for ten minutes and then asks for a new one by itself, so that a long film goes on where it is.
Source: security design, section 5.10; interface design, section 11.
"""

from urllib.parse import urlsplit

from litestar import Response, route
from litestar.datastructures import Headers
from litestar.enums import HttpMethod, ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.params import FromPath
from litestar.types import ASGIApp, Receive, Scope, Send

from services.api import house as parts
from services.api.access import AnyRequest
from services.api.house import House, TheHouse
from services.api.routes import evidence_files, recordings
from services.records import grants, ties
from services.records.grants import Granted
from services.rules.people import Action, Answer, Caller, CaseFacts, on_a_case
from services.rules.refusals import Refused

THERE = "at_second_origin"
"""The `opt` of the one handler that is asked at the second origin, and nowhere else."""

ANYWHERE = "/health"
"""Below this path both hosts answer: whoever watches a host asks that host."""


class Hosts(ASGIMiddleware):
    """Lets each of the two hosts answer its own addresses only."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on. Raises `Refused('not_found')` for an address of the other host."""
        house = parts.of(scope)
        there = bool(house.evidence_origin) and asked_host(scope) == host(house)
        own = there == bool(scope["route_handler"].opt.get(THERE))
        if not own and not (there and scope["path"].startswith(ANYWHERE)):
            raise Refused("not_found")
        await next_app(scope, receive, send)


def asked_host(scope: Scope) -> str:
    """The host that a request names, in small letters."""
    return Headers.from_scope(scope).get("host", "").lower()


def host(house: House) -> str:
    """The second origin as browsers name it in `Host`."""
    return urlsplit(house.evidence_origin).netloc.lower()


@route(
    "/e/{grant:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={"action": Action.PUBLIC, THERE: True},
    include_in_schema=False,
)
async def fetch(request: AnyRequest, grant: FromPath[str], house: TheHouse) -> Response[object]:
    """The file that a grant names, whole or in part, while its session lives and its holder may see it."""
    granted = await grants.find(house.database, grant, now=house.clock())
    if granted is None:
        raise Refused("not_found")
    person = granted.found.person
    caller = Caller(str(person.id), person.language, granted.found.memberships)
    facts = await ties.ties(house.database, case_id=granted.case_id, caller=caller)
    answer = await _answered(request, granted, caller=caller, facts=facts, house=house)
    answer.headers |= {
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Access-Control-Allow-Origin": origin(house.base_url),
        "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    }
    return answer


async def _answered(
    request: AnyRequest, granted: Granted, *, caller: Caller, facts: CaseFacts, house: House
) -> Response[object]:
    """What is granted, to whoever may still see it. Raises `Refused('not_found')`."""
    sees = Action.SEE_EVIDENCE if granted.evidence_id else Action.SEE_APPOINTMENTS
    if on_a_case(sees, facts) is not Answer.ALLOWED:
        raise Refused("not_found")
    if granted.evidence_id:
        wanted = evidence_files.Wanted(request, granted.case_id, granted.evidence_id, caller, facts, house)
        return await evidence_files.granted(wanted, original=granted.original)
    kept = granted.appointment_file_id
    if kept is None:
        raise Refused("not_found")
    return await recordings.granted(request, granted.case_id, kept, caller=caller, facts=facts, house=house)


def origin(address: str) -> str:
    """Scheme and host of an address."""
    split = urlsplit(address)
    return f"{split.scheme}://{split.netloc}"
