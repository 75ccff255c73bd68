"""Choosing the first password of an account that was opened for one, by a link from a mail: no cookie, one answer."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, JSONBody

from services.api import links
from services.api.house import House, TheHouse
from services.records import invitations
from services.rules.people import Action

AnyRequest = Request[Any, Any, Any]
OPEN: dict[str, Any] = {"action": Action.PUBLIC}
ENDED = "invitation_ended"
"""How a link that opens nothing is refused."""

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class FirstPassword(msgspec.Struct, forbid_unknown_fields=True):
    """What one will sign in with: 12 to 128 characters, five of them different."""

    password: Annotated[str, msgspec.Meta(max_length=1000)]


@dataclass(frozen=True, slots=True)
class InvitationView:
    """Whose account it is, by the address that one signs in with, and until when the link works."""

    email: str
    expires_at: datetime


async def see(request: AnyRequest, house: House, token: str) -> InvitationView:
    """What the link opens. Raises `Refused`: invitation_ended, throttled."""
    async with links.watched(request, house, ended=ENDED), house.database.reading() as session:
        invitation, person = await invitations.opened(session, token, now=house.clock())
        return InvitationView(person.email, invitation.expires_at)


async def choose(request: AnyRequest, house: House, token: str, password: str) -> str:
    """Keep the password; answers the address to sign in with.

    Raises `Refused`: invitation_ended, throttled, password_weak (the link is not spent).
    """
    async with links.watched(request, house, ended=ENDED):
        async with house.database.reading() as session:
            await invitations.opened(session, token, now=house.clock())  # a hash costs: not for whoever guesses
        hashed = await house.passwords.hash(password)
        async with house.database.writing() as session:
            return (await invitations.spend(session, token, password_hash=hashed, now=house.clock())).email


@get("/invitations/{token:str}", opt=OPEN, operation_id="open_invitation", summary="Whose account a link opens")
async def open_invitation(request: AnyRequest, token: FromPath[str], house: TheHouse) -> Response[InvitationView]:
    """Opening changes nothing. An unknown, spent or ended link is answered with 404 `invitation_ended`, all alike."""
    return Response(await see(request, house, token), headers=HEADERS)


@post(
    "/invitations/{token:str}",
    opt=OPEN,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="choose_password",
    summary="Choose the first password",
)
async def choose_password(
    request: AnyRequest, token: FromPath[str], data: JSONBody[FirstPassword], house: TheHouse
) -> Response[None]:
    """The link is spent; one signs in with the address and the password from now on."""
    await choose(request, house, token, data.password)
    return Response(None, headers=HEADERS)


@post(
    "/cases/{case_id:uuid}/invite",
    opt={"action": Action.INVITE},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="invite_learner",
    summary="Send the learner another link",
)
async def invite(case_id: FromPath[UUID], house: TheHouse) -> None:
    """For a learner who has no password yet; once a day at the most. Raises `Refused`: invitation_needless."""
    async with house.database.writing() as session:
        await invitations.invite_again(session, case_id, now=house.clock())
    await house.desk.wake(case_id)


def router() -> Router:
    """Every route of invitations."""
    return Router("/api/v1", route_handlers=[open_invitation, choose_password, invite], tags=["accounts"])
