"""Who accompanies a case, and how that changes hands."""

from dataclasses import dataclass
from enum import StrEnum

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


class TransferWish(StrEnum):
    """Who asked for another advisor. Source: case design, section 3.2."""

    LEARNER = "learner"
    ADVISOR = "advisor"
    INSTITUTION = "institution"


@dataclass(frozen=True, slots=True)
class TransferAdvisor:
    """The advisor who follows the case from now on; `wished_by` is a word of `TransferWish`, `reason` is for staff."""

    advisor: str
    wished_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class NameMentor:
    """Who mentors the learner from now on (an id), or nobody any more."""

    mentor: str | None = None


ACCOMPANIED = tuple(stage for stage in Stage if stage not in {S.DRAFT, S.SUBMITTED, S.ISSUING})
"""Stages of a case that has an advisor; one that is just being issued is left alone for the minutes that this takes."""

MOVES = (
    Move(
        "transfer_advisor",
        ACCOMPANIED,
        targets.where_it_is,
        (R.LEAD,),
        (guards.has_advisor,),
        notices=(Notice("advisor_changed", To.LEARNER), Notice("case_handed_to", To.ADVISOR)),
        body=TransferAdvisor,
    ),
    Move(
        "name_mentor",
        ACCOMPANIED,
        targets.where_it_is,
        (R.ADVISOR, R.LEAD),
        body=NameMentor,
    ),
)
