"""Tells texts that are nearly the same from a few numbers of each, so that no text is kept to compare it with another.

The numbers are the smallest hashes of the text's runs of words (bottom-k sketch: Broder, "On the resemblance and
containment of documents", 1997). Source: case design, section 4.2 (authentic); security design, T-4.
"""

import re
import unicodedata
from collections.abc import Collection
from hashlib import blake2b
from itertools import islice

RUN = 5
"""Words of a run: two people on the same subject share few of five words, and a moved paragraph keeps nearly all."""

MARKS = 64
"""Numbers kept of a text, at most."""

FEWEST = 48
"""Different runs that a text needs to be compared, some fifty words: shorter ones are alike by accident."""

WORDS = 20_000
"""Words that are looked at, some forty pages; what follows says nothing new."""

SHARED, OF = 3, 4
"""Texts are near when three in four marks of each are marks of the other, a resemblance of six tenths.

One sentence in ten said otherwise leaves more than eight in ten; a form that two people filled in leaves about half,
which is four standard errors away.
"""

_WORD = re.compile(r"\w+")


def marks(text: str) -> tuple[int, ...]:
    """The marks of a text in ascending order, as signed numbers of 64 bits; none of a short one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = [found.group() for found in islice(_WORD.finditer(folded), WORDS)]
    runs = {" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
    return tuple(sorted(map(_hash, runs))[:MARKS]) if len(runs) >= FEWEST else ()


def near(one: Collection[int], other: Collection[int]) -> bool:
    """Whether two texts with these marks are nearly the same; one without marks is near to none."""
    shared = len({*one} & {*other})
    return bool(shared) and all(shared * OF >= len(of_each) * SHARED for of_each in (one, other))


def _hash(run: str) -> int:
    return int.from_bytes(blake2b(run.encode(), digest_size=8).digest(), signed=True)
