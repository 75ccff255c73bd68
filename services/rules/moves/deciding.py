"""A person decides, the decision is published, and a grant can be withdrawn."""

from dataclasses import dataclass
from enum import StrEnum

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice, Work
from services.rules.people import Role

S, R = Stage, Role


class RevocationReason(StrEnum):
    """Why a credential is withdrawn. Source: credentials design, status list."""

    ISSUED_IN_ERROR = "issued_in_error"
    FRAUD = "fraud"
    SUPERSEDED = "superseded"
    HOLDER_REQUEST = "holder_request"
    KEY_COMPROMISE = "key_compromise"


@dataclass(frozen=True, slots=True)
class Decide:
    """The signatory confirms the final recommendation of each open claim; `capacity` is how they sign."""

    capacity: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReturnedClaim:
    """A claim whose recommendation the signatory cannot confirm, and why; the panel reads it."""

    claim: str
    reasons: str


@dataclass(frozen=True, slots=True)
class ReturnDecision:
    """The claims that go to a panel, at least one; the recommendations on the others stay as they are."""

    claims: tuple[ReturnedClaim, ...]


@dataclass(frozen=True, slots=True)
class RevokeGrant:
    """`reason` is a word of `RevocationReason`; `explanation` is what the letter says."""

    claim: str
    reason: str
    explanation: str


@dataclass(frozen=True, slots=True)
class SuspendGrant:
    """The grant is under review: from now on its credential does not hold. `explanation` is what the letter says."""

    claim: str
    explanation: str


@dataclass(frozen=True, slots=True)
class LiftSuspension:
    """The review is over in the learner's favour: a new credential takes the place of the suspended one."""

    claim: str
    explanation: str


class CorrectionGround(StrEnum):
    """Why a decision is corrected; only the first two may lower what it granted. Source: case design, section 3.2."""

    FRAUD = "fraud"
    CLERICAL_ERROR = "clerical_error"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CorrectedClaim:
    """How a claim is settled now: `granted` or `not_yet`."""

    claim: str
    outcome: str


@dataclass(frozen=True, slots=True)
class CorrectDecision:
    """A decision that replaces the one in force: `ground` is a word of `CorrectionGround`, `claims` are what changes.

    Without claims only the letter is written anew, for a clerical error in it; `reasons` are what the letter says.
    """

    ground: str
    reasons: str
    claims: tuple[CorrectedClaim, ...] = ()


ONCE_DECIDED = tuple(stage for stage in Stage if stage not in {S.DRAFT, S.ISSUING})
"""Stages that a case may be in after a decision: a reopened one passes through all of them again."""

RECOGNISE = (Work("reserve_issuance"), Work("sign_credentials"), Work("render_letter"), Work("publish_decision"))
CORRECT = (Work("rebuild_status_list"), *RECOGNISE)
REVOKE = (Work("rebuild_status_list"), Work("render_letter"), Work("publish_decision"))

MOVES = (
    Move(
        "return_decision",
        (S.DECISION_PENDING,),
        S.MODERATION,
        (R.DECISION_MAKER,),
        (guards.signs_here,),
        notices=(Notice("decision_returned", To.LEAD),),
        body=ReturnDecision,
    ),
    Move(
        "decide",
        (S.DECISION_PENDING,),
        S.ISSUING,
        (R.DECISION_MAKER, R.PANEL),
        (guards.signs_here,),
        effects=RECOGNISE,
        body=Decide,
    ),
    Move("published", (S.ISSUING,), S.DECIDED, (R.CLOCK,)),
    Move(
        "close",
        (S.DECIDED, S.NOT_ELIGIBLE, S.GAP_TRAINING),
        S.CLOSED,
        (R.CLOCK, R.LEARNER),
        (guards.leaves_a_plan,),
    ),
    Move(
        "revoke_grant",
        ONCE_DECIDED,
        targets.where_it_is,
        (R.DECISION_MAKER,),
        effects=REVOKE,
        body=RevokeGrant,
        subject="claim",
    ),
    Move(
        "suspend_grant",
        ONCE_DECIDED,
        targets.where_it_is,
        (R.DECISION_MAKER,),
        effects=REVOKE,
        body=SuspendGrant,
        subject="claim",
    ),
    Move(
        "lift_suspension",
        ONCE_DECIDED,
        targets.where_it_is,
        (R.DECISION_MAKER,),
        effects=RECOGNISE,
        body=LiftSuspension,
        subject="claim",
    ),
    Move(
        "correct_decision",
        (S.DECIDED, S.GAP_TRAINING, S.CLOSED),
        S.ISSUING,
        (R.DECISION_MAKER,),
        effects=CORRECT,
        body=CorrectDecision,
    ),
)
