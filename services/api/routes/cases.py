"""Cases: opening one, seeing it as the person that one is to it, its history, and what waits for whom."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services import locales
from services.api import access, languages, list_views, portraits, views
from services.api import house as parts
from services.api.access import AnyRequest, Facts, Who
from services.api.house import Now, Reading, Writing
from services.records import cases, dossier, drafts, missing, programmes, queue, ties, timeline
from services.records.drafts import Purpose
from services.records.queue import Place, Waiting
from services.rules.people import Action, Caller, CaseFacts, Tie
from services.rules.programmes import Language, Text
from services.rules.refusals import Refused

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class EmployerForm(msgspec.Struct, forbid_unknown_fields=True):
    """An employer or referee; whoever is tied to one of them is never asked to assess. `until` empty: still."""

    organisation: Name
    email: Annotated[str, msgspec.Meta(max_length=320)] | None = None
    referee: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    until: date | None = None

    def named(self) -> drafts.NamedEmployer:
        """As the records take it."""
        return drafts.NamedEmployer(self.organisation, self.email, self.referee, self.until)


class NewCase(msgspec.Struct, forbid_unknown_fields=True):
    """A draft on the newest version of a programme; competencies can be added until it is sent."""

    programme: Annotated[str, msgspec.Meta(max_length=64, examples=["cnc-machining"])]
    language: Language
    purpose: Purpose
    competencies: Annotated[tuple[str, ...], msgspec.Meta(max_length=200)] = ()
    employers: Annotated[tuple[EmployerForm, ...], msgspec.Meta(max_length=50)] = ()


@post("/cases", opt={"action": Action.OPEN_CASE}, operation_id="open_case", summary="Open a case")
async def open_case(data: JSONBody[NewCase], caller: Who, writing: Writing, now: Now) -> Response[views.LearnerView]:
    """Open a draft; nothing is asked of anybody before it is sent."""
    case = await drafts.open_case(
        writing,
        learner=UUID(caller.id),
        programme=data.programme,
        language=data.language,
        purpose=data.purpose,
        competencies=data.competencies,
        employers=[employer.named() for employer in data.employers],
        now=now,
    )
    facts = CaseFacts(frozenset({Tie.LEARNER}))
    portrait = await portraits.of_case(writing, case.id, caller=caller, facts=facts, now=now)
    assert isinstance(portrait, views.LearnerView)  # noqa: S101 - whoever opens a case is its learner
    return Response(portrait, headers={"Location": f"/api/v1/cases/{case.id}", "ETag": f'"{case.version}"'})


@get("/cases", opt={"action": Action.LIST_CASES}, operation_id="list_cases", summary="The cases that one may see")
async def list_cases(caller: Who, reading: Reading, after: FromQuery[UUID | None] = None) -> list_views.CasePage:
    """Oldest first, fifty at a time; for whoever only assesses a case, without its stage."""
    rows = await dossier.visible(reading, caller=caller, after=after)
    terms = await programmes.terms(reading)
    judged = await dossier.judged_by(reading, person=UUID(caller.id), case_ids=[row.id for row in rows])
    blind = {case_id for case_id in judged if not await _learns(reading, case_id, caller)}
    listed = [
        list_views.ListedCase(
            id=row.id,
            number=row.number,
            programme=row.programme,
            created_at=row.created_at,
            stage=None
            if row.id in blind
            else views.stage_view(row.stage, row.waiting_on, row.due_at, terms=terms[row.programme]),
        )
        for row in rows
    ]
    return list_views.CasePage(listed, rows[-1].id if len(rows) == dossier.PAGE else None)


async def _learns(reading: Reading, case_id: UUID, caller: Caller) -> bool:
    return portraits.learns_stage(await ties.ties(reading, case_id=case_id, caller=caller))


@get(
    "/cases/{case_id:uuid}",
    opt={"action": Action.SEE_CASE},
    operation_id="see_case",
    summary="A case, as one may see it",
)
async def see(
    case_id: FromPath[UUID], caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[views.CaseView]:
    """`view` says in which of the forms; `commands` are those that the reader can send now."""
    portrait = await portraits.of_case(reading, case_id, caller=caller, facts=facts, now=now)
    return Response(portrait, headers={"ETag": f'"{portrait.version}"'})


@get(
    "/cases/{case_id:uuid}/timeline",
    opt={"action": Action.SEE_TIMELINE},
    operation_id="see_timeline",
    summary="What happened so far",
)
async def history(case_id: FromPath[UUID], facts: Facts, reading: Reading) -> list[list_views.StepView]:
    """Every step, oldest first; those of seats only for whoever may see seats."""
    return await steps(reading, case_id, facts=facts)


async def steps(session: AsyncSession, case_id: UUID, *, facts: CaseFacts) -> list[list_views.StepView]:
    """What happened to a case so far, as somebody with these ties may read it."""
    terms = (await programmes.of_case(session, await cases.get(session, case_id))).policy.terms
    return [
        list_views.StepView(
            step.at, step.move, step.from_stage, step.to_stage, views.label(step.to_stage, terms=terms), step.role
        )
        for step in await timeline.for_reader(session, case_id, facts=facts)
    ]


@dataclass(frozen=True, slots=True)
class MissingView:
    """One thing that is missing: a code for programs, why in both languages, and what to do about it."""

    code: str
    says: Text
    what_next: Text


@get(
    "/cases/{case_id:uuid}/missing",
    opt={"action": Action.SEE_MISSING},
    operation_id="see_missing",
    summary="What is missing before the case can be sent",
)
async def lacking(case_id: FromPath[UUID], facts: Facts, reading: Reading, now: Now) -> list[MissingView]:
    """All of it at once, for `submit` in a draft and for `submit-portfolio` afterwards; empty in every other stage."""
    found = await missing.of_case(reading, await cases.get(reading, case_id), now=now)
    return [
        MissingView(
            one.code,
            Text(
                *(locales.sentence(one.code, language, terms=facts.terms, **one.facts) for language in languages.KNOWN)
            ),
            Text(
                *(locales.what_next(one.code, language, terms=facts.terms, **one.facts) for language in languages.KNOWN)
            ),
        )
        for one in found
    ]


@get("/queue", opt={"action": Action.LIST_CASES}, operation_id="see_queue", summary="What waits for one")
async def waiting(request: AnyRequest, after: FromQuery[str | None] = None) -> list_views.QueuePage:
    """Most urgent first, fifty at a time; `after` is `next` of the page before."""
    # Neither `caller: Who` nor `house: TheHouse`: on the page that is asked for most it is felt that they are provided.
    caller, database = access.caller_of(request), parts.of(request.scope).database
    rows = await queue.waiting(database, caller=caller, after=_place(after) if after else queue.FIRST)
    full = len(rows) == queue.PAGE
    return list_views.QueuePage([_row(row) for row in rows], _mark(rows[-1].place) if full else None)


def _row(row: Waiting) -> list_views.WaitingView:
    return list_views.WaitingView(
        as_role=row.as_role,
        id=row.id,
        case_id=row.case_id,
        number=row.number,
        programme=row.programme,
        due_at=row.due_at,
        stage=row.stage,
        label=views.label(row.stage, terms=row.terms) if row.stage else None,
        waiting_on=row.waiting_on,
        needs_attention=row.needs_attention,
        seat=row.seat,
    )


def _mark(place: Place) -> str:
    return f"{place.due_at.isoformat()}_{place.id}"


def _place(mark: str) -> Place:
    due_at, _, row = mark.partition("_")
    try:
        place = Place(datetime.fromisoformat(due_at), UUID(row))
    except ValueError:
        raise Refused("malformed", field="after") from None
    if place.due_at.tzinfo is None:
        raise Refused("malformed", field="after")
    return place


def router() -> Router:
    """Every route of cases but those of their parts."""
    return Router("/api/v1", route_handlers=[open_case, list_cases, see, history, lacking, waiting], tags=["cases"])
