"""The form of somebody who is asked by link what they saw: without account and cookie, whatever is wrong one answer.

GET changes nothing, for mail scanners open links. The token stands in the path, which is never logged.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody, SkipValidation

from services.api import access, body_pace, forms, links, uploads
from services.api.house import House, Now, TheHouse
from services.api.routes.commands import IfMatch, expected
from services.records import attestation_links, cases, sessions, statements
from services.records.attestation_links import Form
from services.records.blobs import Blobs, Stored
from services.records.tables.attestations import AttestationFile
from services.rules import attestations as rules
from services.rules.attestations import Statement
from services.rules.people import Action
from services.rules.programmes import Text
from services.rules.statements import as_text

AnyRequest = Request[Any, Any, Any]
TheSlots = NamedDependency[SkipValidation[uploads.Slots]]
Token = FromPath[str]
OPEN: dict[str, Any] = {"action": Action.PUBLIC}
SLOTS = uploads.Slots()
"""The uploads under links that this process has under way, from pages and programs alike."""

ENDED = "link_ended"
"""How a link that opens nothing is refused."""

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class AskedView:
    """A competency that one is asked about; `key` is how the answer names it."""

    key: str
    title: Text


@dataclass(frozen=True, slots=True)
class SentView:
    """A file that was sent with the form; it counts once the form is sent."""

    id: UUID
    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FormView:
    """What one is asked: the learner's name and the competencies, nothing of the portfolio.

    `draft` is what was written so far; `version` goes into `If-Match` when it is saved. `declaration` is the version of
    the declaration of truth, and `notice` what one has to know beforehand.
    """

    learner: str
    name: str
    organisation: str
    language: str
    competencies: list[AskedView]
    answers: list[rules.Seen]
    example_minimum: int
    declaration: str
    notice: Text
    expires_at: datetime
    version: int
    draft: Statement
    files: list[SentView]


class Decline(msgspec.Struct, forbid_unknown_fields=True):
    """Saying no; `unknown_person`: one does not know whom this is about."""

    unknown_person: bool = False


class RightName(msgspec.Struct, forbid_unknown_fields=True):
    """How one's name is written."""

    name: Annotated[str, msgspec.Meta(max_length=200)]


@dataclass(frozen=True, slots=True)
class Thanks:
    """What was sent is kept: the link is spent."""

    sha256: str


@get("/", opt=OPEN, operation_id="open_attestation", summary="What one is asked about somebody's work")
async def see(request: AnyRequest, token: Token, house: TheHouse) -> Response[FormView]:
    """The form as it stands. An unknown, spent or ended link is answered with 404 `link_ended`, all alike."""
    return _form(await read(request, house, token))


async def read(request: AnyRequest, house: House, token: str) -> Form:
    """The form as it stands. Raises `Refused`: link_ended, throttled."""
    async with links.watched(request, house, ended=ENDED), house.database.reading() as session:
        return await attestation_links.form(session, token, now=house.clock())


def _form(form: Form) -> Response[FormView]:
    view = FormView(
        learner=form.learner,
        name=form.name,
        organisation=form.organisation,
        language=form.language,
        competencies=[AskedView(key, title) for key, title in form.competencies.items()],
        answers=list(rules.Seen),
        example_minimum=rules.EXAMPLE_MINIMUM,
        declaration=max(rules.DECLARATIONS),
        notice=rules.READ_LATER,
        expires_at=form.expires_at,
        version=form.draft_version,
        draft=form.draft,
        files=[_sent(file) for file in form.files],
    )
    return Response(view, headers=HEADERS | {"ETag": f'"{form.draft_version}"'})


def _sent(file: AttestationFile) -> SentView:
    return SentView(file.id, file.name, file.size, file.sha256)


Answers = forms.strict(Statement, "Form")


async def _save(
    *,
    request: AnyRequest,
    token: Token,
    data: JSONBody[msgspec.Struct],
    house: TheHouse,
    if_match: IfMatch = None,
) -> Response[FormView]:
    """Keep a draft, whole or not. `If-Match` is its version, `"0"` at first; a slower browser is told (409)."""
    version, draft = expected(if_match), forms.plain(data, Statement)
    await keep_draft(request, house, token, draft, version=version)
    return _form(await read(request, house, token))


async def keep_draft(request: AnyRequest, house: House, token: str, draft: Statement, *, version: int) -> None:
    """Keep a draft in the place of `version`. Raises `Refused`: link_ended, throttled, stale_version, malformed."""
    async with links.watched(request, house, ended=ENDED), house.database.writing() as session:
        await attestation_links.save(session, token, draft, version=version, now=house.clock())


_save.__annotations__["data"] = JSONBody[Answers]  # type: ignore[misc, valid-type]  # the type is made from the rules
save = put("/draft", opt=OPEN, operation_id="draft_attestation", summary="Keep what one has written so far")(_save)


async def _submit(
    *, request: AnyRequest, token: Token, data: JSONBody[msgspec.Struct], house: TheHouse, now: Now
) -> Response[Thanks]:
    """Send the form, once: the link is spent, and what was said stays as it was said."""
    stored = await take(request, house, token, forms.plain(data, Statement), now=now)
    return Response(Thanks(stored.sha256), headers=HEADERS)


async def take(request: AnyRequest, house: House, token: str, said: Statement, *, now: datetime) -> Stored:
    """Take a statement in: its words are kept as a file, and the link is spent.

    Raises `Refused`: throttled, unavailable, and what `statements.submit` says.
    """
    async with links.watched(request, house, ended=ENDED):
        async with house.database.reading() as session:
            asked = await statements.readable(session, token, said, now=now)
            case = await cases.get(session, asked.case_id)
            titles = await attestation_links.competencies(session, case=case, request=asked)
            same = await _same_device(request, house, learner=case.learner_id)
        text = as_text(said, titles=titles, language=asked.language)
        stored = await kept(house.blobs, text)
        async with house.database.writing() as session:
            await statements.submit(session, token, said, stored=stored, same_device=same, now=now)
    await house.desk.wake(asked.case_id)
    return stored


_submit.__annotations__["data"] = JSONBody[Answers]  # type: ignore[misc, valid-type]  # as above
submit = post(
    "/submit",
    opt=OPEN,
    status_code=HTTPStatus.OK,
    operation_id="submit_attestation",
    summary="Send what one has to say",
)(_submit)


async def _same_device(request: AnyRequest, house: House, *, learner: UUID) -> bool:
    """Whether this browser is, or was, signed in as the learner; it changes nothing but what assessors are told."""
    shown = access.shown_token(request, house)
    if shown is None:
        return False
    async with house.database.reading() as session:
        return await sessions.whose(session, shown) == learner


async def kept(blobs: Blobs, words: str) -> Stored:
    """Keep words as a file, before any row speaks of them. Raises `Refused('unavailable')`."""
    async with blobs.incoming() as incoming:
        await incoming.write(words.encode())
        return await incoming.keep()


@post(
    "/decline",
    opt=OPEN,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="decline_attestation",
    summary="Say no, or that one does not know this person",
)
async def decline(request: AnyRequest, token: Token, data: JSONBody[Decline], house: TheHouse) -> None:
    """The link is spent, and nothing that was written is kept. It counts against nobody."""
    await say_no(request, house, token, unknown=data.unknown_person)


async def say_no(request: AnyRequest, house: House, token: str, *, unknown: bool) -> None:
    """Say no, or with `unknown` that one does not know this person. Raises `Refused`: link_ended, throttled."""
    async with links.watched(request, house, ended=ENDED), house.database.writing() as session:
        asked = await attestation_links.opened(session, token, now=house.clock())
        await attestation_links.decline(session, token, unknown=unknown, now=house.clock())
    await house.desk.wake(asked.case_id)


@put(
    "/name",
    opt=OPEN,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="correct_attestation_name",
    summary="Say how one's name is written",
)
async def correct(request: AnyRequest, token: Token, data: JSONBody[RightName], house: TheHouse) -> None:
    """Correct the name under which one was asked."""
    async with links.watched(request, house, ended=ENDED), house.database.writing() as session:
        await attestation_links.correct_name(session, token, name=data.name, now=house.clock())


@post(
    "/files",
    opt=OPEN,
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
    operation_id="attach_to_attestation",
    summary="Send a file with the form",
    description="multipart/form-data with the part `file`; the kinds and sizes of evidence.",
)
async def attach(request: AnyRequest, token: Token, slots: TheSlots, house: TheHouse) -> Response[SentView]:
    """Take in one file. 201 for a new one, 200 for the bytes that are there already."""
    row, new = await take_file(request, house, token, slots=slots)
    status = HTTPStatus.CREATED if new else HTTPStatus.OK
    return Response(_sent(row), status_code=status, headers=HEADERS)


async def take_file(
    request: AnyRequest, house: House, token: str, *, slots: uploads.Slots
) -> tuple[AttestationFile, bool]:
    """Take in the one file of a request's form, and say whether it is new.

    Raises `Refused`: throttled, uploads_at_once, and what `attestation_links.attach` and `uploads.receive` say.
    """
    async with links.watched(request, house, ended=ENDED):
        async with house.database.reading() as session:
            asked, left = await attestation_links.may_attach(session, token, now=house.clock())
        with slots.take(str(asked)):
            received = await uploads.receive(request, blobs=house.blobs, left=left, said=lambda _: None)
        async with house.database.writing() as session:
            return await attestation_links.attach(
                session, token, name=received.name, file_kind=received.kind, stored=received.stored, now=house.clock()
            )


@delete("/files/{file_id:uuid}", opt=OPEN, operation_id="remove_from_attestation", summary="Take a file out again")
async def remove(request: AnyRequest, token: Token, file_id: FromPath[UUID], house: TheHouse) -> None:
    """Take a file out of the form; its bytes belong to nothing then."""
    await take_out(request, house, token, file_id)


async def take_out(request: AnyRequest, house: House, token: str, file_id: UUID) -> None:
    """Take a file out again. Raises `Refused`: link_ended, throttled, evidence_unknown."""
    async with links.watched(request, house, ended=ENDED), house.database.writing() as session:
        await attestation_links.remove(session, token, file_id=file_id, now=house.clock())


def router() -> Router:
    """Every route of the form."""
    return Router(
        "/api/v1/attestations/{token:str}",
        route_handlers=[see, save, submit, decline, correct, attach, remove],
        dependencies={"slots": Provide(lambda: SLOTS, sync_to_thread=False)},
        tags=["attestations"],
    )
