"""What is asked on the conflict screen, and how far back: each tie has a window, which the programme's policy sets.

Source: case design, section 5 (answers and their windows) and section 12 (`coi.windows`).
"""

from dataclasses import dataclass
from datetime import date

from services.rules.conflicts import ConflictTie
from services.rules.programmes import Policy, Text

LIFETIME = 100
"""So many years back, or more, is a whole life."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the screen. `years`: how far back it reaches; 0 is now, `LIFETIME` or more a whole life."""

    tie: ConflictTie
    years: int
    text: Text


@dataclass(frozen=True, slots=True)
class _Wording:
    """How a question is put: `within` a number of years, named `{years}`, and `ever`."""

    within: Text
    ever: Text


FAMILY = Text(
    "Are you, or have you ever been, of the same family or household as this person?",
    "Êtes-vous ou avez-vous déjà été de la même famille ou du même ménage que cette personne\u00a0?",
)
FINANCIAL_NOW = Text(
    "Do you have a financial interest in common with this person, or one in the result?",
    "Avez-vous un intérêt financier en commun avec cette personne, ou dans le résultat de sa demande\u00a0?",
)
FINANCIAL = _Wording(
    Text(
        "{years}, have you had a financial interest in common with this person, or do you have one in the result?",
        "{years}, avez-vous eu un intérêt financier en commun avec cette personne, ou en avez-vous un dans le résultat "
        "de sa demande\u00a0?",
    ),
    Text(
        "Have you ever had a financial interest in common with this person, or do you have one in the result?",
        "Avez-vous déjà eu un intérêt financier en commun avec cette personne, ou en avez-vous un dans le résultat de "
        "sa demande\u00a0?",
    ),
)
ORGANISATION = _Wording(
    Text(
        "{years}, have you worked for the same organisation as this person, or for one of the employers named here?",
        "{years}, avez-vous travaillé pour la même organisation que cette personne, ou pour l’un des employeurs nommés "
        "ici\u00a0?",
    ),
    Text(
        "Have you ever worked for the same organisation as this person, or for one of the employers named here?",
        "Avez-vous déjà travaillé pour la même organisation que cette personne, ou pour l’un des employeurs nommés "
        "ici\u00a0?",
    ),
)
COLLABORATED = _Wording(
    Text(
        "{years}, have you worked closely with this person, supervised them or been supervised by them?",
        "{years}, avez-vous travaillé étroitement avec cette personne, l’avez-vous supervisée ou vous a-t-elle "
        "supervisé·e\u00a0?",
    ),
    Text(
        "Have you ever worked closely with this person, supervised them or been supervised by them?",
        "Avez-vous déjà travaillé étroitement avec cette personne, l’avez-vous déjà supervisée ou vous a-t-elle déjà "
        "supervisé·e\u00a0?",
    ),
)
TAUGHT = _Wording(
    Text(
        "Have you ever guided this person in this application? {years}, have you taught them anything?",
        "Avez-vous déjà accompagné cette personne dans la présente demande\u00a0? {years}, lui avez-vous "
        "enseigné\u00a0?",
    ),
    Text(
        "Have you ever guided this person in this application, or taught them anything?",
        "Avez-vous déjà accompagné cette personne dans la présente demande, ou lui avez-vous déjà enseigné\u00a0?",
    ),
)
OTHER = Text(
    "Is there anything else that could make you, or make you seem, less than impartial?",
    "Y a-t-il autre chose qui pourrait nuire à votre impartialité, réelle ou apparente\u00a0?",
)


def questions(policy: Policy) -> tuple[Question, ...]:
    """The conflict screen, in the order in which it is asked."""
    financial, organisation = policy.coi_financial_years, policy.coi_organisation_years
    collaborated, taught = policy.coi_collaborated_years, policy.coi_taught_years
    return (
        Question(ConflictTie.FAMILY_HOUSEHOLD, LIFETIME, FAMILY),
        Question(ConflictTie.FINANCIAL, financial, _put(FINANCIAL, financial) if financial else FINANCIAL_NOW),
        Question(ConflictTie.SAME_ORGANISATION, organisation, _put(ORGANISATION, organisation)),
        Question(ConflictTie.COLLABORATED_SUPERVISED, collaborated, _put(COLLABORATED, collaborated)),
        Question(ConflictTie.TAUGHT_OR_GUIDED, taught, _put(TAUGHT, taught)),
        Question(ConflictTie.OTHER, LIFETIME, OTHER),
    )


def _put(wording: _Wording, years: int) -> Text:
    if years >= LIFETIME:
        return wording.ever
    en = "In the last year" if years == 1 else f"In the last {years} years"
    fr = "Au cours de la dernière année" if years == 1 else f"Au cours des {years} dernières années"
    return Text(wording.within.en.format(years=en), wording.within.fr.format(years=fr))


def still_counts(until: date, *, today: date, years: int) -> bool:
    """Whether what ended on `until` is a tie today, where ties reach so many `years` back."""
    return years >= LIFETIME or (until.year + years, until.month, until.day) >= (today.year, today.month, today.day)
