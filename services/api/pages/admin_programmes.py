"""Programmes as administrators read them: every version, English and French side by side, and what is missing.

They are written as files and published on the command line, where a jurist or a committee can read them beforehand.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Reading, TheHouse
from services.api.pages.site import Page, ThePage
from services.api.routes import statistics
from services.records import programmes
from services.rules.people import Action, Caller
from services.rules.programmes import Programme, Text
from services.rules.refusals import Refused

KEEP = {"action": Action.KEEP_PEOPLE}


@dataclass(frozen=True, slots=True)
class Side:
    """One text in both languages, and step by step where it stands in the file of the programme.

    A step is the name of a field, the number of an entry, or what an entry itself is called.
    """

    place: tuple[str | int | Text, ...]
    text: Text

    @property
    def missing(self) -> bool:
        """Whether one of the two is empty."""
        return not (self.text.en.strip() and self.text.fr.strip())


def within(caller: Caller, institution: str, slug: str) -> bool:
    """Whether the caller administers the programme."""
    reach = statistics.reach(caller, Action.KEEP_PEOPLE)
    return any(institution == where and programme in (None, slug) for where, programme in reach)


async def kept(session: AsyncSession, caller: Caller, *, slug: str, version: int) -> Programme:
    """One version of a programme. Raises `Refused('programme_unknown')` where the caller does not administer it."""
    programme = await programmes.version_of(session, slug, version=version)
    if not within(caller, programme.institution.slug, slug):
        raise Refused("programme_unknown")
    return programme


@get("/admin/programmes", opt=KEEP, include_in_schema=False)
async def see(page: ThePage, caller: Who, reading: Reading, house: TheHouse) -> Response[str]:
    """Every version of the caller's programmes, newest first."""
    rows = [row for row in await programmes.versions(reading) if within(caller, row.institution_id, row.slug)]
    by_slug: dict[str, list[Any]] = {}
    for row in rows:
        by_slug.setdefault(row.slug, []).append(row)
    return page.show(
        "admin/programmes.html",
        by_slug=by_slug,
        text_of=lambda row: Text(row.title_en, row.title_fr),
        examines=house.examine is not None,
    )


@get("/admin/programmes/{slug:str}/{version:int}", opt=KEEP, include_in_schema=False)
async def one(
    slug: FromPath[str], version: FromPath[int], *, page: ThePage, caller: Who, reading: Reading
) -> Response[str]:
    """The texts of one version, side by side."""
    programme = await kept(reading, caller, slug=slug, version=version)
    sides = list(texts(programme))
    kept_as = {(row.slug, row.version): row for row in await programmes.versions(reading)}
    return page.show(
        "admin/programme.html",
        programme=programme,
        sides=[(said(page, one.place), one) for one in sides],
        missing=[one for one in sides if one.missing],
        open=kept_as[slug, version].retired_at is None,
        ends_at=await programmes.ends_at(reading, slug, version=version),
    )


def texts(part: object, *place: str | int | Text) -> Iterator[Side]:
    """Every text of a programme that has two languages, in the order of its file."""
    if isinstance(part, Text):
        yield Side(place, part)
    elif isinstance(part, tuple):
        for number, entry in enumerate(part, start=1):
            called = getattr(entry, "title", None)
            yield from texts(entry, *place, called if isinstance(called, Text) else number)
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from texts(getattr(part, field.name), *place, field.name)


def said(page: Page, place: tuple[str | int | Text, ...]) -> str:
    """Where a text stands, in words: `Competency First aid – criterion 2`."""
    names = _names(page)
    words: list[str] = []
    for step in place:
        if isinstance(step, str):
            words.append(names.get(step, step.replace("_", " ")))
        else:
            words[-1] = f"{words[-1]} {page.text(step) if isinstance(step, Text) else step}"
    return " – ".join(word for word in words if word)


def _names(page: Page) -> dict[str, str]:
    """What the fields are called; a text that is all that an entry says needs no name of its own."""
    return {
        "title": page.say("Title"),
        "summary": page.say("Summary"),
        "field_of_study": page.say("Field of study"),
        "framework": page.say("Framework"),
        "institution": page.say("Institution"),
        "name": page.say("Name"),
        "unit": page.say("Office"),
        "signatory_title": page.say("Title of who signs"),
        "appeal_body": page.say("Body of appeal"),
        "privacy": page.say("Words on privacy"),
        "competencies": page.say("Competency"),
        "explanation": page.say("Explanation"),
        "criteria": page.say("Criterion"),
        "text": "",
        "levels": page.say("Level"),
        "anchor": page.say("What it takes"),
        "usual_evidence": page.say("Usual evidence"),
        "form": page.say("Question"),
        "label": page.say("Wording"),
        "hint": page.say("Hint"),
    }
