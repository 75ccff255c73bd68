"""Whole numbers as browsers and programs write them: of a length that everything behind us can hold."""

import re

WRITTEN = re.compile(r"\d{1,18}", re.ASCII)
"""What fits into 64 bits; Python itself refuses to read a number of some thousand digits."""


def read(text: str) -> int | None:
    """The number that `text` is, or None where it is none, or one that nothing here can hold."""
    return int(text) if WRITTEN.fullmatch(text) else None
