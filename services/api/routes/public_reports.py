"""Years that programmes made public: for everybody, without an account, with the same figures as an open table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post, put
from litestar.params import FromPath, JSONBody
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.api.routes import outcomes, progress, reports
from services.api.routes.statistics import reach
from services.records import programmes, public_reports, tallies
from services.records.tables.statistics import PublicReport
from services.rules.people import Action, Caller
from services.rules.programmes import Text
from services.rules.refusals import Refused

OPEN: dict[str, Any] = {"action": Action.PUBLIC}
PUBLISH: dict[str, Any] = {"action": Action.PUBLISH_REPORT}


@dataclass(frozen=True, slots=True)
class LineView:
    """One figure; `withheld` says why there is no value: nothing tells of fewer than ten people."""

    figure: str
    word: str
    value: float | None
    withheld: str
    definition: str


@dataclass(frozen=True, slots=True)
class PublicView:
    """A public year, as it was published; `note` says what turned out to be wrong with it."""

    programme: str
    title: Text
    year: int
    published_at: datetime
    note: Text | None
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class ListedView:
    """A year that is public."""

    programme: str
    title: Text
    year: int
    published_at: datetime


class Note(msgspec.Struct, forbid_unknown_fields=True):
    """What is wrong with the figures, in both languages."""

    en: str
    fr: str


async def listed(session: AsyncSession) -> list[ListedView]:
    """Every public year, newest first."""
    return [
        ListedView(row.programme, await _title(session, row), row.year, row.published_at)
        for row in await public_reports.published(session)
    ]


async def _title(session: AsyncSession, row: PublicReport) -> Text:
    newest = await programmes.last_published(session, row.programme)
    return Text(newest.title_en, newest.title_fr)


async def read(session: AsyncSession, slug: str, year: int) -> PublicView:
    """A public year. Raises `Refused('not_found')`."""
    row = await public_reports.of_year(session, slug, year)
    if row is None:
        raise Refused("not_found")
    return PublicView(
        programme=row.programme,
        title=await _title(session, row),
        year=row.year,
        published_at=row.published_at,
        note=Text(row.note_en, row.note_fr) if row.noted_at else None,
        lines=tuple(LineView(*line) for line in row.lines),
    )


async def publish(session: AsyncSession, caller: Caller, slug: str, year: int, *, now: datetime) -> None:
    """Make a year that is over public. Raises `Refused`: not_found, period_running, already_public."""
    read_by = reach(caller, Action.PUBLISH_REPORT)
    quarters = reports.quarters_of(str(year))
    rows = await tallies.of_quarters(session, read_by, slug, quarters)
    if not rows:
        raise Refused("not_found")
    if await tallies.this_year(session, slug, now=now) <= year:
        raise Refused("period_running")
    lines = reports.lines(rows)
    lines += await progress.lines(session, caller, slug, year)
    lines += await outcomes.lines(session, caller, slug, year, now=now)
    await public_reports.publish(
        session,
        programme=slug,
        year=year,
        institution=rows[0].institution_id,
        lines=lines,
        by=UUID(caller.id),
        now=now,
    )


async def own(session: AsyncSession, caller: Caller, slug: str, year: int) -> PublicReport:
    """A public year of a programme that the caller administers. Raises `Refused('not_found')`."""
    row = await public_reports.of_year(session, slug, year)
    reached = reach(caller, Action.PUBLISH_REPORT)
    if row is None or not any(row.institution_id == where and what in {None, slug} for where, what in reached):
        raise Refused("not_found")
    return row


@get("/public/reports", opt=OPEN, operation_id="list_public_years", summary="Years that are public", tags=["public"])
async def see_all(reading: Reading) -> list[ListedView]:
    """Newest first."""
    return await listed(reading)


@get(
    "/public/reports/{slug:str}/{year:int}",
    opt=OPEN,
    operation_id="see_public_year",
    summary="A year of a programme",
    tags=["public"],
)
async def see(slug: FromPath[str], year: FromPath[int], reading: Reading) -> PublicView:
    """As it was published."""
    return await read(reading, slug, year)


@get(
    "/public/reports/{slug:str}/{year:int}/table",
    opt=OPEN,
    operation_id="download_public_year",
    summary="A year of a programme as CSV",
    media_type="text/csv",
    tags=["public"],
)
async def download(slug: FromPath[str], year: FromPath[int], reading: Reading) -> Response[str]:
    """The same figures, a line each."""
    found = await read(reading, slug, year)
    told = [(one.figure, one.word, one.value, one.withheld, one.definition) for one in found.lines]
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="{slug}-{year}-public.csv"'}
    return Response(reports.table(slug, year, told), media_type="text/csv", headers=dict(headers))


@post(
    "/reports/{slug:str}/{year:int}/publication",
    opt=PUBLISH,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="publish_year",
    summary="Make a year public",
    tags=["statistics"],
)
async def make_public(slug: FromPath[str], year: FromPath[int], caller: Who, writing: Writing, now: Now) -> None:
    """Once, and for good; nothing in it tells of fewer than ten people."""
    await publish(writing, caller, slug, year, now=now)


@put(
    "/reports/{slug:str}/{year:int}/publication/note",
    opt=PUBLISH,
    status_code=HTTPStatus.NO_CONTENT,
    operation_id="note_on_public_year",
    summary="Say what is wrong with a public year",
    tags=["statistics"],
)
async def write_note(
    *, slug: FromPath[str], year: FromPath[int], data: JSONBody[Note], caller: Who, writing: Writing, now: Now
) -> None:
    """The figures stay as they were published; the note stands above them."""
    row = await own(writing, caller, slug, year)
    await public_reports.note(writing, row, text=Text(data.en, data.fr), by=UUID(caller.id), now=now)


def router() -> Router:
    """Every route of public years."""
    return Router("/api/v1", route_handlers=[see_all, see, download, make_public, write_note])
