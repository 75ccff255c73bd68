"""The appointments of a case for whoever takes part or reads: when and where, what was written down, what was kept.

Whoever led one keeps its recording, or the form that was filled in by hand, on this page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import body_pace, problems
from services.api.access import Facts, Who
from services.api.house import Reading, TheHouse
from services.api.pages import command_pages, command_words
from services.api.pages.site import Page, ThePage
from services.api.problems import Problem
from services.api.routes import appointments, recordings
from services.api.routes.appointments import AppointmentView
from services.records import recordings as rows
from services.rules.people import Action, Caller, CaseFacts, Tie
from services.rules.programmes import Text
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Met:
    """An appointment, the titles of what it is about, and whether the reader may add a file to it now."""

    view: AppointmentView
    about: list[Text]
    keeps: bool


async def of_case(
    session: AsyncSession, page: Page, case_id: UUID, *, caller: Caller, facts: CaseFacts, titles: dict[UUID, Text]
) -> list[Met]:
    """What the caller sees, the newest first."""
    listed = await appointments.listed(session, case_id, caller=caller, facts=facts)
    return [
        Met(
            one,
            [titles[claim] for claim in one.claims if claim in titles],
            await _keeps(session, page, case_id, one.id, caller=caller),
        )
        for one in reversed(listed)
    ]


async def _keeps(session: AsyncSession, page: Page, case_id: UUID, appointment_id: UUID, *, caller: Caller) -> bool:
    where = {"case_id": case_id, "appointment_id": appointment_id, "person": UUID(caller.id)}
    try:
        return await rows.room(session, **where, now=page.house.clock()) > 0
    except Refused:
        return False


@get("/cases/{case_id:uuid}/appointments", opt={"action": Action.SEE_APPOINTMENTS}, include_in_schema=False)
async def see(case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading) -> Response[str]:
    """Every appointment that the reader may see, with what they may read of it."""
    return await _show(reading, page, case_id, caller=caller, facts=facts)


async def _show(
    session: AsyncSession,
    page: Page,
    case_id: UUID,
    *,
    caller: Caller,
    facts: CaseFacts,
    refused: Problem | None = None,
    at: UUID | None = None,
    heard: Mapping[str, str] = MappingProxyType({}),
) -> Response[str]:
    about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    titles = {one.id: setting.programme.competency(one.competency).title for one in setting.claims}
    return about.show(
        "case/appointments.html",
        status=refused.status if refused else HTTPStatus.OK,
        case=setting.case,
        appointments=await of_case(session, about, case_id, caller=caller, facts=facts, titles=titles),
        arrangements=command_words.choices("arrangement"),
        own=Tie.LEARNER in facts.ties,
        refused=refused,
        at=at,
        field="consenting" if refused and refused.code == "recording_consent" else "file",
        heard=heard,
        saved=page.request.query_params.get("saved", ""),
    )


@post(
    "/cases/{case_id:uuid}/appointments/{appointment_id:uuid}/files",
    opt={"action": Action.KEEP_RECORDING},
    middleware=[body_pace.Paced()],
    request_max_body_size=None,
    include_in_schema=False,
)
async def keep(
    case_id: FromPath[UUID],
    appointment_id: FromPath[UUID],
    *,
    page: ThePage,
    caller: Who,
    facts: Facts,
    house: TheHouse,
) -> Response[Any]:
    """Keep a file with the appointment, or say at the form why not."""
    heard: dict[str, str] = {}
    try:
        await recordings.taken_in(page.request, case_id, appointment_id, caller=caller, house=house, heard=heard)
    except Refused as refused:
        if refused.status == HTTPStatus.NOT_FOUND:
            raise
        said = problems.of_refusal(page.request, refused).content
        async with house.database.reading() as session:
            return await _show(
                session, page, case_id, caller=caller, facts=facts, refused=said, at=appointment_id, heard=heard
            )
    return page.go(f"/cases/{case_id}/appointments?saved={appointment_id}#a-{appointment_id}")
