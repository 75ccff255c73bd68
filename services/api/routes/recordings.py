"""Recordings of appointments and forms filled in by hand: in from whoever led it, out to whoever may read it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import body_pace, uploads
from services.api.access import Facts, Who
from services.api.house import House, TheHouse
from services.api.routes import appointments as shown
from services.api.routes import evidence_files
from services.api.routes.appointments import KeptView
from services.records import grants, recordings
from services.records.recordings import File, Said
from services.records.tables.appointments import AppointmentFile
from services.rules.appointments import KeptAs
from services.rules.people import Action, Caller, CaseFacts
from services.rules.refusals import Refused

AnyRequest = Request[Any, Any, Any]


@post(
    "/",
    opt={"action": Action.KEEP_RECORDING},
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
    operation_id="keep_appointment_file",
    summary="Keep a recording or the form of an appointment",
    description=(
        "multipart/form-data: `what` (`recording` or `form`), `present` and `consenting` (names, one a line; a"
        " recording needs the consent of everybody present), then the part `file`."
    ),
)
async def keep(
    *,
    request: AnyRequest,
    case_id: FromPath[UUID],
    appointment_id: FromPath[UUID],
    caller: Who,
    house: TheHouse,
) -> KeptView:
    """Direct evidence for the claims of the appointment; the same bytes again are the file that there is."""
    return await taken_in(request, case_id, appointment_id, caller=caller, house=house)


async def taken_in(
    request: AnyRequest,
    case_id: UUID,
    appointment_id: UUID,
    *,
    caller: Caller,
    house: House,
    heard: dict[str, str] | None = None,
) -> KeptView:
    """The file that a form sends, kept with the appointment; `heard` is given what the form says beside it.

    Raises `Refused`: as `uploads.receive` and `recordings.keep` do, and uploads_at_once.
    """
    where: dict[str, UUID] = {"case_id": case_id, "appointment_id": appointment_id, "person": UUID(caller.id)}
    with house.slots.take(caller.id):
        async with house.database.reading() as session:
            left = await recordings.room(session, **where, now=house.clock())
        received = await uploads.receive(request, blobs=house.blobs, left=left, said=partial(_heard, heard))
        file = File(received.name, received.kind, received.stored)
        async with house.database.writing() as session:
            row = await recordings.keep(session, **where, said=received.said, file=file, now=house.clock())
            view = shown.kept_view(row)
    await house.desk.wake(case_id)
    return view


def _heard(heard: dict[str, str] | None, fields: dict[str, str]) -> Said:
    if heard is not None:
        heard |= fields
    return _said(fields)


def _said(fields: dict[str, str]) -> Said:
    """The form's text fields. Raises `Refused`: malformed, recording_consent before a byte of the file came."""
    try:
        what = KeptAs(fields.get("what", ""))
    except ValueError:
        raise Refused("malformed", field="what") from None
    said = Said(what, _names(fields.get("present", "")), _names(fields.get("consenting", "")))
    recordings.check(said)
    return said


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for line in text.splitlines() if (name := line.strip()))


@get(
    "/{file_id:uuid}",
    opt={"action": Action.SEE_APPOINTMENTS},
    operation_id="read_appointment_file",
    summary="The bytes of a recording or a form, or a part of them",
    description="Always an attachment. `Range` is answered with 206 or 416; every reading is noted in the case's log.",
)
async def read(
    *,
    request: AnyRequest,
    case_id: FromPath[UUID],
    appointment_id: FromPath[UUID],
    file_id: FromPath[UUID],
    caller: Who,
    facts: Facts,
    house: TheHouse,
) -> Response[Any]:
    """For whoever reads what was written down of the appointment; the learner once the decision can be read."""
    async with house.database.reading() as session:
        row = await shown.file_of(session, case_id, appointment_id, file_id, caller=caller, facts=facts)
    note = partial(_noted, house, row, person=UUID(caller.id))
    if not house.evidence_origin:
        return await given(request, house, row, note=note)
    signed = request.scope["user"]
    about: dict[str, Any] = {"case_id": case_id, "appointment_file_id": row.id, "original": True}
    grant = await note(then=partial(grants.give, token=signed.token, now=house.clock(), **about))
    return evidence_files.led(house, grant, original=True)


async def granted(
    request: AnyRequest, case_id: UUID, file_id: UUID, *, caller: Caller, facts: CaseFacts, house: House
) -> Response[Any]:
    """The file, for somebody whose reading was noted with the grant. Raises `Refused('not_found')`."""
    async with house.database.reading() as session:
        kept = await session.get_one(AppointmentFile, file_id)
        row = await shown.file_of(session, case_id, kept.appointment_id, file_id, caller=caller, facts=facts)
    return await given(request, house, row, note=_nothing)


async def given(
    request: AnyRequest, house: House, row: AppointmentFile, *, note: Callable[[], Awaitable[Any]]
) -> Response[Any]:
    """The bytes, always as an attachment; `note` writes the reading down first."""
    file = evidence_files.File(row.name, row.sha256, row.size, row.media_type)
    return await evidence_files.sent(request, house, file, note=note)


async def _nothing() -> None:
    """Add no line to the log."""


async def _noted(
    house: House,
    row: AppointmentFile,
    *,
    person: UUID,
    then: Callable[[AsyncSession], Awaitable[str]] | None = None,
) -> str:
    async with house.database.writing() as session:
        await recordings.read(session, row, person=person, now=house.clock())
        return await then(session) if then else ""


def router() -> Router:
    """Every route of recordings."""
    return Router(
        "/api/v1/cases/{case_id:uuid}/appointments/{appointment_id:uuid}/files",
        route_handlers=[keep, read],
        tags=["appointments"],
    )
