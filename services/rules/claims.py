"""When a claim is met: criterion ratings, the four rules of evidence, and which recommendations they allow.

The rules compute what is allowed and the assessor chooses; nothing here grants or refuses.
Source: case design, sections 4, 4.1, 4.2 and 4.3.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.rules import evidence
from services.rules.evidence import EvidenceKind
from services.rules.programmes import Competency, Method


class ClaimState(StrEnum):
    """The life of a claim: one learner asserting one competency."""

    CLAIMED = "claimed"
    DOCUMENTED = "documented"
    IN_ASSESSMENT = "in_assessment"
    RECOMMENDED_MET = "recommended_met"
    RECOMMENDED_PARTIAL = "recommended_partial"
    RECOMMENDED_NOT_YET = "recommended_not_yet"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    GRANTED = "granted"
    GRANTED_BY_TRANSFER = "granted_by_transfer"
    NOT_YET = "not_yet"
    WITHDRAWN = "withdrawn"
    CREDENTIALED = "credentialed"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


class Rating(StrEnum):
    """How far one criterion was seen."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_YET = "not_yet"
    NOT_ASSESSED = "not_assessed"


class Rule(StrEnum):
    """The rules of evidence. Source: Standards for RTOs (Australia), rules of evidence."""

    VALID = "valid"
    SUFFICIENT = "sufficient"
    AUTHENTIC = "authentic"
    CURRENT = "current"


class Verdict(StrEnum):
    """What the assessor says of one rule of evidence."""

    OK = "ok"
    CONCERN = "concern"
    FAIL = "fail"


class Recommendation(StrEnum):
    """What an assessor recommends for a claim."""

    MET = "met"
    PARTIAL = "partial"
    NOT_YET = "not_yet"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"


class Confidence(StrEnum):
    """How sure the assessor is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Supervision(StrEnum):
    """Whether somebody watched while the learning was shown; kept for the credential."""

    NONE = "none"
    ONLINE = "online"
    ON_SITE = "on_site"


class Identification(StrEnum):
    """How the assessor knew that it was the learner; kept for the credential."""

    NONE = "none"
    DOCUMENT_SEEN = "document_seen"
    LIVE = "live"


class LearningSetting(StrEnum):
    """Where the learning took place; kept for the credential. Source: EU Council recommendation, 2012."""

    FORMAL = "formal"
    NON_FORMAL = "non_formal"
    INFORMAL = "informal"


class SelfAssessment(StrEnum):
    """How the learner sees it: done alone, with help, not yet."""

    ALONE = "alone"
    WITH_HELP = "with_help"
    NOT_YET = "not_yet"


class Outcome(StrEnum):
    """What a case came to."""

    GRANTED_FULL = "granted_full"
    GRANTED_PARTIAL = "granted_partial"
    NOT_GRANTED = "not_granted"


class Obstacle(StrEnum):
    """Why a recommendation is not allowed; the fact `rule` of the refusal `evidence_rule`."""

    CRITERION_NOT_MET = "criterion_not_met"
    VALID = "valid"
    SUFFICIENT = "sufficient"
    AUTHENTIC = "authentic"
    CURRENT = "current"
    OWN_WORDS_ONLY = "own_words_only"
    RESUME_RULE = "resume_rule"
    LEVEL = "level"
    NOTHING_MET = "nothing_met"
    EVERYTHING_MET = "everything_met"
    NOTHING_LACKING = "nothing_lacking"
    NOT_ASKED = "not_asked"


OPEN_CLAIMS = frozenset(
    {
        ClaimState.CLAIMED,
        ClaimState.DOCUMENTED,
        ClaimState.IN_ASSESSMENT,
        ClaimState.RECOMMENDED_MET,
        ClaimState.RECOMMENDED_PARTIAL,
        ClaimState.RECOMMENDED_NOT_YET,
        ClaimState.INSUFFICIENT_EVIDENCE,
    }
)
"""States before a decision."""

RECOMMENDED_AS: dict[Recommendation, ClaimState] = {
    Recommendation.MET: ClaimState.RECOMMENDED_MET,
    Recommendation.PARTIAL: ClaimState.RECOMMENDED_PARTIAL,
    Recommendation.NOT_YET: ClaimState.RECOMMENDED_NOT_YET,
    Recommendation.INSUFFICIENT_EVIDENCE: ClaimState.INSUFFICIENT_EVIDENCE,
}
"""The state of a claim once its judgement is locked."""

IN_FAVOUR = frozenset({ClaimState.GRANTED, ClaimState.GRANTED_BY_TRANSFER})
"""How a decision grants a claim; publication turns both into `credentialed`."""

RECOGNISED = IN_FAVOUR | {ClaimState.CREDENTIALED}
"""States of a claim that was settled in favour."""

FULLY = 3
"""The rubric level from which a competency is held."""


class Choice(StrEnum):
    """What an author of a judgement chooses once for a claim, beside what is found on each criterion and rule."""

    RECOMMENDATION = "recommendation"
    CONFIDENCE = "confidence"
    SUPERVISION = "supervision"
    IDENTIFICATION = "identification"
    LEARNING_SETTING = "learning_setting"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class CriterionRating:
    """What was found on one criterion: `note` is what the learner reads, `pointers` ids of evidence items."""

    criterion: str
    rating: Rating
    note: str = ""
    pointers: tuple[str, ...] = ()
    methods: tuple[Method, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One rule of evidence, with a note unless it holds."""

    rule: Rule
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an assessor writes for one claim; `rationale` is read by the learner, `private_note` never.

    `undecided`: choices that the author has not made yet; what stands in their place says nothing, and a judgement
    with any of them is a draft that cannot be sent in.
    """

    ratings: tuple[CriterionRating, ...]
    rules: tuple[RuleVerdict, ...]
    methods: tuple[Method, ...]
    rationale: str
    recommendation: Recommendation
    confidence: Confidence
    supervision: Supervision
    identification: Identification
    learning_setting: LearningSetting
    private_note: str = ""
    level: int = FULLY
    undecided: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class PointedItem:
    """An evidence item pointed at the claim; `learner_authored`: a text that the learner wrote."""

    id: str
    kind: EvidenceKind
    learner_authored: bool


def met_criteria(judgement: Judgement) -> tuple[str, ...]:
    """Keys of the criteria that were met; the letter attests them whatever the outcome."""
    return tuple(rating.criterion for rating in judgement.ratings if rating.rating is Rating.MET)


def missing_criteria(judgement: Judgement, competency: Competency) -> tuple[str, ...]:
    """Keys of the criteria that were not met, in the competency's order."""
    met = frozenset(met_criteria(judgement))
    return tuple(criterion.key for criterion in competency.criteria if criterion.key not in met)


def settles_as(recommendation: Recommendation) -> ClaimState:
    """What a decision makes of a recommendation: a claim is never part-granted."""
    return ClaimState.GRANTED if recommendation is Recommendation.MET else ClaimState.NOT_YET


def outcome(states: Iterable[ClaimState]) -> str:
    """Return an `Outcome`: what the claims of a case came to, withdrawn ones aside."""
    judged = [state in RECOGNISED for state in states if state is not ClaimState.WITHDRAWN]
    if not any(judged):
        return Outcome.NOT_GRANTED
    return Outcome.GRANTED_FULL if all(judged) else Outcome.GRANTED_PARTIAL


@dataclass(frozen=True, slots=True)
class _Grounds:
    """Everything that a recommendation may rest on; `asked`: the learner was asked for more, or has nothing more.

    `seen`: an appointment was held for the claim.
    """

    judgement: Judgement
    competency: Competency
    items: Collection[PointedItem]
    asked: bool
    carried: frozenset[str]
    seen: bool = False

    @property
    def holding(self) -> frozenset[Rule]:
        """The rules of evidence that hold; what was seen at an appointment is current."""
        ok = frozenset(verdict.rule for verdict in self.judgement.rules if verdict.verdict is Verdict.OK)
        return ok | {Rule.CURRENT} if self.seen else ok


Found = Iterator[tuple[Obstacle, str]]
"""Obstacles, each with the key of the criterion that it is about, or the empty string."""


def _against_met(grounds: _Grounds) -> Found:
    needed = grounds.competency.mandatory - grounds.carried
    for key in missing_criteria(grounds.judgement, grounds.competency):
        if key in needed:
            yield Obstacle.CRITERION_NOT_MET, key
    for rule in Rule:
        if rule not in grounds.holding:
            yield Obstacle(rule), ""
    # The record of an appointment is direct evidence, and nobody's own words.
    if not grounds.seen and all(item.learner_authored for item in grounds.items):
        yield Obstacle.OWN_WORDS_ONLY, ""
    if not (grounds.seen or evidence.suffices(grounds.items)):
        yield Obstacle.RESUME_RULE, ""
    if grounds.judgement.level < FULLY:
        yield Obstacle.LEVEL, ""


def _against_partial(grounds: _Grounds) -> Found:
    met = frozenset(met_criteria(grounds.judgement)) | grounds.carried
    if not met:
        yield Obstacle.NOTHING_MET, ""
    if grounds.competency.mandatory <= met:
        yield Obstacle.EVERYTHING_MET, ""


def _against_insufficient(grounds: _Grounds) -> Found:
    unseen = {rating.criterion for rating in grounds.judgement.ratings if rating.rating is Rating.NOT_ASSESSED}
    seen = not unseen & (grounds.competency.mandatory - grounds.carried)
    if seen and grounds.holding >= {Rule.SUFFICIENT, Rule.AUTHENTIC}:
        yield Obstacle.NOTHING_LACKING, ""
    if not grounds.asked:
        yield Obstacle.NOT_ASKED, ""


_AGAINST: dict[Recommendation, Callable[[_Grounds], Found]] = {
    Recommendation.MET: _against_met,
    Recommendation.PARTIAL: _against_partial,
    Recommendation.NOT_YET: lambda _: iter(()),
    Recommendation.INSUFFICIENT_EVIDENCE: _against_insufficient,
}
"""What stands against each recommendation; nothing ever stands against `not_yet`."""


def allowed_recommendations(
    judgement: Judgement,
    *,
    competency: Competency,
    items: Collection[PointedItem],
    rounds_used: int,
    nothing_more: bool,
    carried: frozenset[str] = frozenset(),
    seen: bool = False,
) -> frozenset[Recommendation]:
    """Which recommendations the ratings, the rules of evidence and the items pointed at the claim allow.

    `rounds_used`: rounds of requests already held; `nothing_more`: the learner said so; `carried`: keys of criteria
    met in an earlier attempt; `seen`: an appointment was held for it; its record is direct and current.
    Source: case design, section 4.3.
    """
    asked = nothing_more or rounds_used > 0
    grounds = _Grounds(judgement, competency, items, asked, carried, seen)
    return frozenset(word for word, against in _AGAINST.items() if next(against(grounds), None) is None)


def against(
    judgement: Judgement,
    *,
    competency: Competency,
    items: Collection[PointedItem],
    asked: bool,
    carried: frozenset[str] = frozenset(),
    seen: bool = False,
) -> Found:
    """Everything that stands against what is recommended; the arguments are those of `allowed_recommendations`."""
    return _AGAINST[judgement.recommendation](_Grounds(judgement, competency, items, asked, carried, seen))
