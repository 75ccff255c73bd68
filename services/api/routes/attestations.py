"""Third parties on a case: whom the learner has asked, what staff know of who answered, spoken words on record.

An address is never given out: not to whoever wrote it down, nor to anybody else.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.di import Provide
from litestar.params import FromPath, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import uploads
from services.api.access import Facts, Who
from services.api.house import House, Now, Reading, TheHouse, Writing
from services.api.routes import evidence_files, spoken_words, telephone
from services.records import attestation_asking, attestations, attested
from services.records.attestation_asking import Named
from services.records.attested import Attested
from services.records.tables.attestations import AttestationRequest
from services.rules import attestations as rules
from services.rules.attestations import CallBack, Doubt, IdentityLevel, Relation, RequestState
from services.rules.people import Action, Caller, CaseFacts, Tie
from services.rules.programmes import Language, Text
from services.rules.refusals import Refused

Address = Annotated[str, msgspec.Meta(max_length=320)]
Short = Annotated[str, msgspec.Meta(max_length=200)]


class Person(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Somebody who saw the learner at work, and the claims about which they are asked, in their `language`.

    They are written to at `email`, or called by the advisor at `phone` where they have no address.
    """

    name: Short
    organisation: Short
    relation: Relation
    email: Address = ""
    phone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    language: Language
    claims: Annotated[list[UUID], msgspec.Meta(max_length=200)]


class Request(Person, forbid_unknown_fields=True, kw_only=True):
    """Whom to ask; `consent` is the version of the text by which the learner agrees that they are written to."""

    consent: Annotated[str, msgspec.Meta(max_length=32)]


class Proposal(Person, forbid_unknown_fields=True, kw_only=True):
    """Whom an assessor would ask; the address may be left to the learner."""


class Agreement(msgspec.Struct, forbid_unknown_fields=True):
    """The learner's consent, with the address where the proposal has none or a wrong one."""

    consent: Annotated[str, msgspec.Meta(max_length=32)]
    email: Address | None = None


@dataclass(frozen=True, slots=True)
class RequestView:
    """Somebody who was asked, or proposed, and what became of it; silence and refusal never count against anybody."""

    id: UUID
    name: str
    organisation: str
    relation: Relation
    language: str
    claims: list[UUID]
    state: RequestState
    asked_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    renewable: bool


@dataclass(frozen=True, slots=True)
class DoubtView:
    """What speaks against knowing who made a statement: a help under Authentic, never a verdict."""

    code: Doubt
    text: Text


@dataclass(frozen=True, slots=True)
class CallView:
    """An advisor's call to the author of a statement."""

    answered_by: str
    number_from: str
    confirmed: bool
    called_at: datetime


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement as staff see it; its words are the first file of `evidence`, and reading them is logged.

    `phone` is given to who calls, where its author agreed to be called; `calls` to who may see them.
    """

    request: UUID
    name: str
    position: str
    organisation: str
    claims: list[UUID]
    evidence: list[UUID]
    level: IdentityLevel
    doubts: list[DoubtView]
    call_back: CallBack
    spoken: bool
    submitted_at: datetime
    phone: str | None
    calls: list[CallView]


class CallBackForm(msgspec.Struct, forbid_unknown_fields=True):
    """Who answered, when, where the number came from, and whether the statement is theirs."""

    answered_by: Short
    number_from: Annotated[str, msgspec.Meta(max_length=500)]
    called_at: datetime
    confirmed: bool


async def _view(session: AsyncSession, row: AttestationRequest) -> RequestView:
    about = await attestations.claims_of(session, row.id)
    return RequestView(
        id=row.id,
        name=row.name,
        organisation=row.organisation,
        relation=Relation(row.relation),
        language=row.language,
        claims=[claim.id for claim in about],
        state=row.state,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        renewable=row.state in {RequestState.OPEN, RequestState.EXPIRED} and row.period <= rules.RENEWALS,
    )


def _named(data: Person) -> Named:
    return Named(data.name, data.organisation, data.relation, data.email, data.language, tuple(data.claims), data.phone)


@get("/", opt={"action": Action.SEE_REQUESTS}, operation_id="list_attestations", summary="Who was asked to attest")
async def listed(case_id: FromPath[UUID], reading: Reading) -> list[RequestView]:
    """Everybody who was asked or proposed, oldest first, without their addresses."""
    return await asked(reading, case_id)


async def asked(session: AsyncSession, case_id: UUID) -> list[RequestView]:
    """Who was asked or proposed on a case, oldest first."""
    return [await _view(session, row) for row in await attestations.of_case(session, case_id)]


@post("/", opt={"action": Action.ASK_ATTESTATION}, operation_id="ask_attestation", summary="Ask somebody to attest")
async def ask(case_id: FromPath[UUID], data: JSONBody[Request], caller: Who, house: TheHouse, now: Now) -> RequestView:
    """Write to somebody with a link of their own, by the learner's consent."""
    async with house.database.writing() as session:
        row = await attestation_asking.ask(
            session, case_id=case_id, learner=UUID(caller.id), named=_named(data), consent=data.consent, now=now
        )
        view = await _view(session, row)
    await house.desk.wake(case_id)
    return view


@post(
    "/proposals",
    opt={"action": Action.PROPOSE_ATTESTATION},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="propose_attestation",
    summary="Propose somebody who could attest",
)
async def propose(case_id: FromPath[UUID], data: JSONBody[Proposal], caller: Who, house: TheHouse, now: Now) -> None:
    """The learner is asked first; whether they agree is not told to who proposed."""
    async with house.database.writing() as session:
        await attestation_asking.propose(
            session, case_id=case_id, assessor=UUID(caller.id), named=_named(data), now=now
        )
    await house.desk.wake(case_id)


@post(
    "/{request_id:uuid}/agree",
    opt={"action": Action.ASK_ATTESTATION},
    status_code=HTTPStatus.OK,
    operation_id="agree_to_attestation",
    summary="Agree that somebody is asked",
)
async def agree(
    case_id: FromPath[UUID], request_id: FromPath[UUID], data: JSONBody[Agreement], house: TheHouse, now: Now
) -> RequestView:
    """Have somebody written to whom an assessor proposed."""
    async with house.database.writing() as session:
        row = await attestation_asking.agree(
            session, case_id=case_id, request_id=request_id, consent=data.consent, email=data.email, now=now
        )
        view = await _view(session, row)
    await house.desk.wake(case_id)
    return view


@post(
    "/{request_id:uuid}/remind",
    opt={"action": Action.ASK_ATTESTATION},
    status_code=HTTPStatus.OK,
    operation_id="remind_attestation",
    summary="Have somebody reminded",
)
async def remind(case_id: FromPath[UUID], request_id: FromPath[UUID], house: TheHouse, now: Now) -> RequestView:
    """At most once a week."""
    return await _done(house, attestation_asking.remind, case_id=case_id, request_id=request_id, now=now)


@post(
    "/{request_id:uuid}/renew",
    opt={"action": Action.ASK_ATTESTATION},
    status_code=HTTPStatus.OK,
    operation_id="renew_attestation",
    summary="Give somebody more time",
)
async def renew(case_id: FromPath[UUID], request_id: FromPath[UUID], house: TheHouse, now: Now) -> RequestView:
    """Another thirty days and a new link, once; the earlier link opens nothing any more."""
    return await _done(house, attestation_asking.renew, case_id=case_id, request_id=request_id, now=now)


@post(
    "/{request_id:uuid}/cancel",
    opt={"action": Action.ASK_ATTESTATION},
    status_code=HTTPStatus.OK,
    operation_id="cancel_attestation",
    summary="Take a request back",
)
async def cancel(case_id: FromPath[UUID], request_id: FromPath[UUID], house: TheHouse, now: Now) -> RequestView:
    """The consent ends with it: nobody is written to any more, and the link opens nothing."""
    return await _done(house, attestation_asking.cancel, case_id=case_id, request_id=request_id, now=now)


async def _done(
    house: House, step: attestation_asking.Step, *, case_id: UUID, request_id: UUID, now: datetime
) -> RequestView:
    async with house.database.writing() as session:
        view = await _view(session, await step(session, case_id=case_id, request_id=request_id, now=now))
    await house.desk.wake(case_id)
    return view


@get(
    "/statements",
    opt={"action": Action.SEE_STATEMENTS},
    operation_id="list_statements",
    summary="What third parties said, and how far it is known who they are",
)
async def statements(case_id: FromPath[UUID], caller: Who, facts: Facts, reading: Reading) -> list[StatementView]:
    """Every statement; an assessor finds those that speak for the claims of the own seat."""
    return await statements_for(reading, case_id, caller=caller, facts=facts)


async def statements_for(
    session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts
) -> list[StatementView]:
    """The statements that the caller sees, as they may see them."""
    look = await evidence_files.looking_into(session, case_id, caller=caller, facts=facts)
    found = await attested.of_case(session, case_id, claims=look.claims)
    return [_statement(one, facts.ties, only=look.claims) for one in found]


def _statement(one: Attested, ties: frozenset[Tie], *, only: frozenset[UUID] | None) -> StatementView:
    calls = Tie.ADVISOR in ties
    return StatementView(
        request=one.request,
        name=one.content.name,
        position=one.content.position,
        organisation=one.content.organisation,
        claims=[claim for claim in one.claims if only is None or claim in only],
        evidence=list(one.evidence),
        level=one.level,
        doubts=[DoubtView(doubt, rules.DOUBTS[doubt]) for doubt in one.doubts],
        call_back=one.call,
        spoken=one.recorded,
        submitted_at=one.submitted_at,
        phone=one.content.phone if calls and one.content.may_call else None,
        calls=[
            CallView(call.answered_by, call.number_from, call.confirmed, call.called_at)
            for call in (one.calls if calls or Tie.AUDITOR in ties else ())
        ]
        + ([_phoned(one.phoned)] if one.phoned and (calls or Tie.AUDITOR in ties) else []),
    )


def _phoned(call: dict[str, Any]) -> CallView:
    """The call in which the statement was made."""
    return CallView(call["answered_by"], call["number_from"], True, datetime.fromisoformat(call["called_at"]))  # noqa: FBT003 - a field


@post(
    "/{request_id:uuid}/calls",
    opt={"action": Action.CALL_BACK},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="note_call_back",
    summary="Note that the author of a statement was called",
)
async def call(
    *,
    case_id: FromPath[UUID],
    request_id: FromPath[UUID],
    data: JSONBody[CallBackForm],
    caller: Who,
    writing: Writing,
    now: Now,
) -> None:
    """Who answered, when, and where the number came from; it stays as it was noted."""
    if data.called_at.tzinfo is None:
        raise Refused("malformed", field="called_at")
    await attested.note_call(
        writing,
        case_id=case_id,
        request_id=request_id,
        advisor=UUID(caller.id),
        answered_by=data.answered_by,
        number_from=data.number_from,
        confirmed=data.confirmed,
        called_at=data.called_at,
        now=now,
    )


def router() -> Router:
    """Every route of third parties on a case, with the count of recordings that this process has under way."""
    slots = uploads.Slots()
    return Router(
        "/api/v1/cases/{case_id:uuid}/attestations",
        route_handlers=[
            listed,
            ask,
            propose,
            agree,
            remind,
            renew,
            cancel,
            statements,
            call,
            *spoken_words.HANDLERS,
            *telephone.HANDLERS,
        ],
        dependencies={"slots": Provide(lambda: slots, sync_to_thread=False)},
        tags=["attestations"],
    )
