"""Signing in and out, and what somebody may know and change of their own account."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, patch, post
from litestar.params import FromQuery, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import access, requests
from services.api.access import Session, Who
from services.api.house import House, Now, Reading, TheHouse, Writing
from services.records import dossier, people, sessions, throttles
from services.rules.people import Action, Caller, Role
from services.rules.programmes import Language
from services.rules.refusals import Refused


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """Who one is. With `as_cookie` a browser keeps the session where no script reads it; else a token is answered."""

    email: Annotated[str, msgspec.Meta(max_length=320, examples=["sample.learner@college-exemple.example"])]
    password: Annotated[str, msgspec.Meta(max_length=1000)]
    as_cookie: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session: `token` goes into `Authorization: Bearer …`, and is empty where a cookie keeps it."""

    token: str | None
    ends_at: datetime
    person: UUID


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role at an institution, for one programme or for all."""

    role: Role
    institution: str
    programme: str | None


@dataclass(frozen=True, slots=True)
class MeView:
    """The reader's own account."""

    id: UUID
    name: str
    email: str
    language: Language
    roles: list[RoleView]


class MeChange(msgspec.Struct, forbid_unknown_fields=True):
    """In which language one is addressed."""

    language: Language


@post(
    "/sign-in",
    opt={"action": Action.PUBLIC},
    status_code=HTTPStatus.OK,
    operation_id="sign_in",
    summary="Sign in with a password",
)
async def sign_in(request: Request[Any, Any, Any], data: JSONBody[SignIn], house: TheHouse) -> Response[SignedIn]:
    """Begin a session. A wrong password and an unknown address are answered alike, and take as long."""
    begun = await begin(request, house, email=data.email, password=data.password)
    answered = SignedIn(None if data.as_cookie else access.TOKEN_PREFIX + begun.token, begun.ends_at, begun.person)
    return Response(answered, cookies=[access.cookie(house, begun.token)] if data.as_cookie else [])


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session: its token without the prefix, when it ends unless used, and whose it is."""

    token: str
    ends_at: datetime
    person: UUID


async def begin(request: Request[Any, Any, Any], house: House, *, email: str, password: str) -> Begun:
    """Begin a session for whoever knows the password. Raises `Refused`: sign_in_failed, throttled."""
    account, address = people.address(email), requests.address(request.scope, trusted=house.trusted)
    async with house.database.writing() as session:
        await throttles.admit(session, account=account, address=address, now=house.clock())
    async with house.database.reading() as session:
        person = await people.by_email(session, account)
    live = person if person is not None and person.active else None
    if not await house.passwords.verify(password, live.password_hash if live else None) or live is None:
        async with house.database.writing() as session:
            await sessions.failed(session, person_id=person.id if person else None, now=house.clock())
        raise Refused("sign_in_failed")
    async with house.database.writing() as session:
        now = house.clock()
        await throttles.succeeded(session, account=account, address=address)
        token = await sessions.start(session, live.id, now=now, replaces=access.shown_token(request, house))
        found = await sessions.find(session, token, now=now)
    if found is None:
        raise Refused("sign_in_failed")
    return Begun(token, found.ends_at, live.id)


@post(
    "/sign-out",
    opt={"action": Action.OWN_ACCOUNT},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="sign_out",
    summary="Sign out",
)
async def sign_out(
    signed_in: Session, house: TheHouse, writing: Writing, now: Now, *, everywhere: FromQuery[bool] = False
) -> Response[None]:
    """End this session, or with `everywhere` every session of this account. It bites on the next request."""
    if signed_in is not None and everywhere:
        await sessions.end_all(writing, UUID(signed_in.caller.id), now=now)
    elif signed_in is not None:
        await sessions.end(writing, signed_in.token, now=now)
    return Response(
        None, headers={"Clear-Site-Data": '"cache", "cookies", "storage"'}, cookies=[access.no_cookie(house)]
    )


@get("/me", opt={"action": Action.OWN_ACCOUNT}, operation_id="see_me", summary="Who one is here")
async def see(caller: Who, reading: Reading) -> MeView:
    """Name, address, language and roles of this moment."""
    return await _me(reading, caller)


async def _me(session: AsyncSession, caller: Caller) -> MeView:
    person = await dossier.person(session, UUID(caller.id))
    if person is None:
        raise Refused("sign_in_required")
    roles = [RoleView(one.role, one.institution, one.programme) for one in caller.memberships]
    return MeView(person.id, person.name, person.email, Language(caller.language), roles)


@patch("/me", opt={"action": Action.OWN_ACCOUNT}, operation_id="change_me", summary="Choose one's language")
async def change(data: JSONBody[MeChange], caller: Who, writing: Writing, now: Now) -> MeView:
    """Choose in which language one is addressed and written to."""
    await people.choose_language(writing, UUID(caller.id), language=data.language, now=now)
    return await _me(writing, await people.caller(writing, UUID(caller.id)))


def router() -> Router:
    """Every route of accounts."""
    return Router("/api/v1", route_handlers=[sign_in, sign_out, see, change], tags=["accounts"])
