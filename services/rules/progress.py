"""How far cases come, how long that takes and where they are left: what is counted, in which words, and what it means.

Cohort measures follow the cases that were sent in a quarter to date; flow measures count what happened in a quarter;
the rest says how things stand on the last night. Source: case design, section 13 (A1 to C2, E1, E2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from services.rules import small_cells
from services.rules.case import SeatKind, Stage, WaitingOn
from services.rules.commands import LeavingReason
from services.rules.evidence import EvidenceClass
from services.rules.programmes import Method
from services.rules.small_cells import Printed, Quantile

DEFINITION = "progress-4"
"""The version of the definitions in this file; every stored figure names the one that it was counted by."""

ALL = small_cells.ALL
"""The word of a count that is not divided, and the group of everybody."""

FOLLOWED = 12
"""Quarters for which a cohort is followed; after three years its figures stay as they are."""


class Measure(StrEnum):
    """What is counted."""

    REACHED = "reached"
    LED_ON = "led_on"
    NEVER_PRESENTED = "never_presented"
    DECIDED_WITHIN = "decided_within"
    OLD_ENOUGH = "old_enough"
    LEFT_IN = "left_in"
    LEFT_BECAUSE = "left_because"
    DAYS_TO_DECISION = "days_to_decision"
    OUR_DAYS = "our_days"
    THEIR_DAYS = "their_days"
    SEATS_DUE = "seats_due"
    SEATS_LATE = "seats_late"
    CLAIMS = "claims"
    CLAIMS_GRANTED = "claims_granted"
    CLAIMS_NOT_YET = "claims_not_yet"
    ASSESSED = "assessed"
    OFFERS_ANSWERED = "offers_answered"
    BARRED = "barred"
    SET_ASIDE = "conflicts_set_aside"
    CHANGED = "decisions_changed"
    RETURNED = "recommendations_returned"
    LETTERS_CORRECTED = "letters_corrected"
    DECISIONS = "first_decisions"
    VOTES = "panel_votes"
    GRANTED_BY_METHOD = "granted_by_method"
    NOT_YET_BY_METHOD = "not_yet_by_method"
    GRANTED_BY_ATTEMPT = "granted_by_attempt"
    NOT_YET_BY_ATTEMPT = "not_yet_by_attempt"
    ROUNDS = "rounds_of_requests"
    POINTED = "pointed_items"
    FEES = "fees"
    FEES_WAIVED = "fees_waived"
    MEETINGS = "minutes_of_meetings"
    SEALED = "seats_sealed"
    MINUTES = "minutes_of_seats"
    TIMED = "cases_timed"
    COST = "cost_of_cases"
    CHECKS = "checks_of_credentials"
    OPEN_FOR = "open_for"
    OPEN_IN = "open_in"
    OPEN_WAITING = "open_waiting"


COHORT = frozenset(
    {Measure.REACHED, Measure.LED_ON, Measure.NEVER_PRESENTED, Measure.DECIDED_WITHIN, Measure.OLD_ENOUGH}
)
"""Measures of the cases that were sent (or begun) in a quarter, followed to date."""

STANDING = frozenset({Measure.OPEN_FOR, Measure.OPEN_IN, Measure.OPEN_WAITING})
"""Measures of how things stood on the last night of a quarter."""


class Step(StrEnum):
    """How far a case came, in order; from `granted_full` to `not_granted` it is one of three."""

    ENQUIRY = "enquiry"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    ELIGIBLE = "eligible"
    DEPOSITED = "deposited"
    ASSESSED = "assessed"
    DECIDED = "decided"
    GRANTED_FULL = "granted_full"
    GRANTED_PARTIAL = "granted_partial"
    NOT_GRANTED = "not_granted"
    ISSUED = "issued"
    OPENED = "opened"
    APPEALED = "appealed"


BEFORE = (Step.ENQUIRY, Step.DRAFT)
"""Steps before a case is sent, each by the quarter in which it lies; how many of them led on is counted beside them."""

FUNNEL = (Step.SUBMITTED, Step.ELIGIBLE, Step.DEPOSITED, Step.ASSESSED, Step.DECIDED, Step.ISSUED)
"""Steps each of which is part of the one before."""

WITHIN = (90, 180, 365)
"""Days within which a decision is looked for."""

AGES = ((30, "0_30"), (90, "31_90"), (180, "91_180"), (365, "181_365"))
OLDEST = "over_365"


def age(days: int) -> str:
    """The band of days since a case was sent."""
    return next((word for most, word in AGES if days <= most), OLDEST)


ON_FILE = "on_file"
"""Beside the methods of meetings: what was judged without one."""

METHODS = (ON_FILE, Method.INTERVIEW, Method.CHALLENGE_TEST, Method.OBSERVATION, Method.SIMULATION)
ATTEMPTS = ("1", "2", "3_or_more")
TIMED_WORDS = ("every_seat", "not_every_seat")
CLAIM_WORDS = ("granted", "granted_by_transfer", "not_yet", "withdrawn")
STAGES = tuple(stage for stage in Stage if stage not in {Stage.DRAFT, Stage.CLOSED})

WORDS: dict[Measure, tuple[str, ...]] = {
    Measure.REACHED: tuple(Step),
    Measure.LED_ON: BEFORE,
    Measure.NEVER_PRESENTED: ("closed", "open"),
    Measure.DECIDED_WITHIN: tuple(map(str, WITHIN)),
    Measure.OLD_ENOUGH: tuple(map(str, WITHIN)),
    Measure.LEFT_IN: (Stage.DRAFT, *STAGES),
    Measure.LEFT_BECAUSE: tuple(LeavingReason),
    Measure.DAYS_TO_DECISION: (ALL,),
    Measure.OUR_DAYS: (ALL, *STAGES),
    Measure.THEIR_DAYS: (ALL, *STAGES),
    Measure.SEATS_DUE: tuple(SeatKind),
    Measure.SEATS_LATE: tuple(SeatKind),
    Measure.CLAIMS: CLAIM_WORDS,
    Measure.CLAIMS_GRANTED: (),
    Measure.CLAIMS_NOT_YET: (),
    Measure.ASSESSED: ("with_request", "without_request"),
    Measure.OFFERS_ANSWERED: ("accepted", "declined", "conflict", "conflict_late"),
    Measure.BARRED: ("declared", "detected"),
    Measure.SET_ASIDE: (ALL,),
    Measure.CHANGED: ("corrected", "revocation", "suspension", "reinstatement"),
    Measure.RETURNED: (ALL,),
    Measure.LETTERS_CORRECTED: (ALL,),
    Measure.DECISIONS: (ALL,),
    Measure.VOTES: ("majority", "casting"),
    Measure.GRANTED_BY_METHOD: METHODS,
    Measure.NOT_YET_BY_METHOD: METHODS,
    Measure.GRANTED_BY_ATTEMPT: ATTEMPTS,
    Measure.NOT_YET_BY_ATTEMPT: ATTEMPTS,
    Measure.ROUNDS: (ALL,),
    Measure.POINTED: (),
    Measure.FEES: (),
    Measure.FEES_WAIVED: (),
    Measure.MEETINGS: METHODS[1:],
    Measure.SEALED: (),
    Measure.MINUTES: (),
    Measure.TIMED: TIMED_WORDS,
    Measure.COST: (),
    Measure.CHECKS: (),
    Measure.OPEN_FOR: (*(word for _, word in AGES), OLDEST),
    Measure.OPEN_IN: STAGES,
    Measure.OPEN_WAITING: tuple(WaitingOn),
}
"""Into what each count is divided.

Claims and checks by competency have the programme's own keys, fees and what was waived of them a service and a currency
(`file/CAD`), pointed items a class and a number (`direct/3`), sealed seats and their minutes a seat and a method
(`first/on_file`), the cost of cases a currency.
"""

Counts = Mapping[tuple[Measure, str], int]
Values = Mapping[tuple[Measure, str], Sequence[float]]


# what may leave the house


@dataclass(frozen=True, slots=True)
class Line:
    """One figure that may leave the house."""

    measure: Measure
    word: str
    value: Printed


EXCLUSIVE = frozenset(
    {
        Measure.LEFT_IN,
        Measure.LEFT_BECAUSE,
        Measure.CLAIMS,
        Measure.ASSESSED,
        Measure.OFFERS_ANSWERED,
        Measure.CHANGED,
        Measure.TIMED,
        Measure.OPEN_FOR,
        Measure.OPEN_WAITING,
    }
)
"""Measures whose words divide a whole."""

QUANTILES: dict[str, int] = {"median": 500, "p90": 900}

DAYS = (Measure.DAYS_TO_DECISION, Measure.OUR_DAYS, Measure.THEIR_DAYS)
"""Measures of how many days something took."""

WORK = (Measure.MINUTES, Measure.COST)
"""Measures of what work took; whoever reads them is told nothing of a handful of seats or cases, staff included."""


def published(counts: Counts, values: Values) -> list[Line]:
    """A year as it may leave the house; nothing in it tells of fewer than ten people, nor can be found by subtraction.

    Steps of the funnel are parts of each other, so what lies between two steps is withheld like a number of its own.
    """
    came = small_cells.nested([counts.get((Measure.REACHED, step), 0) for step in FUNNEL])
    lines = [Line(Measure.REACHED, step, value) for step, value in zip(FUNNEL, came, strict=True)]
    for step in BEFORE:
        each = small_cells.nested([counts.get((measure, step), 0) for measure in (Measure.REACHED, Measure.LED_ON)])
        lines += [Line(Measure.REACHED, step, each[0]), Line(Measure.LED_ON, step, each[1])]
    for measure in (one for one in Measure if one in EXCLUSIVE):
        words = WORDS[measure]
        told, whole = small_cells.parted([counts.get((measure, word), 0) for word in words])
        lines += [Line(measure, word, one) for word, one in zip((*words, ALL), (*told, whole), strict=True)]
    for measure in DAYS:
        taken = quantiles(values.get((measure, ALL), ()))
        lines += [Line(measure, name, value) for name, value in taken.items()]
    for (measure, word), worked in sorted(values.items()):
        if measure in WORK:
            lines += [Line(measure, f"{word}/{name}", value) for name, value in quantiles(worked).items()]
    return lines


def quantiles(values: Sequence[float]) -> dict[str, Printed]:
    """The median and the ninth decile of `values`, nearest rank, as far as there are enough of them to tell."""
    (cells,) = small_cells.printed([[Quantile(tuple(values), per_mille) for per_mille in QUANTILES.values()]])
    return dict(zip(QUANTILES, cells, strict=True))


CLASSES = (ALL, *EvidenceClass)
"""Of what pointed items are told: of all, and of each class of evidence."""


def pointed(counts: Counts) -> dict[str, tuple[int, float]]:
    """How many claims were granted, and the median of the items pointed at one, in all and by class.

    A granted claim at which nothing of a class points has none of it; transfers are left out.
    """
    granted = counts.get((Measure.CLAIMS, "granted"), 0)
    found = {}
    for kind in CLASSES if granted else ():
        numbers = {
            int(word.rpartition("/")[2]): claims
            for (measure, word), claims in counts.items()
            if measure is Measure.POINTED and word.partition("/")[0] == kind
        }
        none = max(0, granted - sum(numbers.values()))
        found[str(kind)] = (granted, _median({0: none} | numbers))
    return found


def _median(numbers: Mapping[int, int]) -> float:
    """The nearest-rank median of numbers, each of which occurs so often."""
    every = sorted(numbers.items())
    rank = -(-sum(numbers.values()) // 2)
    seen = accumulate(often for _, often in every)
    return float(next(number for (number, _), reached in zip(every, seen, strict=True) if reached >= rank))


def fees(counts: Counts) -> list[tuple[str, str, int, int]]:
    """By service and currency: what was charged, and what was waived, be it of charges of another period."""
    words = sorted({word for measure, word in counts if measure in {Measure.FEES, Measure.FEES_WAIVED}})
    found = []
    for word in words:
        service, _, currency = word.partition("/")
        charged, waived = counts.get((Measure.FEES, word), 0), counts.get((Measure.FEES_WAIVED, word), 0)
        found.append((service, currency, charged, waived))
    return found


def hours_saved(counts: Counts, hours: Mapping[str, int]) -> int:
    """Hours of courses that nobody had to sit through: those of every granted competency, by `hours` of its key."""
    return sum(
        number * hours.get(word, 0) for (measure, word), number in counts.items() if measure is Measure.CLAIMS_GRANTED
    )
