"""Files that come in parts over a poor connection: tus 1.0 with creation, checksum, termination, expiration.

An offset is acknowledged only when its bytes are safe; a part that was cut off counts as far as it came.
"""

import base64
import binascii
import hashlib
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, Router, delete, head, patch, post, route
from litestar.enums import HttpMethod
from litestar.params import FromPath

from services.api import body_pace, numerals
from services.api import uploads as receiving
from services.api.access import Who
from services.api.house import House, TheHouse
from services.documents import pdf_locks
from services.records import uploads
from services.records.tables.uploads import Upload
from services.rules import evidence as accepted
from services.rules.people import Action
from services.rules.refusals import Refused
from services.rules.signatures import CAP, HEAD

AnyRequest = Request[Any, Any, Any]

VERSION = "1.0.0"
MOST_AT_ONCE = 8 * 1024 * 1024
"""Bytes of one part."""

CHECKSUMS = ("sha1", "sha256")
EDIT = {"action": Action.EDIT_PORTFOLIO}
SPOKEN = {
    "Tus-Version": VERSION,
    "Tus-Max-Size": str(max(CAP.values())),
    "Tus-Extension": "creation,checksum,termination,expiration",
    "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
}


@route(
    ["/", "/{upload_id:uuid}"],
    http_method=HttpMethod.OPTIONS,
    status_code=204,
    opt=EDIT,
    include_in_schema=False,
)
async def ask() -> Response[None]:
    """What of the protocol is spoken here."""
    return Response(None, status_code=204, headers=SPOKEN)


@post("/", opt=EDIT, operation_id="begin_upload", summary="Open an upload (tus 1.0)")
async def begin(request: AnyRequest, case_id: FromPath[UUID], caller: Who, house: TheHouse) -> Response[None]:
    """Open an upload of `Upload-Length` bytes; `Upload-Metadata` names the file."""
    _check_version(request)
    length = _number(request, "upload-length")
    await receiving.check_room(house.blobs, length)
    async with house.database.writing() as session:
        upload = await uploads.begin(
            session,
            case_id=case_id,
            person=UUID(caller.id),
            filename=_filename(request.headers.get("upload-metadata", "")),
            length=length,
            now=house.clock(),
        )
    headers = {"Location": f"{request.url.path.rstrip('/')}/{upload.id}"}
    return Response(None, status_code=201, headers=headers | _expiry(upload))


@head("/{upload_id:uuid}", opt=EDIT, operation_id="probe_upload", summary="How far an upload came")
async def probe(
    request: AnyRequest, case_id: FromPath[UUID], upload_id: FromPath[UUID], caller: Who, house: TheHouse
) -> Response[None]:
    """How far it came; a whole file that was not attached yet, because the process died, is attached now."""
    _check_version(request)
    upload = await _found(house, case_id, upload_id, caller.id)
    if upload.received == upload.length:
        with house.locks.take(upload_id):
            await _finish(house, upload)
    headers = {"Upload-Length": str(upload.length), "Cache-Control": "no-store"}
    return Response(None, status_code=200, headers=headers | _progress(upload))


@patch(
    "/{upload_id:uuid}",
    opt=EDIT,
    status_code=204,
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
    operation_id="grow_upload",
    summary="Send the next part of an upload",
)
async def grow(
    request: AnyRequest, case_id: FromPath[UUID], upload_id: FromPath[UUID], caller: Who, house: TheHouse
) -> Response[None]:
    """Take in the part from `Upload-Offset` on; the last one makes the file evidence."""
    _check_version(request)
    if request.headers.get("content-type") != "application/offset+octet-stream":
        raise Refused("malformed", field="content-type")
    with house.locks.take(upload_id):
        upload = await _found(house, case_id, upload_id, caller.id)
        if _number(request, "upload-offset") != upload.received:
            raise Refused("upload_offset")
        grown = await _take_in(request, house, upload)
        if grown.received == grown.length:
            await _finish(house, grown)
    return Response(None, status_code=204, headers=_progress(grown))


@delete("/{upload_id:uuid}", opt=EDIT, status_code=204, operation_id="end_upload", summary="Give an upload up")
async def give_up(
    request: AnyRequest, case_id: FromPath[UUID], upload_id: FromPath[UUID], caller: Who, house: TheHouse
) -> None:
    """Forget what came so far; a file that is evidence already stays."""
    _check_version(request)
    with house.locks.take(upload_id):
        await _found(house, case_id, upload_id, caller.id)
        await house.blobs.drop_parts(upload_id.hex)
        async with house.database.writing() as session:
            await uploads.end(session, upload_id)


async def _found(house: House, case_id: UUID, upload_id: UUID, person: str) -> Upload:
    async with house.database.reading() as session:
        return await uploads.get(session, upload_id, case_id=case_id, person=UUID(person), now=house.clock())


async def _take_in(request: AnyRequest, house: House, upload: Upload) -> Upload:
    """Keep the part that a request brings, or as much of it as came. Raises `Refused`."""
    part = f"{upload.id.hex}/{uuid4().hex}"
    promised = _promised(request)
    digest = hashlib.new(promised[0]) if promised else None
    room, came, first, cut = upload.length - upload.received, 0, bytearray(), None
    async with house.blobs.incoming(part) as incoming:
        try:
            async for chunk in receiving.arriving(request):
                came += len(chunk)
                _check_length(came, most=min(room, MOST_AT_ONCE))
                if not upload.received and len(first) < HEAD:
                    first += chunk[: HEAD - len(first)]
                if digest is not None:
                    digest.update(chunk)
                await incoming.write(chunk)
        except Refused as refused:
            if refused.code not in CUT_OFF or digest is not None or not came:
                raise
            cut = refused
        if digest is not None and promised is not None and digest.digest() != promised[1]:
            raise Refused("checksum_mismatch")
        if not upload.received and len(first) >= min(HEAD, upload.length):
            _check_kind(upload, bytes(first))
        stored = await incoming.keep()
    async with house.database.writing() as session:
        grown = await uploads.grow(session, upload, part=part, stored=stored, now=house.clock())
    if cut is not None:
        raise cut
    return grown


CUT_OFF = {"upload_aborted", "upload_too_slow"}


async def _finish(house: House, upload: Upload) -> None:
    """Make evidence of a file that is all there: the same way, and the same checks, as a file that came at once."""
    if upload.evidence_id is not None:
        return
    async with house.database.reading() as session:
        names = await uploads.parts(session, upload.id)
    head_of_file, watch = bytearray(), pdf_locks.Watch(accepted.kind_of_name(upload.name).key)
    async with house.blobs.incoming() as incoming:
        for name in names:
            async for chunk in house.blobs.read_part(name):
                if len(head_of_file) < HEAD:
                    head_of_file += chunk[: HEAD - len(head_of_file)]
                watch.see(chunk)
                await incoming.write(chunk)
        _check_kind(upload, bytes(head_of_file))
        stored = await receiving.keep(incoming, watch=watch)
    async with house.database.writing() as session:
        await uploads.finish(session, upload.id, stored=stored, now=house.clock())
    await house.blobs.drop_parts(upload.id.hex)


def _check_length(came: int, *, most: int) -> None:
    if came > most:
        raise Refused("too_large")


def _check_kind(upload: Upload, first: bytes) -> None:
    if not accepted.agrees(accepted.kind_of_name(upload.name), first):
        raise Refused("type_mismatch")


def _progress(upload: Upload) -> dict[str, str]:
    return {"Upload-Offset": str(upload.received)} | _expiry(upload)


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)}


def _check_version(request: AnyRequest) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise Refused("protocol_version")


def _number(request: AnyRequest, name: str) -> int:
    number = numerals.read(request.headers.get(name, ""))
    if number is None:
        raise Refused("malformed", field=name)
    return number


def _filename(metadata: str) -> str:
    """The file's name among the pairs of `Upload-Metadata`. Raises `Refused`: malformed."""
    pairs = dict(pair.strip().partition(" ")[::2] for pair in metadata.split(","))
    try:
        return base64.b64decode(pairs["filename"], validate=True).decode()
    except (KeyError, ValueError) as wrong:
        raise Refused("malformed", field="upload-metadata") from wrong


def _promised(request: AnyRequest) -> tuple[str, bytes] | None:
    """The algorithm and the hash that `Upload-Checksum` announces. Raises `Refused`: malformed."""
    announced = request.headers.get("upload-checksum")
    if announced is None:
        return None
    algorithm, _, encoded = announced.partition(" ")
    try:
        promised = base64.b64decode(encoded, validate=True)
    except binascii.Error as wrong:
        raise Refused("malformed", field="upload-checksum") from wrong
    if algorithm not in CHECKSUMS:
        raise Refused("malformed", field="upload-checksum")
    return algorithm, promised


def _speak(response: Response[Any]) -> Response[Any]:
    response.headers.setdefault("Tus-Resumable", VERSION)
    return response


def router() -> Router:
    """Every route of uploads in parts."""
    return Router(
        "/api/v1/cases/{case_id:uuid}/uploads",
        route_handlers=[ask, begin, probe, grow, give_up],
        after_request=_speak,
        tags=["evidence"],
    )
