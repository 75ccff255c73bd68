"""What a person can do next, as a letter of each kind says it; the sentences are data."""

import tomllib
from datetime import date
from functools import cache
from importlib import resources

from services.documents import letter_words
from services.rules import fees
from services.rules.programmes import Language, Policy, Text
from services.rules.terms import CANADA, said


@cache
def _steps() -> dict[str, tuple[Text, ...]]:
    content = resources.files("portfolio_templates").joinpath("letters", "next_steps.toml").read_text(encoding="utf-8")
    return {kind: tuple(Text(**step) for step in steps) for kind, steps in tomllib.loads(content).items()}


def next_steps(kind: str, language: Language, *, until: date, terms: str = CANADA) -> tuple[str, ...]:
    """The next steps of a letter of `kind`; `until` is the day until which what was met is kept."""
    day = letter_words.day(until, language)
    return tuple(said(step, language, terms=terms).format(until=day) for step in _steps().get(kind, ()))


TRIED_AGAIN = ("partial", "not_yet")
"""Letters that lead to another attempt."""


def costs(kind: str, policy: Policy, language: Language, *, waived: bool = False) -> tuple[str, ...]:
    """What another attempt costs, where a letter of `kind` leads to one that costs; `waived`: not in this case."""
    words = fees.again(policy) if kind in TRIED_AGAIN else None
    if words and waived:
        words = fees.WAIVED
    return (words.in_(language),) if words else ()


def capacities(assessors: int, language: Language, *, panel: int = 0) -> tuple[str, ...]:
    """In which capacity people judged, a panel by its `panel` votes; names stand apart. Empty: nobody assessed."""
    by_vote = (_PANEL.in_(language).format(number=panel),) if panel else ()
    return _counted(_CAPACITY, assessors, language) + by_vote


def reviewers(members: int, language: Language) -> tuple[str, ...]:
    """In which capacity people heard an appeal; names are never told. Empty where it was not heard."""
    return _counted(_REVIEWERS, members, language)


def _counted(words: tuple[Text, Text], number: int, language: Language) -> tuple[str, ...]:
    if not number:
        return ()
    one, many = words
    return ((one if number == 1 else many).in_(language).format(number=number),)


_CAPACITY = (
    Text("One qualified assessor of this programme", "Une personne évaluatrice qualifiée de ce programme"),
    Text(
        "{number} qualified assessors of this programme", "{number} personnes évaluatrices qualifiées de ce programme"
    ),
)

_REVIEWERS = (
    Text("One member of the appeal body", "Un membre de l’instance d’appel"),
    Text("{number} members of the appeal body", "{number} membres de l’instance d’appel"),
)

_PANEL = Text(
    "A panel of this programme, by the vote of {number} members, with minutes",
    "Un comité de ce programme, par le vote de {number} membres, avec procès-verbal",
)
