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
from services.api.house import Reading
from services.api.pages.site import ThePage
from services.api.routes import statistics
from services.records import programmes
from services.rules.people import Action, Caller
from services.rules.programmes import Programme, Text
from services.rules.refusals import Refused

KEEP = {"action": Action.KEEP_PEOPLE}


@dataclass(frozen=True, slots=True)
class Side:
    """One text in both languages and where it stands in the file of the programme."""

    place: str
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
async def see(page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """Every version of the caller's programmes, newest first."""
    rows = [row for row in await programmes.versions(reading) if within(caller, row.institution_id, row.slug)]
    by_slug: dict[str, list[Any]] = {}
    for row in rows:
        by_slug.setdefault(row.slug, []).append(row)
    return page.show("admin/programmes.html", by_slug=by_slug, text_of=lambda row: Text(row.title_en, row.title_fr))


@get("/admin/programmes/{slug:str}/{version:int}", opt=KEEP, include_in_schema=False)
async def one(
    slug: FromPath[str], version: FromPath[int], *, page: ThePage, caller: Who, reading: Reading
) -> Response[str]:
    """The texts of one version, side by side."""
    programme = await kept(reading, caller, slug=slug, version=version)
    sides = list(texts(programme))
    return page.show(
        "admin/programme.html",
        programme=programme,
        sides=sides,
        missing=[one for one in sides if one.missing],
        ends_at=await programmes.ends_at(reading, slug, version=version),
    )


def texts(part: object, place: str = "") -> Iterator[Side]:
    """Every text of a programme that has two languages, in the order of its file."""
    if isinstance(part, Text):
        yield Side(place, part)
    elif isinstance(part, tuple):
        for number, entry in enumerate(part, start=1):
            yield from texts(entry, f"{place} {getattr(entry, 'key', number)}".strip())
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from texts(getattr(part, field.name), f"{place} {field.name}".strip())
