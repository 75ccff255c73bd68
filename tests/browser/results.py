"""What the walk through all pages found, as the page about accessibility tells it; `make pages` writes it anew."""

import datetime as dt
import json
from pathlib import Path

import msgspec

from services.api.pages import about
from services.api.pages.about import Checked
from tests.browser import catalogue, chromium, walk

ROOT = Path(__file__).parents[2]
FILE = Path(about.__file__).with_name("accessibility.json")

UNSETTLED = {
    "color-contrast (elmPartiallyObscured)": "the line under the current place of the bar lies over the link's padding",
    "color-contrast (bgOverlap)": "the bar at the foot of the workbench lies over what is scrolled below it",
    "color-contrast (nonBmp)": "a sign such as ✓ stands before words that say the same",
    "color-contrast (imgNode)": "the words of a chart are black on white; they stand in a drawing",
    "color-contrast (shortTextContent)": "a single sign, such as a figure, in the colour of the words around it",
}
"""What axe leaves open, and why it is no fault. Each was looked at by eye."""


def of(day: dt.date) -> Checked:
    """What a walk on `day` through the pages of now tells."""
    locked = json.loads((ROOT / "package.json").read_text("utf-8"))
    return Checked(
        date=day,
        pages=catalogue.PAGES,
        languages=list(walk.LANGUAGES),
        widths=[screen["width"] for screen in walk.SCREENS],
        rules=list(chromium.RULES),
        axe=locked["devDependencies"]["axe-core"],
    )


def write() -> None:
    """Keep what was found today."""
    today = dt.datetime.now(tz=dt.UTC).date()
    found = msgspec.json.encode(of(today))
    FILE.write_bytes(msgspec.json.format(found, indent=2) + b"\n")
