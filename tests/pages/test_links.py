"""No page leads nowhere: every place of the bar and every address that a template writes is one of our pages."""

import re
from pathlib import Path

from services.api.pages import navigation, routing, site
from services.rules.people import Role

TEMPLATES = Path(site.__file__).parent / "templates"
LINK = re.compile(r"link\(((?:[^()]|\([^()]*\))*)\)")
"""What a template gives to `link`: pieces of an address, joined by tildes."""


def address(pieces: str) -> str:
    """The address with something in the place of what is known only when the page is made."""
    parts = [part.strip() for part in pieces.split("~")]
    path = "".join(part.strip('"') if part.startswith('"') else "x" for part in parts)
    return re.split(r"[?#]", path)[0]


def known() -> list[re.Pattern[str]]:
    """The paths of all pages, below their language."""
    paths = {path for page in routing.PAGES for path in page.paths}
    return [re.compile("^" + re.sub(r"\\\{[^/]*\\\}", "[^/]+", re.escape(path)) + "$") for path in paths]


def leads_somewhere(path: str) -> bool:
    return any(pattern.match(path) for pattern in known())


def test_every_place_of_the_bar_is_a_page() -> None:
    for place in (*navigation.EVERYBODY, *navigation.SIGNED_IN):
        assert leads_somewhere(place.path), place.path


def test_everybody_begins_on_a_page() -> None:
    for role in Role:
        assert leads_somewhere(navigation.home(frozenset({role}))), role


def test_every_address_of_a_template_is_a_page() -> None:
    for template in sorted(TEMPLATES.rglob("*.html")):
        for pieces in LINK.findall(template.read_text("utf-8")):
            # An address that is a value as a whole was made by a module, whose own tests follow it.
            if pieces.startswith('"/'):
                ways = re.findall(r'"(/[^"]*)"', pieces) if " if " in pieces else [address(pieces)]
                assert all(leads_somewhere(way) for way in ways), (template.name, pieces)
