"""What a credential says of how it was assessed, in the other language.

A credential is signed in its learner's language alone, and what is signed is all that we may repeat. Every sentence of
it is made from `badge_wording`: it is taken apart by the same words and put together again in the other language. A
sentence that was made otherwise has no other language, and is shown as it was signed.
"""

import re
from collections.abc import Iterable

from services.documents import badge_wording as say
from services.rules.programmes import Language, Text

BLANK = re.compile(r"\\\{(\w+)\\\}")
_LENGTH = re.compile(r" \((\d[^()]*)\)$")


def criteria(sentence: str, *, out_of: Language, into: Language) -> str | None:
    """How the competency was assessed, in `into`; None for a sentence that is not ours."""
    if sentence == say.CRITERIA_TRANSFER.in_(out_of):
        return say.CRITERIA_TRANSFER.in_(into)
    blanks = _blanks(say.CRITERIA.in_(out_of), sentence)
    if blanks is None:
        return None
    turned = {
        "methods": _methods(blanks["methods"], out_of=out_of, into=into),
        "identity": _one_of(say.IDENTITY.values(), blanks["identity"], out_of=out_of, into=into),
        "supervision": _one_of(say.SUPERVISION.values(), blanks["supervision"], out_of=out_of, into=into),
    }
    if None in turned.values():
        return None
    return say.CRITERIA.in_(into).format(count=blanks["count"], **turned)


def name(words: str, *, out_of: Language, into: Language) -> str | None:
    """What a kind of evidence is called, in `into`."""
    kinds = [say.capital(one) for one in (*say.METHODS.values(), say.TRANSFER)]
    return _one_of(kinds, words, out_of=out_of, into=into)


def description(sentence: str, *, out_of: Language, into: Language) -> str | None:
    """How much evidence there was and who read it, in `into`; parts are taken off the front one by one."""
    left, parts = sentence.removesuffix("."), list[str]()
    while left:
        for known in PARTS:
            # The first part begins with a capital, which is not its own.
            pattern = _pattern(known.in_(out_of))
            found = re.match(rf"{pattern}(?:, |$)", left, re.IGNORECASE if not parts else 0)
            if found:
                parts.append(known.in_(into).format(**found.groupdict()))
                left = left[found.end() :]
                break
        else:
            return None
    whole = ", ".join(parts)
    return f"{whole[:1].upper()}{whole[1:]}."


LONG = Text("{hours}\u00a0h", "{hours}\u00a0h")
LONGER = Text("{hours}\u00a0h {minutes}\u00a0min", "{hours}\u00a0h {minutes}\u00a0min")
SHORT = Text("{minutes}\u00a0min", "{minutes}\u00a0min")
PARTS = (
    LONGER, LONG, SHORT, say.ONE_ITEM, say.ITEMS, say.ONE_TESTIMONY, say.TESTIMONY, say.READ_BY_ONE,
    say.READ_BY_SEVERAL, say.RUBRIC, say.KEPT, say.TRANSFER_CHECKED,
)  # fmt: skip
"""What a description is made of."""


def _methods(listed: str, *, out_of: Language, into: Language) -> str | None:
    turned = []
    for one in listed.split(", "):
        length = _LENGTH.search(one)
        bare = one[: length.start()] if length else one
        word = _one_of(say.METHODS.values(), bare, out_of=out_of, into=into)
        if word is None:
            return None
        turned.append(word + (length[0] if length else ""))
    return ", ".join(turned)


def _one_of(known: Iterable[Text], words: str, *, out_of: Language, into: Language) -> str | None:
    return next((one.in_(into) for one in known if one.in_(out_of) == words), None)


def _blanks(template: str, sentence: str) -> dict[str, str] | None:
    found = re.fullmatch(_pattern(template), sentence)
    return found.groupdict() if found else None


def _pattern(template: str) -> str:
    """A sentence with blanks as an expression: a number is digits, anything else what stands there."""
    numbers = {"count", "criteria", "hours", "minutes"}
    return BLANK.sub(
        lambda blank: f"(?P<{blank[1]}>" + (r"\d+" if blank[1] in numbers else ".+?") + ")", re.escape(template)
    )
