"""What a command is called on a page, what it asks and how its choices are said; from `locales/commands.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from services.rules.programmes import Text

NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Asked:
    """A field in words; `hint` may be empty. `words`: the list of choices by which it is answered, if there is one."""

    label: Text
    hint: Text
    words: str


@dataclass(frozen=True, slots=True)
class Said:
    """A command in words: `title` on links and headings, `lead` below it, `button`, `done` after it was applied."""

    title: Text
    lead: Text
    button: Text
    done: Text
    fields: Mapping[str, Asked]


def said(command: str) -> Said:
    """The words of a command. Raises `KeyError` for one that has none."""
    return _file()[0][command]


def known() -> frozenset[str]:
    """Commands that have words."""
    return frozenset(_file()[0])


def choices(words: str) -> Mapping[str, Text]:
    """A list of choices: code and what it is called. Raises `KeyError`."""
    return _file()[1][words]


@cache
def _file() -> tuple[dict[str, Said], dict[str, dict[str, Text]]]:
    content = resources.files("services").joinpath("locales", "commands.toml").read_text(encoding="utf-8")
    table = tomllib.loads(content)
    words = {name: {code: Text(**both) for code, both in codes.items()} for name, codes in table["words"].items()}
    return {name: _said(entry) for name, entry in table["commands"].items()}, words


def _said(entry: dict[str, Any]) -> Said:
    title = Text(**entry["title"])
    return Said(
        title=title,
        lead=_text(entry, "lead"),
        button=_text(entry, "button", title),
        done=_text(entry, "done"),
        fields={
            path: Asked(Text(**field["label"]), _text(field, "hint"), field.get("words", ""))
            for path, field in entry.get("fields", {}).items()
        },
    )


def _text(entry: dict[str, Any], name: str, otherwise: Text = NOTHING) -> Text:
    return Text(**entry[name]) if name in entry else otherwise
