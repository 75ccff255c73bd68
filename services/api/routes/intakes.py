"""Intake on a learner's behalf: an advisor opens a case for somebody who agreed to it, and hands it over."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, post
from litestar.params import FromPath, JSONBody

from services.api import portraits, views
from services.api.access import Who
from services.api.house import Now, TheHouse, Writing
from services.api.routes.cases import EmployerForm
from services.records import enquiries, intake, ties
from services.records.drafts import Purpose
from services.records.intake import Agreed, Applicant, Application, ConsentForm
from services.rules.people import Action
from services.rules.programmes import Language


class ApplicantForm(msgspec.Struct, forbid_unknown_fields=True):
    """For whom; an account with this address is theirs, otherwise they are invited to choose a password for one."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    email: Annotated[str, msgspec.Meta(min_length=3, max_length=320)]
    language: Language


class AgreementForm(msgspec.Struct, forbid_unknown_fields=True):
    """Which version of the text the learner agreed to, and how."""

    text_version: Annotated[str, msgspec.Meta(max_length=32, examples=["2026-1"])]
    form: ConsentForm


class NewIntake(msgspec.Struct, forbid_unknown_fields=True):
    """A draft on the newest version of a programme, in the learner's language, with their agreement.

    `enquiry`: the id of what they asked before.
    """

    learner: ApplicantForm
    consent: AgreementForm
    programme: Annotated[str, msgspec.Meta(max_length=64)]
    purpose: Purpose
    competencies: Annotated[tuple[str, ...], msgspec.Meta(max_length=200)] = ()
    employers: Annotated[tuple[EmployerForm, ...], msgspec.Meta(max_length=50)] = ()
    enquiry: UUID | None = None


@post("/intakes", opt={"action": Action.OPEN_INTAKE}, operation_id="open_intake", summary="Open a case for somebody")
async def open_intake(data: JSONBody[NewIntake], caller: Who, house: TheHouse) -> Response[views.CaseView]:
    """The learner is told by mail; the advisor writes in the case until it is handed over, and never judges it."""
    async with house.database.writing() as session:
        case = await intake.open_for(
            session,
            Applicant(data.learner.name, data.learner.email, data.learner.language),
            application=Application(
                data.programme, data.purpose, data.competencies, [one.named() for one in data.employers]
            ),
            agreed=Agreed(data.consent.text_version, data.consent.form),
            advisor=caller,
            now=house.clock(),
        )
        if data.enquiry is not None:
            asked = await enquiries.get(session, caller, data.enquiry)
            await enquiries.led_to(session, caller, asked, case=case, now=house.clock())
        facts = await ties.ties(session, case_id=case.id, caller=caller)
        portrait = await portraits.of_case(session, case.id, caller=caller, facts=facts, now=house.clock())
    await house.desk.wake(case.id)  # a draft has no workflow: this run sends the mail, and ends
    return Response(portrait, headers={"Location": f"/api/v1/cases/{portrait.id}", "ETag": f'"{portrait.version}"'})


@post(
    "/cases/{case_id:uuid}/hand-over",
    opt={"action": Action.END_INTAKE},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="hand_over",
    summary="Let the learner write alone",
)
async def hand_over(case_id: FromPath[UUID], caller: Who, writing: Writing, now: Now) -> None:
    """The learner takes the case in hand, or the advisor gives it to them; the advisor goes on accompanying it."""
    await intake.hand_over(writing, case_id, person=UUID(caller.id), now=now)


def router() -> Router:
    """Every route of intakes."""
    return Router("/api/v1", route_handlers=[open_intake, hand_over], tags=["cases"])
