"""The bytes of evidence over HTTP: the original, whole or in part, as an attachment that no browser will run."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, route
from litestar.enums import HttpMethod
from litestar.params import FromPath
from litestar.response import Stream
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import ranges
from services.api.access import Facts, Who
from services.api.house import House, TheHouse
from services.records import attested, cases, dossier, evidence, programmes
from services.rules import masking
from services.rules.people import Action, Caller, CaseFacts, Tie
from services.rules.refusals import Refused

FILE_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
    "Accept-Ranges": "bytes",
}
"""What keeps a stranger's bytes from running as ours. Source: security design, section 5.10."""


@route(
    "/{evidence_id:uuid}/file",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={"action": Action.SEE_EVIDENCE},
    operation_id=lambda _handler, method, _path: "read_evidence" if method == HttpMethod.GET else "probe_evidence",
    summary="The bytes of a file, or a part of them",
    description="Always an attachment. `Range` is answered with 206 or 416; every reading is noted in the case's log.",
)
async def read(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    evidence_id: FromPath[UUID],
    caller: Who,
    facts: Facts,
    house: TheHouse,
) -> Response[Any]:
    """Send the original as it was received, once the log holds who reads it."""
    async with house.database.reading() as session:
        look = await looking_into(session, case_id, caller=caller, facts=facts)
        shown = await evidence.one(session, case_id=case_id, evidence_id=evidence_id, claims=look.claims)
        await _check_seal(session, case_id, shown, facts=facts)
    file = File(look.name_of(shown), shown.sha256, shown.size, shown.media_type)
    person = UUID(caller.id)
    note = partial(_note_reading, house, case_id=case_id, evidence_id=evidence_id, person=person, claims=look.claims)
    return await sent(request, house, file, note=note)


@dataclass(frozen=True, slots=True)
class File:
    """The bytes of a blob, and the name under which they are given out."""

    name: str
    sha256: str
    size: int
    media_type: str


async def sent(
    request: Request[Any, Any, Any], house: House, file: File, *, note: Callable[[], Awaitable[None]]
) -> Response[Any]:
    """Give a file out, whole or in part; `note` writes the reading down first. Raises `Refused('unavailable')`."""
    etag = f'"{file.sha256}"'
    headers = FILE_HEADERS | {"ETag": etag, "Content-Disposition": attachment(file.name)}
    if ranges.unchanged(request.headers.get("if-none-match"), etag=etag):
        return Response(None, status_code=304, headers=headers)
    wanted = request.headers.get("range")
    part = ranges.asked(wanted, size=file.size, if_range=request.headers.get("if-range"), etag=etag)
    if not await house.blobs.exists(file.sha256):
        raise Refused("unavailable")
    if request.method == HttpMethod.GET:
        await note()
    span = part or ranges.Span(0, file.size, file.size)
    headers |= {"Content-Length": str(span.length)} | ({"Content-Range": part.header} if part else {})
    return Stream(
        house.blobs.read(file.sha256, span.start, span.end),
        status_code=206 if part else 200,
        media_type=file.media_type,
        headers=headers,
    )


async def _check_seal(session: AsyncSession, case_id: UUID, shown: evidence.Shown, *, facts: CaseFacts) -> None:
    """A third party writes freely, for the learner reads it only after the decision. Raises: statement_sealed."""
    if Tie.LEARNER not in facts.ties or shown.attestation_id is None:
        return
    if await attested.sealed(session, case_id=case_id, request_id=shown.attestation_id):
        raise Refused("statement_sealed")


@dataclass(frozen=True, slots=True)
class Look:
    """What of a case's evidence somebody sees: that of `claims` (None: all), and whether it hides whose it is."""

    claims: frozenset[UUID] | None = None
    masked: bool = False

    def name_of(self, shown: evidence.Shown) -> str:
        """The name under which a file is shown."""
        return masking.file_name(str(shown.id), shown.name) if self.masked else shown.name


async def looking_into(session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts) -> Look:
    """What the caller may see: somebody with a seat what it is about, masked where the programme asks; others all."""
    if not facts.ties & {Tie.ASSESSOR, Tie.PANEL}:
        return Look()
    held = [one for one in await dossier.seats(session, case_id, person_id=UUID(caller.id)) if one.open]
    policy = (await programmes.of_case(session, await cases.get(session, case_id))).policy
    return Look(
        claims=frozenset(claim for one in held for claim in one.claims),
        masked=all(masking.masks(policy, one.seat.state) for one in held),
    )


async def _note_reading(
    house: House, *, case_id: UUID, evidence_id: UUID, person: UUID, claims: frozenset[UUID] | None
) -> None:
    """No line in the log, no byte. Raises `Refused`: unavailable, evidence_unknown."""
    try:
        async with house.database.writing() as session:
            await evidence.read(
                session, case_id=case_id, evidence_id=evidence_id, person=person, now=house.clock(), claims=claims
            )
    except SQLAlchemyError as trouble:
        raise Refused("unavailable") from trouble


def attachment(name: str) -> str:
    """The value of `Content-Disposition` for a file of this name. Source: RFC 6266, RFC 8187."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
