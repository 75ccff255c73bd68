"""The words of a refusal, read once from `refusals.toml` in both languages."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from services.rules.stages import STAGES
from services.rules.terms import CANADA, otherwise

UNKNOWN = "…"
"""What stands in a sentence for a fact that was not given: a person still gets an answer."""


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return UNKNOWN


def sentence(code: str, language: str, *, terms: str = CANADA, **facts: str) -> str:
    """Return why a request was refused, in `language` (`en` or `fr`), with the words of the pack `terms`.

    A fact that has a form for each language (`competency_en`, `competency_fr`) is shown in the one asked for, and a
    fact that is a code in words. Raises `KeyError` for a code without a sentence.
    """
    return _filled(otherwise(catalogue()[code][language], language, terms=terms), language, facts, terms=terms)


def what_next(code: str, language: str, *, terms: str = CANADA, **facts: str) -> str:
    """Return what the person can do about it, or the empty string where nothing but waiting helps."""
    template = catalogue()[code].get("what_next", {language: ""})[language]
    return _filled(otherwise(template, language, terms=terms), language, facts, terms=terms)


def _filled(template: str, language: str, facts: dict[str, str], *, terms: str) -> str:
    said = {name: _word(name, value, language, terms=terms) for name, value in facts.items()}
    ending = f"_{language}"
    said |= {name.removesuffix(ending): value for name, value in facts.items() if name.endswith(ending)}
    return template.format_map(_Facts(said)).strip()


def _word(fact: str, value: str, language: str, *, terms: str) -> str:
    words = catalogue()["words"].get(fact, {})
    return otherwise(words[value][language], language, terms=terms) if value in words else value


@cache
def catalogue() -> dict[str, Any]:
    """The file as it stands, a table for each code, and under `words` the facts that are codes."""
    content = resources.files("services").joinpath("locales", "refusals.toml").read_text(encoding="utf-8")
    found = tomllib.loads(content)
    found["words"]["stage"] = {stage: {"en": facts.label.en, "fr": facts.label.fr} for stage, facts in STAGES.items()}
    return found
