"""The case as the rules and its workflow see it: ids, enums, counts and UTC times, never a person's words.

These messages travel through Temporal, whose history is kept in clear; texts stay in the records.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from services.rules.appointments import Meeting
from services.rules.people import Role
from services.rules.second_reading import Way

CLOCK = "clock"
"""The actor of what the case does by itself; no client may send as it."""


class Stage(StrEnum):
    """Where a case is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ELIGIBILITY_REVIEW = "eligibility_review"
    INCOMPLETE = "incomplete"
    NOT_ELIGIBLE = "not_eligible"
    ELIGIBLE = "eligible"
    PORTFOLIO_SUBMITTED = "portfolio_submitted"
    ASSIGNING = "assigning"
    IN_ASSESSMENT = "in_assessment"
    MORE_EVIDENCE = "more_evidence"
    DIRECT_ASSESSMENT = "direct_assessment"
    SECOND_ASSESSMENT = "second_assessment"
    MODERATION = "moderation"
    DECISION_PENDING = "decision_pending"
    ISSUING = "issuing"
    DECIDED = "decided"
    GAP_TRAINING = "gap_training"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"


class Phase(StrEnum):
    """The four phases of validation. Source: EU Council recommendation of 20 December 2012."""

    IDENTIFICATION = "identification"
    DOCUMENTATION = "documentation"
    ASSESSMENT = "assessment"
    CERTIFICATION = "certification"


class WaitingOn(StrEnum):
    """On whom a case waits; a second field beside the stage, so that neither has to mean both."""

    LEARNER = "learner"
    ADVISOR = "advisor"
    ASSESSOR = "assessor"
    THIRD_PARTY = "third_party"
    PANEL = "panel"
    DECISION_MAKER = "decision_maker"
    APPEAL_BODY = "appeal_body"
    LEAD = "lead"
    NONE = "none"


class Clock(StrEnum):
    """Whether our own service standard counts."""

    RUNNING = "running"
    STOPPED = "stopped"


class Missing(StrEnum):
    """What an open request for more evidence waits for; `nothing`: the last report that was waited for has come."""

    ANSWERS = "answers"
    REPORTS = "reports"
    NOTHING = "nothing"


class ClosedAs(StrEnum):
    """Why a case is closed."""

    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    NOT_ELIGIBLE = "not_eligible"
    REORIENTED = "reoriented"
    DUPLICATE = "duplicate"


class Lane(StrEnum):
    """Effects of one lane run strictly in order; lanes run side by side."""

    ISSUE = "issue"
    MAIL = "mail"


class SeatKind(StrEnum):
    """What a seat is for; whoever sits in it is a party of the case in the role that `SEAT_ROLE` names.

    The holder of an `interview` seat conducts one appointment beside an assessor, and judges no claim.
    """

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    INTERVIEW = "interview"
    PANEL = "panel"
    APPEAL_1 = "appeal_1"
    APPEAL_2 = "appeal_2"


class SeatState(StrEnum):
    """The life of an offer, then of the assignment it becomes."""

    OFFERED = "offered"
    DECLINED = "declined"
    CONFLICT = "conflict"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ACCEPTED = "accepted"
    SUBMITTED = "submitted"
    FINAL = "final"
    DISMISSED = "dismissed"


class AppealState(StrEnum):
    """The life of an appeal: lodged, found admissible or not, its panel complete, ruled on; or taken back."""

    LODGED = "lodged"
    ADMISSIBLE = "admissible"
    INADMISSIBLE = "inadmissible"
    PANEL_NAMED = "panel_named"
    RULED = "ruled"
    WITHDRAWN = "withdrawn"


OPEN_APPEALS = frozenset({AppealState.LODGED, AppealState.ADMISSIBLE, AppealState.PANEL_NAMED})
"""States of an appeal that keep its case under review."""


SEAT_ROLE: dict[SeatKind, Role] = {
    SeatKind.FIRST: Role.ASSESSOR,
    SeatKind.SECOND: Role.ASSESSOR,
    SeatKind.THIRD: Role.ASSESSOR,
    SeatKind.INTERVIEW: Role.ASSESSOR,
    SeatKind.PANEL: Role.PANEL,
    SeatKind.APPEAL_1: Role.APPEAL_REVIEWER_1,
    SeatKind.APPEAL_2: Role.APPEAL_REVIEWER_2,
}
"""Which role at the institution a seat asks for; on the case its holder is a party in that role, for ever."""

READING_SEATS = (SeatKind.FIRST, SeatKind.SECOND, SeatKind.THIRD)
"""Seats whose holders read without knowing of each other, in the order in which they are asked."""
APPEAL_SEATS: dict[int, SeatKind] = {1: SeatKind.APPEAL_1, 2: SeatKind.APPEAL_2}
"""The seats of the panel that hears an appeal, by level."""

OPEN_SEATS = frozenset({SeatState.OFFERED, SeatState.ACCEPTED, SeatState.SUBMITTED})
"""States of a seat that is still taken or on offer."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One thing that will happen by itself: `key` is `{stage entry}/{limit}/{rung}`, `at` a UTC instant."""

    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to carry out outside the case: `key` makes it happen once, `activity` names who does it."""

    key: str
    activity: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class Seat:
    """An open offer or assignment; `chair`: whoever sits in it leads its panel."""

    id: str
    person: str
    state: SeatState
    kind: SeatKind = SeatKind.FIRST
    chair: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """The open appeal of a case; `missing` counts the members that its panel lacks, those asked included as present."""

    id: str
    level: int
    state: AppealState
    chair: str | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """One request to a case. `id` is its idempotency key, `subject` what it is about (an id or a key, or empty)."""

    id: str
    kind: str
    case_id: str
    actor: str
    role: Role
    expected_version: int
    subject: str = ""


@dataclass(frozen=True, slots=True)
class CaseState:
    """What the rules need to know of a case; its workflow keeps it as a cache, the records hold the truth.

    `open_transfers` are those of `open_claims` that nobody assesses; `unseated_claims` are not among them.
    `gaps`: claims that are not yet demonstrated; `planned`: a plan to fill them waits for the learner's answer.
    `moderation`: how a case whose readings differ is settled, while it is, or until it comes back from a detour; before
    the assessment, whether a panel reads the file itself. `panel_decides`: the programme lets a panel's chair sign.
    `unclear`: readings that stand and whose authors are asked to say their reasons more clearly.
    `missing`: what an open request for more evidence waits for; `awaits_report`: the case was said to wait for reports.
    `appointment`: the one that is still to be held, recorded or given up.
    """

    id: str
    stage: Stage
    version: int
    learner: str
    return_to: Stage | None = None
    advisor: str | None = None
    refusal_proposed: bool = False
    open_claims: int = 0
    open_transfers: int = 0
    gaps: int = 0
    planned: bool = False
    seats: tuple[Seat, ...] = ()
    unseated_claims: int = 0
    rounds_left: int = 0
    extended: bool = False
    paused: bool = False
    informed: bool = True
    calendar_behind: bool = False
    version_behind: bool = False
    accepted_by_silence: bool = False
    confirms: bool = False
    closed_as: ClosedAs | None = None
    lapse_challenged: bool = False
    intake_by: str | None = None
    moderation: Way | None = None
    panel_decides: bool = False
    unclear: int = 0
    missing: Missing | None = None
    awaits_report: bool = False
    appointment: Meeting | None = None
    appeal: Review | None = None
    deadlines: tuple[Deadline, ...] = ()
    effects: tuple[Effect, ...] = ()
    failed_effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What the rules decided: the row of the table that is taken, and the stage it leads to."""

    move: str
    target: Stage


@dataclass(frozen=True, slots=True)
class Applied:
    """What the records answer to a command: the case as it stands now, and the command's result as JSON."""

    case: CaseState
    result: str


def own(case: CaseState, kind: str, subject: str = "", *, when: str = "") -> Command:
    """The clock's own command: the same fact at the same version and time has the same id, however often it is sent."""
    name = f"{kind}/{subject}/{case.version}/{when}"
    return Command(str(uuid5(UUID(case.id), name)), kind, case.id, CLOCK, Role.CLOCK, case.version, subject)
