"""Readings that differ: the two who wrote them see both and write to each other; a panel sees all of them.

Source: case design, sections 2 and 6 (who sees what in moderation).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Facts, Who
from services.api.house import Now, Reading, Writing
from services.api.routes import judgements as judging
from services.records import cases, dossier, judgements, moderating, panels
from services.records.panels import Sitting
from services.records.tables.assessment import Judgement
from services.records.tables.cases import Case
from services.records.tables.moderation import ConferralMessage, PanelFinding
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import OPEN_CLAIMS, Recommendation
from services.rules.people import Action, Caller, CaseFacts, Tie
from services.rules.refusals import Refused
from services.rules.second_reading import Way


@dataclass(frozen=True, slots=True)
class ReadingView:
    """One locked reading of a claim, without the name of whoever wrote it; `own`: the reader of this page did."""

    id: UUID
    own: bool
    judgement: judging.JudgementView


@dataclass(frozen=True, slots=True)
class MessageView:
    """What one of the two wrote to the other."""

    id: UUID
    at: datetime
    own: bool
    author: UUID
    text: str


@dataclass(frozen=True, slots=True)
class SignedView:
    """Under which reading of a claim somebody put their name last."""

    claim: UUID
    judgement: UUID
    own: bool


@dataclass(frozen=True, slots=True)
class ConferralView:
    """What two assessors need to settle: both readings, what was written, and what is signed. `until`: then a panel."""

    version: int
    until: datetime | None
    readings: list[ReadingView]
    messages: list[MessageView]
    signed: list[SignedView]


class NewMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A message to the other assessor."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=moderating.LONGEST_MESSAGE)]


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody who is asked to sit, sits, or sat in the panel that is called now."""

    person: UUID
    name: str
    state: SeatState
    chair: bool


@dataclass(frozen=True, slots=True)
class ReturnedView:
    """A recommendation that could not be confirmed, and why."""

    claim: UUID
    reasons: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PresentView:
    """Somebody who sat, in which capacity, and what they stated about conflicts of interest."""

    person: UUID
    name: str
    capacity: str
    statement: str


@dataclass(frozen=True, slots=True)
class VoteView:
    """What somebody voted; `dissent`: why, where they were outvoted and said so."""

    person: UUID
    vote: Recommendation
    qualified: bool
    dissent: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """What the votes on one claim came to; `casting` is the chair's casting vote, where it took one."""

    claim: UUID
    judgement: UUID
    outcome: Recommendation
    casting: Recommendation | None
    reasons: str
    votes: list[VoteView]


@dataclass(frozen=True, slots=True)
class MinutesView:
    """The minutes of one sitting, signed by its chair."""

    id: UUID
    at: datetime
    chair: UUID
    portfolio_version: int
    members: list[PresentView]
    material: str
    composition: str
    findings: list[FindingView]


@dataclass(frozen=True, slots=True)
class PanelView:
    """Who sits, what was returned to the panel, and the minutes of every sitting on the case, oldest first."""

    members: list[MemberView]
    returned: list[ReturnedView]
    minutes: list[MinutesView]


# the two who read


async def _conferring(session: AsyncSession, case: Case, *, person: str, audited: bool) -> list[Judgement]:
    """The readings that are conferred on. Raises `Refused('not_found')` for whoever wrote none of them."""
    claims = [claim.id for claim in await cases.claims_of(session, case.id) if claim.state in OPEN_CLAIMS]
    settled = await judgements.recommendations(session, case.id)
    readings = await moderating.originals(session, [claim for claim in claims if claim not in settled])
    confers = case.stage is Stage.MODERATION and case.moderation is Way.CONFER
    if audited:
        return readings if confers else []
    if not confers or person not in {str(one.assessor_id) for one in readings}:
        raise Refused("not_found")
    return readings


async def _readings(session: AsyncSession, case: Case, rows: list[Judgement], *, person: str) -> list[ReadingView]:
    names = {claim.id: claim.competency for claim in await cases.claims_of(session, case.id)}
    return [
        ReadingView(row.id, str(row.assessor_id) == person, judging.shown(judgements.found(row, names[row.claim_id])))
        for row in rows
    ]


@get(
    "/conferral",
    opt={"action": Action.SEE_CONFERRAL},
    operation_id="see_conferral",
    summary="Two readings that differ, and what their authors wrote",
)
async def conferral(case_id: FromPath[UUID], caller: Who, facts: Facts, reading: Reading) -> ConferralView:
    """For the two authors while they confer; `settle-conferral` and `end-conferral` are what they send."""
    return await conferral_of(reading, case_id, caller=caller, facts=facts)


async def conferral_of(session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts) -> ConferralView:
    """Both readings and what was written. Raises `Refused('not_found')` for whoever wrote none of them."""
    case = await cases.get(session, case_id)
    rows = await _conferring(session, case, person=caller.id, audited=Tie.AUDITOR in facts.ties)
    signed = await moderating.choices(session, [claim.id for claim in await cases.claims_of(session, case_id)])
    return ConferralView(
        version=case.version,
        until=case.due_at if rows else None,
        readings=await _readings(session, case, rows, person=caller.id),
        messages=[_message(one, caller.id) for one in await moderating.messages(session, case_id)],
        signed=[
            SignedView(claim, judgement, str(person) == caller.id)
            for person, chosen in signed.items()
            for claim, judgement in chosen.items()
        ],
    )


@post(
    "/conferral/messages",
    opt={"action": Action.CONFER},
    operation_id="write_message",
    summary="Write to the other assessor",
)
async def write(
    case_id: FromPath[UUID], data: JSONBody[NewMessage], caller: Who, writing: Writing, now: Now
) -> MessageView:
    """Nobody but the two and an auditor reads it; it stays as it was written."""
    return await write_to_the_other(writing, case_id, caller=caller, text=data.text, now=now)


async def write_to_the_other(
    session: AsyncSession, case_id: UUID, *, caller: Caller, text: str, now: datetime
) -> MessageView:
    """Keep a message of one of the two. Raises `Refused`: not_found, malformed."""
    case = await cases.get(session, case_id, lock=True)
    await _conferring(session, case, person=caller.id, audited=False)
    row = await moderating.write(session, case_id=case_id, author=UUID(caller.id), text=text, now=now)
    return _message(row, caller.id)


def _message(row: ConferralMessage, person: str) -> MessageView:
    return MessageView(row.id, row.at, str(row.author_id) == person, row.author_id, row.text)


# the panel


@get(
    "/originals",
    opt={"action": Action.SEE_ORIGINALS},
    operation_id="list_originals",
    summary="Every locked reading of an assessor",
)
async def originals(case_id: FromPath[UUID], caller: Who, reading: Reading) -> list[ReadingView]:
    """As each assessor sent it in, before anybody conferred or voted."""
    return await originals_of(reading, case_id, caller=caller)


async def originals_of(session: AsyncSession, case_id: UUID, *, caller: Caller) -> list[ReadingView]:
    """Every locked reading of an assessor on the case."""
    case = await cases.get(session, case_id)
    claims = [claim.id for claim in await cases.claims_of(session, case_id)]
    return await _readings(session, case, await moderating.originals(session, claims), person=caller.id)


@get("/panel", opt={"action": Action.SEE_PANEL}, operation_id="see_panel", summary="The panel, and its minutes")
async def panel(case_id: FromPath[UUID], reading: Reading) -> PanelView:
    """For its members, whoever decides, an appeal body and auditors; a learner reads outcome and reasons in the letter.

    `compose-panel` is how a lead changes who sits, `record-panel` how its chair signs the minutes.
    """
    return await panel_of(reading, case_id)


async def panel_of(session: AsyncSession, case_id: UUID) -> PanelView:
    """Who sits now, what was returned, and every sitting."""
    seats = await dossier.seats(session, case_id)
    sat = [one for one in seats if one.seat.seat is SeatKind.PANEL and one.seat.state in _SITTING]
    return PanelView(
        members=[MemberView(one.seat.person_id, one.name, one.seat.state, one.seat.chair) for one in reversed(sat)],
        returned=[ReturnedView(one.claim_id, one.reasons, one.at) for one in await panels.returned(session, case_id)],
        minutes=[_minutes(one) for one in await panels.sittings(session, case_id)],
    )


_SITTING = (SeatState.OFFERED, SeatState.ACCEPTED, SeatState.SUBMITTED)


def _minutes(kept: Sitting) -> MinutesView:
    row = kept.minutes
    present = [(UUID(one["person"]), one["capacity"], one["statement"]) for one in row.members]
    return MinutesView(
        id=row.id,
        at=row.at,
        chair=row.chair_id,
        portfolio_version=row.portfolio_version,
        members=[PresentView(person, kept.names[person], capacity, said) for person, capacity, said in present],
        material=row.material,
        composition=row.composition,
        findings=[_finding(kept, one) for one in kept.findings],
    )


def _finding(kept: Sitting, row: PanelFinding) -> FindingView:
    return FindingView(
        claim=row.claim_id,
        judgement=row.judgement_id,
        outcome=row.outcome,
        casting=row.casting,
        reasons=row.reasons,
        votes=[
            VoteView(one.person_id, one.vote, one.qualified, one.dissent)
            for one in kept.votes
            if one.claim_id == row.claim_id
        ],
    )


def router() -> Router:
    """Every route of moderation."""
    handlers = [conferral, write, originals, panel]
    return Router("/api/v1/cases/{case_id:uuid}", route_handlers=handlers, tags=["moderation"])
