"""The sentences of letters in both languages, and how a date and a number of credits are written in each."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from services.rules.programmes import Language, Text

NO_BREAK = "\u00a0"


def say(key: str, language: Language, **facts: object) -> str:
    """Return the sentence `key` with `facts` filled in. Raises `KeyError` for an unknown key or a missing fact."""
    return sentences()[key].in_(language).format(**facts)


def number_form(number: int | Decimal, language: Language) -> str:
    """Return `one` or `many`; French counts everything below two as one."""
    one = number < 2 if language is Language.FR else number == 1  # noqa: PLR2004 - the rule of French plurals
    return "one" if one else "many"


def day(when: date, language: Language) -> str:
    """Return `3 November 2025`, `3 novembre 2025` or `1er novembre 2025`; the parts do not break apart."""
    month = say(f"month.m{when.month}", language)
    first = language is Language.FR and when.day == 1
    return NO_BREAK.join((f"{when.day}er" if first else str(when.day), month, str(when.year)))


def decimal(number: Decimal, language: Language) -> str:
    """Return `3`, or `1.5` and `1,5`."""
    plain = f"{number:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain.replace(".", ",") if language is Language.FR else plain


@cache
def sentences() -> Mapping[str, Text]:
    """Every sentence by its dotted key."""
    content = resources.files("portfolio_templates").joinpath("letters", "sentences.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(content), ""))


def _flat(table: Mapping[str, Any], path: str) -> Iterator[tuple[str, Text]]:
    for name, value in table.items():
        if value.keys() == {"en", "fr"}:
            yield path + name, Text(value["en"], value["fr"])
        else:
            yield from _flat(value, f"{path}{name}.")
