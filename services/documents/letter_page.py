"""How a letter looks: its HTML, its style in the institution's colour, its fonts, and the codes that phones read."""

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from services.documents import letter_words
from services.rules import terms
from services.rules.programmes import Institution, Language

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from services.documents.letters import Letter
    from services.documents.receipts import Receipt

NORTH_AMERICA = frozenset({"CA", "US", "MX"})
"""Countries that write on Letter paper; the rest of the world on A4."""


class LetterFailed(Exception):  # noqa: N818 - reads as the sentence it is
    """A letter could not be made; the text says why to an operator and holds nothing about a person."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What letters of one institution and language have in common; WeasyPrint's objects, kept for the process."""

    fonts: Any
    style: Any
    fetcher: Any


def html(letter: "Letter | Receipt") -> str:
    """Return the letter, or the receipt, as HTML, without its style."""
    from markupsafe import Markup

    language = letter.language

    def say(key: str, **facts: object) -> "Markup":
        # The sentences are our own; whatever fills them is escaped, unless it is markup already.
        sentence = terms.said(letter_words.sentences()[key], language, terms=letter.terms)
        return Markup(sentence).format(**facts)  # noqa: S704 - our own sentence

    def count(key: str, number: int, **facts: object) -> "Markup":
        return say(f"{key}.{letter_words.number_form(number, language)}", **facts)

    def mail(address: str) -> "Markup":
        return Markup('<a href="mailto:{0}">{0}</a>').format(address)

    template = _templates().get_template(f"letters/{letter.kind}.html")
    return template.render(
        letter=letter,
        institution=letter.institution,
        say=say,
        count=count,
        mail=mail,
        local=lambda text: text.in_(language),
        day=lambda when: letter_words.day(when, language),
        decimal=lambda number: letter_words.decimal(number, language),
        qr=qr,
    )


def style(language: Language, institution: Institution) -> str:
    """Return the style sheet in the institution's colour, on the paper of its country."""
    page = letter_words.say("about.page", language, page="\0", pages="\1")
    return (
        _templates()
        .get_template("letters/letter.css")
        .render(
            faces=faces(),
            families=list(dict.fromkeys(face["family"] for face in faces())),
            paper="letter" if institution.country in NORTH_AMERICA else "A4",
            colour=institution.colour,
            tint=_mixed(institution.colour, 0.07),
            line=_mixed(institution.colour, 0.35),
            page=_counted(page),
        )
    )


@lru_cache(maxsize=64)
def setting(language: Language, institution: Institution) -> Setting:
    """Return what letters of this institution and language share; one set of fonts serves the whole process."""
    from weasyprint import CSS

    fonts, fetcher = _fonts(), _fetcher()
    sheet = CSS(string=style(language, institution), font_config=fonts, url_fetcher=fetcher)
    return Setting(fonts=fonts, style=sheet, fetcher=fetcher)


@lru_cache(maxsize=256)
def qr(url: str) -> dict[str, str | int]:
    """Return the QR code of `url` (error level M): `size` in modules, and the `path` of a pen one module wide."""
    import segno

    rows = [bytes(row) for row in segno.make_qr(url, error="m").matrix]
    runs = (f"M{found.start()} {y + 0.5}h{len(found[0])}" for y, row in enumerate(rows) for found in DARK.finditer(row))
    return {"size": len(rows), "path": "".join(runs)}


DARK = re.compile(b"\x01+")
"""A run of dark modules in a row."""


def _mixed(colour: str, share: float) -> str:
    """`share` of `colour` on white."""
    parts = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


def _counted(sentence: str) -> str:
    """A sentence as a CSS content value: the marks become the page's number and the number of pages."""
    quoted = sentence.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + quoted.replace("\0", '" counter(page) "').replace("\1", '" counter(pages) "') + '"'


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=PackageLoader("portfolio_templates", ""),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _package() -> Path:
    with resources.as_file(resources.files("portfolio_templates")) as folder:
        return Path(folder).resolve()


@cache
def faces() -> list[dict[str, str | int]]:
    """The built fonts in the order in which a character is looked for. Raises `LetterFailed`."""
    folder = _package() / "fonts"
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        raise LetterFailed("the letters' fonts are not built: run make assets")
    faces = json.loads(manifest.read_text("utf-8"))["faces"]
    return [{**face, "url": (folder / face["file"]).as_uri()} for face in faces]


@cache
def _fonts() -> Any:  # noqa: ANN401 - WeasyPrint ships no types
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _fetcher() -> Any:  # noqa: ANN401 - WeasyPrint ships no types
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    inside = _package()

    class PackageFiles(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        """Answers `data:` and our own files; anything else stops the rendering."""

        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ANN401 - WeasyPrint ships no types
            if url.startswith("data:"):
                return super().fetch(url, headers)
            parts = urlsplit(url)
            path = Path(url2pathname(parts.path)).resolve()
            if parts.scheme != "file" or parts.netloc or not path.is_relative_to(inside):
                raise LetterFailed("a letter's template asks for a file outside the package")
            return URLFetcherResponse(url, BytesIO(path.read_bytes()))

    return PackageFiles(fail_on_errors=True)
