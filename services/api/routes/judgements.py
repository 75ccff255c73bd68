"""What an assessor is asked and writes: the conflict screen first, then drafts, and what a decision reads."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, Router, get, put
from litestar.params import FromPath, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import forms, portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading, Writing
from services.api.routes.commands import IfMatch, expected
from services.records import (
    appointments,
    assignments,
    attested,
    cases,
    currency,
    dossier,
    evidence_help,
    judgements,
    pointers,
    programmes,
    recordings,
)
from services.records.evidence_help import Around
from services.records.judgements import Found
from services.records.tables.cases import Claim
from services.rules import claims as rules
from services.rules import conflict_screen, stages
from services.rules.attestations import DOUBTS
from services.rules.case import SEAT_ROLE, SeatState
from services.rules.claims import Judgement, Recommendation
from services.rules.conflicts import ConflictTie
from services.rules.evidence import EvidenceKind
from services.rules.evidence_help import Sign
from services.rules.people import Action, Caller, CaseFacts, Role, Tie
from services.rules.programmes import Text
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question of the conflict screen; `tie` is the key of its answer."""

    tie: ConflictTie
    text: Text


@dataclass(frozen=True, slots=True)
class ScreenView:
    """What somebody who is asked may know before answering: no evidence, no other seat, no stage.

    `as_role`: to assess, to sit in a panel or to hear an appeal; `chair`: to lead the panel. `again`: it was read
    masked, the name is shown by now, and the questions wait for their second answer.
    """

    assignment: UUID
    as_role: Role
    chair: bool
    state: SeatState
    version: int
    programme: Text
    competencies: tuple[Text, ...]
    region: str
    organisations: tuple[str, ...]
    referees: tuple[str, ...]
    learner: str | None
    respond_by: datetime
    questions: list[QuestionView]
    commands: list[str]
    again: bool


OLD = "old"
"""The code of a warning that a piece of evidence shows something long past."""


@dataclass(frozen=True, slots=True)
class WarningView:
    """What to look at under a rule of evidence, in a piece of evidence: a help, never a verdict."""

    rule: rules.Rule
    evidence: UUID
    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class HelpView:
    """What is pointed out of a claim: a criterion without evidence, one source alone, a file that lies elsewhere."""

    rule: rules.Rule
    sign: Sign
    text: Text
    evidence: str | None
    criterion: str | None


@dataclass(frozen=True, slots=True)
class DraftView:
    """One's own judgement on a claim. `allowed`: recommendations that the rules of evidence leave open as it stands.

    `carried`: criteria met in an earlier attempt and still kept, which need no rating. `by_kind`: how many pieces of
    each kind of evidence speak for the claim.
    """

    claim: UUID
    competency: str
    version: int
    portfolio_version: int
    locked_at: datetime | None
    content: Judgement
    allowed: list[Recommendation]
    carried: list[str]
    warnings: list[WarningView]
    help: list[HelpView]
    by_kind: dict[EvidenceKind, int]


@dataclass(frozen=True, slots=True)
class RatingView:
    """What was found on one criterion."""

    criterion: str
    rating: rules.Rating
    note: str
    evidence: tuple[str, ...]
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleView:
    """What was found on one rule of evidence."""

    rule: rules.Rule
    verdict: rules.Verdict
    note: str


@dataclass(frozen=True, slots=True)
class JudgementView:
    """A locked judgement as its readers see it: without the assessor's name and private notes."""

    claim: UUID
    competency: str
    recommendation: Recommendation
    rationale: str
    ratings: list[RatingView]
    rules: list[RuleView]
    methods: tuple[str, ...]
    level: int
    portfolio_version: int
    locked_at: datetime


@get(
    "/screen",
    opt={"action": Action.SCREEN_OFFER},
    operation_id="see_screen",
    summary="What one may know before accepting an offer",
)
async def screen(case_id: FromPath[UUID], caller: Who, facts: Facts, reading: Reading) -> Response[ScreenView]:
    """The facts and questions of the conflict screen; `accept-offer` and `declare-conflict` take the answers."""
    view = await screen_of(reading, case_id, caller=caller, facts=facts)
    return Response(view, headers={"ETag": f'"{view.version}"'})


async def screen_of(session: AsyncSession, case_id: UUID, *, caller: Caller, facts: CaseFacts) -> ScreenView:
    """The screen of the seat that `caller` is offered, or holds. Raises `Refused('not_found')`."""
    shown = [
        one
        for one in await dossier.seats(session, case_id, person_id=UUID(caller.id))
        if one.seat.state in (SeatState.OFFERED, SeatState.ACCEPTED, SeatState.SUBMITTED)
    ]
    if not shown:  # the seat ended while the request was on its way
        raise Refused("not_found")
    seat = next((one.seat for one in shown if one.seat.state is SeatState.OFFERED), shown[0].seat)
    case = await cases.get(session, case_id)
    programme = await programmes.of_case(session, case)
    about = await assignments.screen_facts(session, assignment=seat.id, programme=programme)
    state = await cases.state(session, case)
    again = programme.policy.mask_identity and seat.state is SeatState.SUBMITTED and seat.screen_again is None
    offered = stages.allowed(state, SEAT_ROLE[seat.seat], actor=caller.id, subject=str(seat.id))
    told = {name: getattr(about, name) for name in type(about).__slots__}
    return ScreenView(
        **told,
        as_role=SEAT_ROLE[seat.seat],
        chair=seat.chair,
        state=seat.state,
        version=await portraits.version_shown(session, case, caller=caller, facts=facts),
        questions=[
            QuestionView(question.tie, question.text) for question in conflict_screen.questions(programme.policy)
        ],
        commands=[one for one in offered if again or one != "screen_again"],
        again=again,
    )


@get("/judgements", opt={"action": Action.JUDGE}, operation_id="list_drafts", summary="What one has written so far")
async def drafts(case_id: FromPath[UUID], caller: Who, reading: Reading, now: Now) -> list[DraftView]:
    """One's own judgements, sent in or not."""
    found = await judgements.drafts_of(reading, case_id=case_id, assessor=UUID(caller.id))
    return [await draft(reading, case_id, one, now=now) for one in found]


async def _save(
    *,
    case_id: FromPath[UUID],
    claim_id: FromPath[UUID],
    data: JSONBody[msgspec.Struct],
    caller: Who,
    writing: Writing,
    now: Now,
    if_match: IfMatch = None,
) -> Response[DraftView]:
    """Keep a draft. `If-Match` is the draft's own version, `"0"` at first; `submit-judgements` locks it."""
    saved = await judgements.save_draft(
        writing,
        case_id=case_id,
        claim_id=claim_id,
        assessor=UUID(caller.id),
        content=forms.plain(data, Judgement),
        expected_version=expected(if_match),
        now=now,
    )
    return Response(await draft(writing, case_id, saved, now=now), headers={"ETag": f'"{saved.version}"'})


Draft = forms.strict(Judgement, "Draft")
_save.__annotations__["data"] = JSONBody[Draft]  # type: ignore[misc, valid-type]  # the type is made from the rules
save = put(
    "/judgements/{claim_id:uuid}",
    opt={"action": Action.JUDGE},
    operation_id="save_draft",
    summary="Write down a judgement",
)(_save)


async def draft(
    session: AsyncSession, case_id: UUID, found: Found, *, now: datetime, around: Around | None = None
) -> DraftView:
    """A judgement as its author sees it while writing; `around`: what is pointed out of its claim, if it is known."""
    case = await cases.get(session, case_id)
    programme = await programmes.of_case(session, case)
    claim = await session.get_one(Claim, found.claim_id)
    carried = await judgements.carried(session, claim, programme.policy, now)
    person = found.assessor if found.role is Role.ASSESSOR else None
    kept = await recordings.weighed(session, found.claim_id, person=person)
    items = (*await pointers.for_claim(session, found.claim_id), *kept)
    if around is None:
        asked = {found.claim_id: (programme.competency(found.competency), carried)}
        around = (await evidence_help.of_claims(session, case, asked))[found.claim_id]
    old = await currency.warnings(session, case_id, now=now)
    allowed = rules.allowed_recommendations(
        found.content,
        competency=programme.competency(found.competency),
        items=items,
        rounds_used=await dossier.rounds_on(session, found.claim_id),
        nothing_more=await dossier.nothing_more(session, found.claim_id),
        carried=carried,
        seen=bool(await appointments.seen(session, found.claim_id)),
    )
    return DraftView(
        claim=found.claim_id,
        competency=found.competency,
        version=found.version,
        portfolio_version=found.portfolio_version,
        locked_at=found.locked_at,
        content=found.content,
        allowed=sorted(allowed),
        carried=sorted(carried),
        help=help_views(around),
        by_kind=around.by_kind,
        warnings=[
            WarningView(rules.Rule.AUTHENTIC, one.evidence[0], doubt, DOUBTS[doubt])
            for one in await attested.of_case(session, case_id, claims=[found.claim_id])
            for doubt in one.doubts
        ]
        + [
            WarningView(rules.Rule.CURRENT, UUID(item.id), OLD, old[UUID(item.id)])
            for item in items
            if UUID(item.id) in old
        ],
    )


def help_views(around: Around) -> list[HelpView]:
    """What is pointed out of a claim, as it is shown."""
    return [HelpView(one.rule, one.sign, one.text, one.evidence, one.criterion) for one in around.help]


@get(
    "/recommendations",
    opt={"action": Action.SEE_JUDGEMENTS},
    operation_id="list_recommendations",
    summary="What was found on each claim",
)
async def recommendations(case_id: FromPath[UUID], facts: Facts, reading: Reading) -> list[JudgementView]:
    """What a decision stands on; learner and advisor read it once the letter can be read."""
    return await readable(reading, case_id, facts=facts)


async def readable(session: AsyncSession, case_id: UUID, *, facts: CaseFacts) -> list[JudgementView]:
    """What was found on each claim of which somebody with these ties may read it."""
    found = await judgements.of_case(session, case_id)
    if not facts.ties & {Tie.DECISION_MAKER, Tie.LEAD, Tie.AUDITOR} or facts.ties & {Tie.LEARNER, Tie.ADVISOR}:
        told = await dossier.told(session, case_id)
        found = [one for one in found if one.claim_id in told]
    return [shown(one) for one in found]


def shown(found: Found) -> JudgementView:
    """A locked judgement as its readers see it. Raises `Refused('not_found')` for a draft."""
    content = found.content
    if found.locked_at is None:
        raise Refused("not_found")
    return JudgementView(
        claim=found.claim_id,
        competency=found.competency,
        recommendation=content.recommendation,
        rationale=content.rationale,
        ratings=[RatingView(one.criterion, one.rating, one.note, one.pointers, one.methods) for one in content.ratings],
        rules=[RuleView(one.rule, one.verdict, one.note) for one in content.rules],
        methods=content.methods,
        level=content.level,
        portfolio_version=found.portfolio_version,
        locked_at=found.locked_at,
    )


def router() -> Router:
    """Every route of judging."""
    handlers = [screen, drafts, save, recommendations]
    return Router("/api/v1/cases/{case_id:uuid}", route_handlers=handlers, tags=["judgements"])
