"""What people ask of a case: one address per move of the table, all answered in the same way.

The command is kept and committed first, then sent; the answer is what its row says afterwards.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, HeaderParameter, JSONBody, SkipValidation
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import access, forms, numerals, portraits, problems
from services.api.house import House, Now, Reading, TheHouse
from services.records import blind, cases, commands, programmes, ties
from services.records.commands import Asked
from services.records.tables.commands import CommandRow, CommandStatus
from services.rules.commands import BODIES, WORDLESS, Nothing
from services.rules.people import Action, Caller, Role, roles_on_a_case
from services.rules.refusals import Refused
from services.rules.stages import MOVE, MOVES
from services.workflows import relay

ASK_AGAIN_SECONDS = 2

UNTOLD = frozenset({"stage", "version"})
"""Parts of an answer that tell of the case as a whole; a blind reader is told a version of their own."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that was applied: the version that it made, and what it answers."""

    id: UUID
    version: int | None
    result: dict[str, Any]
    status: Literal["applied"] = "applied"


@dataclass(frozen=True, slots=True)
class Kept:
    """A command that is kept and not yet applied: nobody can say yet; ask its address again."""

    id: UUID
    status: Literal["pending"] = "pending"


@dataclass(frozen=True, slots=True)
class CommandView:
    """What became of a command."""

    id: UUID
    case_id: UUID
    kind: str
    status: CommandStatus
    received_at: datetime
    settled_at: datetime | None
    version: int | None
    result: dict[str, Any] | None
    code: str | None
    reasons: problems.Reasons | None


IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", required=False, description='The version of the case that this was made for, such as `"7"`.'
    ),
]
IdempotencyKey = Annotated[
    UUID | None,
    HeaderParameter(
        name="Idempotency-Key",
        required=False,
        description="A UUID of the client's: the same key with the same request is answered as it was the first time.",
    ),
]

Answered = Response[Done | Kept]


def expected(if_match: str | None) -> int:
    """The version in an `If-Match`. Raises `Refused`: precondition_required, malformed."""
    if if_match is None:
        raise Refused("precondition_required")
    tag = re.fullmatch(r'(?:W/)?"(.*)"', if_match.strip())
    version = numerals.read(tag[1]) if tag else None
    if version is None:
        raise Refused("malformed", field="If-Match", form="version")
    return version


async def carry_out(house: House, asked: Asked, *, now: datetime) -> Answered:
    """Keep a command, have it applied, and answer from its row. Raises `CommandRefused`, `Refused`."""
    try:
        row, replayed = await _keep(house, asked, now=now)
    except Refused as refused:
        raise await _told(house, asked, refused) from refused
    sent = row.status is CommandStatus.PENDING and not replayed
    if sent and await relay.deliver(house.database, house.desk, row):
        house.heard.note(row.id)
    async with house.database.reading() as session:
        if sent:
            row = await session.get_one(CommandRow, asked.id)
        if row.status is not CommandStatus.REFUSED:
            return _answer(await _for(session, row, learns=_learns(asked.roles)), replayed=replayed)
    raise await _told(house, asked, commands.refusal_of(row), replayed=replayed)


async def _keep(house: House, asked: Asked, *, now: datetime) -> tuple[CommandRow, bool]:
    """The command's row, and whether it was there before."""
    try:
        async with house.database.writing() as session:
            known = await commands.known(session, asked)
            return (known, True) if known else (await commands.accept(session, asked, now=now), False)
    except IntegrityError:
        # Somebody sent the same key at the same moment: theirs is the row.
        async with house.database.reading() as session:
            known = await commands.known(session, asked)
        if known is None:
            raise
        return known, True


async def _told(
    house: House, asked: Asked, refused: Refused, *, replayed: bool = False
) -> problems.CommandRefused | Refused:
    if refused.code == "not_found":
        return refused
    async with house.database.reading() as session:
        case = await cases.get(session, asked.case_id)
        terms = (await programmes.of_case(session, case)).policy.terms
        version = case.version
        if not _learns(asked.roles):
            version = await blind.version(session, case_id=asked.case_id, person=asked.actor, upto=version)
    return problems.CommandRefused(
        _tellable(refused, learns=_learns(asked.roles)), version=version, replayed=replayed, terms=terms
    )


def _tellable(refused: Refused, *, learns: bool) -> Refused:
    """The refusal, without what would let a blind reader infer another reading: the case's stage and its version."""
    if learns:
        return refused
    return Refused(refused.code, **{name: fact for name, fact in refused.facts.items() if name not in UNTOLD})


def _learns(roles: tuple[Role, ...]) -> bool:
    return bool(set(roles) - portraits.BLIND)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A command's row as its sender may know it."""

    row: CommandRow
    version: int | None
    result: dict[str, Any]


async def _for(session: AsyncSession, row: CommandRow, *, learns: bool) -> _Shown:
    """The row for somebody who `learns` of stage and seats, or for a blind reader, who counts other versions."""
    result = dict(row.result or {})
    if learns:
        return _Shown(row, row.version, result)
    told = {name: value for name, value in result.items() if name not in UNTOLD}
    if row.version is None:
        return _Shown(row, None, told)
    seen = await blind.version(session, case_id=row.case_id, person=UUID(row.actor), upto=row.version)
    return _Shown(row, seen, told | {"version": seen})


def _answer(shown: _Shown, *, replayed: bool) -> Answered:
    row = shown.row
    again = {"Idempotency-Replayed": "true"} if replayed else {}
    if row.status is CommandStatus.PENDING:
        place = {"Location": f"/api/v1/commands/{row.id}", "Retry-After": str(ASK_AGAIN_SECONDS)}
        return Response(Kept(row.id), status_code=HTTPStatus.ACCEPTED, headers=place | again)
    tag = {"ETag": f'"{shown.version}"'} if shown.version is not None else {}
    return Response(Done(row.id, shown.version, shown.result), status_code=HTTPStatus.OK, headers=tag | again)


def _refusal(about: str) -> ResponseSpec:
    return ResponseSpec(problems.Problem, description=about, media_type=problems.MEDIA_TYPE, generate_examples=False)


RESPONSES = {
    int(HTTPStatus.ACCEPTED): ResponseSpec(
        Kept, description="Kept, not yet applied; `Location` tells what became of it", generate_examples=False
    ),
    int(HTTPStatus.CONFLICT): _refusal("Refused: `code`, the reason in both languages, the present version"),
    int(HTTPStatus.PRECONDITION_REQUIRED): _refusal("`If-Match` is missing"),
}


@dataclass(frozen=True, slots=True)
class Sender:
    """What a command needs beside its words: who sends it, in which roles, for which version, under which key."""

    house: House
    actor: UUID
    roles: tuple[Role, ...]
    expected_version: int
    key: UUID
    now: datetime

    async def send(self, kind: str, case_id: UUID, body: object) -> Response[Any]:
        """Have the command carried out. Raises `CommandRefused`, `Refused`."""
        blindly = not _learns(self.roles)
        asked = Asked(self.key, case_id, kind, self.actor, self.roles, self.expected_version, body, blindly)
        return await carry_out(self.house, asked, now=self.now)


async def provide_sender(
    *,
    house: TheHouse,
    caller: access.Who,
    facts: access.Facts,
    now: Now,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Sender:
    """The sender of a command, from its headers. Raises `Refused('precondition_required')`."""
    roles = roles_on_a_case(facts)
    return Sender(house, UUID(caller.id), roles, expected(if_match), idempotency_key or uuid4(), now)


TheSender = NamedDependency[SkipValidation[Sender]]


def _route(kind: str) -> HTTPRouteHandler:
    """The handler of one move, made from the table and from the body that the rules name for it."""
    body = BODIES[kind]

    async def send(case_id: FromPath[UUID], data: JSONBody[msgspec.Struct], sender: TheSender) -> Response[Done]:
        return await sender.send(kind, case_id, forms.plain(data, body))

    async def send_wordless(
        case_id: FromPath[UUID], sender: TheSender, data: JSONBody[msgspec.Struct | None] = None
    ) -> Response[Done]:
        return await sender.send(kind, case_id, forms.plain(data, body))

    form = Wordless if body is Nothing else forms.strict(body)
    send.__annotations__["data"] = JSONBody[form]  # type: ignore[misc, valid-type]  # the type is made from the table
    send_wordless.__annotations__["data"] = JSONBody[form | None]  # type: ignore[misc, valid-type]  # as above
    handler = send_wordless if kind in WORDLESS else send
    who = ", ".join(role.value for role in MOVE[kind].roles if role is not Role.CLOCK)
    return post(
        f"/{kind.replace('_', '-')}",
        name=kind,
        opt={"action": Action.SEND_COMMAND, access.MOVE: kind},
        status_code=HTTPStatus.OK,
        operation_id=kind,
        summary=kind.replace("_", " ").capitalize(),
        description=f"{body.__doc__} Sent by: {who}. From: {', '.join(MOVE[kind].sources)}.",
        responses=RESPONSES,
    )(handler)


class Wordless(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing to say; the body may be left out."""


@get(
    "/api/v1/commands/{command_id:uuid}",
    opt={"action": Action.SEE_COMMAND},
    operation_id="see_command",
    summary="What became of a command",
    tags=["commands"],
)
async def see(command_id: FromPath[UUID], caller: access.Who, reading: Reading) -> Response[CommandView]:
    """For whoever sent it, and for leads and auditors of the case; with `Retry-After` while it is not applied."""
    row = await reading.get_one(CommandRow, command_id)
    waits = {"Retry-After": str(ASK_AGAIN_SECONDS)} if row.status is CommandStatus.PENDING else {}
    return Response(await view(reading, row, caller=caller), headers=waits)


async def view(session: AsyncSession, row: CommandRow, *, caller: Caller) -> CommandView:
    """What became of a command, as `caller` may know it."""
    learns = await _may_learn(session, row, caller)
    return _view(await _for(session, row, learns=learns), learns=learns)


async def _may_learn(session: AsyncSession, row: CommandRow, caller: Caller) -> bool:
    return portraits.learns_stage(await ties.ties(session, case_id=row.case_id, caller=caller))


def _view(shown: _Shown, *, learns: bool) -> CommandView:
    row = shown.row
    refused = row.status is CommandStatus.REFUSED
    return CommandView(
        id=row.id,
        case_id=row.case_id,
        kind=row.kind,
        status=row.status,
        received_at=row.received_at,
        settled_at=row.settled_at,
        version=shown.version,
        result=shown.result if row.status is CommandStatus.APPLIED else None,
        code=row.refusal,
        reasons=problems.reasons(_tellable(commands.refusal_of(row), learns=learns)) if refused else None,
    )


def router() -> Router:
    """One address per move that a person may make, and the address at which a command can be asked after."""
    moves = [_route(move.command) for move in MOVES if set(move.roles) - {Role.CLOCK}]
    of_a_case = Router(
        "/api/v1/cases/{case_id:uuid}",
        route_handlers=moves,
        dependencies={"sender": Provide(provide_sender)},
        tags=["commands"],
    )
    return Router("/", route_handlers=[of_a_case, see])
