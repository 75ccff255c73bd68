"""In which of our two languages somebody is answered: the one they ask for, else the one they read, else English."""

from typing import Any

from litestar.connection import ASGIConnection

from services.rules.programmes import Language
from services.rules.terms import CANADA

KNOWN = (Language.EN, Language.FR)


def asked(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """The language of an answer: a page's address says it, a program or browser asks for it."""
    first = connection.scope["path"].split("/", 2)[1]
    if first in tuple(KNOWN):
        return Language(first)
    signed = connection.scope.get("user")
    reads = getattr(getattr(signed, "caller", None), "language", Language.EN)
    return preferred(connection.headers.get("accept-language", "")) or Language(reads)


def terms(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The French of an answer: that of the case it is about, as the guard found it, else that of Canada."""
    found: str = connection.scope.get("state", {}).get("terms", CANADA)
    return found


def preferred(header: str) -> Language | None:
    """The language that an `Accept-Language` prefers of ours; None where it names neither."""
    best: tuple[float, Language] | None = None
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        word = tag.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if word in tuple(KNOWN) and weight > 0 and (best is None or weight > best[0]):
            best = (weight, Language(word))
    return best[1] if best else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
