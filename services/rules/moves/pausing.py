"""A case stands still at the learner's wish, and goes on: at their wish, or at the end of the pause by itself."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.rules import guards
from services.rules.ladders import To
from services.rules.limits import PAUSABLE
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

R = Role


class PauseReason(StrEnum):
    """Why a case stands still. Source: case design, section 3.2."""

    ILLNESS = "illness"
    PARENTAL = "parental"
    ACCOMMODATION = "accommodation"
    DISASTER = "disaster"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Pause:
    """`reason` is a word of `PauseReason`; `until` is its last day; `wished` says that the learner asked for it."""

    reason: str
    until: date
    wished: bool


TOLD = (To.LEARNER, To.ADVISOR, To.SEAT)

WHILE_PAUSED = frozenset(
    {
        "resume",
        # nobody is kept in a case, and nobody else's help has to wait
        "withdraw",
        # what somebody needs is not put off
        "ask_accommodation",
        "answer_accommodation",
        "end_accommodation",
        # whoever must not or cannot read it says so at once; the next offer stands still as well
        "declare_conflict",
        "decline_offer",
        # a right that has its days is not lost by a pause
        "lodge_appeal",
        # who accompanies a case may change meanwhile
        "transfer_advisor",
        "name_mentor",
        # what was published is put right at once, and what failed is carried out
        "revoke_grant",
        "suspend_grant",
        "lift_suspension",
        "correct_decision",
        "retry_effect",
    }
)
"""Moves that a paused case still makes; every other one is refused with `on_hold`."""

MOVES = (
    Move(
        "pause",
        PAUSABLE,
        targets.where_it_is,
        (R.ADVISOR, R.LEAD),
        (guards.not_paused,),
        notices=tuple(Notice("paused" if to is To.LEARNER else "paused_staff", to) for to in TOLD),
        body=Pause,
    ),
    Move(
        "resume",
        PAUSABLE,
        targets.where_it_is,
        (R.ADVISOR, R.LEAD, R.CLOCK),
        (guards.is_paused,),
        notices=tuple(Notice("resumed" if to is To.LEARNER else "resumed_staff", to) for to in TOLD),
    ),
)
