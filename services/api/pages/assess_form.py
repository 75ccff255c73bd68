"""A judgement as a form on a page: the fields that show what was written, and what a sent form says.

Fields: `level`; `rating-KEY`, `note-KEY` and `shown-KEY` per criterion; `rule-RULE` and `doubt-RULE` per rule of
evidence; `method`; `rationale`, `recommendation`, `confidence`, `supervision`, `identification`, `learning_setting`,
`private_note`. A choice that is not made yet sends nothing, and is kept as undecided.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from services.api import forms
from services.api.pages.sent import Sent
from services.rules.claims import (
    FULLY,
    Choice,
    Confidence,
    Identification,
    Judgement,
    LearningSetting,
    Rating,
    Recommendation,
    Rule,
    Supervision,
    Verdict,
)
from services.rules.programmes import Competency
from services.rules.refusals import Refused

NOTHING: dict[Choice, Any] = {
    Choice.RECOMMENDATION: Recommendation.NOT_YET,
    Choice.CONFIDENCE: Confidence.LOW,
    Choice.SUPERVISION: Supervision.NONE,
    Choice.IDENTIFICATION: Identification.NONE,
    Choice.LEARNING_SETTING: LearningSetting.INFORMAL,
    Choice.LEVEL: FULLY,
}
"""What stands in the place of a choice that is not made: it says nothing, and is never shown as chosen."""


def read(sent: Sent, competency: Competency, *, before: Judgement | None) -> Judgement:
    """The judgement that a form says. Raises `Refused('malformed')`.

    `before`: what was written so far; by which methods a criterion was seen has no field here and is kept.
    """
    chosen = {choice: sent.one(choice) for choice in Choice}
    content: dict[str, Any] = {
        "ratings": _ratings(sent, competency, before=before),
        "rules": [
            {"rule": rule, "verdict": sent.one(f"rule-{rule}"), "note": sent.one(f"doubt-{rule}")}
            for rule in Rule
            if sent.one(f"rule-{rule}")
        ],
        "methods": list(dict.fromkeys(sent.all("method"))),
        "rationale": sent.one("rationale"),
        "private_note": sent.one("private_note"),
        "undecided": [choice for choice, said in chosen.items() if not said],
        **{str(choice): said or NOTHING[choice] for choice, said in chosen.items()},
    }
    try:
        return forms.plain(msgspec.convert(content, forms.strict(Judgement), strict=False), Judgement)
    except msgspec.ValidationError as wrong:
        raise Refused("malformed", field="form") from wrong


def _ratings(sent: Sent, competency: Competency, *, before: Judgement | None) -> list[dict[str, Any]]:
    known = {one.criterion: one for one in before.ratings} if before else {}
    return [
        {
            "criterion": criterion.key,
            "rating": sent.one(f"rating-{criterion.key}"),
            "note": sent.one(f"note-{criterion.key}"),
            "pointers": list(sent.all(f"shown-{criterion.key}")),
            "methods": list(known[criterion.key].methods) if criterion.key in known else [],
        }
        for criterion in competency.criteria
        if sent.one(f"rating-{criterion.key}")
    ]


def filled(content: Judgement | None, *, carried: tuple[str, ...] = ()) -> Sent:
    """The fields that show `content`; before anything is written, criteria kept from an earlier attempt are met."""
    if content is None:
        return Sent(tuple((f"rating-{key}", Rating.MET) for key in carried))
    return Sent(tuple(_fields(content)))


def _fields(content: Judgement) -> Iterator[tuple[str, str]]:
    for rating in content.ratings:
        yield f"rating-{rating.criterion}", rating.rating
        yield f"note-{rating.criterion}", rating.note
        for pointer in rating.pointers:
            yield f"shown-{rating.criterion}", pointer
    for verdict in content.rules:
        yield f"rule-{verdict.rule}", verdict.verdict
        yield f"doubt-{verdict.rule}", verdict.note
    for method in content.methods:
        yield "method", method
    yield "rationale", content.rationale
    yield "private_note", content.private_note
    for choice in Choice:
        if choice not in content.undecided:
            yield choice, str(getattr(content, choice))


VERDICTS = tuple(Verdict)
"""In the order in which a page offers them."""
