"""What keeps a case going where it is."""

from dataclasses import dataclass
from datetime import date

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


@dataclass(frozen=True, slots=True)
class Extend:
    """`until` only from a lead; a learner's own extension has the length of the policy."""

    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class RetryEffect:
    """The key of an effect that failed for good."""

    effect: str


@dataclass(frozen=True, slots=True)
class ChangeProgrammeVersion:
    """The number of the newer version that the learner takes, as they were shown it.

    `confirmed` must be true, because answers to questions that the newer form asks no more are not kept. `leave`: keys
    of the competencies claimed that the newer version does not hold, which the learner leaves behind.
    """

    to: int
    confirmed: bool
    leave: tuple[str, ...] = ()


BEFORE_THE_PORTFOLIO = (S.DRAFT, S.SUBMITTED, S.ELIGIBILITY_REVIEW, S.INCOMPLETE, S.ELIGIBLE)
"""Stages in which nothing may rest yet on the version of the programme; what is sent and judged stays under its own."""

MOVES = (
    Move(
        "extend",
        (S.INCOMPLETE, S.MORE_EVIDENCE, S.ELIGIBLE, S.IN_ASSESSMENT, S.SECOND_ASSESSMENT, S.GAP_TRAINING),
        targets.where_it_is,
        (R.LEARNER, R.LEAD),
        (guards.extension_left,),
        notices=(Notice("extension_granted", To.LEARNER),),
        body=Extend,
    ),
    Move(
        "calendar_changed",
        tuple(stage for stage in Stage if stage not in {S.DRAFT, S.CLOSED}),
        targets.where_it_is,
        (R.CLOCK,),
        (guards.calendar_behind,),
        by_itself=True,
    ),
    Move(
        "change_programme_version",
        BEFORE_THE_PORTFOLIO,
        targets.where_it_is,
        (R.LEARNER,),
        (guards.newer_version_open,),
        body=ChangeProgrammeVersion,
    ),
    Move(
        "retry_effect",
        tuple(Stage),
        targets.where_it_is,
        (R.LEAD, R.PROGRAMME_ADMIN),
        (guards.effect_failed,),
        body=RetryEffect,
        subject="effect",
    ),
)
