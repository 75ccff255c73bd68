"""What each of a case's people sees of it. A view is written down field by field: what is not named here stays inside.

Source: case design, section 2 (what each role sees, and what none of them may).
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Literal, TypeAlias
from uuid import UUID

from services.api import claim_views, plan_views
from services.api.side_views import FeeView, LapseView, WaiverView
from services.records.dossier import SeatShown
from services.records.tables.cases import MissingItem
from services.rules import stages
from services.rules.case import ClosedAs, Phase, SeatKind, SeatState, Stage, WaitingOn
from services.rules.programmes import Language, Programme, Text
from services.rules.terms import CANADA, otherwise


@dataclass(frozen=True, slots=True)
class ProgrammeRef:
    """The version of a programme that a case is pinned to."""

    slug: str
    version: int
    title: Text


@dataclass(frozen=True, slots=True)
class StageView:
    """Where a case is, in words; on whom it waits, and until when."""

    stage: Stage
    label: Text
    phase: Phase
    waiting_on: WaitingOn
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DateView:
    """One date that runs in the case's stage: which limit, and the end of its last day."""

    limit: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class StandardView:
    """By when the institution means to have written its letter, and whether it had; `kept` is null before the letter.

    `due_at` is null while an undecided case waits for its learner: that time is not the institution's.
    """

    due_at: datetime | None
    kept: bool | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A colleague or learner by name."""

    id: UUID
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class MissingItemView:
    """One thing that was found missing, why it is needed, and what the learner answered; empty while they have not."""

    id: UUID
    what: str
    why: str
    asked_at: datetime
    answer: str | None
    cannot_provide: bool
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class TargetView:
    """What more is asked for one criterion, and what was answered."""

    id: UUID
    claim: UUID
    criterion: str
    rule: str
    missing: str
    acceptable: str
    other_ways: list[str]
    evidence: list[str]
    nothing_more: bool
    appointment: bool
    third_party: bool
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoundView:
    """One request for more evidence; `closed_as` is empty while it waits for an answer."""

    id: UUID
    number: int
    asked_at: datetime
    closed_as: str | None
    targets: list[TargetView]


@dataclass(frozen=True, slots=True)
class EmployerView:
    """An employer or referee that the learner named; `until` empty: still."""

    organisation: str
    email: str | None
    referee: str | None
    until: date | None


@dataclass(frozen=True, slots=True)
class SeatView:
    """One offer or assignment, for leads and auditors; `declared` is what its holder wrote of a conflict.

    `chair`: of a seat in a panel, whether it leads it.
    """

    id: UUID
    seat: SeatKind
    person: UUID
    name: str
    kind: SeatKind
    chair: bool
    state: SeatState
    claims: list[UUID]
    offered_at: datetime
    respond_by: datetime
    due_at: datetime | None
    answered_at: datetime | None
    reason: str | None
    declared: str | None


@dataclass(frozen=True, slots=True)
class OwnSeat:
    """An assessor's own seat."""

    id: UUID
    state: SeatState
    respond_by: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    id: UUID
    number: str
    version: int
    programme: ProgrammeRef
    language: Language
    paused_until: datetime | None
    commands: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Staged(_Folder):
    purpose: str
    stage: StageView
    dates: list[DateView]
    created_at: datetime
    submitted_at: datetime | None
    closed_as: ClosedAs | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided(_Staged):
    outcome: str | None
    decided_at: datetime | None
    appeal_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerView(_Decided):
    """Their own case. `commands` are those that can be sent now, with `version` as `If-Match`."""

    claims: list[claim_views.ClaimView]
    transfers: list[claim_views.TransferView]
    advisor: PersonView | None
    mentor: PersonView | None
    answers: dict[str, str]
    answers_version: int
    employers: list[EmployerView]
    missing_items: list[MissingItemView]
    requests: list[RoundView]
    other_route: str | None
    merged_into: UUID | None
    intake_by: UUID | None
    lapse_challenge: LapseView | None
    plan: plan_views.PlanView | None
    hours_saved: int
    agent: str
    fees: list[FeeView]
    waivers: list[WaiverView]
    view: Literal["learner"] = "learner"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisorView(_Decided):
    """A case that the reader follows as advisor."""

    learner: PersonView
    claims: list[claim_views.ClaimView]
    transfers: list[claim_views.TransferView]
    answers: dict[str, str]
    employers: list[EmployerView]
    missing_items: list[MissingItemView]
    requests: list[RoundView]
    other_route: str | None
    merged_into: UUID | None
    intake_by: UUID | None
    lapse_challenge: LapseView | None
    plan: plan_views.PlanView | None
    hours_saved: int
    agent: str
    fees: list[FeeView]
    waivers: list[WaiverView]
    service_standard: StandardView | None
    view: Literal["advisor"] = "advisor"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessorView(_Folder):
    """The claims that the reader judges: neither the stage nor any other seat can be told from it.

    `learner` is None while the programme masks who it is. `by_agent`: somebody else filed it for the learner, where the
    programme wants it known.
    """

    seat: OwnSeat
    learner: str | None
    claims: list[claim_views.SeatClaim]
    requests: list[RoundView]
    judge_on_file: bool
    by_agent: bool
    view: Literal["assessor"] = "assessor"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelMemberView(_Folder):
    """The claims that the reader's panel is to settle; `chair`: the reader leads it."""

    seat: OwnSeat
    chair: bool
    learner: str | None
    claims: list[claim_views.SeatClaim]
    requests: list[RoundView]
    judge_on_file: bool
    by_agent: bool
    view: Literal["panel"] = "panel"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadView(_Staged):
    """A case of the reader's programme: who is asked and who waits, no evidence."""

    learner: PersonView
    advisor: PersonView | None
    claims: list[claim_views.SeatClaim]
    seats: list[SeatView]
    offers_failed: int
    needs_attention: str | None
    failed_effects: list[str]
    lapse_challenge: LapseView | None
    fees: list[FeeView]
    waivers: list[WaiverView]
    service_standard: StandardView | None
    view: Literal["lead"] = "lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView(_Decided):
    """A case that waits for the reader's decision, or has it. `refusal_reasons`: why the advisor proposes a refusal."""

    learner: PersonView
    claims: list[claim_views.ClaimView]
    transfers: list[claim_views.TransferView]
    refusal_reasons: str | None
    view: Literal["decision_maker"] = "decision_maker"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditorView(_Decided):
    """Everything about how the case is led, to read only."""

    learner: PersonView
    advisor: PersonView | None
    claims: list[claim_views.ClaimView]
    seats: list[SeatView]
    needs_attention: str | None
    failed_effects: list[str]
    view: Literal["auditor"] = "auditor"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerView(_Decided):
    """A case whose appeal the reader hears: all of it, and by when the panel's part is due."""

    seat: OwnSeat
    learner: PersonView
    advisor: PersonView | None
    claims: list[claim_views.ClaimView]
    view: Literal["appeal_reviewer"] = "appeal_reviewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorView(_Folder):
    """A case whose learner the reader mentors: where it is, what is due, whom to call; nothing of the portfolio."""

    stage: StageView
    learner: PersonView
    view: Literal["mentor"] = "mentor"


CaseView: TypeAlias = (
    LearnerView
    | AdvisorView
    | MentorView
    | AssessorView
    | PanelMemberView
    | DecisionView
    | LeadView
    | ReviewerView
    | AuditorView
)


@cache
def label(stage: Stage, *, terms: str) -> Text:
    """What a stage is called, with the French of the pack `terms`."""
    usual = stages.STAGES[stage].label
    return Text(usual.en, otherwise(usual.fr, Language.FR, terms=terms))


def stage_view(stage: Stage, waiting_on: WaitingOn, due_at: datetime | None, *, terms: str = CANADA) -> StageView:
    """A stage in words."""
    return StageView(stage, label(stage, terms=terms), stages.STAGES[stage].phase, waiting_on, due_at)


def programme_ref(programme: Programme) -> ProgrammeRef:
    """Which version of which programme."""
    return ProgrammeRef(programme.slug, programme.version, programme.title)


def missing_item(row: MissingItem) -> MissingItemView:
    """One thing that was found missing."""
    return MissingItemView(row.id, row.what, row.why, row.asked_at, row.answer, row.cannot_provide, row.answered_at)


def seat(shown: SeatShown) -> SeatView:
    """A seat with who was asked."""
    row = shown.seat
    return SeatView(
        id=row.id,
        seat=row.seat,
        person=row.person_id,
        name=shown.name,
        kind=row.seat,
        chair=row.chair,
        state=row.state,
        claims=list(shown.claims),
        offered_at=row.offered_at,
        respond_by=row.respond_by,
        due_at=row.due_at,
        answered_at=row.answered_at,
        reason=row.reason,
        declared=str((row.screen or {}).get("note", "")) if row.state is SeatState.CONFLICT else None,
    )
