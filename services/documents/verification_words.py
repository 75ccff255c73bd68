"""The sentences in which the six answers and their checks are told to a person, in both languages."""

import tomllib
from functools import cache
from importlib import resources

from services.documents.verdicts import Check, Status
from services.rules.programmes import Text


def title(status: Status, *, under_review: bool = False) -> Text:
    """Return the answer in a few words."""
    return _words()[f"status.{_key(status, under_review=under_review)}.title"]


def sentence(status: Status, *, under_review: bool = False) -> Text:
    """Return what the answer means to the person who reads it."""
    return _words()[f"status.{_key(status, under_review=under_review)}.sentence"]


def check(row: Check, *, passed: bool | None = True) -> Text:
    """Return what a check looks at; of one that was not `passed`, what was found instead."""
    return _words()[f"{'otherwise' if passed is False else 'check'}.{row}"]


def unreadable(code: str) -> Text:
    """Return why a file could not be read; `code` is one of `presented.Unreadable`'s."""
    return _words()[f"unreadable.{code}"]


def letter(*, compared: bool | None) -> Text:
    """Return what is known of the letter around the credentials: the same, changed, or not compared."""
    return _words()["letter." + {True: "same", False: "changed", None: "not_compared"}[compared]]


def _key(status: Status, *, under_review: bool) -> str:
    return "withdrawn_under_review" if status is Status.WITHDRAWN and under_review else status


@cache
def _words() -> dict[str, Text]:
    content = resources.files("services").joinpath("locales", "verification.toml").read_text(encoding="utf-8")
    found: dict[str, Text] = {}

    def collect(table: dict[str, object], path: str) -> None:
        for name, value in table.items():
            if isinstance(value, dict) and value.keys() == {"en", "fr"}:
                found[path + name] = Text(value["en"], value["fr"])
            elif isinstance(value, dict):
                collect(value, f"{path}{name}.")

    collect(tomllib.loads(content), "")
    return found
