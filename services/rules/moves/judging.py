"""Assessors send in what they found, and say whether it still stands when more evidence has come since.

A lead may ask that the reasons of a reading that stands be said more clearly; what was found stays as it was locked.
"""

from dataclasses import dataclass

from services.rules import guards
from services.rules.case import Stage
from services.rules.moves import targets
from services.rules.moves.arrows import Move
from services.rules.people import Role

S, R = Stage, Role


@dataclass(frozen=True, slots=True)
class SubmitJudgements:
    """`worked_minutes`: how long the whole seat took, where its holder wishes to say; it counts for planning alone."""

    worked_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnJudgement:
    """The claim whose reasons are unclear, and what a reader would have to be told more clearly."""

    claim: str
    note: str


@dataclass(frozen=True, slots=True)
class ClarifiedNote:
    """What the learner reads on one criterion, said anew."""

    criterion: str
    note: str


@dataclass(frozen=True, slots=True)
class ClarifyJudgement:
    """The reasons on a claim in clearer words; what is left out stays as it was written, and no rating changes."""

    claim: str
    rationale: str = ""
    notes: tuple[ClarifiedNote, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeBackReturn:
    """The claim whose reasons need not be said more clearly after all."""

    claim: str


MOVES = (
    Move(
        "submit_judgements",
        (S.IN_ASSESSMENT, S.SECOND_ASSESSMENT),
        targets.where_the_readings_lead,
        (R.ASSESSOR,),
        (guards.seat_accepted,),
        body=SubmitJudgements,
    ),
    Move(
        "confirm_judgements",
        (S.IN_ASSESSMENT, S.SECOND_ASSESSMENT),
        targets.where_the_readings_lead,
        (R.ASSESSOR,),
        (guards.seat_sent_in,),
    ),
    # Only of what stands, and once nobody reads any more: none of two who read blind can tell anything from it.
    Move(
        "return_judgement",
        (S.DECISION_PENDING,),
        targets.where_it_is,
        (R.LEAD,),
        body=ReturnJudgement,
    ),
    Move(
        "clarify_judgement",
        (S.DECISION_PENDING,),
        targets.where_it_is,
        (R.ASSESSOR, R.PANEL),
        (guards.seat_sent_in, guards.reasons_unclear),
        body=ClarifyJudgement,
    ),
    Move(
        "take_back_return",
        (S.DECISION_PENDING,),
        targets.where_it_is,
        (R.LEAD,),
        (guards.reasons_unclear,),
        body=TakeBackReturn,
    ),
)
