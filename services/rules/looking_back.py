"""Which of an assessor's cases are read once more after a quarter in which too few of them were read twice.

Such a reading feeds the figures of agreement and changes nothing that was decided. Source: case design, section 6.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.rules import second_reading
from services.rules.claims import Obstacle, Rating, Recommendation
from services.rules.programmes import Competency
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody finds who reads a settled claim again: words of `Rating` and `Recommendation`, and why."""

    ratings: Mapping[str, str]
    recommendation: str
    rationale: str


def lacking(known: int, *, least: int) -> int:
    """How many more of an assessor's cases are to be read again, where `known` were read twice or are already asked."""
    return max(0, least - known)


def drawn(seed: bytes, cases: Collection[UUID], *, number: int) -> list[UUID]:
    """The `number` of `cases` that come first by the quarter's seed, which was logged before any of them began."""
    return sorted(cases, key=lambda case: (second_reading.lot(seed, case), case))[:number]


def check(finding: Finding, *, competency: Competency, rationale_minimum: int) -> None:
    """Hold a finding against its competency.

    Raises `Refused`: malformed for words that are none, claims_open while a criterion is not rated, evidence_rule for
    `met` without every mandatory criterion, rationale_missing where the reasons are too short.
    """
    if finding.recommendation not in set(Recommendation) or not set(Rating).issuperset(finding.ratings.values()):
        raise Refused("malformed", field="recommendation")
    named = {"competency": competency.key, "competency_en": competency.title.en, "competency_fr": competency.title.fr}
    criteria = {criterion.key: criterion for criterion in competency.criteria}
    if finding.ratings.keys() != criteria.keys():
        raise Refused("claims_open", **named)
    if finding.recommendation == Recommendation.MET:
        for key, criterion in criteria.items():
            if criterion.mandatory and finding.ratings[key] != Rating.MET:
                text = {"criterion": key, "criterion_en": criterion.text.en, "criterion_fr": criterion.text.fr}
                raise Refused("evidence_rule", rule=Obstacle.CRITERION_NOT_MET, **named, **text)
    elif len(" ".join(finding.rationale.split())) < rationale_minimum:
        where = {"where": competency.key, "where_en": competency.title.en, "where_fr": competency.title.fr}
        raise Refused("rationale_missing", minimum=str(rationale_minimum), **where)
