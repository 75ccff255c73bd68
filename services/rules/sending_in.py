"""Whether a judgement may be sent in: complete, with reasons where somebody has to read them, and as the rules allow.

Whoever sends one in is refused with the first gap; whoever still writes is shown all of them.
Source: case design, sections 4.1 to 4.3.
"""

from collections.abc import Collection, Iterator

from services.rules import claims
from services.rules.claims import Judgement, PointedItem, Rating, Recommendation, Rule, Verdict
from services.rules.programmes import Competency
from services.rules.refusals import Refused


def gaps(
    judgement: Judgement,
    *,
    competency: Competency,
    items: Collection[PointedItem],
    rationale_minimum: int,
    rounds_used: int,
    nothing_more: bool,
    carried: frozenset[str] = frozenset(),
    seen: bool = False,
) -> Iterator[Refused]:
    """What a judgement still lacks, the most basic first; `rationale_minimum` in characters.

    Refusals of the codes claims_open, method_not_allowed, rationale_missing, evidence_rule. Each names the competency
    or the place; facts that end in `_en` and `_fr` say it in words.
    """
    yield from _incomplete(judgement, competency=competency, carried=carried)
    yield from _methods(judgement, competency=competency)
    yield from unreasoned(judgement, competency=competency, minimum=rationale_minimum)
    if claims.Choice.RECOMMENDATION in judgement.undecided:
        return
    found = claims.against(
        judgement,
        competency=competency,
        items=items,
        asked=nothing_more or rounds_used > 0,
        carried=carried,
        seen=seen,
    )
    for obstacle, criterion in found:
        yield Refused("evidence_rule", rule=obstacle, **_named(competency, criterion))


def check(
    judgement: Judgement,
    *,
    competency: Competency,
    items: Collection[PointedItem],
    rationale_minimum: int,
    rounds_used: int,
    nothing_more: bool,
    carried: frozenset[str] = frozenset(),
    seen: bool = False,
) -> None:
    """Hold a judgement against the rules before it is locked. Raises the first of its `gaps`."""
    found = gaps(
        judgement,
        competency=competency,
        items=items,
        rationale_minimum=rationale_minimum,
        rounds_used=rounds_used,
        nothing_more=nothing_more,
        carried=carried,
        seen=seen,
    )
    if (first := next(found, None)) is not None:
        raise first


def _incomplete(judgement: Judgement, *, competency: Competency, carried: frozenset[str]) -> Iterator[Refused]:
    """Each criterion rated once, each rule of evidence answered once, every choice made, and by some method."""
    rated = [rating.criterion for rating in judgement.ratings]
    known = {criterion.key for criterion in competency.criteria}
    answered = sorted(verdict.rule for verdict in judgement.rules)
    complete = known - carried <= set(rated) <= known and len(rated) == len(set(rated))
    if not complete or answered != sorted(Rule) or not judgement.methods or judgement.undecided:
        yield Refused("claims_open", **_named(competency))


def _methods(judgement: Judgement, *, competency: Competency) -> Iterator[Refused]:
    used = [*judgement.methods, *(method for rating in judgement.ratings for method in rating.methods)]
    for method in used:
        if method not in competency.methods:
            yield Refused("method_not_allowed", method=method, **_named(competency))


def unreasoned(judgement: Judgement, *, competency: Competency, minimum: int) -> Iterator[Refused]:
    """Reasons on every criterion not met and every claim not recommended `met`; a note on every doubt."""
    for rating in judgement.ratings:
        if rating.rating is not Rating.MET and _length(rating.note) < minimum:
            where = competency.criterion(rating.criterion).text
            yield _reason_missing(rating.criterion, where.en, where.fr, minimum=minimum)
    for verdict in judgement.rules:
        if verdict.verdict is not Verdict.OK and not _length(verdict.note):
            yield Refused("rationale_missing", where=verdict.rule, minimum="1")
    if judgement.recommendation is not Recommendation.MET and _length(judgement.rationale) < minimum:
        yield _reason_missing(competency.key, competency.title.en, competency.title.fr, minimum=minimum)


def _reason_missing(where: str, en: str, fr: str, *, minimum: int) -> Refused:
    return Refused("rationale_missing", where=where, where_en=en, where_fr=fr, minimum=str(minimum))


def _length(text: str) -> int:
    """Characters that say something: spaces do not fill a rationale."""
    return len(" ".join(text.split()))


def _named(competency: Competency, criterion: str = "") -> dict[str, str]:
    """The facts that name a competency, and one of its criteria, by key and in words."""
    title = competency.title
    facts = {"competency": competency.key, "competency_en": title.en, "competency_fr": title.fr, "criterion": criterion}
    if criterion:
        text = competency.criterion(criterion).text
        facts |= {"criterion_en": text.en, "criterion_fr": text.fr}
    return facts
