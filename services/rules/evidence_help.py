"""What the system points out under the rules of evidence while somebody judges: a help, never a verdict.

Source: case design, section 4.2 (valid, sufficient, authentic); what is old is told by `evidence.py`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.rules.claims import PointedItem, Rule
from services.rules.evidence import EvidenceKind
from services.rules.programmes import Competency, Text


class Sign(StrEnum):
    """What is pointed out."""

    UNPOINTED = "criterion_without_evidence"
    ONE_SOURCE = "one_source"
    ELSEWHERE = "same_file_elsewhere"
    NEAR = "near_text_elsewhere"


@dataclass(frozen=True, slots=True)
class Help:
    """One thing to look at: under which rule, and of which piece or criterion, where it is of one."""

    rule: Rule
    sign: Sign
    text: Text
    evidence: str | None = None
    criterion: str | None = None


def by_kind(items: Collection[PointedItem]) -> dict[EvidenceKind, int]:
    """How many pieces of each kind speak for a claim, the most frequent first."""
    return dict(Counter(item.kind for item in items).most_common())


def found(
    competency: Competency,
    *,
    items: Collection[PointedItem],
    pointed: Collection[str | None],
    elsewhere: Collection[str],
    near: Mapping[str, int],
    carried: Collection[str] = (),
) -> Iterator[Help]:
    """What to look at in a claim on `competency`.

    `pointed`: the criteria that pieces point at, None for all of them; `elsewhere`: ids of pieces whose very bytes lie
    in somebody else's case; `near`: in how many cases of others a text lies that is near to that of a piece, by its id;
    `carried`: criteria that were met before.
    """
    for criterion in competency.criteria:
        if criterion.mandatory and None not in pointed and criterion.key not in {*pointed, *carried}:
            yield Help(
                Rule.VALID,
                Sign.UNPOINTED,
                Text(
                    f"No evidence is linked to this: {criterion.text.en}",
                    f"Aucune preuve n’est liée à ceci\u00a0: {criterion.text.fr}",
                ),
                criterion=criterion.key,
            )
    if len(items) == 1 or (items and len(by_kind(items)) == 1):
        yield Help(Rule.SUFFICIENT, Sign.ONE_SOURCE, _ONE_SOURCE)
    for item in items:
        if item.id in elsewhere:
            yield Help(Rule.AUTHENTIC, Sign.ELSEWHERE, _ELSEWHERE, evidence=item.id)
        if item.id in near:
            yield Help(Rule.AUTHENTIC, Sign.NEAR, _near(near[item.id]), evidence=item.id)


_ONE_SOURCE = Text(
    "All of it is of one kind. Does it show more than one occasion?",
    "Tout est d’un même genre. Y voit-on plus d’une occasion\u00a0?",
)

_ELSEWHERE = Text(
    "A file with the very same content lies in the case of somebody else. There may be a good reason: work done "
    "together, a form of the trade.",
    "Un fichier au contenu identique se trouve dans le dossier d’une autre personne. Il peut y avoir une bonne raison"
    "\u00a0: un travail fait ensemble, un formulaire du métier.",
)


def _near(cases: int) -> Text:
    where = Text("the case of somebody else", "le dossier d’une autre personne")
    if cases > 1:
        where = Text(f"{cases} cases of other people", f"{cases} dossiers d’autres personnes")
    return Text(
        f"A text that is nearly the same lies in {where.en}. There may be a good reason: work done together, a form of "
        "the trade.",
        f"Un texte presque identique se trouve dans {where.fr}. Il peut y avoir une bonne raison\u00a0: un travail "
        "fait ensemble, un formulaire du métier.",
    )
