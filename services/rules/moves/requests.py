"""More evidence is asked for, and the case comes back with an answer or without one."""

from dataclasses import dataclass

from services.rules import guards
from services.rules.case import Stage
from services.rules.limits import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


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


MOVES = (
    Move(
        "request_evidence",
        (S.IN_ASSESSMENT, S.MODERATION),
        S.MORE_EVIDENCE,
        (R.ASSESSOR, R.PANEL),
        (guards.seat_accepted, guards.round_left),
        notices=(Notice("evidence_asked", To.LEARNER),),
        body=RequestEvidence,
    ),
    Move(
        "answer_request",
        (S.MORE_EVIDENCE,),
        targets.where_it_came_from,
        (R.LEARNER,),
        notices=(Notice("evidence_answered", To.SEAT),),
        body=AnswerRequest,
    ),
    Move(
        "request_timeout",
        (S.MORE_EVIDENCE,),
        targets.where_it_came_from,
        (R.CLOCK,),
        notices=(Notice("evidence_timeout", To.LEARNER), Notice("evidence_timeout_staff", To.SEAT)),
    ),
)
