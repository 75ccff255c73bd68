"""The short code by which a person looks a credential up: 12 characters that survive a phone call and a scribble."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O, U."""
LENGTH = 12
"""Characters, 60 bits: too many to guess a code at the rate the verify page allows."""
GROUP = 4
HEARD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, "\N{NON-BREAKING HYPHEN}": None, "\N{EN DASH}": None})


def draw() -> str:
    """Return a new random code from the system's generator, as stored: 12 characters without hyphens."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(typed: str) -> str | None:
    """Return the stored form of what a person typed, or None when it cannot be a code.

    Case, spaces and hyphens do not count; O is read as 0, I and L as 1.
    """
    code = "".join(typed.upper().split()).translate(HEARD)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def display(code: str) -> str:
    """Return a stored code as it is shown: `XXXX-XXXX-XXXX`."""
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))
