"""Who asks, and whether they may: sessions by token or cookie, the rule against other sites, the guard."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from litestar import Litestar, Request
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.enums import HttpMethod, ScopeType
from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.routes import http as http_routes
from litestar.types import ASGIApp, Receive, Scope, Send

from services.api import house as parts
from services.api import requests
from services.api.house import AnyConnection, House
from services.records import audit, sessions, ties
from services.records.tables.commands import CommandRow
from services.rules import stages
from services.rules.people import (
    BY_ROLE,
    ON_A_CASE,
    Action,
    Answer,
    Caller,
    CaseFacts,
    by_role,
    on_a_case,
    roles_on_a_case,
)
from services.rules.refusals import Refused

TOKEN_PREFIX = "acq_"  # noqa: S105 - what tokens begin with, so that leaked ones can be found
SAFE = frozenset[str]({HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS})
CHANGES_NOTHING = "changes_nothing"
"""The `opt` of a POST that only asks: the rule against other sites has nothing to protect there."""

BACKGROUND = "acquis-background"
"""The header of what a page asks by itself: it does not count as somebody being there, so the session ends in time."""

MOVE = "move"
"""The `opt` of a handler that sends a command: which one."""


AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """Whoever is signed in, and the session's token without its prefix."""

    caller: Caller
    name: str
    token: str


def cookie_name(house: House) -> str:
    """`__Host-` binds the cookie to this very host; browsers refuse the prefix on plain http, that is on loopback."""
    return "__Host-acquis" if house.secure else "acquis"


def cookie(house: House, token: str) -> Cookie:
    """The cookie of a browser's session; it ends with the browser, and on the server by its own limits."""
    return Cookie(
        key=cookie_name(house), value=TOKEN_PREFIX + token, path="/", secure=house.secure, httponly=True, samesite="lax"
    )


def no_cookie(house: House) -> Cookie:
    """What takes the cookie away."""
    return Cookie(
        key=cookie_name(house), value="", max_age=0, path="/", secure=house.secure, httponly=True, samesite="lax"
    )


def shown_token(connection: AnyConnection, house: House) -> str | None:
    """The token that a request carries: of the `Authorization` header, or else of the cookie."""
    scheme, _, credentials = connection.headers.get("authorization", "").partition(" ")
    shown = credentials.strip() if scheme.lower() == "bearer" else connection.cookies.get(cookie_name(house), "")
    return shown.removeprefix(TOKEN_PREFIX) if shown.startswith(TOKEN_PREFIX) else None


def has_bearer(connection: AnyConnection) -> bool:
    """Whether the request names itself by header: no site can make a browser do that for it."""
    return connection.headers.get("authorization", "").lower().startswith("bearer ")


def from_elsewhere(connection: AnyConnection, house: House) -> bool:
    """Whether another site may have made the browser send this. Source: security design, section 7."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    base = urlsplit(house.base_url)
    return connection.headers.get("origin") != f"{base.scheme}://{base.netloc}"


class Access(ASGIMiddleware):
    """Finds out who asks and turns away what another site sent and who may not, before a byte of the body is read.

    It stands before every handler. The framework's own guards would be given a copy of the handler at each request.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on with `scope["user"]`: a `Signed`, or None for somebody who is not signed in."""
        requests.arrival(scope)
        house = parts.of(scope)
        connection: AnyRequest = Request(scope)
        scope["user"] = None
        handler = scope["route_handler"]
        if asks_for_methods(handler):
            await next_app(scope, receive, send)
            return
        unsafe = connection.method not in SAFE and CHANGES_NOTHING not in handler.opt
        if unsafe and not has_bearer(connection) and from_elsewhere(connection, house):
            raise Refused("cross_origin")
        if handler.opt.get("action") is not Action.PUBLIC or handler.opt.get("knows_session"):
            scope["user"] = await signed_in(connection, house, present=BACKGROUND not in connection.headers)
        await guard(connection, handler)
        await next_app(scope, receive, send)


def asks_for_methods(handler: BaseRouteHandler) -> bool:
    """Whether this is the framework's own answer to OPTIONS: a route's methods in `Allow`, as our description has them.

    It is the same for whoever asks and whatever the address names, so nobody learns of a case by it; without a header
    that lets other sites in, browsers go on refusing them.
    """
    made_here = "action" in handler.opt or handler.fn.__module__ != http_routes.__name__
    return isinstance(handler, HTTPRouteHandler) and handler.http_methods == {HttpMethod.OPTIONS} and not made_here


async def signed_in(connection: AnyConnection, house: House, *, present: bool = True) -> Signed | None:
    """Whoever the request's token stands for, with the roles of this moment; None for a token that is worth nothing.

    `present`: somebody sent it, so the session goes on.
    """
    token = shown_token(connection, house)
    if token is None:
        return None
    now = house.clock()
    found = await sessions.find(house.database, token, now=now)
    if found is None:
        return None
    if found.stale and present:
        async with house.database.writing() as session:
            await sessions.touch(session, token, now=now)
    person = found.person
    return Signed(Caller(str(person.id), person.language, found.memberships), person.name, token)


async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    """Let a request through to a handler whose action its caller may do; everything else is refused and logged.

    Raises `Refused`: sign_in_required, forbidden, not_found for a case of which the caller must not know, and
    not_your_move for somebody to whom no role on the case gives this command, whatever its stage.
    """
    action: Action | None = handler.opt.get("action")
    if action is Action.PUBLIC:
        return
    signed: Signed | None = connection.scope["user"]
    if action is None:
        raise Refused("forbidden")
    if signed is None:
        raise Refused("sign_in_required")
    house = parts.of(connection.scope)
    answer, about = await _answer(connection, house, signed.caller, action)
    if answer is not Answer.ALLOWED:
        await _note(house, signed.caller, action=action, about=about)
        raise Refused("not_found" if answer is Answer.HIDDEN else "forbidden")
    move = stages.MOVE.get(handler.opt.get(MOVE, ""))
    if move is not None and not set(move.roles) & set(roles_on_a_case(connection.state.case_facts)):
        await _note(house, signed.caller, action=action, about=about)
        raise Refused("not_your_move", command=move.command)


async def _answer(connection: AnyConnection, house: House, caller: Caller, action: Action) -> tuple[Answer, str]:
    if action in BY_ROLE:
        return by_role(action, caller), ""
    command_id: UUID | None = connection.path_params.get("command_id")
    if command_id is not None:
        async with house.database.reading() as session:
            command = await session.get(CommandRow, command_id)
        if command is not None and command.actor == caller.id:
            return Answer.ALLOWED, str(command_id)
        # Whoever did not send it learns of it only where the whole traffic of a case is theirs to see.
        action = Action.SEE_SEATS
        # One that there is not takes as long; the id of a case is none of a command.
        case_id = command.case_id if command else uuid4()
    else:
        case_id = connection.path_params["case_id"]
    facts = await ties.ties(house.database, case_id=case_id, caller=caller)
    connection.state.case_facts = facts
    answer = on_a_case(action, facts)
    if answer is not Answer.HIDDEN:  # or the French of a refusal would say that there is something
        connection.state.terms = facts.terms
    return answer, str(command_id or case_id)


async def _note(house: House, caller: Caller, *, action: Action, about: str) -> None:
    async with house.database.writing() as session:
        await audit.log(
            session,
            stream=f"person:{caller.id}",
            actor=caller.id,
            action="access_refused",
            subject=about,
            details={"action": action.value},
            now=house.clock(),
        )


def caller_of(request: AnyRequest) -> Caller:
    """Who asks. Raises `Refused('sign_in_required')` in a handler that nobody need be signed in for."""
    if request.scope["user"] is None:
        raise Refused("sign_in_required")
    caller: Caller = request.scope["user"].caller
    return caller


async def provide_caller(request: AnyRequest) -> Caller:
    """The same, for whoever names it."""
    return caller_of(request)


async def provide_signed(request: AnyRequest) -> Signed | None:
    """Who is signed in, or None."""
    signed: Signed | None = request.scope["user"]
    return signed


async def provide_facts(request: AnyRequest) -> CaseFacts:
    """What the caller is to the case of the path, as the guard found."""
    facts: CaseFacts = request.state.case_facts
    return facts


Who = NamedDependency[Caller]
Session = NamedDependency[Signed | None]
Facts = NamedDependency[CaseFacts]


def declared(app: Litestar, *, closed: str) -> None:
    """Refuse to start with a handler that does not say what it does; what lies under `closed` may, and is refused.

    Raises `ImproperlyConfiguredException` with the names of the handlers at fault.
    """
    missing = [
        f"{route.path} {handler}"
        for route in app.routes
        if not route.path.startswith(closed)
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and not _states_an_action(handler, route.path)
    ]
    if missing:
        raise ImproperlyConfiguredException("handlers that state no action: " + ", ".join(sorted(missing)))


def _states_an_action(handler: HTTPRouteHandler, path: str) -> bool:
    if asks_for_methods(handler):
        return True
    action = handler.opt.get("action")
    if action in ON_A_CASE:
        return "{case_id:uuid}" in path or "{command_id:uuid}" in path
    return action is Action.PUBLIC or action in BY_ROLE
