"""More evidence is asked for, and the case comes back with an answer or without one."""

from dataclasses import dataclass
from enum import StrEnum

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


class OtherWay(StrEnum):
    """How else a learner may show what is missing."""

    APPOINTMENT = "appointment"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Target:
    """What is missing for one criterion, by which rule of evidence, and what would be acceptable.

    `other_ways` are words of `OtherWay`.
    """

    claim: str
    criterion: str
    rule: str
    missing: str
    acceptable: str
    other_ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestEvidence:
    """At least one target."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class TargetAnswer:
    """New items by id, the wish to show it at an appointment instead, somebody who saw it, or nothing more.

    `third_party`: the id of an attestation request that was sent to that person.
    """

    target: str
    evidence: tuple[str, ...] = ()
    nothing_more: bool = False
    appointment: bool = False
    third_party: str = ""


@dataclass(frozen=True, slots=True)
class AnswerTarget(TargetAnswer):
    """One answer, which stands until the request is sent back, or until another one takes its place."""


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """An answer per target that has none yet, or another one than it has; with the last the case goes back.

    Where somebody who was named has yet to write, it goes back by itself once they have. An answer makes a new
    portfolio version.
    """

    answers: tuple[TargetAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class AllowRound:
    """Why the learner may be asked once more than the programme foresees."""

    reason: str


ASKING = (S.IN_ASSESSMENT, S.SECOND_ASSESSMENT, S.MODERATION)
"""Stages in which somebody judges and may ask for more."""

MOVES = (
    Move(
        "request_evidence",
        (*ASKING, S.MORE_EVIDENCE),
        S.MORE_EVIDENCE,
        (R.ASSESSOR, R.PANEL),
        (guards.seat_accepted, guards.round_left),
        notices=(Notice("evidence_asked", To.LEARNER),),
        body=RequestEvidence,
    ),
    # One target at a time: whoever asked sees which is answered, and the case waits for the rest.
    Move("answer_target", (S.MORE_EVIDENCE,), targets.where_it_is, (R.LEARNER,), body=AnswerTarget),
    Move(
        "answer_request",
        (S.MORE_EVIDENCE,),
        targets.where_it_came_from,
        (R.LEARNER,),
        body=AnswerRequest,
    ),
    Move(
        "request_timeout",
        (S.MORE_EVIDENCE,),
        targets.where_it_came_from,
        (R.CLOCK,),
        notices=(Notice("evidence_timeout", To.LEARNER),),
    ),
    Move(
        "reports_in",
        (S.MORE_EVIDENCE,),
        targets.where_it_came_from,
        (R.CLOCK,),
        (guards.reports_came,),
        by_itself=True,
    ),
    # What a third party does is no command of the case: it looks again on whom it waits.
    Move(
        "look_at_reports",
        (S.MORE_EVIDENCE,),
        targets.where_it_is,
        (R.CLOCK,),
        (guards.waits_otherwise,),
        by_itself=True,
    ),
    Move("allow_round", ASKING, targets.where_it_is, (R.LEAD,), (guards.no_round_left,), body=AllowRound),
)
