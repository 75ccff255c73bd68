"""The French of a jurisdiction: the same sentences with the words that its institutions use.

Every sentence is written in the French of Canada. A pack of terms (`portfolio_templates/terms`) says what a phrase is
called elsewhere, so that a new sentence needs no second catalogue. English is one. Source: case design, section 15.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from services.rules.programmes import Language, Text

CANADA = "fr-CA"
"""The French in which every sentence is written, and the default of every policy."""


@dataclass(frozen=True, slots=True)
class Pack:
    """What is said otherwise: phrases anywhere in a sentence, and whole sentences."""

    phrases: Mapping[str, str]
    sentences: Mapping[str, str]
    pattern: re.Pattern[str]

    def say(self, sentence: str) -> str:
        """The sentence as it is said there."""
        return self.sentences.get(sentence) or self.pattern.sub(self._instead, sentence)

    def _instead(self, found: re.Match[str]) -> str:
        usual = found[0]
        here = self.phrases[usual.lower()]
        return here[0].upper() + here[1:] if usual[0].isupper() else here


def said(text: Text, language: str, *, terms: str = CANADA) -> str:
    """`text` in `language`, with the words of the pack `terms`; its places for facts stay as they are."""
    return otherwise(text.in_(language), language, terms=terms)


def otherwise(sentence: str, language: str, *, terms: str = CANADA) -> str:
    """One of our own sentences in `language` with the words of the pack `terms`; never what a person wrote."""
    return sentence if language != Language.FR or terms == CANADA else pack(terms).say(sentence)


@cache
def pack(terms: str) -> Pack:
    """The pack of that name. Raises `FileNotFoundError` where there is none."""
    source = resources.files("portfolio_templates").joinpath("terms", f"{terms}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(source)
    phrases = {usual.lower(): here for usual, here in table["phrases"].items()}
    longest_first = sorted(phrases, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
    return Pack(phrases, {one["usual"]: one["here"] for one in table["sentence"]}, pattern)
