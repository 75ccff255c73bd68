"""The bytes of evidence over HTTP, whole or in part: as an attachment that no browser will run, or for a viewer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, route
from litestar.di import NamedDependency, Provide
from litestar.enums import HttpMethod
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect, Stream
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import ranges
from services.api.access import Facts, Who
from services.api.house import House, TheHouse
from services.records import attested, cases, dossier, evidence, grants, programmes
from services.rules import masking, signatures, transcripts
from services.rules.people import Action, Caller, CaseFacts, Tie
from services.rules.refusals import Refused
from services.rules.signatures import Family

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


VIEWED = frozenset({"pdf", "jpeg", "png", "webp", "gif"}) | {
    one.key for one in signatures.FILE_KINDS if one.family in (Family.SOUND, Family.VIDEO)
}
"""Kinds that a page shows by itself: pictures, sound and film by the browser, a PDF by a reader that runs nothing.

Never anything in which a script could stand: what is not named here is only ever downloaded.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which file of which case is asked for, by whom, in which request."""

    request: Request[Any, Any, Any]
    case_id: UUID
    evidence_id: UUID
    caller: Caller
    facts: CaseFacts
    house: House


async def provide(
    *,
    request: Request[Any, Any, Any],
    case_id: FromPath[UUID],
    evidence_id: FromPath[UUID],
    caller: Who,
    facts: Facts,
    house: TheHouse,
) -> Wanted:
    """What is wanted, for the handlers below."""
    return Wanted(request, case_id, evidence_id, caller, facts, house)


TheWanted = NamedDependency[SkipValidation[Wanted]]
WANTED = {"wanted": Provide(provide)}


@route(
    "/{evidence_id:uuid}/file",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={"action": Action.SEE_EVIDENCE},
    dependencies=WANTED,
    operation_id=lambda _handler, method, _path: "read_evidence" if method == HttpMethod.GET else "probe_evidence",
    summary="The bytes of a file, or a part of them",
    description="Always an attachment. `Range` is answered with 206 or 416; every reading is noted in the case's log.",
)
async def read(*, wanted: TheWanted) -> Response[Any]:
    """Send the original as it was received, once the log holds who reads it."""
    return await _answered(wanted, original=True)


@get(
    "/{evidence_id:uuid}/view",
    opt={"action": Action.SEE_EVIDENCE},
    dependencies=WANTED,
    operation_id="view_evidence",
    summary="The bytes of a file for a viewer",
    description="Pictures, sound, film and PDF; no other kind has this address. One opening is noted once in the log, "
    "however many parts a player asks for.",
)
async def view(*, wanted: TheWanted) -> Response[Any]:
    """Send what a page shows inside itself. Raises `Refused('not_found')` for kinds that are only downloaded."""
    return await _answered(wanted, original=False)


@get(
    "/{evidence_id:uuid}/captions",
    opt={"action": Action.SEE_EVIDENCE},
    dependencies=WANTED,
    operation_id="caption_evidence",
    summary="Captions of sound or film",
    description="WebVTT, made of the transcript where that holds times; otherwise there is nothing here.",
    media_type="text/vtt",
)
async def captions(*, wanted: TheWanted) -> Response[str]:
    """What a player shows while it plays; like the transcript, it is a part of what is said of the file."""
    _, shown = await _found(wanted, original=False)
    found = transcripts.captions(shown.said.transcript)
    if not found:
        raise Refused("not_found")
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return Response(transcripts.webvtt(found), media_type="text/vtt", headers=headers)


async def _answered(wanted: Wanted, *, original: bool) -> Response[Any]:
    """The file, or the way to it where files have an origin of their own; either way the reading is noted first."""
    look, shown = await _found(wanted, original=original)
    note = partial(_noted, wanted, claims=look.claims, note=evidence.read if original else evidence.opened)
    if not wanted.house.evidence_origin:
        return await _given(wanted, look, shown, original=original, note=note)
    signed = wanted.request.scope["user"]
    about: dict[str, Any] = {"case_id": wanted.case_id, "evidence_id": wanted.evidence_id, "original": original}
    give = partial(grants.give, token=signed.token, now=wanted.house.clock(), **about)
    return led(wanted.house, await note(then=give), original=original)


LOOK_THERE: Literal[307] = 307
KNOWS_THE_WAY = 10 * 60
"""Seconds for which a viewer goes straight to its grant, which lasts longer: then it asks here again."""


def led(house: House, grant: str, *, original: bool) -> Redirect:
    """The way to a file at the origin of its own."""
    known = {"Cache-Control": f"private, max-age={KNOWS_THE_WAY}", "Vary": "Cookie, Authorization"}
    return Redirect(f"{house.evidence_origin}/e/{grant}", status_code=LOOK_THERE, headers={} if original else known)


async def granted(wanted: Wanted, *, original: bool) -> Response[Any]:
    """The file, for somebody whose reading was noted with the grant. Raises `Refused`: as the handlers do."""
    look, shown = await _found(wanted, original=original)
    return await _given(wanted, look, shown, original=original, note=_nothing)


async def _nothing() -> None:
    """Add no line to the log."""


async def _given(
    wanted: Wanted, look: "Look", shown: evidence.Shown, *, original: bool, note: Callable[[], Awaitable[Any]]
) -> Response[Any]:
    file = File(look.name_of(shown) if original else "", shown.sha256, shown.size, shown.media_type)
    return await sent(wanted.request, wanted.house, file, note=note)


async def _found(wanted: Wanted, *, original: bool) -> tuple["Look", evidence.Shown]:
    async with wanted.house.database.reading() as session:
        case_id = wanted.case_id
        look = await looking_into(session, case_id, caller=wanted.caller, facts=wanted.facts)
        shown = await evidence.one(session, case_id=case_id, evidence_id=wanted.evidence_id, claims=look.claims)
        await check_seal(session, case_id, shown, facts=wanted.facts)
    if not original and shown.file_kind not in VIEWED:
        raise Refused("not_found")
    return look, shown


@dataclass(frozen=True, slots=True)
class File:
    """The bytes of a blob, and the name under which they are given out; without a name a page shows them itself."""

    name: str
    sha256: str
    size: int
    media_type: str


async def sent(
    request: Request[Any, Any, Any], house: House, file: File, *, note: Callable[[], Awaitable[Any]]
) -> Response[Any]:
    """Give a file out, whole or in part; `note` writes the reading down first. Raises `Refused('unavailable')`."""
    etag = f'"{file.sha256}"'
    disposition = attachment(file.name) if file.name else "inline"
    headers = FILE_HEADERS | {"ETag": etag, "Content-Disposition": disposition}
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


async def check_seal(session: AsyncSession, case_id: UUID, shown: evidence.Shown, *, facts: CaseFacts) -> None:
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


async def _noted(
    wanted: Wanted,
    *,
    claims: frozenset[UUID] | None,
    note: Callable[..., Awaitable[Any]],
    then: Callable[[AsyncSession], Awaitable[str]] | None = None,
) -> str:
    """No line in the log, no byte, nor what `then` gives instead. Raises `Refused`: unavailable, evidence_unknown."""
    try:
        async with wanted.house.database.writing() as session:
            await note(
                session,
                case_id=wanted.case_id,
                evidence_id=wanted.evidence_id,
                person=UUID(wanted.caller.id),
                now=wanted.house.clock(),
                claims=claims,
            )
            return await then(session) if then else ""
    except SQLAlchemyError as trouble:
        raise Refused("unavailable") from trouble


def attachment(name: str) -> str:
    """The value of `Content-Disposition` for a file of this name. Source: RFC 6266, RFC 8187."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
