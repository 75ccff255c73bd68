"""When a decision can be reviewed, and what a review can come to: grounds, windows, votes.

A review raises or repeats; it never lowers what was recognised. Source: case design, section 11.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.rules.deadlines import due
from services.rules.people import Role
from services.rules.programmes import Policy


class Ground(StrEnum):
    """Why a learner asks for a review."""

    PROCEDURE = "procedure"
    BIAS_OR_CONFLICT = "bias_or_conflict"
    EVIDENCE_OVERLOOKED = "evidence_overlooked"
    UNREASONABLE_JUDGEMENT = "unreasonable_judgement"
    ACCOMMODATION_NOT_GIVEN = "accommodation_not_given"


NEW_EVIDENCE = "new_evidence"
"""What many learners have and what is no ground: it asks for another attempt, not for a review of this one."""


class Matter(StrEnum):
    """What is contested."""

    RECOGNITION = "recognition"
    ELIGIBILITY = "eligibility"
    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    LAPSE = "lapse"


class Ruling(StrEnum):
    """What a review came to; a panel votes for one of the first three."""

    DISMISSED = "dismissed"
    VARIED = "varied"
    REMITTED = "remitted"
    INADMISSIBLE = "inadmissible"


class Cause(StrEnum):
    """What lay behind an appeal, as each ruling records it for the statistics."""

    PROCEDURE = "procedure"
    JUDGEMENT = "judgement"
    CONFLICT = "conflict"
    INFORMATION = "information"
    ACCOMMODATION = "accommodation"


CHOICES = frozenset({Ruling.DISMISSED, Ruling.VARIED, Ruling.REMITTED})
"""What a member of the panel may vote for."""

VOTED_ON: dict[Matter, frozenset[Ruling]] = {
    Matter.RECOGNITION: CHOICES,
    Matter.ELIGIBILITY: CHOICES,
    Matter.REVOCATION: CHOICES,
    Matter.SUSPENSION: CHOICES,
    # There is nobody to send a lapse back to: time decided it.
    Matter.LAPSE: frozenset({Ruling.DISMISSED, Ruling.VARIED}),
}
"""What a review of each matter can come to."""

LEVELS: dict[Role, int] = {Role.APPEAL_REVIEWER_1: 1, Role.APPEAL_REVIEWER_2: 2}
"""The level at which each role hears appeals."""

REVIEWER: dict[int, Role] = {level: role for role, level in LEVELS.items()}
"""The role that hears appeals at each level."""


def level_for(decided_as: Role | None, *, levels: int) -> int | None:
    """The level at which what somebody decided in the role `decided_as` is reviewed; None where it is final.

    `decided_as` is None for a lapse, which nobody decided; `levels` is the policy's `appeal_levels`.
    """
    level = LEVELS.get(decided_as, 0) + 1 if decided_as else 1
    return level if level <= levels else None


def received(policy: Policy, *, sent: datetime, opened: datetime | None, zone: str) -> datetime:
    """When a letter counts as received: when it was first opened, otherwise when its deemed receipt has passed."""
    deemed = due(policy.calendar, sent, policy.deemed_receipt, zone=zone, learner=False)
    return min(opened, deemed) if opened else deemed


def window_end(
    policy: Policy, *, sent: datetime, opened: datetime | None, zone: str, printed: datetime | None = None
) -> datetime:
    """The last instant at which a review can be asked for without a cause for being late.

    Counted from the receipt of what was sent at `sent`; never before the date `printed` in the letter, for a date that
    was shown does not move earlier.
    """
    start = received(policy, sent=sent, opened=opened, zone=zone)
    counted = due(policy.calendar, start, policy.appeal_lodge, zone=zone, learner=True)
    return max(counted, printed) if printed else counted


class VoteGap(StrEnum):
    """Why the votes of a panel do not make a ruling."""

    VOTER = "voter"
    CHOICE = "choice"
    QUORUM = "quorum"
    CHAIR = "chair"
    TIE = "tie"
    CASTING_VOTE = "casting_vote"


@dataclass(frozen=True, slots=True)
class Bench:
    """Who hears an appeal, by the persons' ids: its members with the chair, and how many of them must vote."""

    members: frozenset[str]
    chair: str
    quorum: int


@dataclass(frozen=True, slots=True)
class Count:
    """What a panel voted for, and whether the chair's casting vote made it."""

    ruling: Ruling
    by_casting_vote: bool


def count(
    bench: Bench, votes: Mapping[str, Ruling], *, casting: Ruling | None, choices: Collection[Ruling] = CHOICES
) -> Count | VoteGap:
    """Count the votes of a panel: the majority of those cast, else the chair's casting vote among the leading ones.

    `VoteGap` says why they do not count: a voter who is no member, a choice that the matter does not have, too few
    votes, none of the chair, a tie without casting vote, a casting vote that is not needed or names what does not lead.
    """
    gaps = {
        VoteGap.VOTER: not bench.members.issuperset(votes),
        VoteGap.CHOICE: not set(choices).issuperset(votes.values()),
        VoteGap.QUORUM: len(votes) < bench.quorum,
        VoteGap.CHAIR: bench.chair not in votes,
    }
    if gap := next((gap for gap, holds in gaps.items() if holds), None):
        return gap
    counted = Counter(votes.values())
    most = max(counted.values())
    if most * 2 > len(votes):
        majority = next(ruling for ruling, number in counted.items() if number == most)
        return Count(majority, by_casting_vote=False) if casting is None else VoteGap.CASTING_VOTE
    if casting is None:
        return VoteGap.TIE
    return Count(casting, by_casting_vote=True) if counted[casting] == most else VoteGap.CASTING_VOTE
