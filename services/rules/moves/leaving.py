"""Ways out of a case, and back in."""

from dataclasses import dataclass
from enum import StrEnum

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice, Work
from services.rules.people import Role

S, R = Stage, Role


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


@dataclass(frozen=True, slots=True)
class Withdraw:
    """`reason` is a word of `LeavingReason`; `confirmed` must be true; `reoriented`: for the route that was agreed."""

    confirmed: bool
    reason: str = "not_said"
    reoriented: bool = False


@dataclass(frozen=True, slots=True)
class AgreeRoute:
    """The other route that advisor and learner agreed on, in words that the learner reads."""

    route: str


@dataclass(frozen=True, slots=True)
class MergeDuplicate:
    """The older case of the same learner and programme that goes on (`into`, its id), and why this one is the same."""

    into: str
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawClaim:
    """The id of the claim that the learner takes back; `confirmed` must be true."""

    claim: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Reopen:
    """Why the case lives again."""

    reason: str


@dataclass(frozen=True, slots=True)
class ChallengeLapse:
    """Why the learner thinks that the case should not have lapsed."""

    reasons: str


@dataclass(frozen=True, slots=True)
class RuleLapse:
    """Whether the case lives again, and why; the learner reads the reasons."""

    restored: bool
    reasons: str


SETTLED = frozenset({S.ISSUING, S.DECIDED, S.NOT_ELIGIBLE, S.GAP_TRAINING, S.UNDER_REVIEW, S.CLOSED})
"""Stages in which there is no application left to withdraw."""

OPEN = tuple(stage for stage in Stage if stage not in SETTLED)
"""Stages that a learner can still withdraw from."""

CLAIM_BY_CLAIM = (
    S.SUBMITTED,
    S.ELIGIBILITY_REVIEW,
    S.INCOMPLETE,
    S.ELIGIBLE,
    S.PORTFOLIO_SUBMITTED,
    S.ASSIGNING,
    S.IN_ASSESSMENT,
    S.MORE_EVIDENCE,
    S.DIRECT_ASSESSMENT,
    S.GAP_TRAINING,
)
"""Stages in which one claim can be taken back and the others stay; in a draft it is simply dropped."""

TELL_OF_LAPSE = (Work("write_lapse_letter"),)
"""A draft that lapses was never sent, and gets no letter."""

MOVES = (
    Move(
        "expire",
        (S.DRAFT, S.INCOMPLETE, S.ELIGIBLE),
        S.CLOSED,
        (R.CLOCK,),
        effects=TELL_OF_LAPSE,
        notices=(Notice("lapsed", To.LEARNER),),
    ),
    Move("withdraw", OPEN, S.CLOSED, (R.LEARNER,), notices=(Notice("withdrawn", To.LEARNER),), body=Withdraw),
    Move(
        "withdraw_claim",
        CLAIM_BY_CLAIM,
        targets.where_the_rest_leads,
        (R.LEARNER,),
        (guards.another_claim,),
        notices=(Notice("claim_withdrawn", To.LEARNER), Notice("claim_withdrawn_staff", To.ADVISOR)),
        body=WithdrawClaim,
        subject="claim",
    ),
    Move(
        "agree_route",
        OPEN,
        targets.where_it_is,
        (R.ADVISOR,),
        notices=(Notice("route_agreed", To.LEARNER),),
        body=AgreeRoute,
    ),
    Move(
        "merge_duplicate",
        OPEN,
        S.CLOSED,
        (R.LEAD,),
        notices=(Notice("merged", To.LEARNER), Notice("merged_staff", To.ADVISOR)),
        body=MergeDuplicate,
    ),
    Move(
        "undo_withdraw",
        (S.CLOSED,),
        targets.where_it_came_from,
        (R.LEARNER,),
        (guards.was_withdrawn,),
        notices=(Notice("reopened", To.LEARNER),),
    ),
    Move(
        "reopen",
        (S.CLOSED,),
        targets.where_it_lives_again,
        (R.LEARNER, R.ADVISOR, R.LEAD),
        (guards.no_duplicate, guards.may_reopen, guards.something_to_reopen),
        notices=(Notice("reopened", To.LEARNER),),
        body=Reopen,
    ),
    Move(
        "challenge_lapse",
        (S.CLOSED,),
        targets.where_it_is,
        (R.LEARNER,),
        (guards.has_lapsed, guards.lapse_unchallenged),
        body=ChallengeLapse,
    ),
    Move(
        "rule_lapse",
        (S.CLOSED,),
        targets.where_it_came_from,
        (R.LEAD,),
        (guards.lapse_challenged,),
        body=RuleLapse,
    ),
)
