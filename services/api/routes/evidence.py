"""Evidence over HTTP: a file in, what is said of it, what it is pointed at, and the learner's receipt."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import body_pace, headers, receipts, uploads
from services.api.access import Facts, Who
from services.api.house import House, Now, Reading, TheHouse, Writing
from services.api.routes import evidence_files
from services.records import currency, evidence, pointers, portfolio, replacing
from services.records.evidence import Description, Shown
from services.records.pointers import Place, Pointed
from services.records.tables.evidence import EvidenceItem
from services.rules import transcripts
from services.rules.evidence import EvidenceKind, EvidenceState
from services.rules.people import Action, Caller, CaseFacts
from services.rules.programmes import Language, Text
from services.rules.refusals import Refused


class PointerView(msgspec.Struct):
    """What a file shows: a claim, or one criterion of it, at a page or a time in seconds."""

    id: UUID
    claim: UUID
    criterion: str | None
    page: int | None
    seconds: int | None
    note: str


class EvidenceView(msgspec.Struct):
    """A file of the portfolio; `scanned` is false as long as no scanner has found it clean.

    `attestation_id`: what a third party said or sent, by the request that it answers. `currency_warning`: what both
    sides are told where it shows something long past. `transcript`: what is said and shown in sound or film;
    `captioned` where it holds times, and `/captions` answers.
    """

    id: UUID
    name: str
    file_kind: str
    media_type: str
    size: int
    sha256: str
    state: EvidenceState
    scanned: bool
    received_at: datetime
    attestation_id: UUID | None
    kind: EvidenceKind | None
    title: str
    description: str
    period_start: date | None
    period_end: date | None
    language: str | None
    author: str
    learner_authored: bool
    transcript: str
    captioned: bool
    currency_warning: Text | None
    pointers: list[PointerView]


class DescriptionChange(msgspec.Struct, forbid_unknown_fields=True):
    """What changes of the description; what is left out stays as it is."""

    kind: EvidenceKind | msgspec.UnsetType | None = msgspec.UNSET
    title: Annotated[str, msgspec.Meta(max_length=200)] | msgspec.UnsetType = msgspec.UNSET
    description: Annotated[str, msgspec.Meta(max_length=5000)] | msgspec.UnsetType = msgspec.UNSET
    period_start: date | msgspec.UnsetType | None = msgspec.UNSET
    period_end: date | msgspec.UnsetType | None = msgspec.UNSET
    language: Annotated[str, msgspec.Meta(max_length=16)] | msgspec.UnsetType | None = msgspec.UNSET
    author: Annotated[str, msgspec.Meta(max_length=200)] | msgspec.UnsetType = msgspec.UNSET
    learner_authored: bool | msgspec.UnsetType = msgspec.UNSET
    transcript: Annotated[str, msgspec.Meta(max_length=transcripts.LONGEST)] | msgspec.UnsetType = msgspec.UNSET


class NewPointer(msgspec.Struct, forbid_unknown_fields=True):
    """What the file shows; a page and a time exclude each other."""

    claim: UUID
    criterion: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    page: Annotated[int, msgspec.Meta(ge=1, le=pointers.LAST_PAGE)] | None = None
    seconds: Annotated[int, msgspec.Meta(ge=0, le=pointers.LAST_SECOND)] | None = None
    note: Annotated[str, msgspec.Meta(max_length=pointers.LONGEST_NOTE)] = ""


def _pointer(pointed: Pointed) -> PointerView:
    place = pointed.place
    return PointerView(pointed.id, pointed.claim, place.criterion, place.page, place.seconds, place.note)


def _view(shown: Shown, old: Mapping[UUID, Text]) -> EvidenceView:
    file = {name: getattr(shown, name) for name in Shown.__slots__ if name not in {"said", "pointers"}}
    said = {name: getattr(shown.said, name) for name in Description.__slots__}
    return EvidenceView(
        **file,
        **said,
        scanned=shown.scanned,
        captioned=bool(transcripts.captions(shown.said.transcript)),
        currency_warning=old.get(shown.id),
        pointers=[_pointer(pointed) for pointed in shown.pointers],
    )


def _masked(shown: Shown, look: evidence_files.Look, old: Mapping[UUID, Text]) -> EvidenceView:
    """A file as somebody sees it who may not know whose it is; elsewhere, as it is."""
    if not look.masked:
        return _view(shown, old)
    said = replace(shown.said, title="", author="")
    return _view(replace(shown, name=look.name_of(shown), said=said), old)


@post(
    "/",
    opt={"action": Action.EDIT_PORTFOLIO},
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
    operation_id="attach_evidence",
    summary="Send one file",
    description="multipart/form-data: the text fields of a description, all optional, then the part `file`.",
)
async def attach(
    request: Request[Any, Any, Any], case_id: FromPath[UUID], caller: Who, house: TheHouse
) -> Response[EvidenceView]:
    """Take in one file. 201 for a new one, 200 where the case already holds these very bytes."""
    now = house.clock()
    taken = await taken_in(request, case_id, caller=caller, house=house)
    known = taken.received_at < now
    location = f"{request.url.path.rstrip('/')}/{taken.id}"
    return Response(taken, status_code=200 if known else 201, headers={"Location": location})


async def taken_in(request: Request[Any, Any, Any], case_id: UUID, *, caller: Caller, house: House) -> EvidenceView:
    """The file that a form sends, attached; the same bytes again are the item that there is.

    It is read in the transaction that wrote it: what is answered is what was committed.

    Raises `Refused`: as `uploads.receive` and `evidence.attach` do, and uploads_at_once.
    """
    person = UUID(caller.id)
    with house.slots.take(caller.id):
        async with house.database.reading() as session:
            quota = await evidence.may_attach(session, case_id, person=person, now=house.clock())
        received = await uploads.receive(request, blobs=house.blobs, left=quota.left, said=_described)
        async with house.database.writing() as session:
            item = await evidence.attach(
                session,
                case_id=case_id,
                person=person,
                name=received.name,
                file_kind=received.kind,
                stored=received.stored,
                said=received.said,
                now=house.clock(),
            )
            shown = await evidence.one(session, case_id=case_id, evidence_id=item.id)
            return _view(shown, await currency.warnings(session, case_id, now=house.clock()))


async def put_instead(
    request: Request[Any, Any, Any], case_id: UUID, evidence_id: UUID, *, caller: Caller, house: House
) -> EvidenceItem:
    """The file that a form sends, in the place of another. Raises `Refused`: as `taken_in`, and `replacing` do."""
    person = UUID(caller.id)
    with house.slots.take(caller.id):
        async with house.database.reading() as session:
            quota = await replacing.may_replace(
                session, case_id=case_id, evidence_id=evidence_id, person=person, now=house.clock()
            )
        received = await uploads.receive(request, blobs=house.blobs, left=quota.left, said=_described)
        async with house.database.writing() as session:
            return await replacing.put_instead(
                session,
                case_id=case_id,
                evidence_id=evidence_id,
                person=person,
                name=received.name,
                file_kind=received.kind,
                stored=received.stored,
                now=house.clock(),
            )


def _changes(data: DescriptionChange) -> dict[str, Any]:
    """What was said, without what was left out."""
    return {name: said for name in Description.__slots__ if (said := getattr(data, name)) is not msgspec.UNSET}


def _described(fields: dict[str, str]) -> Description:
    """The form's text fields as a description; an empty field says nothing. Raises `Refused`: malformed."""
    given = {name: text for name, text in fields.items() if text}
    try:
        change = msgspec.convert(given, DescriptionChange, strict=False)
    except msgspec.ValidationError as wrong:
        at = re.search(r"`\$?\.?(\w+)`$", str(wrong))
        raise Refused("malformed", field=at[1] if at else "form") from wrong
    said = replace(Description(), **_changes(change))
    evidence.check(said)
    return said


@get("/", opt={"action": Action.SEE_EVIDENCE}, operation_id="list_evidence", summary="Every file of a portfolio")
async def of_case(
    *, case_id: FromPath[UUID], caller: Who, facts: Facts, reading: Reading, now: Now
) -> list[EvidenceView]:
    """Every file with its description and pointers, in the order in which they came.

    An assessor finds what is pointed at the claims of the own seat.
    """
    return await listed(reading, case_id, caller=caller, facts=facts, now=now)


async def listed(
    session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts, now: datetime
) -> list[EvidenceView]:
    """What of a case's evidence the caller sees, as they may see it."""
    look = await evidence_files.looking_into(session, case_id, caller=caller, facts=facts)
    old = await currency.warnings(session, case_id, now=now)
    return [_masked(shown, look, old) for shown in await evidence.of_case(session, case_id, claims=look.claims)]


@get("/receipt", opt={"action": Action.SEE_RECEIPT}, operation_id="evidence_receipt", summary="What is held, by hash")
async def receipt(case_id: FromPath[UUID], reading: Reading, now: Now) -> Response[dict[str, Any]]:
    """The name, size, time and SHA-256 of every file that is held, and of every version that was sent."""
    held = await portfolio.receipt(reading, case_id)
    content = {"issued_at": now} | msgspec.to_builtins(held, builtin_types=(datetime, UUID))
    disposition = f'attachment; filename="receipt-{held.case_number}.json"'
    return Response(content, headers={"Content-Disposition": disposition})


@get(
    "/receipt/file",
    opt={"action": Action.SEE_RECEIPT},
    operation_id="evidence_receipt_file",
    summary="What is held, as PDF",
)
async def receipt_file(
    *, case_id: FromPath[UUID], house: TheHouse, now: Now, language: FromQuery[Language | None] = None
) -> Response[bytes]:
    """The receipt to keep or print, in the language of the case's learner unless another one is named."""
    async with house.database.reading() as session:
        paper = await receipts.of_case(session, case_id, language=language, now=now)
    return Response(
        await house.previews.render(paper, now=now),
        media_type="application/pdf",
        headers=headers.to_keep(f"receipt-{paper.case_number}-{paper.language}.pdf"),
    )


@patch(
    "/{evidence_id:uuid}",
    opt={"action": Action.EDIT_PORTFOLIO},
    operation_id="describe_evidence",
    summary="Say what a file is",
)
async def describe(
    *,
    case_id: FromPath[UUID],
    evidence_id: FromPath[UUID],
    data: JSONBody[DescriptionChange],
    caller: Who,
    writing: Writing,
    now: Now,
) -> EvidenceView:
    """Change what is said of a file; what is left out stays."""
    shown = await evidence.one(writing, case_id=case_id, evidence_id=evidence_id)
    said = replace(shown.said, **_changes(data))
    await evidence.describe(
        writing, case_id=case_id, evidence_id=evidence_id, person=UUID(caller.id), said=said, now=now
    )
    old = await currency.warnings(writing, case_id, now=now)
    return _view(await evidence.one(writing, case_id=case_id, evidence_id=evidence_id), old)


@delete(
    "/{evidence_id:uuid}",
    opt={"action": Action.EDIT_PORTFOLIO},
    operation_id="remove_evidence",
    summary="Take a file out of the portfolio",
)
async def remove(case_id: FromPath[UUID], evidence_id: FromPath[UUID], caller: Who, writing: Writing, now: Now) -> None:
    """Take a file out, with its pointers; what was already sent stays."""
    await evidence.remove(writing, case_id=case_id, evidence_id=evidence_id, person=UUID(caller.id), now=now)


@post(
    "/{evidence_id:uuid}/pointers",
    opt={"action": Action.EDIT_PORTFOLIO},
    operation_id="point_evidence",
    summary="Say what a file shows",
)
async def point(
    *,
    case_id: FromPath[UUID],
    evidence_id: FromPath[UUID],
    data: JSONBody[NewPointer],
    caller: Who,
    writing: Writing,
    now: Now,
) -> PointerView:
    """Tie a file to a claim or to one of its criteria; the same tie again answers with the one there is."""
    place = Place(data.criterion, data.page, data.seconds, data.note)
    made = await pointers.point(
        writing,
        case_id=case_id,
        evidence_id=evidence_id,
        claim_id=data.claim,
        person=UUID(caller.id),
        place=place,
        now=now,
    )
    return PointerView(made.id, made.claim_id, made.criterion, made.page, made.seconds, made.note)


@delete(
    "/{evidence_id:uuid}/pointers/{pointer_id:uuid}",
    opt={"action": Action.EDIT_PORTFOLIO},
    operation_id="unpoint_evidence",
    summary="Say that a file does not show this",
)
async def unpoint(
    *,
    case_id: FromPath[UUID],
    evidence_id: FromPath[UUID],
    pointer_id: FromPath[UUID],
    caller: Who,
    writing: Writing,
    now: Now,
) -> None:
    """Untie a file from a claim; what was already sent stays."""
    person = UUID(caller.id)
    await pointers.unpoint(
        writing, case_id=case_id, evidence_id=evidence_id, pointer_id=pointer_id, person=person, now=now
    )


def router() -> Router:
    """Every route of evidence."""
    return Router(
        "/api/v1/cases/{case_id:uuid}/evidence",
        route_handlers=[
            attach,
            of_case,
            receipt,
            receipt_file,
            describe,
            remove,
            point,
            unpoint,
            evidence_files.read,
            evidence_files.view,
            evidence_files.captions,
        ],
        tags=["evidence"],
    )
