"""`python -m tools.words`: brings `services/locales/fr/*.po` in line with what the pages say.

A message stands in the file of the folder whose templates say it, in `pages.po` where a module says it, and in
`shared.po` where more than one does. New messages get an empty translation, unused ones are dropped.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "services" / "api" / "pages"
FRENCH = ROOT / "services" / "locales" / "fr"
SAYING = {"say"}
"""What is called with a message as its first argument."""

Message = str | tuple[str, str]


def _templates() -> Iterator[tuple[str, Message]]:
    options = {"trimmed": "false", "trim_blocks": "true", "lstrip_blocks": "true", "extensions": "jinja2.ext.do"}
    for template in sorted((PAGES / "templates").rglob("*.html")):
        area = template.relative_to(PAGES / "templates").parts[0]
        found = babel_extract(BytesIO(template.read_bytes()), ["_", "gettext", "ngettext"], [], options)
        for _, _, message, _ in found:
            if isinstance(message, tuple):
                strings = [part for part in message if isinstance(part, str)]
                yield area, (strings[0], strings[1]) if len(strings) > 1 else strings[0]
            else:
                yield area, str(message)


def _modules() -> Iterator[tuple[str, Message]]:
    for module in sorted(PAGES.rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or _called(node.func) not in SAYING:
                continue
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                yield "pages", node.args[0].value


def _called(function: ast.expr) -> str:
    """The last name of what is called: `page.say(…)`, or `say(…)` for short."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@cache
def wanted() -> dict[str, list[Message]]:
    """Every message that the pages say, by the file in which it belongs, in the order in which they say it.

    To read every template takes a second, so that is done once a process.
    """
    areas: dict[Message, set[str]] = defaultdict(set)
    for area, message in (*_templates(), *_modules()):
        areas[message].add(area)
    files: dict[str, list[Message]] = defaultdict(list)
    for message, where in areas.items():
        files[next(iter(where)) if len(where) == 1 else "shared"].append(message)
    return dict(files)


def said() -> dict[Message, str | tuple[str, ...]]:
    """Every translation that there is."""
    found: dict[Message, str | tuple[str, ...]] = {}
    for file in sorted(FRENCH.glob("*.po")):
        for message in read_po(BytesIO(file.read_bytes()), locale="fr"):
            if message.id and message.string and not message.fuzzy:
                key: Message = message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
                found.setdefault(key, message.string if isinstance(message.string, str) else tuple(message.string))
    return found


def written(messages: list[Message], known: dict[Message, str | tuple[str, ...]]) -> bytes:
    """A file of these messages."""
    catalogue = Catalog(locale="fr", fuzzy=False)
    for message in messages:
        catalogue.add(message, known.get(message, ""), flags=["python-format"] if _has_places(message) else [])
    out = BytesIO()
    write_po(out, catalogue, omit_header=True, no_location=True, width=0)
    return out.getvalue()


def _has_places(message: Message) -> bool:
    return any("%(" in part for part in ((message,) if isinstance(message, str) else message))


def main() -> int:
    """Write the files anew and say what still has to be translated; 1 as long as something has."""
    known, files = said(), wanted()
    for old in FRENCH.glob("*.po"):
        if old.stem not in files:
            old.unlink()
    for area, messages in files.items():
        (FRENCH / f"{area}.po").write_bytes(written(messages, known))
    missing = [(area, message) for area, messages in files.items() for message in messages if message not in known]
    for area, message in missing:
        print(f"{area}.po: {message}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
