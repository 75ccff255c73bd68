"""How far a programme's cases come and how long that takes, as staff are told of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.rules.agreement import Estimate
from services.rules.case import Stage, WaitingOn
from services.rules.progress import Measure, Step
from services.rules.small_cells import Printed


@dataclass(frozen=True, slots=True)
class NumberView:
    """How many; `word` divides the measure."""

    measure: Measure
    word: str
    number: int


@dataclass(frozen=True, slots=True)
class StepView:
    """How many came so far, and which share of the step before; null where nobody did.

    An enquiry or a draft belongs to the period in which it lies, so the share of a draft is that of the enquiries which
    led to one, and that of what was sent the drafts which were.
    """

    step: Step
    number: int
    of_before: Estimate | None


@dataclass(frozen=True, slots=True)
class DaysView:
    """How long something took: `cases` of them, the median and the ninth decile by nearest rank."""

    measure: Measure
    word: str
    cases: int
    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class PartView:
    """`part` of `whole` with its Wilson interval of 95 %."""

    name: str
    part: int
    whole: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class PerHundredView:
    """How often something happened for a hundred decisions of the period."""

    name: str
    number: int
    decisions: int
    per_hundred: float


@dataclass(frozen=True, slots=True)
class PointedView:
    """The median of the pieces of evidence that point at a granted claim; `kind`: all, or a class of evidence."""

    kind: str
    claims: int
    median: float


@dataclass(frozen=True, slots=True)
class FeeView:
    """What was charged for a service, and what was waived of it or of earlier charges, in whole units of `currency`."""

    service: str
    currency: str
    amount: int
    waived: int


@dataclass(frozen=True, slots=True)
class WorkView:
    """Work of one kind of seat by one method: how often it was sent in, how often its time is counted, and that time.

    `method`: of an appointment, or `on_file`. A quarter in which fewer than three people said how long it took is not
    counted; `minutes` (all of them together) and `median` are told from ten times on, `p90` from twenty.
    """

    seat: str
    method: str
    sealed: int
    counted: int
    minutes: Printed
    median: Printed
    p90: Printed


@dataclass(frozen=True, slots=True)
class CostView:
    """What cases cost until their first decision, in whole units of `currency`, as far as everybody told their time."""

    currency: str
    cases: int
    median: Printed
    p90: Printed


@dataclass(frozen=True, slots=True)
class ProgressView:
    """One quarter or one year of a programme; a count that is missing is nought.

    `rounds`: requests for more evidence, of each case assessed. `hours_saved`: hours of courses that nobody had to sit
    through, by the newest version of the programme. `work`, `costs`: what the work of seats took and cost, as far as it
    may be told; the share `time_stated` says of how many cases it is known. `checks`: how often credentials were
    checked, by competency, as far as it may be told.
    """

    programme: str
    period: str
    definition: str
    rolled_up_at: datetime
    funnel: tuple[StepView, ...]
    counts: tuple[NumberView, ...]
    days: tuple[DaysView, ...]
    shares: tuple[PartView, ...]
    per_hundred: tuple[PerHundredView, ...]
    pointed: tuple[PointedView, ...]
    fees: tuple[FeeView, ...]
    work: tuple[WorkView, ...]
    costs: tuple[CostView, ...]
    rounds: float | None
    hours_saved: int
    checks: dict[str, Printed]


@dataclass(frozen=True, slots=True)
class WaitView:
    """An open case, where it stands, and how many days ago it was sent."""

    case: UUID
    number: str
    stage: Stage
    waiting_on: WaitingOn
    days: int
