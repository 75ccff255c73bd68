"""What people may say of themselves so that a programme can see whether it treats everybody alike: words, no rights.

Nobody has to answer, no question has to be answered, and nothing of a case depends on it. Answers are only ever told
as groups of ten people or more, of a year that is over. Source: case design, sections 2 and 13 (E1); requirement S4.
"""

from collections.abc import Mapping
from enum import StrEnum

from services.rules.refusals import Refused

PURPOSE, TEXT = "self_identification", "equity-2026-1"
"""What one agrees to by answering, and the version of the words beside the questions."""

KEPT_YEARS = 5
"""Calendar years after the last change in which answers are kept. Source: security design, section 10 (retention)."""


class Trait(StrEnum):
    """What may be answered, in the order of the page."""

    GENDER = "gender"
    AGE = "age"
    INDIGENOUS = "indigenous"
    NEWCOMER = "newcomer"
    DISABILITY = "disability"
    FIRST_LANGUAGE = "first_language"
    REGION = "region"
    EMPLOYMENT = "employment"
    EDUCATION = "education"


ANSWERS: dict[Trait, tuple[str, ...]] = {
    Trait.GENDER: ("woman", "man", "non_binary", "another"),
    Trait.AGE: ("under_25", "25_34", "35_44", "45_54", "55_64", "65_or_over"),
    Trait.INDIGENOUS: ("first_nations", "inuit", "metis", "another_people", "no"),
    Trait.NEWCOMER: ("under_5_years", "5_years_or_more", "born_here"),
    Trait.DISABILITY: ("yes", "no"),
    Trait.FIRST_LANGUAGE: ("english", "french", "indigenous", "another"),
    Trait.REGION: ("large_city", "town", "countryside", "remote"),
    Trait.EMPLOYMENT: ("employee", "self_employed", "looking", "not_looking"),
    Trait.EDUCATION: ("none", "secondary", "trade", "college", "university"),
}
"""The words that each question can be answered with; whoever says nothing stands with nobody."""


def check(answers: Mapping[str, str]) -> dict[Trait, str]:
    """The answers by question. Raises `Refused('malformed')` for a question or a word that is none."""
    found = {}
    for asked, word in answers.items():
        if asked not in set(Trait) or word not in ANSWERS[Trait(asked)]:
            raise Refused("malformed", field=asked[:32])
        found[Trait(asked)] = word
    return found
