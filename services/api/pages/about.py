"""The pages that stand behind every other: whom to ask, what is kept of people, and how accessible the pages are."""

import datetime as dt
from functools import cache
from importlib import resources

import msgspec
from litestar import Response, get

from services.api.house import Reading
from services.api.pages.site import ThePage
from services.records import programmes
from services.rules.people import Action


class Checked(msgspec.Struct, frozen=True):
    """What the last walk through every page found: no fault, or it would not have been kept.

    `pages` counts states of pages, `widths` are in CSS pixels, `rules` and `axe` say by what was judged.
    """

    date: dt.date
    pages: int
    languages: list[str]
    widths: list[int]
    rules: list[str]
    axe: str


@cache
def checked() -> Checked:
    """The results that came with this version."""
    kept = resources.files("services.api.pages").joinpath("accessibility.json").read_bytes()
    return msgspec.json.decode(kept, type=Checked)


OPEN = {"action": Action.PUBLIC, "knows_session": True}


@get("/help", opt=OPEN, include_in_schema=False)
async def help_page(page: ThePage, reading: Reading) -> Response[str]:
    """Whom to write to, per institution."""
    listed = await programmes.published(reading)
    institutions = {one.institution: await programmes.read(reading, one.id) for one in listed}
    contacts = sorted({(page.text(found.institution.name), found.institution.email) for found in institutions.values()})
    return page.show("public/help.html", contacts=contacts)


@get("/privacy", opt=OPEN, include_in_schema=False)
async def privacy(page: ThePage) -> Response[str]:
    """What is kept of people, for how long, and who sees it."""
    return page.show("public/privacy.html")


@get("/accessibility", opt=OPEN, include_in_schema=False)
async def accessibility(page: ThePage) -> Response[str]:
    """What was checked, how, and what is known to be missing."""
    return page.show("public/accessibility.html", checked=checked())
