"""When a panel can settle a claim: who may sit, how votes are counted, and what its minutes must hold.

The rules count votes that people cast; a panel's outcome is always one that its members named.
Source: case design, section 6 (panel).
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.rules.claims import Recommendation

CHOICES = frozenset({Recommendation.MET, Recommendation.PARTIAL, Recommendation.NOT_YET})
"""What a member may vote; a panel settles, so it cannot leave a claim for want of evidence."""


class Gap(StrEnum):
    """Why a panel's record of a claim does not stand."""

    QUORUM = "quorum"
    CHAIR = "chair"
    QUALIFIED = "qualified"
    VOTER = "voter"
    CHOICE = "choice"
    TIE = "tie"
    CASTING_VOTE = "casting_vote"
    OUTCOME = "outcome"
    MINUTES = "minutes"
    STATEMENTS = "statements"
    SIGNATURE = "signature"
    DISSENT = "dissent"


REFUSED_AS: dict[Gap, str] = {
    Gap.QUORUM: "quorum_missing",
    Gap.CHAIR: "quorum_missing",
    Gap.QUALIFIED: "quorum_missing",
    Gap.VOTER: "votes_invalid",
    Gap.CHOICE: "votes_invalid",
    Gap.TIE: "votes_invalid",
    Gap.CASTING_VOTE: "votes_invalid",
    Gap.OUTCOME: "votes_invalid",
    Gap.MINUTES: "minutes_missing",
    Gap.STATEMENTS: "minutes_missing",
    Gap.SIGNATURE: "minutes_missing",
    Gap.DISSENT: "minutes_missing",
}
"""The refusal that names a gap; its fact `gap` says which."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a panel by the person's id; `qualified`: holds the competency's field."""

    person: str
    capacity: str
    qualified: bool


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes on one claim by person, and the chair's casting vote where no outcome has a majority."""

    votes: Mapping[str, Recommendation]
    casting: Recommendation | None = None


@dataclass(frozen=True, slots=True)
class Minutes:
    """What a panel writes down; `statements` (on conflicts) and `dissents` by person, `signed` who signed."""

    material: str
    reasons: str
    statements: Mapping[str, str]
    dissents: Mapping[str, str]
    signed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Panel:
    """Who sits, who leads, and how many must vote: `quorum` with the chair, `qualified_min` of them qualified."""

    members: tuple[Member, ...]
    chair: str
    quorum: int
    qualified_min: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome of a ballot, and whether the casting vote made it; a record says so."""

    outcome: Recommendation
    by_casting_vote: bool


def leading(votes: Mapping[str, Recommendation]) -> frozenset[Recommendation]:
    """The outcomes with the most votes; none where nobody voted."""
    counted = Counter(votes.values())
    most = max(counted.values(), default=0)
    return frozenset(choice for choice, number in counted.items() if number == most)


def majority(votes: Mapping[str, Recommendation]) -> Recommendation | None:
    """The outcome that more than half of the votes cast name, or None."""
    return next((choice for choice, number in Counter(votes.values()).items() if number * 2 > len(votes)), None)


def settle(ballot: Ballot) -> Settled | Gap:
    """Count a ballot: the majority of votes cast, else the chair's casting vote among the leading outcomes.

    `Gap.TIE` without a casting vote where one is needed; `Gap.CASTING_VOTE` for one that is not needed, or that names
    an outcome which does not lead.
    """
    if outcome := majority(ballot.votes):
        return Settled(outcome, by_casting_vote=False) if ballot.casting is None else Gap.CASTING_VOTE
    if ballot.casting is None:
        return Gap.TIE
    return (
        Settled(ballot.casting, by_casting_vote=True) if ballot.casting in leading(ballot.votes) else Gap.CASTING_VOTE
    )


def gaps_in_votes(panel: Panel, ballot: Ballot) -> tuple[Gap, ...]:
    """Why the votes on one claim cannot stand; empty when they can."""
    voters = frozenset(ballot.votes)
    qualified = {member.person for member in panel.members if member.qualified}
    missing = {
        Gap.VOTER: not voters <= {member.person for member in panel.members},
        Gap.CHOICE: not CHOICES.issuperset(ballot.votes.values()),
        Gap.QUORUM: len(voters) < panel.quorum,
        Gap.CHAIR: panel.chair not in voters,
        Gap.QUALIFIED: len(voters & qualified) < panel.qualified_min,
    }
    settled = settle(ballot)
    counted = (settled,) if isinstance(settled, Gap) else ()
    return (*(gap for gap, holds in missing.items() if holds), *counted)


def gaps_in_minutes(panel: Panel, minutes: Minutes, *, ballot: Ballot) -> tuple[Gap, ...]:
    """What the minutes of one claim lack; empty when they are complete.

    Members need a capacity, voters a conflict statement, the chair's signature stands under them, and only somebody
    whose vote differs from the outcome dissents.
    """
    settled = settle(ballot)
    outvoted = {
        person for person, vote in ballot.votes.items() if isinstance(settled, Settled) and vote is not settled.outcome
    }
    missing = {
        Gap.MINUTES: not all(
            text.strip() for text in (minutes.material, minutes.reasons, *(member.capacity for member in panel.members))
        ),
        Gap.STATEMENTS: any(not minutes.statements.get(person, "").strip() for person in ballot.votes),
        Gap.SIGNATURE: panel.chair not in minutes.signed,
        Gap.DISSENT: not outvoted.issuperset(minutes.dissents),
    }
    return tuple(gap for gap, holds in missing.items() if holds)
