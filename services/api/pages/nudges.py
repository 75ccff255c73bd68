"""Texts from which whoever guides a learner may start a message, in the learner's language beside their own."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from services.api.pages.words import Words
from services.records.tables.cases import Case
from services.rules.programmes import Language, Text


@dataclass(frozen=True, slots=True)
class Nudge:
    """One text: what it is for, and its words; `{day}` in them is the next date of the case."""

    title: Text
    text: Text


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as the learner will read it in `language`; `meant` says it in the reader's own where that is another."""

    key: str
    language: Language
    text: str
    meant: str


@cache
def known() -> dict[str, Nudge]:
    """Every text by its key."""
    content = resources.files("services").joinpath("locales", "nudges.toml").read_text(encoding="utf-8")
    return {key: Nudge(Text(**said["title"]), Text(**said["text"])) for key, said in tomllib.loads(content).items()}


def offered(case: Case) -> dict[str, Text]:
    """What can be sent on this case now, by key: nothing speaks of a date where there is none."""
    return {key: one.title for key, one in known().items() if case.due_at is not None or "{day}" not in one.text.en}


def preview(key: str, case: Case, words: Words) -> Preview | None:
    """The text `key` for the learner of `case`, read by somebody with `words`; None for one that is not offered."""
    if key not in offered(case):
        return None
    learners = Words(Language(case.language), words.terms, words.zone)
    text = _said(known()[key], case, learners)
    same = learners.language is words.language
    return Preview(key, learners.language, text, "" if same else _said(known()[key], case, words))


def _said(nudge: Nudge, case: Case, words: Words) -> str:
    return words.text(nudge.text).format(day=words.day(case.due_at) if case.due_at else "")
