"""How far the assessors of a programme agree: for its leads, from what the nightly roll-up stored.

Nothing here counts over cases, and nothing of it reaches an assessor.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from litestar import Router, get
from litestar.params import FromPath

from services.api.access import Who
from services.api.house import Now, Reading
from services.records import agreement_figures
from services.records.tables.statistics import AgreementFigure, DoubleReading
from services.rules import agreement
from services.rules.agreement import Agreement, Quarter, Scope, Yardstick
from services.rules.people import BY_ROLE, Action, Caller
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class QuarterView:
    """One quarter of one programme; `changed` of the `settled` claims did not end as the first assessor wrote."""

    programme: str
    quarter: str
    judged: int
    read_twice: int
    settled: int
    changed: int
    definition: str
    rolled_up_at: datetime


@dataclass(frozen=True, slots=True)
class FigureView:
    """Agreement of one group; `measures` is null under twenty pairs.

    `below`: the whole interval is under the kappa of the programme; `drifting`: in this quarter, which is over, and in
    the one before.
    """

    programme: str
    quarter: str
    scope: Scope
    subject: str
    pairs: int
    measures: Agreement | None
    below: bool
    drifting: bool
    definition: str
    rolled_up_at: datetime


@dataclass(frozen=True, slots=True)
class AgreementView:
    """The figures of one quarter, with what others found, each with its source."""

    programme: str
    quarter: str
    shown_from: int
    figures: tuple[FigureView, ...]
    yardsticks: tuple[Yardstick, ...]


def reach(caller: Caller, action: Action = Action.SEE_AGREEMENT) -> list[tuple[str, str | None]]:
    """Whose figures the caller may read: an institution and a programme, or None for all of its programmes."""
    roles = BY_ROLE[action] or frozenset()
    return [(one.institution, one.programme) for one in caller.memberships if one.role in roles]


def _quarter(row: DoubleReading) -> QuarterView:
    return QuarterView(**{name: getattr(row, name) for name in QuarterView.__slots__})


def figure(row: AgreementFigure) -> FigureView:
    """A stored figure as it is shown."""
    told: dict[str, Any] = {name: getattr(row, name) for name in FigureView.__slots__}
    return FigureView(**told | {"measures": msgspec.convert(row.measures, Agreement | None)})


@get("/", opt={"action": Action.SEE_AGREEMENT}, operation_id="list_quarters", summary="What was read twice, by quarter")
async def quarters(caller: Who, reading: Reading) -> list[QuarterView]:
    """Every quarter of one's own programmes, newest first."""
    return [_quarter(row) for row in await agreement_figures.quarters(reading, reach(caller))]


@get(
    "/outliers",
    opt={"action": Action.SEE_AGREEMENT},
    operation_id="list_outliers",
    summary="Assessors who read differently for two quarters",
)
async def outliers(caller: Who, reading: Reading, now: Now) -> list[FigureView]:
    """A reason to talk to each other; nothing follows from it by itself. `subject` is the assessor's id."""
    return [figure(row) for row in await agreement_figures.drifting(reading, reach(caller), now=now)]


@get(
    "/{slug:str}/{quarter:str}",
    opt={"action": Action.SEE_AGREEMENT},
    operation_id="see_agreement",
    summary="Agreement in one quarter",
)
async def of_quarter(slug: FromPath[str], quarter: FromPath[str], caller: Who, reading: Reading) -> AgreementView:
    """By programme, competency, criterion, and assessor against all partners; `quarter` such as `2026Q1`."""
    try:
        asked = Quarter.parse(quarter)
    except ValueError:
        raise Refused("not_found") from None
    rows = await agreement_figures.figures_of(reading, reach(caller), programme=slug, quarter=asked)
    if not rows:
        raise Refused("not_found")
    return AgreementView(
        programme=slug,
        quarter=str(asked),
        shown_from=agreement.SHOWN_FROM,
        figures=tuple(map(figure, rows)),
        yardsticks=agreement.YARDSTICKS,
    )


def router() -> Router:
    """Every route of agreement."""
    return Router("/api/v1/agreement", route_handlers=[quarters, outliers, of_quarter], tags=["statistics"])
