"""Recordings of appointments and forms filled in by hand: in from whoever led it, out to whoever may read it."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, SkipValidation

from services.api import body_pace, uploads
from services.api.access import Facts, Who
from services.api.house import House, TheHouse
from services.api.routes import appointments as shown
from services.api.routes import evidence_files
from services.api.routes.appointments import KeptView
from services.records import recordings
from services.records.recordings import File, Said
from services.records.tables.appointments import AppointmentFile
from services.rules.appointments import KeptAs
from services.rules.people import Action
from services.rules.refusals import Refused

AnyRequest = Request[Any, Any, Any]
TheSlots = NamedDependency[SkipValidation[uploads.Slots]]


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
    slots: TheSlots,
    house: TheHouse,
) -> KeptView:
    """Direct evidence for the claims of the appointment; the same bytes again are the file that there is."""
    where: dict[str, UUID] = {"case_id": case_id, "appointment_id": appointment_id, "person": UUID(caller.id)}
    with slots.take(caller.id):
        async with house.database.reading() as session:
            left = await recordings.room(session, **where, now=house.clock())
        received = await uploads.receive(request, blobs=house.blobs, left=left, said=_said)
        file = File(received.name, received.kind, received.stored)
        async with house.database.writing() as session:
            row = await recordings.keep(session, **where, said=received.said, file=file, now=house.clock())
            view = shown.kept_view(row)
    await house.desk.wake(case_id)
    return view


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
    file = evidence_files.File(row.name, row.sha256, row.size, row.media_type)
    return await evidence_files.sent(request, house, file, note=partial(_note, house, row, person=UUID(caller.id)))


async def _note(house: House, row: AppointmentFile, *, person: UUID) -> None:
    async with house.database.writing() as session:
        await recordings.read(session, row, person=person, now=house.clock())


def router() -> Router:
    """Every route of recordings, with the count of uploads that this process has under way."""
    slots = uploads.Slots()
    return Router(
        "/api/v1/cases/{case_id:uuid}/appointments/{appointment_id:uuid}/files",
        route_handlers=[keep, read],
        dependencies={"slots": Provide(lambda: slots, sync_to_thread=False)},
        tags=["appointments"],
    )
