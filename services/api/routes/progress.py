"""How far a programme's cases come and how long that takes: counts for staff, and a year as it may leave.

Nothing here counts over cases. What may leave the house tells of nobody: see `rules/small_cells.py`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec
from litestar import Response, Router, get
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading
from services.api.progress_views import (
    CostView,
    DaysView,
    FeeView,
    NumberView,
    PartView,
    PerHundredView,
    PointedView,
    ProgressView,
    StepView,
    WaitView,
    WorkView,
)
from services.api.routes import reports
from services.api.routes.statistics import reach
from services.records import group_figures, programmes, tallies
from services.records import progress as counts
from services.records.public_reports import Line
from services.records.tables.statistics import ProgressCount
from services.rules import agreement, progress, progress_codebook, small_cells
from services.rules import groups as group_rules
from services.rules.groups import Compared, Dimension
from services.rules.people import Action, Caller
from services.rules.progress import ALL, BEFORE, FUNNEL, WITHIN, Measure, Step
from services.rules.refusals import Refused
from services.rules.small_cells import Bound, Printed

Numbers = Counter[tuple[Measure, str]]


@get(
    "/{slug:str}/{period:str}/progress",
    opt={"action": Action.SEE_REPORT},
    operation_id="see_progress",
    summary="How far cases come, and how long that takes",
)
async def of_period(slug: FromPath[str], period: FromPath[str], caller: Who, reading: Reading) -> ProgressView:
    """For the programme's own staff; `period` such as `2026Q1`, or `2026`. Raises `Refused('not_found')`."""
    found = await read(reading, caller, slug, period)
    if found is None:
        raise Refused("not_found")
    return found


async def read(session: AsyncSession, caller: Caller, slug: str, period: str) -> ProgressView | None:
    """What is stored of a period, as far as the caller may read it; None where nothing is.

    Of a year, how things stand is what its newest quarter found. Raises `Refused('not_found')` for no period.
    """
    rows = await _rows(session, caller, slug, period)
    if not rows:
        return None
    numbers, values = _together(rows)
    newest = await programmes.read(session, (await programmes.last_published(session, slug)).id)
    return ProgressView(
        programme=slug,
        period=period,
        definition=progress.DEFINITION,
        rolled_up_at=max(row.rolled_up_at for row in rows),
        funnel=_funnel(numbers),
        counts=tuple(
            NumberView(measure, word, number)
            for (measure, word), number in sorted(numbers.items())
            if measure is not Measure.CHECKS
        ),
        days=tuple(
            DaysView(
                measure,
                word,
                len(taken),
                *(agreement.quantile(taken, per_mille=at) for at in progress.QUANTILES.values()),
            )
            for (measure, word), taken in sorted(values.items())
            if measure in progress.DAYS
        ),
        shares=tuple(
            PartView(name, part, whole, agreement.wilson(part, whole))
            for name, (part, whole) in _shares(numbers).items()
            if whole
        ),
        per_hundred=_per_hundred(numbers),
        pointed=tuple(PointedView(kind, *told) for kind, told in progress.pointed(numbers).items()),
        fees=tuple(FeeView(*told) for told in progress.fees(numbers)),
        work=_work(numbers, values),
        costs=tuple(
            CostView(word, len(spent), **progress.quantiles(spent))
            for (measure, word), spent in sorted(values.items())
            if measure is Measure.COST
        ),
        checks=_checks(numbers),
        rounds=_rounds(numbers),
        hours_saved=progress.hours_saved(numbers, {one.key: one.hours for one in newest.competencies}),
    )


def _rounds(numbers: Numbers) -> float | None:
    assessed = sum(numbers[Measure.ASSESSED, word] for word in progress.WORDS[Measure.ASSESSED])
    return numbers[Measure.ROUNDS, ALL] / assessed if assessed else None


def _work(numbers: Numbers, values: Mapping[tuple[Measure, str], list[int]]) -> tuple[WorkView, ...]:
    found = []
    for word in sorted(word for measure, word in numbers if measure is Measure.SEALED):
        seat, _, method = word.partition("/")
        taken = values.get((Measure.MINUTES, word), [])
        whole: Printed = sum(taken) if len(taken) >= small_cells.K else Bound.WITHHELD
        sealed = numbers[Measure.SEALED, word]
        found.append(WorkView(seat, method, sealed, len(taken), whole, **progress.quantiles(taken)))
    return tuple(found)


def _checks(numbers: Numbers) -> dict[str, Printed]:
    found = {word: number for (measure, word), number in sorted(numbers.items()) if measure is Measure.CHECKS}
    told, whole = small_cells.parted(list(found.values()))
    return dict(zip(found, told, strict=True)) | {ALL: whole}


def _per_hundred(numbers: Numbers) -> tuple[PerHundredView, ...]:
    """Changed decisions, corrected letters and returned recommendations, where anything was decided."""
    decisions = numbers[Measure.DECISIONS, ALL]
    told = {(Measure.CHANGED, word): f"{Measure.CHANGED}/{word}" for word in progress.WORDS[Measure.CHANGED]}
    told |= {(one, ALL): str(one) for one in (Measure.LETTERS_CORRECTED, Measure.RETURNED)}
    return tuple(
        PerHundredView(name, numbers[at], decisions, numbers[at] * 100 / decisions)
        for at, name in told.items()
        if decisions
    )


async def _rows(session: AsyncSession, caller: Caller, slug: str, period: str) -> list[ProgressCount]:
    return await counts.of_quarters(session, reach(caller, Action.SEE_REPORT), slug, reports.quarters_of(period))


def _together(rows: Sequence[ProgressCount]) -> tuple[Numbers, dict[tuple[Measure, str], list[int]]]:
    """The counts of several quarters, and how long things took; what stands is that of the newest quarter."""
    newest = max(row.quarter for row in rows)
    numbers: Numbers = Counter()
    values: defaultdict[tuple[Measure, str], list[int]] = defaultdict(list)
    for row in rows:
        if row.values is not None:
            values[row.measure, row.word] += row.values
        elif row.measure not in progress.STANDING or row.quarter == newest:
            numbers[row.measure, row.word] += row.number
    return numbers, dict(values)


def _funnel(numbers: Numbers) -> tuple[StepView, ...]:
    """Every step with its share of the one before; of those before a case is sent, the share that led on to it."""
    found, before, led = [], 0, 0
    for step in (*BEFORE, *FUNNEL):
        number = numbers[Measure.REACHED, step]
        part = number if step in FUNNEL[1:] else led
        found.append(StepView(step, number, agreement.wilson(part, before) if 0 < part <= before else None))
        before, led = number, numbers[Measure.LED_ON, step]
    return tuple(found)


def _shares(numbers: Numbers) -> dict[str, tuple[int, int]]:
    def of(measure: Measure, *words: str) -> int:
        return sum(numbers[measure, word] for word in words)

    granted = of(Measure.CLAIMS, "granted")
    with_request = of(Measure.ASSESSED, "with_request")
    return {
        **{f"led_on_{step}": (of(Measure.LED_ON, step), of(Measure.REACHED, step)) for step in BEFORE},
        "never_presented": (of(Measure.NEVER_PRESENTED, "closed"), of(Measure.REACHED, Step.ELIGIBLE)),
        **{
            f"decided_within_{days}": (of(Measure.DECIDED_WITHIN, str(days)), of(Measure.OLD_ENOUGH, str(days)))
            for days in WITHIN
        },
        "seats_late": (
            of(Measure.SEATS_LATE, *progress.WORDS[Measure.SEATS_LATE]),
            of(Measure.SEATS_DUE, *progress.WORDS[Measure.SEATS_DUE]),
        ),
        "claims_granted": (granted, granted + of(Measure.CLAIMS, "not_yet")),
        "conflicts_of_offers": (
            of(Measure.OFFERS_ANSWERED, "conflict", "conflict_late"),
            of(Measure.OFFERS_ANSWERED, *progress.WORDS[Measure.OFFERS_ANSWERED]),
        ),
        "casting_votes": (of(Measure.VOTES, "casting"), of(Measure.VOTES, *progress.WORDS[Measure.VOTES])),
        "time_stated": (of(Measure.TIMED, "every_seat"), of(Measure.TIMED, *progress.TIMED_WORDS)),
        "assessed_with_request": (with_request, with_request + of(Measure.ASSESSED, "without_request")),
    }


async def groups(session: AsyncSession, caller: Caller, slug: str, year: int) -> list[Compared]:
    """Groups beside each other, once the year is over; none where it was not counted."""
    kept = await group_figures.of_year(session, reach(caller, Action.SEE_REPORT), slug, year)
    return msgspec.convert(kept, list[Compared])


@get(
    "/{slug:str}/{year:int}/groups",
    opt={"action": Action.SEE_REPORT},
    operation_id="compare_groups",
    summary="Groups beside each other, in a year that is over",
)
async def of_groups(slug: FromPath[str], year: FromPath[int], caller: Who, reading: Reading) -> list[Compared]:
    """By language, purpose, what people say of themselves, and support that was used. Raises `Refused('not_found')`.

    Counted once, in the night after the year, and never again. Nothing tells of fewer than ten people. `flagged`: a
    share is lower by a fifth than the highest, beyond chance. It says nothing about causes.
    """
    found = await groups(reading, caller, slug, year)
    if not found:
        raise Refused("not_found")
    return found


@get(
    "/{slug:str}/{year:int}/progress/export",
    opt={"action": Action.SEE_REPORT},
    operation_id="export_progress",
    summary="How far cases came in a year that is over, as it may leave the house",
    media_type="text/csv",
)
async def export(slug: FromPath[str], year: FromPath[int], caller: Who, reading: Reading, now: Now) -> Response[str]:
    """A line per figure; nothing tells of fewer than ten people. Raises `Refused`: not_found, period_running."""
    rows = await _rows(reading, caller, slug, str(year))
    if not rows:
        raise Refused("not_found")
    if await tallies.this_year(reading, slug, now=now) <= year:
        raise Refused("period_running")
    text = reports.table(slug, year, await lines(reading, caller, slug, year))
    name = f'attachment; filename="{slug}-{year}-progress.csv"'
    return Response(text, media_type="text/csv", headers={"Content-Disposition": name})


async def lines(session: AsyncSession, caller: Caller, slug: str, year: int) -> list[Line]:
    """A year that is over as it may leave the house; none where nothing is stored of it."""
    rows = await _rows(session, caller, slug, str(year))
    if not rows:
        return []
    numbers, values = _together(rows)
    told = [
        reports.line(one.measure, one.word, one.value, progress.DEFINITION)
        for one in progress.published(numbers, values)
    ]
    for compared in await groups(session, caller, slug, year):
        told += _grouped(compared)
    return told


def _grouped(compared: Compared) -> Iterator[Line]:
    """The shares and days of one dimension; a figure of which nothing may be told is left out."""
    at, definition = compared.dimension, group_rules.DEFINITION
    if compared.unanswered is not None:
        yield reports.line("unanswered", at, compared.unanswered, definition)
    for one in compared.shares:
        if any(not isinstance(line.share, Bound) for line in one.groups if line.group != ALL):
            for line in one.groups:
                yield reports.line(one.indicator, f"{at}/{line.group}", line.share, definition)
    for took in compared.days:
        if any(not isinstance(told, Bound) for said in took.groups.values() for told in said.values()):
            for group, said in took.groups.items():
                for quantile, told in said.items():
                    yield reports.line(f"{took.took}_in_groups", f"{at}/{group}/{quantile}", told, definition)


@get(
    "/{slug:str}/longest-waits",
    opt={"action": Action.SEE_REPORT},
    operation_id="list_longest_waits",
    summary="The ten open cases that were sent longest ago",
)
async def longest(slug: FromPath[str], caller: Who, reading: Reading, now: Now) -> list[WaitView]:
    """For staff who follow them; as the last night found them, where they stand now."""
    return await waits(reading, caller, slug, now=now)


async def waits(session: AsyncSession, caller: Caller, slug: str, *, now: datetime) -> list[WaitView]:
    """The longest waits that `caller` follows; an auditor, who follows no case, is told none."""
    return [
        WaitView(one.id, one.number, one.stage, one.waiting_on, (now - one.submitted_at).days)
        for one in await counts.longest_waits(session, caller, slug)
        if one.submitted_at is not None
    ]


@get(
    "/codebook/progress",
    opt={"action": Action.SEE_REPORT},
    operation_id="read_progress_codebook",
    summary="What each figure of progress means",
)
async def codebook() -> list[reports.EntryView]:
    """In English and French, by the definitions of today."""
    return [
        *(
            reports.EntryView(measure, progress.WORDS[measure] or (ALL,), text.en, text.fr)
            for measure, text in progress_codebook.CODEBOOK.items()
        ),
        *(
            reports.EntryView(indicator, tuple(Dimension), text.en, text.fr)
            for indicator, text in group_rules.CODEBOOK.items()
        ),
    ]


def router() -> Router:
    """Every route of progress."""
    return Router(
        "/api/v1/reports", route_handlers=[codebook, longest, of_period, of_groups, export], tags=["statistics"]
    )
