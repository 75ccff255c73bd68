"""After "not yet": a plan is proposed, changed, accepted or declined, and the learner comes back for the gaps."""

from dataclasses import dataclass

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One gap and how it is to be filled, by a word of `gaps.Way`; `offer` is the key of a course offer.

    `criterion` empty: the competency as a whole, which was to be transferred.
    """

    competency: str
    way: str
    criterion: str | None = None
    hours: int = 0
    offer: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlanGaps:
    """A row for each gap; they replace the plan proposed before."""

    rows: tuple[PlanRow, ...]


@dataclass(frozen=True, slots=True)
class DeclinePlan:
    """Why the plan does not suit, in the learner's words; may be empty."""

    reason: str = ""


MOVES = (
    Move(
        "plan_gaps",
        (S.DECIDED, S.GAP_TRAINING),
        targets.where_it_is,
        (R.ADVISOR, R.LEARNER),
        (guards.gaps_left,),
        body=PlanGaps,
    ),
    Move(
        "accept_plan",
        (S.DECIDED,),
        S.GAP_TRAINING,
        (R.LEARNER,),
        (guards.gaps_left, guards.plan_proposed),
        notices=(Notice("gap_begun", To.LEARNER), Notice("plan_accepted", To.ADVISOR)),
    ),
    Move(
        "decline_plan",
        (S.DECIDED,),
        targets.where_it_is,
        (R.LEARNER,),
        (guards.plan_proposed,),
        notices=(Notice("plan_declined", To.ADVISOR),),
        body=DeclinePlan,
    ),
)
