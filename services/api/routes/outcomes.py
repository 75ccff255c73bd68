"""What became of people, as staff read it and as it may leave the house: nothing tells of fewer than ten people.

Answers are told once the year in which people were asked is over; until then only how many were asked and answered.
Otherwise whoever looks every day would see by how much a number rose, and after whose letter.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from litestar import Response, Router, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading
from services.api.routes import reports
from services.api.routes.statistics import reach
from services.records import surveys, tallies
from services.records.public_reports import Line
from services.records.surveys import Group
from services.rules import surveys as rules
from services.rules.people import Action, Caller
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.rules.small_cells import Bound, Printed
from services.rules.surveys import Question

COLUMNS = ("programme", "year", "months_after", "group", "figure", "word", "value", "withheld", "definition")
COMPARED = Text(
    "People who were eligible and ended their case without a decision stand beside the others for comparison. That "
    "groups differ does not say that recognition is the reason.",
    "Les personnes recevables dont le dossier a pris fin sans décision figurent à côté des autres pour comparaison. Un "
    "écart entre groupes ne dit pas que la reconnaissance en est la cause.",
)
"""How the groups are to be read."""


@dataclass(frozen=True, slots=True)
class OutcomesView:
    """A year's surveys; `over`: whether answers are told. `below_ten` and `withheld` stand where a number may not."""

    programme: str
    year: int
    over: bool
    definition: str
    groups: list[Group]
    compared: Text
    codebook: Mapping[Question, Text]


@get(
    "/{slug:str}/{year:int}/outcomes",
    opt={"action": Action.SEE_REPORT},
    operation_id="see_outcomes",
    summary="What became of people after a decision",
)
async def of_year(slug: FromPath[str], year: FromPath[int], caller: Who, reading: Reading, now: Now) -> OutcomesView:
    """By months after the decision and group, with who answered beside who did not. Raises `Refused('not_found')`."""
    found = await read(reading, caller, slug, year, now=now)
    if not found.groups:
        raise Refused("not_found")
    return found


async def read(session: AsyncSession, caller: Caller, slug: str, year: int, *, now: datetime) -> OutcomesView:
    """What is stored of a year, as far as the caller may read it; no groups where nobody was asked."""
    read_by = reach(caller, Action.SEE_REPORT)
    asked = await surveys.figures(session, read_by, slug, year, answers=False)
    over = bool(asked) and year < await tallies.this_year(session, slug, now=now)
    groups = await surveys.figures(session, read_by, slug, year, answers=True) if over else asked
    return OutcomesView(slug, year, over, rules.DEFINITION, groups, COMPARED, rules.CODEBOOK)


@get(
    "/{slug:str}/{year:int}/outcomes/export",
    opt={"action": Action.SEE_REPORT},
    operation_id="export_outcomes",
    summary="What became of people in a year that is over, as a table",
    media_type="text/csv",
)
async def export(slug: FromPath[str], year: FromPath[int], caller: Who, reading: Reading, now: Now) -> Response[str]:
    """A line per figure. Raises `Refused`: not_found, period_running."""
    found = await read(reading, caller, slug, year, now=now)
    if not found.groups:
        raise Refused("not_found")
    if not found.over:
        raise Refused("period_running")
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for group in found.groups:
        for figure, word, value in _lines(group):
            withheld = value if isinstance(value, Bound) else ""
            told = "" if withheld else value
            out.writerow((slug, year, group.wave, group.followed, figure, word, told, withheld, found.definition))
    name = f'attachment; filename="{slug}-{year}-outcomes.csv"'
    return Response(text.getvalue(), media_type="text/csv", headers={"Content-Disposition": name})


def _lines(group: Group) -> Iterator[tuple[str, str, Printed]]:
    for language, asked in group.asked.items():
        yield "asked", language, asked.asked
        yield "answered", language, asked.answered
        yield "share_answered", language, asked.share
    for question, said in group.said.items():
        yield question, rules.EVERYBODY, said.answered
        for word, share in said.shares.items():
            yield question, word, share


async def lines(session: AsyncSession, caller: Caller, slug: str, year: int, *, now: datetime) -> list[Line]:
    """A year that is over as it may leave the house; none where nobody was asked in it."""
    found = await read(session, caller, slug, year, now=now)
    return [
        reports.line(figure, f"{group.wave}/{group.followed}/{word}", value, found.definition)
        for group in (found.groups if found.over else ())
        for figure, word, value in _lines(group)
    ]


def router() -> Router:
    """Every route of outcomes."""
    return Router("/api/v1/reports", route_handlers=[of_year, export], tags=["statistics"])
