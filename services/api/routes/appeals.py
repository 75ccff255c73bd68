"""The appeals of a case: its state and dates for everybody who follows it, the whole record for whoever hears it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import calendar_answer
from services.api.access import Facts, Who
from services.api.house import Now, Reading, TheHouse
from services.documents import calendar_files
from services.records import appeals, cases, independence
from services.records.tables.appeals import Appeal
from services.rules.appeals import Cause, Matter, Ruling
from services.rules.case import AppealState, SeatState
from services.rules.people import Action, CaseFacts, Tie
from services.rules.refusals import Refused

WHOSE_WORDS = frozenset({Tie.LEARNER, Tie.APPEAL_REVIEWER, Tie.AUDITOR})
"""Who reads what the learner wrote: an appeal may be about anybody else."""

WHO_COMES = frozenset({Tie.LEARNER, Tie.APPEAL_REVIEWER})
"""Who takes the hearing into a calendar."""

WHO_HEARS = frozenset({Tie.APPEAL_REVIEWER, Tie.AUDITOR})
"""Who sees the record of the panel, and every conflict that was set aside on the case."""


@dataclass(frozen=True, slots=True)
class HearingView:
    """When and where the learner is heard. `calendar_url` is its calendar file while it stands, for those who come."""

    at: datetime
    ends_at: datetime
    place: str
    interpreter: str
    calendar_url: str | None


@dataclass(frozen=True, slots=True)
class WordsView:
    """What the learner wrote."""

    grounds: list[str]
    text: str
    representative: str
    late_cause: str


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody who hears the appeal, or is asked to; `vote` once it is ruled on."""

    person: UUID
    chair: bool
    state: SeatState
    vote: Ruling | None


@dataclass(frozen=True, slots=True)
class OverrideView:
    """A declared conflict that a lead set aside: what was declared, and why it does not stand in the way."""

    person: UUID
    declared: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordView:
    """What the panel reads and leaves behind beside the case itself."""

    members: list[MemberView]
    overrides: list[OverrideView]
    late_accepted: str
    cause: Cause | None
    by_casting_vote: bool | None


@dataclass(frozen=True, slots=True)
class AppealView:
    """One appeal. `words` and `record` are empty for whoever may not read them."""

    id: UUID
    level: int
    matter: Matter
    state: AppealState
    decision: UUID | None
    claims: list[UUID]
    hearing_wished: bool
    hearing: HearingView | None
    outcome: Ruling | None
    lodged_at: datetime
    admitted_at: datetime | None
    panel_at: datetime | None
    ended_at: datetime | None
    words: WordsView | None
    record: RecordView | None


@get("/appeals", opt={"action": Action.SEE_APPEALS}, operation_id="list_appeals", summary="The appeals of a case")
async def of_case(case_id: FromPath[UUID], facts: Facts, reading: Reading) -> list[AppealView]:
    """Oldest first. An outcome is told with the letter that gives its reasons."""
    return await shown(reading, case_id, facts=facts)


async def shown(session: AsyncSession, case_id: UUID, *, facts: CaseFacts) -> list[AppealView]:
    """The appeals of a case as somebody with these ties may read them, oldest first."""
    return [await _shown(session, one, facts=facts) for one in await appeals.of_case(session, case_id)]


async def _shown(session: AsyncSession, appeal: Appeal, *, facts: CaseFacts) -> AppealView:
    told = bool(facts.ties & WHO_HEARS) or await appeals.told(session, appeal)
    return AppealView(
        id=appeal.id,
        level=appeal.level,
        matter=appeal.matter,
        state=appeal.state,
        decision=appeal.decision_id,
        claims=[claim.id for claim in await appeals.contested_claims(session, appeal)],
        hearing_wished=appeal.hearing_wished,
        hearing=await _hearing(session, appeal, facts=facts),
        outcome=appeal.outcome if told else None,
        lodged_at=appeal.lodged_at,
        admitted_at=appeal.admitted_at,
        panel_at=appeal.panel_at,
        ended_at=appeal.ended_at,
        words=_words(appeal) if facts.ties & WHOSE_WORDS else None,
        record=await _record(session, appeal) if facts.ties & WHO_HEARS else None,
    )


async def _hearing(reading: Reading, appeal: Appeal, *, facts: CaseFacts) -> HearingView | None:
    hearing = await appeals.hearing_of(reading, appeal)
    if hearing is None:
        return None
    url = f"/api/v1/cases/{appeal.case_id}/appeals/{appeal.id}/hearing/calendar" if _comes(appeal, facts) else None
    return HearingView(hearing.at, appeals.ends_at(hearing), hearing.place, hearing.interpreter, url)


def _comes(appeal: Appeal, facts: CaseFacts) -> bool:
    return appeal.state is not AppealState.WITHDRAWN and bool(facts.ties & WHO_COMES)


@get(
    "/appeals/{appeal_id:uuid}/hearing/calendar",
    opt={"action": Action.SEE_APPEALS},
    operation_id="read_hearing_calendar_file",
    summary="The hearing of an appeal as a calendar file",
    media_type=calendar_files.MEDIA_TYPE,
)
async def calendar(
    *, case_id: FromPath[UUID], appeal_id: FromPath[UUID], caller: Who, facts: Facts, house: TheHouse, now: Now
) -> Response[bytes]:
    """For the learner and for whoever hears it; nobody's name is in it."""
    async with house.database.reading() as session:
        every = {one.id: one for one in await appeals.of_case(session, case_id)}
        appeal = every.get(appeal_id)
        called = await appeals.hearings_of(session, appeal) if appeal and _comes(appeal, facts) else []
        if not called:
            raise Refused("not_found")
        case = await cases.get(session, case_id)
    entry = calendar_files.Entry(
        identity=appeal_id,
        sequence=len(called),
        about=calendar_files.HEARING,
        starts=called[-1].at,
        ends=appeals.ends_at(called[-1]),
        zone=case.zone,
        place=called[-1].place,
        number=case.number,
        link=f"{house.base_url}/cases/{case_id}",
        written=now,
    )
    return calendar_answer.of(entry, "hearing.ics", caller=caller, house=house)


def _words(appeal: Appeal) -> WordsView:
    return WordsView(appeal.grounds, appeal.text, appeal.representative, appeal.late_cause)


async def _record(reading: Reading, appeal: Appeal) -> RecordView:
    ruling = await appeals.ruling_on(reading, appeal)
    votes = {vote.person_id: vote.vote for vote in await appeals.votes_of(reading, ruling)} if ruling else {}
    return RecordView(
        members=[
            MemberView(seat.person_id, seat.person_id == appeal.chair_id, seat.state, votes.get(seat.person_id))
            for seat in await appeals.bench_of(reading, appeal)
        ],
        overrides=[
            OverrideView(one.person_id, one.declared, one.reason, one.at)
            for one in await independence.overrides(reading, appeal.case_id)
        ],
        late_accepted=appeal.late_accepted,
        cause=ruling.cause if ruling else None,
        by_casting_vote=ruling.by_casting_vote if ruling else None,
    )


def router() -> Router:
    """Every route of appeals; they are lodged, heard and ruled on by commands."""
    return Router("/api/v1/cases/{case_id:uuid}", route_handlers=[of_case, calendar], tags=["appeals"])
