"""Agreements with sponsors, the people who apply under them, and what a sponsor is told; for leads alone.

What a sponsor is told of, each learner decides for themselves (`/me/sponsors`); whoever assesses, sits in a panel or
decides finds nothing of any of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post, put
from litestar.params import FromPath, JSONBody
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import languages, problems, spreadsheets
from services.api.access import Who
from services.api.house import House, Now, Reading, TheHouse, Writing
from services.api.routes.intakes import AgreementForm
from services.records import agreements, cohorts, milestones, sponsors
from services.records.agreements import Agreed as Terms
from services.records.cohorts import TakenIn
from services.records.drafts import Purpose
from services.records.intake import Agreed
from services.records.milestones import Member, Reached, Report
from services.records.sponsors import Sponsored
from services.records.tables.cohorts import SponsorAgreement
from services.rules.cohort_files import MOST_BYTES, FileInvalid
from services.rules.cohorts import DEFINITION, Milestone
from services.rules.people import Action, Caller
from services.rules.small_cells import Printed

AnyRequest = Request[Any, Any, Any]
KEEP: dict[str, Any] = {"action": Action.KEEP_COHORTS}
OWN: dict[str, Any] = {"action": Action.OWN_ACCOUNT}


@dataclass(frozen=True, slots=True)
class AgreementView:
    """Who pays for people who apply for a programme; people join until `ends_on`, milestones are told after it too."""

    id: UUID
    sponsor: str
    reference: str
    institution: str
    programme: str
    purpose: Purpose
    starts_on: date
    ends_on: date
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CohortView:
    """An agreement with everybody of it whose case the caller leads."""

    agreement: AgreementView
    people: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class JoinedView:
    """How many joined by this file, and how many had joined before."""

    added: int
    known: int


@dataclass(frozen=True, slots=True)
class ToldView:
    """What a sponsor is told of one person who agreed to it: only what was reached, with its day and its proof."""

    case: str
    reference: str
    name: str
    milestones: Mapping[Milestone, Reached]


@dataclass(frozen=True, slots=True)
class ReportView:
    """What a sponsor is told. `others`: how many have not agreed; `below_ten` where that many cannot be told."""

    agreement: str
    sponsor: str
    programme: str
    definition: str
    made_at: datetime
    people: tuple[ToldView, ...]
    others: Printed


class NewAgreement(msgspec.Struct, forbid_unknown_fields=True):
    """Who pays, under which reference of ours, for which programme, what its people want it for, from when to when."""

    sponsor: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    programme: Annotated[str, msgspec.Meta(max_length=64)]
    purpose: Purpose
    starts_on: date
    ends_on: date


class PeopleFile(msgspec.Struct, forbid_unknown_fields=True):
    """The text of a CSV file with headings (email, name, language, reference), and how everybody in it agreed."""

    file: Annotated[str, msgspec.Meta(max_length=MOST_BYTES)]
    consent: AgreementForm


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    """A case of one's own, and whether its sponsor may be told of milestones."""

    case: UUID
    tell: bool


def shown(row: SponsorAgreement) -> AgreementView:
    """An agreement as it is shown."""
    return AgreementView(
        row.id,
        row.sponsor,
        row.reference,
        row.institution_id,
        row.programme,
        Purpose(row.purpose),
        row.starts_on,
        row.ends_on,
        row.made_at,
    )


@get("/agreements", opt=KEEP, operation_id="list_agreements", summary="Agreements with sponsors")
async def listed(caller: Who, reading: Reading) -> list[AgreementView]:
    """Of the programmes that the caller leads, newest first."""
    return [shown(row) for row in await agreements.led_by(reading, caller)]


@post("/agreements", opt=KEEP, operation_id="make_agreement", summary="Write an agreement with a sponsor down")
async def make(data: JSONBody[NewAgreement], caller: Who, writing: Writing, now: Now) -> Response[AgreementView]:
    """It stays as it is; whoever leads the programme sees it."""
    terms = Terms(data.sponsor, data.reference, data.programme, data.purpose, data.starts_on, data.ends_on)
    view = shown(await agreements.make(writing, terms, caller=caller, now=now))
    return Response(view, headers={"Location": f"/api/v1/agreements/{view.id}"})


@get("/agreements/{agreement_id:uuid}", opt=KEEP, operation_id="see_cohort", summary="An agreement and its people")
async def see(agreement_id: FromPath[UUID], caller: Who, reading: Reading) -> CohortView:
    """How far everybody came, and whether it may be told. A case on which the caller has a conflict is not there."""
    return await cohort(reading, agreement_id, caller=caller)


async def cohort(session: AsyncSession, agreement_id: UUID, *, caller: Caller) -> CohortView:
    """An agreement and its people. Raises `Refused('not_found')`."""
    row = await agreements.one(session, agreement_id, caller=caller)
    return CohortView(shown(row), tuple(await milestones.of_cohort(session, row, caller=caller)))


@post(
    "/agreements/{agreement_id:uuid}/people",
    opt=KEEP,
    status_code=HTTPStatus.OK,
    operation_id="import_cohort",
    summary="Open a case for everybody in a file",
)
async def take_in(
    request: AnyRequest, agreement_id: FromPath[UUID], data: JSONBody[PeopleFile], *, caller: Who, house: TheHouse
) -> JoinedView:
    """All of them or nobody: a file with anything wrong is answered with 422 and every error, by line and column.

    Everybody is told by mail. Whoever joined before is left as they are, so that the same file can be sent again.
    """
    agreed = Agreed(data.consent.text_version, data.consent.form)
    try:
        done = await carry_out(house, agreement_id, data.file.encode(errors="surrogatepass"), agreed, caller=caller)
    except FileInvalid as invalid:
        language = languages.asked(request)
        raise problems.Malformed(
            *(
                problems.Fault(f"file.lines[{one.line}].{one.column}".rstrip("."), one.wrong, one.says.in_(language))
                for one in invalid.faults
            )
        ) from invalid
    return JoinedView(done.added, done.known)


async def _taken_in(house: House, agreement_id: UUID, content: bytes, agreed: Agreed, *, caller: Caller) -> TakenIn:
    async with house.database.writing() as session:
        return await cohorts.take_in(session, agreement_id, content, agreed=agreed, caller=caller, now=house.clock())


async def carry_out(house: House, agreement_id: UUID, content: bytes, agreed: Agreed, *, caller: Caller) -> TakenIn:
    """Take a file in and have the mails leave. Raises what `cohorts.take_in` raises."""
    try:
        done = await _taken_in(house, agreement_id, content, agreed, caller=caller)
    except IntegrityError:  # somebody took the same person in at the same moment: this time they are known
        done = await _taken_in(house, agreement_id, content, agreed, caller=caller)
    for case_id in done.told:
        if not await house.desk.wake(case_id):
            break  # nobody answers there: what waits is found within the hour
    return done


@get(
    "/agreements/{agreement_id:uuid}/milestones",
    opt=KEEP,
    operation_id="export_milestones",
    summary="What a sponsor is told",
)
async def told(agreement_id: FromPath[UUID], caller: Who, writing: Writing, now: Now) -> Response[ReportView]:
    """Of whoever agreed to it: milestones that were reached, each with the SHA-256 of what proves it. It is logged."""
    report = await milestones.report(writing, agreement_id, caller=caller, now=now)
    return Response(view_of(report, now=now), headers={"Cache-Control": "private, no-store"})


def view_of(report: Report, *, now: datetime) -> ReportView:
    """What a sponsor is told, for programs."""
    row = report.agreement
    people = tuple(ToldView(one.number, one.reference, one.name, one.reached) for one in report.people)
    return ReportView(row.reference, row.sponsor, row.programme, DEFINITION, now, people, report.others)


@get(
    "/agreements/{agreement_id:uuid}/milestones.csv",
    opt=KEEP,
    operation_id="export_milestones_table",
    summary="What a sponsor is told, as a table",
    media_type="text/csv",
)
async def table(agreement_id: FromPath[UUID], caller: Who, writing: Writing, now: Now) -> Response[str]:
    """A line per person who agreed; the last line says how many others there are. It is logged."""
    report = await milestones.report(writing, agreement_id, caller=caller, now=now)
    return spreadsheets.file(f"milestones-{now:%Y-%m-%d}.csv", rows_of(report))


def rows_of(report: Report) -> list[list[object]]:
    """What a sponsor is told, as the lines of a table."""
    days = [f"{one}_{what}" for one in Milestone for what in ("on", "evidence")]
    rows: list[list[object]] = [["agreement", "case", "reference", "name", *days, "people"]]
    agreement = spreadsheets.cell(report.agreement.reference)
    for person in report.people:
        words = [spreadsheets.cell(one) for one in (person.number, person.reference, person.name)]
        reached = [person.reached.get(one) for one in Milestone]
        proofs = [word for one in reached for word in ((one.on.isoformat(), one.evidence) if one else ("", ""))]
        rows.append([agreement, *words, *proofs, 1])
    return [*rows, [agreement, "", "", "", *("" for _ in days), report.others]]


@get("/", opt=OWN, operation_id="list_my_sponsors", summary="Cases of one's own that somebody pays for")
async def mine(caller: Who, reading: Reading) -> list[Sponsored]:
    """`agreed_at`: since when the sponsor may be told of milestones; null: nothing is told."""
    return await sponsors.of_person(reading, UUID(caller.id))


@put(
    "/",
    opt=OWN,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="choose_sponsor",
    summary="Let a sponsor be told of milestones, or no longer",
)
async def choose(data: JSONBody[Choice], caller: Who, writing: Writing, now: Now) -> None:
    """Only that something was reached is told, never a result that was not; to say it twice changes nothing."""
    await sponsors.choose(writing, data.case, tell=data.tell, person=UUID(caller.id), now=now)


def router() -> Router:
    """Every route of cohorts."""
    own = Router("/me/sponsors", route_handlers=[mine, choose])
    return Router("/api/v1", route_handlers=[listed, make, see, take_in, told, table, own], tags=["cohorts"])
