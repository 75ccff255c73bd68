"""No page leads nowhere: every place of the bar and every address that a template writes is one of our pages."""

import re
from pathlib import Path

from services.api.pages import navigation, routing, site
from services.rules.people import Role

TEMPLATES = Path(site.__file__).parent / "templates"
LINK = re.compile(r"link\(((?:[^()]|\([^()]*\))*)\)")
"""What a template gives to `link`: pieces of an address, joined by tildes."""


ANY = "*"


def address(pieces: str) -> str:
    """The address that is written, with a star for what is known only when the page is made."""
    parts = [part.strip() for part in pieces.split("~")]
    written = "".join(part.strip('"') if part.startswith('"') else ANY for part in parts)
    return re.split(r"[?#]", written)[0]


def leads_somewhere(path: str) -> bool:
    """Whether some page has this path, piece by piece."""
    wanted = path.strip("/").split("/")
    pages = [one.strip("/").split("/") for page in routing.PAGES for one in page.paths]
    return any(len(page) == len(wanted) and all(map(_fits, page, wanted)) for page in pages)


def _fits(declared: str, written: str) -> bool:
    return declared.startswith("{") or written in {ANY, declared}


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
                ways = re.findall(r'"/[^"]*"', pieces) if " if " in pieces else [pieces]
                assert all(leads_somewhere(address(way)) for way in ways), (template.name, pieces)
