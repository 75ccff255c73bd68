"""How time is measured: spans, business calendars, due days, reminders and the stopped clock.

Pure and standard library only; only activities call it, so that a calendar edited later cannot break a replay.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.rules.accommodations import USUAL_TIME, lengthened

SUNDAY = 6
"""The last day of a week that begins with Monday = 0."""


class Unit(StrEnum):
    """Business days, days, calendar months, hours."""

    BUSINESS_DAY = "bd"
    DAY = "d"
    MONTH = "mo"
    HOUR = "h"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as policies write it: `10bd`, `30d`, `12mo`, `24h`."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read `10bd`, `30d`, `12mo` or `24h`. Raises `ValueError`."""
        found = re.fullmatch(r"(\d{1,4})(bd|d|mo|h)", text)
        if found is None:
            raise ValueError(text)
        return cls(int(found[1]), Unit(found[2]))

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"


class HolidayKind(StrEnum):
    """How the day of a holiday is found in a year."""

    FIXED = "fixed"
    NTH_WEEKDAY = "nth_weekday"
    WEEKDAY_BEFORE = "weekday_before"
    EASTER_OFFSET = "easter_offset"


class InLieu(StrEnum):
    """Whether another day is off when a holiday falls on a day on which nobody works anyhow."""

    NONE = "none"
    SUNDAY = "sunday"
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday rule. `weekday` counts from Monday = 0; `nth` from 1; `offset` in days from Easter Sunday.

    `in_lieu`: a holiday on a Sunday (or on any day of the weekend) is made good on the next working day.
    """

    kind: HolidayKind
    month: int = 0
    day: int = 0
    weekday: int = 0
    nth: int = 0
    offset: int = 0
    in_lieu: InLieu = InLieu.NONE


@dataclass(frozen=True, slots=True)
class Calendar:
    """When an institution works: time zone (IANA), weekend days (Monday = 0), holidays and closures.

    `name` is that of its file: editions of one name follow each other.
    """

    zone: str
    weekend: tuple[int, ...] = (5, 6)
    holidays: tuple[Holiday, ...] = ()
    closures: tuple[date, ...] = ()
    name: str = ""

    def __hash__(self) -> int:
        """By name and zone: days off are looked up by calendar for every day that is counted."""
        return hash((self.name, self.zone))


def easter(year: int) -> date:
    """Easter Sunday of `year` in the Gregorian calendar. Source: Meeus/Jones/Butcher algorithm."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap_centuries - correction + 15) % 30
    leaps, leap_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leaps - moon - leap_rest) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _falls_on(rule: Holiday, year: int) -> date:
    if rule.kind is HolidayKind.FIXED:
        return date(year, rule.month, rule.day)
    if rule.kind is HolidayKind.EASTER_OFFSET:
        return easter(year) + timedelta(days=rule.offset)
    if rule.kind is HolidayKind.WEEKDAY_BEFORE:
        before = date(year, rule.month, rule.day) - timedelta(days=1)
        return before - timedelta(days=(before.weekday() - rule.weekday) % 7)
    first = date(year, rule.month, 1)
    return first + timedelta(days=(rule.weekday - first.weekday()) % 7 + 7 * (rule.nth - 1))


@lru_cache(maxsize=256)
def holidays(calendar: Calendar, year: int) -> frozenset[date]:
    """The days of `year` on which nobody works, weekends aside."""
    closed = {day for day in calendar.closures if day.year == year}
    fallen = [(rule, _falls_on(rule, year)) for rule in calendar.holidays]
    off = closed | {day for _, day in fallen}
    for rule, day in fallen:
        if _made_good(rule, day, calendar):
            other = day
            while other in off or other.weekday() in calendar.weekend:
                other += timedelta(days=1)
            off.add(other)
    return frozenset(off)


def _made_good(rule: Holiday, day: date, calendar: Calendar) -> bool:
    if rule.in_lieu is InLieu.SUNDAY:
        return day.weekday() == SUNDAY
    return rule.in_lieu is InLieu.WEEKEND and day.weekday() in calendar.weekend


def is_business_day(calendar: Calendar, day: date) -> bool:
    """Whether the institution works on `day`."""
    return day.weekday() not in calendar.weekend and day not in holidays(calendar, day.year)


def business_days(calendar: Calendar, start: date, end: date) -> int:
    """Business days after `start` up to and including `end`; 0 when `end` is not after `start`."""
    days = (end - start).days
    return sum(is_business_day(calendar, start + timedelta(days=n)) for n in range(1, days + 1))


class BusinessDays:
    """The business days of a calendar, counted once: `between` is then two look-ups, for many spans of time."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._until: dict[date, int] = {}
        self._first = self._last = date.min

    def between(self, start: date, end: date) -> int:
        """As `business_days`."""
        if end <= start:
            return 0
        if not self._until:
            self._first = self._last = start
            self._until[start] = 0
        while self._last < end:
            self._last += timedelta(days=1)
            before = self._until[self._last - timedelta(days=1)]
            self._until[self._last] = before + is_business_day(self.calendar, self._last)
        while self._first > start:
            after = self._until[self._first]
            off = is_business_day(self.calendar, self._first)
            self._first -= timedelta(days=1)
            self._until[self._first] = after - off
        return self._until[end] - self._until[start]


def add(calendar: Calendar, start: date, span: Span) -> date:
    """The day that lies `span` after `start`, the day of the event being day 0; months are clamped to their end.

    Raises `ValueError` for a span of hours, which has no day.
    """
    if span.unit is Unit.DAY:
        return start + timedelta(days=span.amount)
    if span.unit is Unit.MONTH:
        return months_later(start, span.amount)
    if span.unit is Unit.HOUR:
        raise ValueError(str(span))
    day = start
    for _ in range(span.amount):
        day += timedelta(days=1)
        while not is_business_day(calendar, day):
            day += timedelta(days=1)
    return day


def months_later(start: date, months: int) -> date:
    """The day that lies `months` after `start`, clamped to its month's end."""
    years, month = divmod(start.month - 1 + months, 12)
    first = date(start.year + years, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return min(first + timedelta(days=start.day - 1), last)


def back(calendar: Calendar, end: date, span: Span) -> date:
    """The day that lies `span` (days or business days) before `end`. Raises `ValueError` for other units."""
    if span.unit is Unit.DAY:
        return end - timedelta(days=span.amount)
    if span.unit is not Unit.BUSINESS_DAY:
        raise ValueError(str(span))
    day = end
    for _ in range(span.amount):
        day -= timedelta(days=1)
        while not is_business_day(calendar, day):
            day -= timedelta(days=1)
    return day


def local_day(instant: datetime, zone: str) -> date:
    """The day on which `instant` falls for somebody in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def end_of_day(day: date, zone: str) -> datetime:
    """23:59:59 of `day` in `zone`, as a UTC instant: nothing is late before."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)


def due(
    calendar: Calendar, start: datetime, span: Span, *, zone: str, learner: bool, extra_time: int = USUAL_TIME
) -> datetime:
    """The UTC instant at which `span` from `start` has run out for a person in `zone`.

    A learner's limit lasts `extra_time` percent (an accommodation) and rolls forward from a day off;
    a staff limit does neither. A span of hours is counted on the clock.
    """
    if span.unit is Unit.HOUR:
        return start + timedelta(hours=span.amount)
    if not learner:
        return end_of_day(add(calendar, local_day(start, zone), span), zone)
    longer = Span(lengthened(span.amount, extra_time), span.unit)
    return rolled(calendar, add(calendar, local_day(start, zone), longer), zone=zone)


def rolled(calendar: Calendar, day: date, *, zone: str) -> datetime:
    """The end of `day`, or of the next business day, in `zone`: nothing of a learner ends on a day off."""
    while not is_business_day(calendar, day):
        day += timedelta(days=1)
    return end_of_day(day, zone)


def later_by(calendar: Calendar, due: datetime, *, stopped: datetime, resumed: datetime, zone: str) -> datetime:
    """`due` moved by the business days that a case stood still, those after `stopped` up to and including `resumed`.

    It never moves earlier. Source: case design, section 12, stop-clock.
    """
    stood = business_days(calendar, local_day(stopped, zone), local_day(resumed, zone))
    return max(due, end_of_day(add(calendar, local_day(due, zone), Span(stood, Unit.BUSINESS_DAY)), zone))


def by_another(
    due: datetime, *, old: Calendar, new: Calendar, now: datetime, zone: str, unit: Unit, learner: bool
) -> datetime:
    """`due`, where the calendar changes from `old` to `new` at `now`: the business days that are left stay left.

    What is counted in days or months keeps its day; a learner's rolls forward from a new day off. It never moves
    earlier, and what is past stays. Source: case design, section 12.
    """
    today, day = local_day(now, zone), local_day(due, zone)
    if due <= now or unit is Unit.HOUR:
        return due
    if unit is Unit.BUSINESS_DAY:
        day = max(day, add(new, today, Span(business_days(old, today, day), unit)))
    return max(due, rolled(new, day, zone=zone) if learner else end_of_day(day, zone))


def working_day(calendar: Calendar, day: date, *, before: bool) -> date:
    """`day` itself if it is a business day; otherwise the last one `before` it, or the next one after it."""
    step = timedelta(days=-1 if before else 1)
    while not is_business_day(calendar, day):
        day += step
    return day


def reminder(day: date, *, zone: str, key: str) -> datetime:
    """09:00 of `day` in `zone` plus a spread of up to 60 minutes that depends on `key` alone, as a UTC instant."""
    spread = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % 3600
    nine = datetime.combine(day, time(9), ZoneInfo(zone))
    return (nine + timedelta(seconds=spread)).astimezone(UTC)


def morning_over(at: datetime, *, zone: str) -> datetime:
    """When every reminder of the local day of `at` has come up, whatever its spread: 10:00 in `zone`, in UTC."""
    return datetime.combine(local_day(at, zone), time(10), ZoneInfo(zone)).astimezone(UTC)
