"""What a person sends with each command, as typed data; `BODIES` names the body of every command.

Texts are what the person wrote, in the language of the case unless said; ids are UUIDs as text.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

DECLARATIONS = frozenset({"2026-1"})
"""Versions of the declaration of truth that may be accepted with `submit`."""

PURPOSES = frozenset({"holder_name"})
"""What a learner may agree to with `submit`: their name in the credential. Any other word would agree to nothing."""


class LeavingReason(StrEnum):
    """Why a learner leaves. Source: case design, section 13, measure A2."""

    NO_TIME = "no_time"
    HEALTH = "health"
    FAMILY = "family"
    COST = "cost"
    JOB_CHANGE = "job_change"
    OTHER_ROUTE = "other_route"
    TOO_LONG = "too_long"
    NO_ANSWER_FROM_US = "no_answer_from_us"
    UNCLEAR = "unclear"
    LACK_OF_EVIDENCE = "lack_of_evidence"
    LANGUAGE = "language"
    TECHNOLOGY = "technology"
    OTHER = "other"
    NOT_SAID = "not_said"


class RevocationReason(StrEnum):
    """Why a credential is withdrawn. Source: credentials design, status list."""

    ISSUED_IN_ERROR = "issued_in_error"
    FRAUD = "fraud"
    SUPERSEDED = "superseded"
    HOLDER_REQUEST = "holder_request"
    KEY_COMPROMISE = "key_compromise"


@dataclass(frozen=True, slots=True)
class Nothing:
    """A command that needs no words."""


@dataclass(frozen=True, slots=True)
class Submit:
    """`declaration` is the version of the text that was accepted; `consents` are purposes agreed to."""

    declaration: str
    consents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakeCase:
    """The advisor who follows the case."""

    advisor: str


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing that is missing and why it is needed."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class AskCompletion:
    """At least one missing item."""

    items: tuple[MissingItem, ...]


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """The answer to one item: what was done, or why it cannot be provided."""

    item: str
    answer: str
    cannot_provide: bool = False


@dataclass(frozen=True, slots=True)
class Complete:
    """An answer to each open item."""

    answers: tuple[ItemAnswer, ...]


@dataclass(frozen=True, slots=True)
class ProposeRefusal:
    """Why the advisor thinks that the case is not eligible."""

    reasons: str


@dataclass(frozen=True, slots=True)
class RefuseEligibility:
    """Reasons and next step, in the learner's language."""

    reasons: str
    next_step: str


@dataclass(frozen=True, slots=True)
class SubmitPortfolio:
    """Declares the work one's own and says how AI tools were used (or that none were)."""

    authentic: bool
    ai_use: str


@dataclass(frozen=True, slots=True)
class Screen:
    """The signed conflict-of-interest answers: every kind of tie, true where it exists; `note` where it does."""

    answers: dict[str, bool]
    signed: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """An offer is accepted with the conflict screen signed and clear."""

    assignment: str
    screen: Screen


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    """A reason of `assignment.DeclineReason`."""

    assignment: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeclareConflict:
    """The tie that bars this person from the case."""

    assignment: str
    screen: Screen


@dataclass(frozen=True, slots=True)
class Reassign:
    """End `assignment` where one is named, and offer its claims to `assessor`, or to the next candidate."""

    reason: str
    assignment: str | None = None
    assessor: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What is missing for one criterion, by which rule of evidence, and what would be acceptable."""

    claim: str
    criterion: str
    rule: str
    missing: str
    acceptable: str


@dataclass(frozen=True, slots=True)
class RequestEvidence:
    """At least one target."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class TargetAnswer:
    """New items by id, or nothing more."""

    target: str
    evidence: tuple[str, ...] = ()
    nothing_more: bool = False


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """An answer per target; an answer makes a new portfolio version."""

    answers: tuple[TargetAnswer, ...]


@dataclass(frozen=True, slots=True)
class Decide:
    """The signatory confirms the final recommendation of each open claim; `capacity` is how they sign."""

    capacity: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """`reason` is a word of `LeavingReason`; `confirmed` must be true."""

    confirmed: bool
    reason: str = "not_said"


@dataclass(frozen=True, slots=True)
class Reopen:
    """Why the case lives again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Extend:
    """`until` only from a lead; a learner's own extension has the length of the policy."""

    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RevokeGrant:
    """`reason` is a word of `RevocationReason`; `explanation` is what the letter says."""

    claim: str
    reason: str
    explanation: str


@dataclass(frozen=True, slots=True)
class RetryEffect:
    """The key of an effect that failed for good."""

    effect: str


BODIES: dict[str, type] = {
    "submit": Submit,
    "take_case": TakeCase,
    "ask_completion": AskCompletion,
    "complete": Complete,
    "accept_eligibility": Nothing,
    "propose_refusal": ProposeRefusal,
    "refuse_eligibility": RefuseEligibility,
    "submit_portfolio": SubmitPortfolio,
    "accept_portfolio": Nothing,
    "accept_offer": AcceptOffer,
    "decline_offer": DeclineOffer,
    "declare_conflict": DeclareConflict,
    "reassign": Reassign,
    "request_evidence": RequestEvidence,
    "answer_request": AnswerRequest,
    "submit_judgements": Nothing,
    "decide": Decide,
    "withdraw": Withdraw,
    "undo_withdraw": Nothing,
    "reopen": Reopen,
    "extend": Extend,
    "revoke_grant": RevokeGrant,
    "retry_effect": RetryEffect,
}
"""The body of every command that a person may send; a test holds it against the table of moves."""

SUBJECTS: dict[str, str] = {
    "accept_offer": "assignment",
    "decline_offer": "assignment",
    "declare_conflict": "assignment",
    "revoke_grant": "claim",
    "retry_effect": "effect",
}
"""The field of a body that names what the command is about; the others are about the case itself."""


def subject_of(kind: str, body: object) -> str:
    """What the command is about: an id or a key, or the empty string."""
    return str(getattr(body, SUBJECTS[kind])) if kind in SUBJECTS else ""
