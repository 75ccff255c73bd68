"""What a programme reports of second readings, service standard and appeals: counts for staff, an export for others.

Nothing here counts over cases. What may leave the house tells of nobody: see `rules/small_cells.py`.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from litestar import Response, Router, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading
from services.api.routes.statistics import reach
from services.records import agreement_figures, outcome_codes, sharing, tallies
from services.records.public_reports import Line
from services.records.tables.sharing import CheckAnswers
from services.records.tables.statistics import Tally
from services.rules import agreement, reports, small_cells
from services.rules.agreement import Estimate, Quarter
from services.rules.people import Action, Caller
from services.rules.refusals import Refused
from services.rules.reports import Indicator, Measure
from services.rules.small_cells import Bound, Printed

COLUMNS = ("programme", "year", "figure", "word", "value", "withheld", "definition")


@dataclass(frozen=True, slots=True)
class CountView:
    """How often one thing happened; `word` divides the measure, `all` is the whole of it."""

    measure: Measure
    word: str
    number: int


@dataclass(frozen=True, slots=True)
class ShareView:
    """`part` of `whole` with its Wilson interval of 95 %; null where there are more than the whole.

    Appeals per 100 decisions are a hundred times the share.
    """

    indicator: Indicator
    part: int
    whole: int
    share: Estimate | None


@dataclass(frozen=True, slots=True)
class QuarterView:
    """How many of a quarter's decisions kept the service standard: `part` of `whole`."""

    quarter: Quarter
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """One quarter or one year of a programme; a count that is missing is nought. `appeal_days`: median and p90.

    `answers`: how often those who checked a credential answered each question with each word, as far as it may be told.
    """

    programme: str
    period: str
    definition: str
    rolled_up_at: datetime
    counts: tuple[CountView, ...]
    shares: tuple[ShareView, ...]
    appeal_days: dict[str, float]
    answers: dict[str, dict[str, Printed]]


@dataclass(frozen=True, slots=True)
class EntryView:
    """What a figure means, and into which words it is divided."""

    figure: str
    words: tuple[str, ...]
    en: str
    fr: str


def quarters_of(period: str) -> list[Quarter]:
    """The quarters of `2026Q1` or `2026`. Raises `Refused('not_found')`."""
    try:
        if period.isascii() and period.isdigit():
            return [Quarter(int(period), number) for number in range(1, 5)]
        return [Quarter.parse(period)]
    except ValueError:
        raise Refused("not_found") from None


def _counts(rows: Sequence[Tally]) -> Counter[tuple[Measure, str]]:
    found: Counter[tuple[Measure, str]] = Counter()
    for row in rows:
        found[row.measure, row.word] += row.number
    return found


def _days(rows: Sequence[Tally]) -> list[int]:
    return [day for row in rows for day in row.values or ()]


@get("/codebook", opt={"action": Action.SEE_REPORT}, operation_id="read_codebook", summary="What each figure means")
async def codebook() -> list[EntryView]:
    """In English and French, by the definitions of today."""
    return [
        EntryView(figure, reports.WORDS[figure] if isinstance(figure, Measure) else (), text.en, text.fr)
        for figure, text in reports.CODEBOOK.items()
    ]


@get("/{slug:str}/{period:str}", opt={"action": Action.SEE_REPORT}, operation_id="see_report", summary="A report")
async def of_period(slug: FromPath[str], period: FromPath[str], caller: Who, reading: Reading) -> ReportView:
    """For the programme's own staff; `period` such as `2026Q1`, or `2026` for the whole year."""
    return await read(reading, caller, slug, period)


async def read(session: AsyncSession, caller: Caller, slug: str, period: str) -> ReportView:
    """What is stored of a period, as far as the caller may read it. Raises `Refused('not_found')`."""
    read_by, quarters = reach(caller, Action.SEE_REPORT), quarters_of(period)
    rows = await tallies.of_quarters(session, read_by, slug, quarters)
    if not rows:
        raise Refused("not_found")
    within = agreement_figures.within(CheckAnswers, read_by)
    counts, days = _counts(rows), _days(rows)
    return ReportView(
        programme=slug,
        period=period,
        definition=reports.DEFINITION,
        rolled_up_at=max(row.rolled_up_at for row in rows),
        counts=tuple(CountView(measure, word, number) for (measure, word), number in sorted(counts.items())),
        shares=tuple(
            ShareView(
                name,
                rate.part,
                rate.whole,
                agreement.wilson(rate.part, rate.whole) if rate.part <= rate.whole else None,
            )
            for name, rate in reports.shares(counts).items()
        ),
        appeal_days={name: agreement.quantile(days, per_mille=at) for name, at in reports.QUANTILES.items() if days},
        answers={
            question.value: dict(zip(said, small_cells.parted(list(said.values()))[0], strict=True))
            for question, said in (
                await sharing.answers_of(session, within, slug, [str(one) for one in quarters])
            ).items()
        },
    )


async def standard_kept(
    session: AsyncSession, caller: Caller, slug: str, period: str, *, quarters: int
) -> list[QuarterView]:
    """The last `quarters` quarters to the end of a period, oldest first, as far as the caller may read them."""
    last = quarters_of(period)[-1]
    wanted = [last.later(-back) for back in reversed(range(quarters))]
    by_quarter: dict[str, list[Tally]] = {}
    for row in await tallies.of_quarters(session, reach(caller, Action.SEE_REPORT), slug, wanted):
        by_quarter.setdefault(row.quarter, []).append(row)
    found = [reports.shares(_counts(by_quarter.get(str(one), ()))).get(Indicator.WITHIN_STANDARD) for one in wanted]
    return [
        QuarterView(one, rate.part if rate else 0, rate.whole if rate else 0)
        for one, rate in zip(wanted, found, strict=True)
    ]


@get(
    "/{slug:str}/{year:int}/export",
    opt={"action": Action.SEE_REPORT},
    operation_id="export_report",
    summary="A year that is over, as it may leave the house",
    media_type="text/csv",
)
async def export(slug: FromPath[str], year: FromPath[int], caller: Who, reading: Reading, now: Now) -> Response[str]:
    """A table with a line per figure, in which nothing tells of fewer than ten people.

    Raises `Refused`: not_found, period_running.
    """
    rows = await tallies.of_quarters(reading, reach(caller, Action.SEE_REPORT), slug, quarters_of(str(year)))
    if not rows:
        raise Refused("not_found")
    if await tallies.this_year(reading, slug, now=now) <= year:
        raise Refused("period_running")
    text = table(slug, year, lines(rows))
    name = f'attachment; filename="{slug}-{year}.csv"'
    return Response(text, media_type="text/csv", headers={"Content-Disposition": name})


@get(
    "/{slug:str}/{year:int}/avetmiss",
    opt={"action": Action.EXPORT_CODES},
    operation_id="export_codes",
    summary="What each claim came to, in the codes of AVETMISS",
    media_type="text/csv",
)
async def codes(slug: FromPath[str], year: FromPath[int], caller: Who, reading: Reading) -> Response[str]:
    """A line per attempt at a competency, of the cases of a year that the caller leads or audits; no name is in it.

    Raises `Refused`: programme_unknown, also for a programme whose policy reports no such codes.
    """
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(("case", "competency", "attempt", "outcome", "decided_on"))
    for line in await outcome_codes.of_year(reading, slug, year, caller=caller):
        day = line.decided_at.date().isoformat() if line.decided_at else ""
        out.writerow((line.case, line.competency, line.attempt, line.outcome, day))
    name = f'attachment; filename="{slug}-{year}-avetmiss.csv"'
    headers = {"Content-Disposition": name, "Cache-Control": "private, no-store"}
    return Response(text.getvalue(), media_type="text/csv", headers=headers)


def lines(rows: Sequence[Tally]) -> list[Line]:
    """A year as it may leave the house."""
    return [
        line(one.measure, one.word, one.value, reports.DEFINITION)
        for one in reports.published(_counts(rows), _days(rows))
    ]


def line(figure: str, word: str, value: Printed, definition: str) -> Line:
    """One figure, with what stands in the place of a value that is withheld."""
    return (
        (str(figure), str(word), None, str(value), definition)
        if isinstance(value, Bound)
        else (str(figure), str(word), value, "", definition)
    )


def table(slug: str, year: int, told: Sequence[Line]) -> str:
    """Figures as CSV, a line each."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for figure, word, value, withheld, definition in told:
        out.writerow((slug, year, figure, word, "" if value is None else value, withheld, definition))
    return text.getvalue()


def router() -> Router:
    """Every route of reports."""
    return Router("/api/v1/reports", route_handlers=[codebook, of_period, export, codes], tags=["statistics"])
