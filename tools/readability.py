"""How hard a text is to read, in years of school for English and on Flesch's scale of ease for French.

English: Flesch-Kincaid grade, 0.39 × words a sentence + 11.8 × syllables a word - 15.59 (J. P. Kincaid, R. P.
Fishburne, R. L. Rogers, B. S. Chissom: Derivation of new readability formulas for Navy enlisted personnel, 1975).

French: Flesch's reading ease as fitted to French, 207 - 1.015 × words a sentence - 73.6 × syllables a word (L. Kandel,
A. Moles: Application de l'indice de Flesch à la langue française, Cahiers Études de Radio-Télévision 19, 1958). The
scale is that of English: 60 and more is what pupils of 13 to 15 read with ease, the eighth and ninth year (R. Flesch:
How to write plain English, 1979).

Both look at length alone: they find long words and long sentences, and cannot say that a text is right. Vowels that
meet in a word count as one unless an accent parts them, so `portfolio` has three syllables here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import pyphen

from services.rules.programmes import Language

VOWELS = {Language.EN: "aeiouy", Language.FR: "aeiouyàâäéèêëîïôöùûüœæ"}
FIRST_OF_ITS_OWN = "éèëïüâ"
"""French letters that are spoken apart from a vowel before them: cré-é, mo-sa-ïque, thé-âtre."""

HYPHENATION = {Language.EN: "en_US", Language.FR: "fr"}
SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
ELIDED = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)[’']", re.IGNORECASE)
"""A French article or pronoun that lost its vowel is spoken with the word after it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the formulas count in a text."""

    sentences: int
    words: int
    syllables: int

    @property
    def sentence(self) -> float:
        """Words a sentence."""
        return self.words / self.sentences

    @property
    def word(self) -> float:
        """Syllables a word."""
        return self.syllables / self.words

    @property
    def grade(self) -> float:
        """The year of school in which an English text is understood (Flesch-Kincaid)."""
        return 0.39 * self.sentence + 11.8 * self.word - 15.59

    @property
    def ease(self) -> float:
        """How easy a French text is, 0 to 100 and beyond (Kandel-Moles)."""
        return 207 - 1.015 * self.sentence - 73.6 * self.word


@cache
def _hyphenation(language: Language) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=HYPHENATION[language], left=1, right=1)


def syllables(word: str, language: Language) -> int:
    """Syllables of one word as it is spoken, at least one.

    Where a line may be broken there is a syllable's end, but not the other way round (`ev-ery`, `platy-pus`): vowels
    are counted between these places, and a mute ending is not.
    """
    parts = _hyphenation(language).inserted(word.lower()).split("-")
    found = sum(_vowels(part, language) for part in parts)
    return max(1, found - _mute(word.lower(), language))


def _vowels(part: str, language: Language) -> int:
    count, before = 0, False
    for letter in part:
        vowel = letter in VOWELS[language]
        count += vowel and (not before or letter in FIRST_OF_ITS_OWN)
        before = vowel
    return count


def _mute(word: str, language: Language) -> bool:
    if language is Language.FR:
        return bool(re.search(r"[^aeiouyàâäéèêëîïôöùûü](?:e|es)$", word))
    return bool(re.search(r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouytdl]ed$|[aeiouy]led$|[^aeiouyscxzgh]es$", word))


def of(texts: Iterable[str], language: Language) -> Reading:
    """Count what people read. Raises `ValueError` where there is no word."""
    sentences = [one for text in texts for one in SENTENCE_ENDS.split(text) if WORD.search(one)]
    if not sentences:
        raise ValueError("nothing to read")
    spoken = (ELIDED.sub("", one) if language is Language.FR else one for one in sentences)
    found = [word for one in spoken for word in WORD.findall(re.sub(r"(?<=\w)[’'](?=\w)", "", one))]
    return Reading(len(sentences), len(found), sum(syllables(word, language) for word in found))
