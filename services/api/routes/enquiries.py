"""Enquiries before there is a case, for advisors and leads: no name and no words of whoever asked."""

from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, delete, get, post, put
from litestar.params import FromPath, JSONBody

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.records import enquiries
from services.records.enquiries import Asked
from services.records.tables.enquiries import Enquiry
from services.rules.enquiries import Way
from services.rules.people import Action
from services.rules.programmes import Language

KEEP = {"action": Action.KEEP_ENQUIRIES}


class NewEnquiry(msgspec.Struct, forbid_unknown_fields=True):
    """When somebody asked, how they came, in which language, and about what; null: not known yet."""

    day: date
    way: Way
    language: Language
    programme: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class LedTo(msgspec.Struct, forbid_unknown_fields=True):
    """The number of the case that came of it."""

    number: Annotated[str, msgspec.Meta(max_length=32)]


class EnquiryView(msgspec.Struct):
    """An enquiry that has led to no case yet."""

    id: UUID
    day: date
    way: Way
    language: Language
    programme: str | None


def _view(row: Enquiry) -> EnquiryView:
    return EnquiryView(row.id, row.day, row.way, row.language, row.programme)


@get("/", opt=KEEP, operation_id="list_enquiries", summary="Enquiries without a case")
async def listed(caller: Who, reading: Reading) -> list[EnquiryView]:
    """The newest hundred of one's own programmes; a year after its day one is deleted, and only the number stays."""
    return [_view(row) for row in await enquiries.listed(reading, caller)]


@post("/", opt=KEEP, operation_id="record_enquiry", summary="Write down an enquiry")
async def record(data: JSONBody[NewEnquiry], caller: Who, writing: Writing, now: Now) -> EnquiryView:
    """It is counted as the first step of the programme's figures."""
    asked = Asked(data.day, data.way, data.language, data.programme)
    return _view(await enquiries.record(writing, caller, asked, now=now))


@put(
    "/{enquiry_id:uuid}/case",
    opt=KEEP,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="link_enquiry",
    summary="Say which case came of an enquiry",
)
async def link(enquiry_id: FromPath[UUID], data: JSONBody[LedTo], caller: Who, writing: Writing, now: Now) -> None:
    """A case that the caller follows. Raises `Refused`: not_found, case_before_enquiry."""
    await enquiries.link(writing, caller, enquiry_id, number=data.number, now=now)


@delete("/{enquiry_id:uuid}", opt=KEEP, operation_id="remove_enquiry", summary="Remove an enquiry written by mistake")
async def remove(enquiry_id: FromPath[UUID], caller: Who, writing: Writing, now: Now) -> None:
    """It counts no more. Raises `Refused('not_found')`."""
    await enquiries.remove(writing, caller, enquiry_id, now=now)


def router() -> Router:
    """Every route of enquiries."""
    return Router("/api/v1/enquiries", route_handlers=[listed, record, link, remove], tags=["enquiries"])
