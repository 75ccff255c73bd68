"""From the first application to an answer on eligibility."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice, Work
from services.rules.people import Role

S, R = Stage, Role


DECLARATIONS = frozenset({"2026-1"})
"""Versions of the declaration of truth that may be accepted with `submit`."""

PURPOSES = frozenset({"holder_name"})
"""What a learner may agree to with `submit`: their name in the credential. Any other word would agree to nothing."""


@dataclass(frozen=True, slots=True)
class Submit:
    """`declaration` is the version of the text that was accepted; `consents` are purposes agreed to.

    `agent`: who fills in and files it for the learner, where somebody does.
    """

    declaration: str
    consents: tuple[str, ...]
    agent: str = ""


@dataclass(frozen=True, slots=True)
class TakeCase:
    """The advisor who follows the case."""

    advisor: str


@dataclass(frozen=True, slots=True)
class MissingItem:
    """One thing that is missing and why it is needed."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class AskCompletion:
    """At least one missing item."""

    items: tuple[MissingItem, ...]


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """The answer to one item: what was done, or why it cannot be provided."""

    item: str
    answer: str
    cannot_provide: bool = False


@dataclass(frozen=True, slots=True)
class Complete:
    """An answer to each open item."""

    answers: tuple[ItemAnswer, ...]


@dataclass(frozen=True, slots=True)
class ProposeRefusal:
    """Why the advisor thinks that the case is not eligible."""

    reasons: str


@dataclass(frozen=True, slots=True)
class RefuseEligibility:
    """Reasons and next step, in the learner's language."""

    reasons: str
    next_step: str


class MeetingForm(StrEnum):
    """How a learner was informed of what recognition is and asks for."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class RecordMeeting:
    """The information meeting that the learner took part in; `form` is a word of `MeetingForm`."""

    held_on: date
    form: str


REFUSE = (Work("render_letter"), Work("publish_decision"))

MOVES = (
    Move(
        "submit",
        (S.DRAFT,),
        S.SUBMITTED,
        (R.LEARNER, R.ADVISOR),
        (guards.own_or_on_behalf, guards.has_claims),
        notices=(Notice("submitted", To.LEARNER),),
        body=Submit,
    ),
    Move(
        "take_case",
        (S.SUBMITTED,),
        S.ELIGIBILITY_REVIEW,
        (R.CLOCK, R.LEAD),
        (guards.advisor_named,),
        notices=(Notice("advisor_named", To.LEARNER), Notice("case_taken", To.ADVISOR)),
        by_itself=True,
        body=TakeCase,
    ),
    Move(
        "ask_completion",
        (S.ELIGIBILITY_REVIEW, S.PORTFOLIO_SUBMITTED),
        S.INCOMPLETE,
        (R.ADVISOR,),
        notices=(Notice("completion_asked", To.LEARNER),),
        body=AskCompletion,
    ),
    Move(
        "complete",
        (S.INCOMPLETE,),
        targets.where_it_came_from,
        (R.LEARNER,),
        notices=(Notice("completed", To.ADVISOR),),
        body=Complete,
    ),
    Move(
        "record_meeting",
        (S.SUBMITTED, S.ELIGIBILITY_REVIEW, S.INCOMPLETE),
        targets.where_it_is,
        (R.ADVISOR, R.LEAD),
        (guards.meeting_missing,),
        body=RecordMeeting,
    ),
    Move(
        "accept_eligibility",
        (S.ELIGIBILITY_REVIEW,),
        S.ELIGIBLE,
        (R.ADVISOR, R.CLOCK),
        (guards.has_claims, guards.by_a_person_or_by_law, guards.informed),
        notices=(Notice("eligible", To.LEARNER),),
    ),
    Move(
        "propose_refusal",
        (S.ELIGIBILITY_REVIEW,),
        targets.where_it_is,
        (R.ADVISOR,),
        (guards.no_refusal_proposed,),
        notices=(Notice("decision_needed", To.DECISION_MAKER),),
        body=ProposeRefusal,
    ),
    Move(
        "refuse_eligibility",
        (S.ELIGIBILITY_REVIEW,),
        S.NOT_ELIGIBLE,
        (R.DECISION_MAKER,),
        (guards.refusal_proposed,),
        effects=REFUSE,
        body=RefuseEligibility,
    ),
)
