"""A decision is contested: lodged, admitted or not, heard by a panel that took no part, and ruled on.

A lead names the panel, for a lead assigns people and neither judges nor decides; a programme administrator may not
touch a running case. Whoever chairs is asked by lot from the appeal body, so that no lead chooses who leads it.
Source: case design, sections 2, 3.1 and 11.
"""

from dataclasses import dataclass
from datetime import date

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice, Work
from services.rules.moves.deciding import RECOGNISE
from services.rules.people import Role

S, R = Stage, Role


@dataclass(frozen=True, slots=True)
class LodgeAppeal:
    """At least one word of `appeals.Ground`, and why, in one's own words.

    `decision` is the id of what is contested (the newest that can be, unless said), `claims` the ids of the claims
    concerned (all that were not recognised, unless said). `late_cause`: why the appeal comes after its window.
    `representative`: who wrote it on the learner's behalf.
    """

    grounds: tuple[str, ...]
    text: str
    decision: str = ""
    claims: tuple[str, ...] = ()
    late_cause: str = ""
    hearing: bool = False
    representative: str = ""


@dataclass(frozen=True, slots=True)
class AdmitAppeal:
    """`late_accepted` is why an appeal that came late is heard all the same; empty where it was in time."""

    late_accepted: str = ""


@dataclass(frozen=True, slots=True)
class RejectAppeal:
    """Why the appeal is not admissible, and what the learner can do instead, in the learner's language."""

    reasons: str
    next_step: str


@dataclass(frozen=True, slots=True)
class NameAppealPanel:
    """The ids of the persons who are asked to hear the appeal, beside those who already are."""

    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallHearing:
    """When (day and `HH:MM` in the case's time zone) and where, or by which link, the learner is heard.

    `minutes` is its usual length, which extra time of an accommodation makes longer. `agreed` says that the learner
    asked for a shorter notice than the policy's.
    """

    day: date
    time: str
    place: str
    interpreter: str = ""
    agreed: bool = False
    minutes: int = 60


@dataclass(frozen=True, slots=True)
class AppealVote:
    """What one member of the panel voted for: a word of `appeals.Ruling`."""

    person: str
    ruling: str


@dataclass(frozen=True, slots=True)
class RuleAppeal:
    """The votes, the chair's casting vote where they need one, reasons in the learner's language, and a cause class.

    `claims`: ids of the claims that are varied or judged anew. For each claim varied the chair has written a judgement.
    """

    votes: tuple[AppealVote, ...]
    reasons: str
    cause: str
    casting: str = ""
    claims: tuple[str, ...] = ()
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawAppeal:
    """`confirmed` must be true."""

    confirmed: bool


REVIEWERS = (R.APPEAL_REVIEWER_1, R.APPEAL_REVIEWER_2)
TELL = (Work("render_letter"), Work("publish_decision"))

MOVES = (
    Move(
        "lodge_appeal",
        targets.APPEALABLE,
        S.UNDER_REVIEW,
        (R.LEARNER,),
        (guards.lapse_unchallenged,),
        notices=(Notice("appeal_lodged", To.LEARNER), Notice("appeal_lodged_staff", To.LEAD)),
        body=LodgeAppeal,
    ),
    Move(
        "admit_appeal",
        (S.UNDER_REVIEW,),
        targets.where_it_is,
        REVIEWERS,
        (guards.chairs_the_appeal, guards.appeal_waits_for_admission),
        notices=(Notice("appeal_admitted", To.LEARNER), Notice("appeal_panel_to_name", To.LEAD)),
        body=AdmitAppeal,
    ),
    Move(
        "reject_appeal",
        (S.UNDER_REVIEW,),
        targets.where_it_was_before_the_appeal,
        REVIEWERS,
        (guards.chairs_the_appeal, guards.appeal_waits_for_admission),
        effects=TELL,
        body=RejectAppeal,
    ),
    Move(
        "name_appeal_panel",
        (S.UNDER_REVIEW,),
        targets.where_it_is,
        (R.LEAD,),
        (guards.panel_takes_members,),
        body=NameAppealPanel,
    ),
    Move(
        "convene_appeal",
        (S.UNDER_REVIEW,),
        targets.where_it_is,
        (R.CLOCK,),
        (guards.panel_complete,),
        notices=(Notice("appeal_convened", To.LEARNER), Notice("appeal_convened_staff", To.SEAT)),
        by_itself=True,
    ),
    Move(
        "ask_hearing",
        (S.UNDER_REVIEW,),
        targets.where_it_is,
        (R.LEARNER,),
        (guards.appeal_not_ruled,),
        notices=(Notice("hearing_asked", To.SEAT),),
    ),
    Move(
        "call_hearing",
        (S.UNDER_REVIEW,),
        targets.where_it_is,
        REVIEWERS,
        (guards.chairs_the_appeal, guards.appeal_panel_sits),
        body=CallHearing,
    ),
    Move(
        "rule_appeal",
        (S.UNDER_REVIEW,),
        targets.where_the_ruling_leads,
        REVIEWERS,
        (guards.chairs_the_appeal, guards.appeal_panel_sits),
        # Whatever was ruled is a decision with its letter; one that grants nothing reserves and signs nothing.
        effects=RECOGNISE,
        body=RuleAppeal,
    ),
    Move(
        "withdraw_appeal",
        (S.UNDER_REVIEW,),
        targets.where_it_was_before_the_appeal,
        (R.LEARNER,),
        (guards.appeal_not_ruled,),
        body=WithdrawAppeal,
    ),
)
