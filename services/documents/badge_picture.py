"""A credential as a picture to show around: what can be done, who says so, and where anybody checks it.

One drawing and two spellings of it. No name stands in it: a picture goes where nobody can take it back. The credential
itself is not inside either; whoever checks it follows the address or the QR code.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from services.documents import letter_page, letter_words
from services.rules.programmes import Language, Text

if TYPE_CHECKING:
    from PIL import ImageFont

WIDTH, HEIGHT = 1200, 630
"""Pixels: what pages of others show beside a link without cutting it."""
MARGIN = 70
QR = 210
"""Pixels of the QR code, its quiet zone aside."""
TITLE_WIDTH = WIDTH - 2 * MARGIN
SIZES = ((60, 2), (52, 3), (44, 4), (38, 4))
"""Sizes of the title, and how many of its lines stand above the institution."""
INK, SOFT = "#0b0c0c", "#484e52"
LATIN = ((0x20, 0xFF), (0x131, 0x131), (0x152, 0x153), (0x2000, 0x206F), (0x20AC, 0x20AC), (0x2122, 0x2122))
"""Characters of the first font file; what lies beyond is drawn with the second."""

RECOGNISED = Text("Recognised prior learning", "Acquis reconnus")
AWARDED = Text("Awarded on {day}", "Décernée le {day}")
UNTIL = Text("Awarded on {day}, valid until {until}", "Décernée le {day}, valide jusqu’au {until}")
CHECK = Text("Check it at", "Vérifiez-la à l’adresse")
ALT = Text("{title}. {institution}. {url}", "{title}. {institution}. {url}")


@dataclass(frozen=True, slots=True)
class Badge:
    """What a picture shows. `colour` is `#rrggbb`; `url` is where `code` is checked."""

    title: str
    institution: str
    colour: str
    awarded: date
    until: date | None
    code: str
    url: str
    language: Language


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text: the pixels of its left end and of its foot line."""

    text: str
    x: int
    y: int
    size: int
    bold: bool = False
    colour: str = INK


def svg(badge: Badge) -> bytes:
    """The picture as SVG, with its words for whoever cannot see it."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" lang="{badge.language}">',
        f"<title>{escape(_alternative(badge))}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<rect width="{WIDTH}" height="24" fill={quoteattr(badge.colour)}/>',
    ]
    parts += [
        f'<text x="{line.x}" y="{line.y}" font-family="Noto Sans, Segoe UI, Roboto, sans-serif"'
        f' font-size="{line.size}" font-weight="{600 if line.bold else 400}" fill="{line.colour}">'
        f"{escape(line.text)}</text>"
        for line in _lines(badge)
    ]
    code, (left, top) = letter_page.qr(badge.url), _corner()
    module = QR / int(code["size"])
    parts.append(
        f'<path transform="translate({left} {top}) scale({module:.4f})" d="{code["path"]}" stroke="#000000"'
        ' stroke-width="1" shape-rendering="crispEdges"/></svg>'
    )
    return "".join(parts).encode()


def png(badge: Badge) -> bytes:
    """The picture as PNG, with its words among the file's properties."""
    from PIL import Image, ImageDraw, PngImagePlugin

    image = Image.new("RGB", (WIDTH, HEIGHT), "#ffffff")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, WIDTH, 24), fill=badge.colour)
    for line in _lines(badge):
        x = float(line.x)
        for run, font in _runs(line.text, size=line.size, bold=line.bold):
            pen.text((x, line.y), run, font=font, fill=line.colour, anchor="ls")
            x += font.getlength(run)
    import segno

    # Modules of whole pixels: a reader needs their edges more than the last pixel of the size.
    rows = segno.make_qr(badge.url, error="m").matrix
    module = QR // len(rows)
    left, top = _corner()
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                at = (left + x * module, top + y * module)
                pen.rectangle((*at, at[0] + module - 1, at[1] + module - 1), fill="#000000")
    kept, said = io.BytesIO(), PngImagePlugin.PngInfo()
    said.add_itxt("Description", _alternative(badge), lang=badge.language)
    image.save(kept, "PNG", pnginfo=said, optimize=True)
    return kept.getvalue()


def _alternative(badge: Badge) -> str:
    return ALT.in_(badge.language).format(title=badge.title, institution=badge.institution, url=badge.url)


def _corner() -> tuple[int, int]:
    """Where the dark part of the QR code begins: at the right and the foot, with its quiet zone inside the margin."""
    return WIDTH - MARGIN - QR, HEIGHT - MARGIN - QR


def _lines(badge: Badge) -> list[_Line]:
    language = badge.language
    day = letter_words.day(badge.awarded, language)
    when = (
        UNTIL.in_(language).format(day=day, until=letter_words.day(badge.until, language))
        if badge.until
        else AWARDED.in_(language).format(day=day)
    )
    size, title = _fitting(badge.title)
    lines = [_Line(RECOGNISED.in_(language), MARGIN, 105, 30, colour=SOFT)]
    lines += [_Line(one, MARGIN, 185 + place * round(size * 1.25), size, bold=True) for place, one in enumerate(title)]
    lines += [
        _Line(one, MARGIN, 425 + place * 40, 30, bold=True)
        for place, one in enumerate(_wrapped(badge.institution, size=30, width=WIDTH - 3 * MARGIN - QR, bold=True)[:2])
    ]
    lines += [
        _Line(when, MARGIN, 505, 24, colour=SOFT),
        _Line(CHECK.in_(language), MARGIN, 540, 24, colour=SOFT),
        _Line(badge.url.removeprefix("https://"), MARGIN, 572, 24, bold=True),
    ]
    return lines


def _fitting(title: str) -> tuple[int, list[str]]:
    """The largest size at which the title fits, and its lines; of one that fits at no size, its beginning."""
    for size, most in SIZES[:-1]:
        lines = _wrapped(title, size=size, width=TITLE_WIDTH, bold=True)
        if len(lines) <= most:
            return size, lines
    size, most = SIZES[-1]
    lines = _wrapped(title, size=size, width=TITLE_WIDTH, bold=True)
    return size, lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} …"]


def _wrapped(text: str, *, size: int, width: int, bold: bool) -> list[str]:
    """The text in lines that are no wider than `width` pixels, broken between words."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and sum(font.getlength(run) for run, font in _runs(longer, size=size, bold=bold)) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _runs(text: str, *, size: int, bold: bool) -> Iterator[tuple[str, "ImageFont.FreeTypeFont"]]:
    """The text in pieces, each with the font that has its characters."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or _script(text[end]) != _script(text[start]):
            yield text[start:end], _font(_script(text[start]), size, bold=bold)
            start = end


def _script(letter: str) -> str:
    return "latin" if any(low <= ord(letter) <= high for low, high in LATIN) else "latin-ext"


@cache
def _font(script: str, size: int, *, bold: bool) -> "ImageFont.FreeTypeFont":
    from PIL import ImageFont

    name = f"noto-sans-{script}-{600 if bold else 400}-normal.ttf"
    content = resources.files("portfolio_templates").joinpath("fonts", name).read_bytes()
    return ImageFont.truetype(io.BytesIO(content), size)
