"""Readings that differ are settled: by the two who wrote them, or by a panel that votes and keeps minutes."""

from dataclasses import dataclass

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the two locked readings of a claim stands, by id."""

    claim: str
    judgement: str


@dataclass(frozen=True, slots=True)
class SettleConferral:
    """A choice per claim on which the two readings differ; it settles once both have signed the same choices."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ComposePanel:
    """`chair`: who chairs from now on; `members`: who is asked to sit. Persons by id; why, in writing."""

    reason: str
    chair: str | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PanelMember:
    """Somebody who sat: in which `capacity`, and what they stated about conflicts of interest before the vote."""

    person: str
    capacity: str
    statement: str


@dataclass(frozen=True, slots=True)
class Vote:
    """What a member voted (`met`, `partial` or `not_yet`); `dissent`: why, where they were outvoted and wish to say."""

    person: str
    vote: str
    dissent: str = ""


@dataclass(frozen=True, slots=True)
class ClaimVotes:
    """The votes on one claim, the chair's casting vote where no outcome has a majority, and the panel's reasons."""

    claim: str
    votes: tuple[Vote, ...]
    reasons: str
    casting: str | None = None


@dataclass(frozen=True, slots=True)
class RecordPanel:
    """The minutes: who sat, what they saw, how they voted and why; `signed` is the chair's signature under them.

    `composition`: what the panel has to say of its balance, asked for by some programmes and never a condition.
    The chair's judgement form of each claim is locked with them. `worked_minutes`: how long the panel met, where the
    chair wishes to say; it counts for everybody present.
    """

    members: tuple[PanelMember, ...]
    material: str
    claims: tuple[ClaimVotes, ...]
    signed: bool
    composition: str = ""
    worked_minutes: int | None = None


MOVES = (
    Move(
        "settle_conferral",
        (S.MODERATION,),
        targets.once_both_have_signed,
        (R.ASSESSOR,),
        (guards.confers, guards.has_read),
        body=SettleConferral,
    ),
    Move(
        "end_conferral",
        (S.MODERATION,),
        targets.where_it_is,
        (R.ASSESSOR, R.CLOCK),
        (guards.confers, guards.has_read),
        notices=(Notice("conferral_ended", To.AUTHORS),),
    ),
    Move(
        "compose_panel",
        (S.ASSIGNING, S.MODERATION),
        targets.where_it_is,
        (R.LEAD,),
        (guards.panel_sits,),
        body=ComposePanel,
    ),
    Move(
        "record_panel",
        (S.MODERATION,),
        S.DECISION_PENDING,
        (R.PANEL,),
        (guards.panel_sits, guards.chairs),
        body=RecordPanel,
    ),
)
