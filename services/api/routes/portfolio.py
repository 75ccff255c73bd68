"""What a learner writes: how they see each competency, the programme's form, the employers they name."""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, delete, get, put
from litestar.params import FromPath, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import claim_views, views
from services.api.access import Facts, Who
from services.api.house import Now, Reading, Writing
from services.api.routes import evidence_files
from services.api.routes.cases import EmployerForm
from services.records import cases, dossier, drafts, programmes, transfers
from services.rules import masking
from services.rules.claims import SelfAssessment
from services.rules.people import Action, Caller, CaseFacts


class SelfAssessmentForm(msgspec.Struct, forbid_unknown_fields=True):
    """How one sees it: done alone, with help, not yet; empty for "not said"."""

    self_assessment: SelfAssessment | None = None


class TransferForm(msgspec.Struct, forbid_unknown_fields=True):
    """Who certified it, the title of the certificate, the day it was awarded, and the file that shows it."""

    issuer: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    awarded_on: date
    evidence: UUID


class AnswersForm(msgspec.Struct, forbid_unknown_fields=True):
    """Every answer by the question's key; `version` is the one that they replace, 0 at first."""

    answers: Annotated[dict[str, Annotated[str, msgspec.Meta(max_length=20_000)]], msgspec.Meta(max_length=100)]
    version: Annotated[int, msgspec.Meta(ge=0)]


class EmployersForm(msgspec.Struct, forbid_unknown_fields=True):
    """Every employer and referee; they replace those named before."""

    employers: Annotated[tuple[EmployerForm, ...], msgspec.Meta(max_length=50)]


@dataclass(frozen=True, slots=True)
class AnswersView:
    """The answers as they are kept."""

    answers: dict[str, str]
    version: int


@put(
    "/claims/{competency:str}",
    opt={"action": Action.EDIT_PORTFOLIO},
    operation_id="claim_competency",
    summary="Claim a competency, or say how one sees it",
)
async def claim(
    case_id: FromPath[UUID],
    competency: FromPath[str],
    data: JSONBody[SelfAssessmentForm],
    *,
    caller: Who,
    writing: Writing,
    now: Now,
) -> claim_views.ClaimView:
    """A new claim only in a draft; how one sees an open claim as long as the portfolio is with the learner."""
    row = await drafts.assess_oneself(
        writing, case_id=case_id, competency=competency, said=data.self_assessment, now=now, person=UUID(caller.id)
    )
    programme = await programmes.of_case(writing, await cases.get(writing, case_id))
    return claim_views.claim(row, programme, told=await dossier.told(writing, case_id))


@delete(
    "/claims/{competency:str}",
    opt={"action": Action.EDIT_PORTFOLIO},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="drop_claim",
    summary="Take a competency out of a draft",
)
async def drop(case_id: FromPath[UUID], competency: FromPath[str], caller: Who, writing: Writing, now: Now) -> None:
    """Take a claim out, with what was pointed at it; only in a draft."""
    await drafts.drop_claim(writing, case_id=case_id, competency=competency, now=now, person=UUID(caller.id))


@put(
    "/claims/{competency:str}/transfer",
    opt={"action": Action.EDIT_PORTFOLIO},
    operation_id="state_transfer",
    summary="Ask for a competency by transfer",
)
async def transfer(
    case_id: FromPath[UUID],
    competency: FromPath[str],
    data: JSONBody[TransferForm],
    *,
    caller: Who,
    writing: Writing,
    now: Now,
) -> claim_views.ClaimView:
    """Say who certified it, as what and when, and which file shows it; nobody then assesses it."""
    row = await transfers.state(
        writing,
        case_id=case_id,
        competency=competency,
        issuer=data.issuer,
        title=data.title,
        awarded_on=data.awarded_on,
        evidence=data.evidence,
        now=now,
        person=UUID(caller.id),
    )
    programme = await programmes.of_case(writing, await cases.get(writing, case_id))
    return claim_views.claim(row, programme, told=await dossier.told(writing, case_id))


@delete(
    "/claims/{competency:str}/transfer",
    opt={"action": Action.EDIT_PORTFOLIO},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="take_back_transfer",
    summary="Let a competency be assessed after all",
)
async def take_back(
    case_id: FromPath[UUID], competency: FromPath[str], caller: Who, writing: Writing, now: Now
) -> None:
    """Take back what was stated; the claim is put to assessors like any other."""
    await transfers.take_back(writing, case_id=case_id, competency=competency, now=now, person=UUID(caller.id))


@get("/answers", opt={"action": Action.SEE_PORTFOLIO}, operation_id="see_answers", summary="The form's answers")
async def answers(case_id: FromPath[UUID], caller: Who, facts: Facts, reading: Reading) -> AnswersView:
    """What the learner answered to the programme's form; nothing that says who it is, where assessors read masked."""
    return await answered(reading, case_id, caller=caller, facts=facts)


async def answered(session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts) -> AnswersView:
    """The answers as the caller may see them."""
    case = await cases.get(session, case_id)
    look = await evidence_files.looking_into(session, case_id, caller=caller, facts=facts)
    given = masking.answers(await programmes.of_case(session, case), case.answers) if look.masked else case.answers
    return AnswersView(given, case.answers_version)


@put("/answers", opt={"action": Action.EDIT_PORTFOLIO}, operation_id="answer_form", summary="Answer the form")
async def answer(
    case_id: FromPath[UUID], data: JSONBody[AnswersForm], caller: Who, writing: Writing, now: Now
) -> AnswersView:
    """Keep every answer; 409 `stale_version` where somebody else's page wrote in between."""
    case = await drafts.answer_form(
        writing, case_id=case_id, answers=data.answers, version=data.version, now=now, person=UUID(caller.id)
    )
    return AnswersView(case.answers, case.answers_version)


@put("/employers", opt={"action": Action.EDIT_PORTFOLIO}, operation_id="name_employers", summary="Name employers")
async def employers(
    case_id: FromPath[UUID], data: JSONBody[EmployersForm], caller: Who, writing: Writing, now: Now
) -> list[views.EmployerView]:
    """Name whom one worked for and who can speak for one, so that nobody tied to them is asked to assess."""
    named = await drafts.name_employers(
        writing, case_id=case_id, employers=[one.named() for one in data.employers], now=now, person=UUID(caller.id)
    )
    return [views.EmployerView(one.organisation, one.email, one.referee, one.until) for one in named]


@get(
    "/missing-items",
    opt={"action": Action.SEE_MISSING},
    operation_id="list_missing_items",
    summary="What was found missing, and the answers",
)
async def missing_items(case_id: FromPath[UUID], reading: Reading) -> list[views.MissingItemView]:
    """Everything that was ever asked for, in that order."""
    return [views.missing_item(row) for row in await dossier.missing_items(reading, case_id)]


def router() -> Router:
    """Every route of what a learner writes."""
    handlers = [claim, drop, transfer, take_back, answers, answer, employers, missing_items]
    return Router("/api/v1/cases/{case_id:uuid}", route_handlers=handlers, tags=["cases"])
