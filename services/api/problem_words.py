"""The sentences of what the web interface itself refuses, and of what is wrong with one field of a request."""

import re
import tomllib
from functools import cache
from importlib import resources

from services.rules.programmes import Text

FORMS = (
    (r"Object missing required field `(?P<name>.+)`", "missing"),
    (r"Object contains unknown field `(?P<name>.+)`", "unknown"),
    (r"'data'", "missing"),
    (r"Missing required .*", "missing"),
    (r"Expected `.+` of length >= (?P<limit>\d+)", "short"),
    (r"Expected `.+` of length <= (?P<limit>\d+)", "long"),
    (r"Expected `(?:int|float)` (?P<limit>[<>]=? \d+)", "range"),
    (r"Expected `str` matching regex .*", "form"),
    (r"Expected `(?P<expected>.+)`, got .*", "kind"),
    (r"Invalid enum value .*", "word"),
    (r"Invalid RFC3339 encoded .*", "date"),
    (r"Invalid UUID", "identifier"),
    (r"JSON is malformed.*", "json"),
)
"""How the reader of bodies says what is wrong, and our code for it. Source: msgspec, which speaks English only."""


def problem(code: str) -> Text:
    """Return what the web interface refused."""
    return _words()["problem"][code]


def codes() -> frozenset[str]:
    """The codes of the web interface's own refusals."""
    return frozenset(_words()["problem"])


def field(code: str, language: str, **facts: str) -> str:
    """Return what is wrong with a field, in `language`."""
    return _words()["field"][code].in_(language).format_map(facts)


def read_fault(message: str, language: str) -> tuple[str, str, str]:
    """Return (code, field name where the message ends in one, sentence) for what the reader of bodies said."""
    for form, code in FORMS:
        if found := re.fullmatch(form, message):
            facts = found.groupdict()
            return code, facts.pop("name", ""), field(code, language, **facts)
    return "form", "", field("form", language)


@cache
def _words() -> dict[str, dict[str, Text]]:
    content = resources.files("services").joinpath("locales", "problems.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(content)
    return {part: {code: Text(**said) for code, said in table.items()} for part, table in tables.items()}
