"""Readings after the fact: what one is asked to read again, and where that differs from what was found before."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, JSONBody
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import House, Now, Reading, TheHouse
from services.api.routes.evidence_files import File, sent
from services.records import attestations, cases, dossier, evidence, looked_back, looking_back, programmes
from services.records.tables.cases import Case
from services.records.tables.looking_back import LookBack
from services.rules import conflict_screen, masking
from services.rules.case import SeatState
from services.rules.claims import Recommendation
from services.rules.looking_back import Finding
from services.rules.people import Action, Caller
from services.rules.programmes import Language, Programme, Text
from services.rules.refusals import Refused


class ScreenForm(msgspec.Struct, forbid_unknown_fields=True):
    """The signed answers of the conflict screen; `declared` says that one of them is a yes, and gives the case back."""

    answers: dict[str, bool]
    signed: bool
    declared: bool = False


class DeclineForm(msgspec.Struct, forbid_unknown_fields=True):
    """A word of `DeclineReason`."""

    reason: Annotated[str, msgspec.Meta(max_length=40)]


class FindingForm(msgspec.Struct, forbid_unknown_fields=True):
    """What is found of one claim: a word of `Rating` for each criterion, a recommendation, and why."""

    claim: UUID
    ratings: dict[str, str]
    recommendation: str
    rationale: Annotated[str, msgspec.Meta(max_length=10_000)] = ""


class FindingsForm(msgspec.Struct, forbid_unknown_fields=True):
    """A finding for each claim."""

    findings: Annotated[tuple[FindingForm, ...], msgspec.Meta(max_length=200)]


@dataclass(frozen=True, slots=True)
class AskedView:
    """One reading: until when to answer, or to send in."""

    id: UUID
    number: str
    programme: str
    state: SeatState
    respond_by: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question of the conflict screen."""

    tie: str
    text: Text


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that is pointed at a claim, and at which criteria."""

    id: UUID
    name: str
    size: int
    criteria: list[str]


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim to read again; its files only once the reading was taken."""

    id: UUID
    competency: str
    title: Text
    criteria: dict[str, Text]
    files: list[FileView]


@dataclass(frozen=True, slots=True)
class LookBackView:
    """What one may know of a reading; nothing of what was found or decided. `learner` only before it is masked."""

    id: UUID
    number: str
    programme: Text
    language: Language
    state: SeatState
    respond_by: datetime
    due_at: datetime | None
    learner: str | None
    organisations: list[str]
    referees: list[str]
    questions: list[QuestionView]
    claims: list[ClaimView]


@dataclass(frozen=True, slots=True)
class DifferingView:
    """A claim of which a reading after the fact recommends something else; what was decided stands."""

    case: UUID
    number: str
    programme: str
    competency: str
    quarter: str
    assessor: str
    first: Recommendation
    again: Recommendation
    sent_on: date


async def shown(session: AsyncSession, look_back: UUID, *, person: UUID) -> LookBackView:
    """A reading of `person`. Raises `Refused('not_found')`."""
    row = await looking_back.own(session, look_back, person=person)
    case = await cases.get(session, row.case_id)
    programme = await programmes.of_case(session, case)
    learner = await dossier.person(session, case.learner_id)
    employers = await dossier.employers(session, case.id)
    asked = await attestations.named(session, case.id)
    masked = masking.masks(programme.policy, row.state) or row.state is SeatState.SUBMITTED
    return LookBackView(
        id=row.id,
        number=case.number,
        programme=programme.title,
        language=Language(case.language),
        state=row.state,
        respond_by=row.respond_by,
        due_at=row.due_at,
        learner=None if masked or learner is None else learner.name,
        organisations=list(dict.fromkeys([*(one.organisation for one in employers), *(a.organisation for a in asked)])),
        referees=list(dict.fromkeys([*(one.referee for one in employers if one.referee), *(a.name for a in asked)])),
        questions=[QuestionView(one.tie, one.text) for one in conflict_screen.questions(programme.policy)],
        claims=await _claims(session, row, case, programme),
    )


async def _claims(session: AsyncSession, row: LookBack, case: Case, programme: Programme) -> list[ClaimView]:
    claims = await looking_back.claims_of(session, row)
    files: tuple[evidence.Shown, ...] = ()
    if row.state is SeatState.ACCEPTED:
        files = await evidence.of_case(session, case.id, claims={claim.id for claim in claims})
    found = []
    for claim in claims:
        competency = programme.competency(claim.competency)
        listed = [
            FileView(
                file.id,
                masking.file_name(str(file.id), file.name) if masking.masks(programme.policy, row.state) else file.name,
                file.size,
                sorted({tie.place.criterion or "" for tie in file.pointers if tie.claim == claim.id} - {""}),
            )
            for file in files
            if any(tie.claim == claim.id for tie in file.pointers)
        ]
        criteria = {one.key: one.text for one in competency.criteria}
        found.append(ClaimView(claim.id, claim.competency, competency.title, criteria, listed))
    return found


Act = Callable[[AsyncSession], Awaitable[object]]
"""Answers in the transaction that it is given."""


async def answer(house: House, look_back: UUID, *, person: UUID, act: Act) -> None:
    """Let `act` answer in one transaction, then wake the case: the mails that the answer queues leave at once.

    Raises `Refused`: not_found, and whatever `act` says.
    """
    async with house.database.writing() as session:
        row = await looking_back.own(session, look_back, person=person)
        await act(session)
    await house.desk.wake(row.case_id)


async def asked_of(session: AsyncSession, person: UUID) -> list[AskedView]:
    """What `person` is asked to read again, or has sent in."""
    return [
        AskedView(row.id, number, row.programme, row.state, row.respond_by, row.due_at)
        for row, number in await looking_back.of_reader(session, person)
    ]


async def differences(session: AsyncSession, caller: Caller) -> list[DifferingView]:
    """Where a reading differs, in the cases that `caller` leads or audits."""
    return [
        DifferingView(
            case=one.case_id,
            number=one.number,
            programme=one.programme,
            competency=one.competency,
            quarter=one.quarter,
            assessor=one.assessor,
            first=one.first,
            again=one.again,
            sent_on=one.sent_at.date(),
        )
        for one in await looked_back.differing(session, caller)
    ]


@get("/", opt={"action": Action.LOOK_BACK}, operation_id="list_look_backs", summary="What one is asked to read again")
async def listed(caller: Who, reading: Reading) -> list[AskedView]:
    """The newest first; what one has sent in is among it."""
    return await asked_of(reading, UUID(caller.id))


@get(
    "/differing",
    opt={"action": Action.SEE_AGREEMENT},
    operation_id="list_differing",
    summary="Readings after the fact that differ",
)
async def differing(caller: Who, reading: Reading) -> list[DifferingView]:
    """The newest first. What was decided stands; a lead sees to what follows."""
    return await differences(reading, caller)


@get("/{look_back:uuid}", opt={"action": Action.LOOK_BACK}, operation_id="see_look_back", summary="One reading again")
async def see(look_back: FromPath[UUID], caller: Who, reading: Reading) -> LookBackView:
    """The conflict screen's facts and questions; the evidence once the reading was taken."""
    return await shown(reading, look_back, person=UUID(caller.id))


@post(
    "/{look_back:uuid}/screen",
    opt={"action": Action.LOOK_BACK},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="screen_look_back",
    summary="Take a reading, or say that there is a tie",
)
async def screen(look_back: FromPath[UUID], data: JSONBody[ScreenForm], caller: Who, house: TheHouse, now: Now) -> None:
    """Without a tie the reading is one's own until it is due; with one, somebody else is asked."""
    act = looking_back.declare if data.declared else looking_back.accept
    person = UUID(caller.id)
    answered = partial(act, look_back=look_back, person=person, answers=data.answers, signed=data.signed, now=now)
    await answer(house, look_back, person=person, act=answered)


@post(
    "/{look_back:uuid}/decline",
    opt={"action": Action.LOOK_BACK},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="decline_look_back",
    summary="Decline a reading",
)
async def decline(
    look_back: FromPath[UUID], data: JSONBody[DeclineForm], caller: Who, house: TheHouse, now: Now
) -> None:
    """Somebody else is asked; no reason counts against anybody."""
    person = UUID(caller.id)
    declined = partial(looking_back.decline, look_back=look_back, person=person, reason=data.reason, now=now)
    await answer(house, look_back, person=person, act=declined)


@post(
    "/{look_back:uuid}/findings",
    opt={"action": Action.LOOK_BACK},
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="send_look_back",
    summary="Send in what was found again",
)
async def send(look_back: FromPath[UUID], data: JSONBody[FindingsForm], caller: Who, house: TheHouse, now: Now) -> None:
    """It stays as it is sent. Whether it differs is told to leads alone."""
    person = UUID(caller.id)
    findings = {one.claim: Finding(one.ratings, one.recommendation, one.rationale) for one in data.findings}
    sent_in = partial(looking_back.send, look_back=look_back, person=person, findings=findings, now=now)
    await answer(house, look_back, person=person, act=sent_in)


@get(
    "/{look_back:uuid}/evidence/{evidence_id:uuid}/file",
    opt={"action": Action.LOOK_BACK},
    operation_id="read_look_back_file",
    summary="A file of a case that one reads again",
)
async def file(
    *,
    request: Request[Any, Any, Any],
    look_back: FromPath[UUID],
    evidence_id: FromPath[UUID],
    caller: Who,
    house: TheHouse,
) -> Response[Any]:
    """Always an attachment, and noted in the case's log before the first byte."""
    async with house.database.reading() as session:
        row = await looking_back.own(session, look_back, person=UUID(caller.id))
        if row.state is not SeatState.ACCEPTED:
            raise Refused("not_found")
        claims = frozenset(claim.id for claim in await looking_back.claims_of(session, row))
        found = await evidence.one(session, case_id=row.case_id, evidence_id=evidence_id, claims=claims)
        policy = (await programmes.of_case(session, await cases.get(session, row.case_id))).policy
    name = masking.file_name(str(found.id), found.name) if masking.masks(policy, row.state) else found.name

    async def note() -> None:
        await _note(house, row.case_id, evidence_id, person=UUID(caller.id), claims=claims)

    return await sent(request, house, File(name, found.sha256, found.size, found.media_type), note=note)


async def _note(house: House, case_id: UUID, evidence_id: UUID, *, person: UUID, claims: frozenset[UUID]) -> None:
    """No line in the log, no byte. Raises `Refused('unavailable')`."""
    try:
        async with house.database.writing() as session:
            await evidence.read(
                session, case_id=case_id, evidence_id=evidence_id, person=person, now=house.clock(), claims=claims
            )
    except SQLAlchemyError as trouble:
        raise Refused("unavailable") from trouble


def router() -> Router:
    """Every route of readings after the fact."""
    handlers = [listed, differing, see, screen, decline, send, file]
    return Router("/api/v1/look-backs", route_handlers=handlers, tags=["look-backs"])
