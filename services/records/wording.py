"""What people may write into a field: so many characters, none of them invisible or beyond what both engines store."""

import unicodedata

from services.rules.refusals import Refused

BREAKS = frozenset("\n\r\t")


def check(field: str, text: str, *, most: int, lines: bool = False) -> None:
    """Hold `text` against `most` characters; only with `lines` may it have more than one line.

    Raises `Refused`: malformed, with the field.
    """
    allowed = BREAKS if lines else frozenset[str]()
    # Control characters and lone surrogates: a browser never sends them, and PostgreSQL cannot store all of them.
    hidden = any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in allowed for letter in text)
    if hidden or len(text) > most:
        raise Refused("malformed", field=field)
