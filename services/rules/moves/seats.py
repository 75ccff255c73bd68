"""Seats are offered, taken after the conflict screen, and given back."""

from dataclasses import dataclass

from services.rules import guards
from services.rules.case import SEAT_ROLE, Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


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
class ScreenAgain:
    """The screen answered once more by whoever read masked, now that the name is shown; a yes is `DeclareConflict`."""

    assignment: str
    screen: Screen


@dataclass(frozen=True, slots=True)
class Reassign:
    """End `assignment` where one is named, and offer its claims to `assessor`, or to the next candidate."""

    reason: str
    assignment: str | None = None
    assessor: str | None = None


@dataclass(frozen=True, slots=True)
class OverrideConflict:
    """The person whose declared conflict of kind `other` is set aside, and why, in writing."""

    person: str
    reason: str


SITTING = tuple(dict.fromkeys(SEAT_ROLE.values()))
"""Whoever a seat can be offered to."""

SEATING = (
    S.ASSIGNING,
    S.IN_ASSESSMENT,
    S.MORE_EVIDENCE,
    S.DIRECT_ASSESSMENT,
    S.SECOND_ASSESSMENT,
    S.MODERATION,
    S.UNDER_REVIEW,
)
"""Stages in which a seat may be on offer."""

READ_IN = (S.ASSIGNING, S.IN_ASSESSMENT, S.SECOND_ASSESSMENT)
"""Stages in which assessors are asked and read."""

MOVES = (
    Move(
        "accept_offer",
        SEATING,
        targets.where_it_is,
        SITTING,
        (guards.seat_on_offer,),
        body=AcceptOffer,
        subject="assignment",
    ),
    Move(
        "decline_offer",
        SEATING,
        targets.where_it_is,
        SITTING,
        (guards.seat_on_offer,),
        body=DeclineOffer,
        subject="assignment",
    ),
    Move(
        "declare_conflict",
        (*SEATING, S.DECISION_PENDING),
        targets.where_it_is_judged_anew,
        SITTING,
        (guards.seat_open,),
        body=DeclareConflict,
        subject="assignment",
    ),
    Move(
        "screen_again",
        (*SEATING, S.DECISION_PENDING),
        targets.where_it_is,
        (R.ASSESSOR, R.PANEL),
        (guards.seat_sent_in,),
        body=ScreenAgain,
        subject="assignment",
    ),
    Move("lapse_offer", SEATING, targets.where_it_is, (R.CLOCK,), (guards.offer_still_open,)),
    Move("reoffer_seats", (S.IN_ASSESSMENT, S.SECOND_ASSESSMENT), targets.where_it_is, (R.CLOCK,)),
    Move("reassign", (*READ_IN, S.MODERATION), targets.where_it_is, (R.LEAD,), body=Reassign),
    Move(
        "override_conflict",
        SEATING,
        targets.where_it_is,
        (R.LEAD,),
        body=OverrideConflict,
    ),
    Move(
        "start_assessment",
        (S.ASSIGNING,),
        targets.where_the_reading_begins,
        (R.CLOCK,),
        (guards.every_seat_accepted,),
        notices=(Notice("assessment_started", To.LEARNER),),
        by_itself=True,
    ),
)
