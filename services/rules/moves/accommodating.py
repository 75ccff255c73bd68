"""What a learner needs so that the ways of the house do not stand in the way: asked for, answered, taken back."""

from dataclasses import dataclass

from services.rules.accommodations import USUAL_TIME
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


@dataclass(frozen=True, slots=True)
class AskAccommodation:
    """Words of `accommodations.Arrangement`; `extra_time` in percent of the usual time; `note` for who arranges it."""

    arrangements: tuple[str, ...]
    extra_time: int = USUAL_TIME
    note: str = ""


@dataclass(frozen=True, slots=True)
class AnswerAccommodation:
    """What of it is granted; `reason` where it is not, in the learner's language."""

    accommodation: str
    granted: bool
    extra_time: int = USUAL_TIME
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EndAccommodation:
    """The learner needs it no more; dates that were given stay."""

    accommodation: str


UNDER_WAY = tuple(stage for stage in Stage if stage not in {S.DRAFT, S.CLOSED})
"""Stages in which somebody is there to arrange it."""

MOVES = (
    Move("ask_accommodation", UNDER_WAY, targets.where_it_is, (R.LEARNER, R.ADVISOR), body=AskAccommodation),
    Move(
        "answer_accommodation",
        UNDER_WAY,
        targets.where_it_is,
        (R.ADVISOR, R.LEAD),
        notices=(Notice("accommodation_answered", To.LEARNER),),
        body=AnswerAccommodation,
        subject="accommodation",
    ),
    Move(
        "end_accommodation",
        UNDER_WAY,
        targets.where_it_is,
        (R.LEARNER,),
        body=EndAccommodation,
        subject="accommodation",
    ),
)
