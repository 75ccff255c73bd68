"""What learners and the public read is plain: the eighth year of school in English, as easy in French.

The formulas and their sources stand in `tools/readability.py`. Labels are too short for them: what counts are messages
of five words and more, all of an area as one text; beside that no single sentence may be out of reach, which a mean
would hide.
"""

import re
from collections.abc import Iterator

import pytest

from services.api.pages import command_words, words
from services.rules.people import Role
from services.rules.programmes import Language, Text
from services.rules.stages import MOVES
from tools import readability
from tools import words as tool

PLAIN_AREAS = ("public", "shell", "command", "learner", "account", "attest", "shared", "pages")
"""Areas of messages that people read who do not work here."""

OF_COMMANDS = "what a learner can send"
HARDEST_GRADE, LEAST_EASE = 8, 60
HARDEST_OF_ONE, LEAST_OF_ONE = 12, 40
"""What a single message may ask of a reader: one long word of law in a short sentence is dear in both formulas."""

FEWEST_WORDS = 5
LONG_ENOUGH = 8
"""Words from which a message is judged by itself."""


def plain(message: str) -> str:
    """Without markup; a fact counts as a word."""
    return re.sub(r"%\(\w+\)s", "Marie", re.sub(r"<[^>]+>", "", message))


def of_area(area: str) -> Iterator[tuple[str, str]]:
    """The messages of a file in English and French, which has a form for millions beside the two that we have."""
    for message in tool.wanted()[area]:
        yield from zip(parts(message), parts(words.catalogue()[message]), strict=False)


def parts(message: str | tuple[str, ...]) -> tuple[str, ...]:
    """A message, or the two forms of one that counts."""
    return (message,) if isinstance(message, str) else message


def of_commands() -> Iterator[tuple[str, str]]:
    """What the pages of a learner's commands say."""
    for command in sorted(move.command for move in MOVES if Role.LEARNER in move.roles):
        said = command_words.said(command)
        inside: list[Text] = [text for field in said.fields.values() for text in (field.label, field.hint)]
        yield from ((text.en, text.fr) for text in (said.title, said.lead, said.done, *inside))


def read(area: str) -> list[tuple[str, str]]:
    """What is long enough to be read as a sentence."""
    found = of_commands() if area == OF_COMMANDS else of_area(area)
    pairs = ((plain(english), plain(french)) for english, french in found)
    return [pair for pair in pairs if len(pair[0].split()) >= FEWEST_WORDS]


@pytest.mark.parametrize("area", [*(one for one in PLAIN_AREAS if (tool.FRENCH / f"{one}.po").exists()), OF_COMMANDS])
def test_what_learners_and_the_public_read_is_plain(area: str) -> None:
    pairs = read(area)
    english = readability.of([one for one, _ in pairs], Language.EN)
    french = readability.of([one for _, one in pairs], Language.FR)
    assert english.grade <= HARDEST_GRADE, english
    assert french.ease >= LEAST_EASE, french
    long = [pair for pair in pairs if len(pair[0].split()) >= LONG_ENOUGH]
    assert [one for one, _ in long if readability.of([one], Language.EN).grade > HARDEST_OF_ONE] == []
    assert [one for _, one in long if readability.of([one], Language.FR).ease < LEAST_OF_ONE] == []


@pytest.mark.parametrize(
    ("sentence", "counted", "grade"),
    [
        ("The cat sat on the mat.", 6, -1.45),
        ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 24, 11.3),
    ],
)
def test_the_grade_of_english_is_the_published_one(sentence: str, counted: int, grade: float) -> None:
    reading = readability.of([sentence], Language.EN)
    assert reading.syllables == counted
    assert abs(reading.grade - grade) < 0.05


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ({"evidence": 3, "people": 2, "asked": 1, "decided": 3, "language": 2}, Language.EN),
        ({"personne": 2, "théâtre": 2, "créée": 2, "attestation": 4, "lettres": 1, "compétence": 3}, Language.FR),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(words: dict[str, int], language: Language) -> None:
    assert {word: readability.syllables(word, language) for word in words} == words


def test_a_text_of_an_office_is_found_in_both_languages() -> None:
    english = "Applicants are hereby advised that notification of the determination will be forthcoming subsequently."
    french = "La personne requérante sera ultérieurement informée de la détermination administrative la concernant."
    assert readability.of([english], Language.EN).grade > HARDEST_OF_ONE
    assert readability.of([french], Language.FR).ease < LEAST_OF_ONE
    with pytest.raises(ValueError, match="nothing to read"):
        readability.of(["–", "2026."], Language.EN)
