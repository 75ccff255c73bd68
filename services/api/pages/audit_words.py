"""What the log's actions are called in both languages; from `locales/audit.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from services.api.pages import command_words
from services.records.tables.audit import AuditLine
from services.rules.programmes import Text

STEP = {"command_received": "kind", "command_applied": "move"}
"""Lines about a step of a case, and which of their details names it."""


@cache
def actions() -> Mapping[str, Text]:
    """Every action, in words."""
    content = resources.files("services").joinpath("locales", "audit.toml").read_text(encoding="utf-8")
    return {code: Text(**both) for code, both in tomllib.loads(content).items()}


def said(action: str) -> Text:
    """An action in words; one that an older version wrote is shown as it was written."""
    return actions().get(action, Text(action, action))


ACTORS = {
    "anonymous": Text("somebody who was not signed in", "une personne non connectée"),
    "clock": Text("the clock of the case", "l’échéancier du dossier"),
    "system": Text("the system", "le système"),
}
"""Who acts without an account."""


def actor(name: str) -> Text:
    """Whoever did it, where it was nobody with an account that we may name."""
    return ACTORS.get(name, Text(name, name))


def step(line: AuditLine) -> Text | None:
    """Which step of a case a line is about, where people take that step."""
    code = str(line.details.get(STEP.get(line.action, ""), ""))
    return command_words.said(code).title if code in command_words.known() else None
