"""When a second assessor reads the same claims without knowing of the first, and what two readings come to.

Nothing here depends on who asks: a draw is recomputed by anybody who has the published seed.
Source: case design, section 6 (second assessor, sample, comparison).
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from services.rules.claims import Confidence, Judgement, Recommendation, Rule, Verdict

SEED_BYTES = 32
"""The length of a quarter's seed. Source: case design, section 6."""

_LEVELS = {Recommendation.NOT_YET: 0, Recommendation.PARTIAL: 1, Recommendation.MET: 2}
"""The ordered recommendations; `insufficient_evidence` stands beside them."""


class Trigger(StrEnum):
    """Why a second seat is mandatory; the first four are known before anybody has read."""

    READERS = "readers"
    HIGH_STAKES = "high_stakes"
    NEW_ASSESSOR = "new_assessor"
    SAMPLED = "sampled"
    ALL_NOT_YET = "all_not_yet"
    FULL_GRANT = "full_grant"
    LOW_CONFIDENCE = "low_confidence"
    DOUBTED_AUTHORSHIP = "doubted_authorship"


class Way(StrEnum):
    """Where the readings of a case lead: to the decision, to the two who read, or to a panel."""

    AGREED = "agreed"
    CONFER = "confer"
    PANEL = "panel"


@dataclass(frozen=True, slots=True)
class Original:
    """One locked reading of one claim; `version` is the portfolio version that its author made or confirmed it on."""

    recommendation: Recommendation
    version: int


def triggers_in_advance(
    *, readers_per_claim: int, high_stakes: bool, earlier_cases: int, first_cases: int, sampled: bool
) -> frozenset[Trigger]:
    """Why a second seat is offered at once, asked when the first seat is accepted.

    `earlier_cases`: cases that the first assessor had accepted before; `first_cases`: how many are read twice.
    """
    asked = {
        Trigger.READERS: readers_per_claim > 1,
        Trigger.HIGH_STAKES: high_stakes,
        Trigger.NEW_ASSESSOR: earlier_cases < first_cases,
        Trigger.SAMPLED: sampled,
    }
    return frozenset(trigger for trigger, holds in asked.items() if holds)


def triggers_of_reading(
    originals: Mapping[str, Judgement], *, competencies: Collection[str], held: Collection[str]
) -> frozenset[Trigger]:
    """Why a second seat is offered after the first reading, whose judgements stand by competency.

    `competencies`: keys of the whole programme; `held`: those already settled in the learner's favour, transfers too.
    """
    recommended = {key: judgement.recommendation for key, judgement in originals.items()}
    met = {key for key, word in recommended.items() if word is Recommendation.MET}
    asked = {
        Trigger.ALL_NOT_YET: set(recommended.values()) == {Recommendation.NOT_YET},
        Trigger.FULL_GRANT: bool(met) and met.union(held) >= set(competencies),
        Trigger.LOW_CONFIDENCE: any(judgement.confidence is Confidence.LOW for judgement in originals.values()),
        Trigger.DOUBTED_AUTHORSHIP: any(_doubts_authorship(judgement) for judgement in originals.values()),
    }
    return frozenset(trigger for trigger, holds in asked.items() if holds)


def _doubts_authorship(judgement: Judgement) -> bool:
    return any(said.rule is Rule.AUTHENTIC and said.verdict is not Verdict.OK for said in judgement.rules)


def sample_share(previous_quarter: int, *, percent: int, least: int) -> Fraction:
    """The share of an assessor's cases that is drawn, so that about `least` a quarter are read twice.

    `previous_quarter`: cases that the assessor accepted in the quarter before; `percent`: the share never falls below.
    """
    wanted = Fraction(least, max(least, previous_quarter, 1))
    return min(Fraction(1), max(Fraction(percent, 100), wanted))


def seed_digest(seed: bytes) -> str:
    """The SHA-256 of a quarter's seed in hexadecimal, logged when the quarter begins.

    Raises `ValueError` when the seed has not `SEED_BYTES` bytes.
    """
    if len(seed) != SEED_BYTES:
        message = f"a seed has {SEED_BYTES} bytes, not {len(seed)}"
        raise ValueError(message)
    return hashlib.sha256(seed).hexdigest()


def lot(seed: bytes, case: UUID) -> Fraction:
    """Where `case` falls under a seed: HMAC-SHA-256 of its id, the first 8 bytes as a share of 2^64.

    The id enters in its usual spelling (lower case, with hyphens), so that a shell can recompute a draw.
    """
    drawn = hmac.digest(seed, str(case).encode("ascii"), "sha256")
    return Fraction(int.from_bytes(drawn[:8], "big"), 2**64)


def is_sampled(seed: bytes, case: UUID, *, share: Fraction) -> bool:
    """Whether `case` is drawn."""
    return lot(seed, case) < share


def compare(claims: Mapping[str, Sequence[Original]]) -> Way:
    """Where the locked originals of each claim, two or more, lead the case.

    Raises `ValueError` when a claim has fewer than two originals, or when the originals stand on different versions:
    a judgement locked on an earlier version is confirmed by its author before it is compared.
    """
    if not claims or any(len(originals) < 2 for originals in claims.values()):  # noqa: PLR2004 - a comparison has two sides
        message = "nothing to compare"
        raise ValueError(message)
    if len({original.version for originals in claims.values() for original in originals}) > 1:
        message = "readings of different portfolio versions"
        raise ValueError(message)
    apart = [step for originals in claims.values() if (step := _distance(originals)) != 0]
    if not apart:
        return Way.AGREED
    return Way.CONFER if apart == [1] else Way.PANEL


def _distance(originals: Sequence[Original]) -> int:
    """Levels between the highest and the lowest reading; the whole scale and more where only some gave a level."""
    words = {original.recommendation for original in originals}
    if len(words) == 1:
        return 0
    if Recommendation.INSUFFICIENT_EVIDENCE in words:
        return len(_LEVELS)
    levels = [_LEVELS[word] for word in words]
    return max(levels) - min(levels)
