"""Reasons that a learner could not follow, said anew by whoever wrote them: words change, and nothing that was found.

Source: case design, section 4.1 (`returned` by a lead asks for clarity; the outcome stays as locked).
"""

from collections.abc import Mapping
from dataclasses import replace

from services.rules import sending_in
from services.rules.claims import Judgement
from services.rules.programmes import Competency
from services.rules.refusals import Refused


def said_anew(judgement: Judgement, *, rationale: str, notes: Mapping[str, str]) -> Judgement:
    """`judgement` with the learner's reasons in new words; `notes` by criterion. What is empty stays as it was."""
    return replace(
        judgement,
        rationale=rationale or judgement.rationale,
        ratings=tuple(replace(one, note=notes.get(one.criterion) or one.note) for one in judgement.ratings),
    )


def check(
    judgement: Judgement, *, rationale: str, notes: Mapping[str, str], competency: Competency, minimum: int
) -> None:
    """Hold new words for `judgement` against what reasons have to be; `minimum` in characters.

    Raises `Refused`: malformed for a criterion that was not rated, reasons_unchanged where nothing is said anew,
    rationale_missing where a reason that is needed is too short.
    """
    if not notes.keys() <= {one.criterion for one in judgement.ratings}:
        raise Refused("malformed", field="notes")
    anew = said_anew(judgement, rationale=rationale, notes=notes)
    if anew == judgement:
        raise Refused("reasons_unchanged")
    for gap in sending_in.unreasoned(anew, competency=competency, minimum=minimum):
        raise gap
