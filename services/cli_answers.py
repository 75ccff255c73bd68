"""How the command line speaks: sentences in the reader's language, and what is not done says why."""

import argparse
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `acquis --help` loads no rules
    from services.rules.programmes import Text

FINE, NO, USAGE = 0, 1, 2
"""Exit codes: done or true; not done or not true; asked wrongly, or set up wrongly."""


class NotDone(Exception):  # noqa: N818 - a sentence for the operator, not a fault
    """Why a command did nothing, in one sentence of each language; `code` is the exit code."""

    def __init__(self, why: "Text", *, code: int = NO) -> None:
        super().__init__(why.en)
        self.why = why
        self.code = code


def spoken(environment: dict[str, str] | None = None) -> str:
    """The language of this terminal, `en` or `fr`."""
    given = dict(os.environ) if environment is None else environment
    named = next((given[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if given.get(name)), "")
    return "fr" if named.lower().startswith("fr") else "en"


def language(arguments: argparse.Namespace) -> str:
    """The language that was asked for, or that of the terminal."""
    return str(getattr(arguments, "language", None) or spoken())


def say(*lines: str) -> None:
    """Print lines of an answer."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def complain(lines: Iterable[str]) -> None:
    """Print lines about what went wrong."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
