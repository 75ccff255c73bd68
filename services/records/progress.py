"""How far cases come and how long that takes: counted at night, a programme at a time, and read by staff.

Cohorts are followed for three years; what happened in a quarter older than a year stays as it was counted; how things
stood at the end of a quarter is what the last night of it found. Source: case design, section 13 (A1 to C2, E1).
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import agreement_figures, seat_times, visibility
from services.records.courses import Course, Gathered
from services.records.tables.cases import Case
from services.records.tables.statistics import LongWait, ProgressCount
from services.rules import progress
from services.rules.agreement import Quarter
from services.rules.case import ClosedAs, Stage
from services.rules.commands import LeavingReason
from services.rules.deadlines import BusinessDays
from services.rules.people import Caller
from services.rules.progress import ALL, COHORT, STANDING, Measure, Step

ENDED = frozenset({Stage.CLOSED, Stage.DECIDED, Stage.NOT_ELIGIBLE})
SHOWN = 10
"""Longest waits that are listed."""

LEFT = frozenset({ClosedAs.WITHDRAWN, ClosedAs.EXPIRED})

Key = tuple[Quarter, Measure, str]


@dataclass(slots=True)
class _Tally:
    """The counts as they grow."""

    gathered: Gathered
    counts: Counter[Key] = field(default_factory=Counter)
    values: defaultdict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))

    def count(self, quarter: Quarter, measure: Measure, word: str, n: int = 1) -> None:
        """Count one thing."""
        if self._wanted(quarter, measure):
            self.counts[quarter, measure, word] += n

    def took(self, quarter: Quarter, measure: Measure, word: str, days: int) -> None:
        """Note how long something took."""
        if self._wanted(quarter, measure):
            self.values[quarter, measure, word].append(days)

    def _wanted(self, quarter: Quarter, measure: Measure) -> bool:
        begins = self.gathered.cohorts if measure in COHORT else self.gathered.first
        return begins is None or (quarter.year, quarter.number) >= (begins.year, begins.number)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(_zone(zone)).date()


@cache
def _quarter(day: date) -> Quarter:
    return Quarter.of(day)


def counted(gathered: Gathered) -> list[ProgressCount]:
    """Every figure of a programme. It reckons day by day: call it in a thread."""
    tally = _Tally(gathered)
    for course in gathered.courses:
        _of_cohort(tally, course)
        _of_events(tally, course)
        _standing(tally, course)
    _of_time(tally)
    for quarter, measure, word, number in gathered.happened:
        tally.count(quarter, measure, word, number)
    for quarter, number, led in gathered.enquired:
        tally.count(quarter, Measure.REACHED, Step.ENQUIRY, number)
        tally.count(quarter, Measure.LED_ON, Step.ENQUIRY, led)
    _of_work(tally)
    for seat, due, sent in gathered.seats:
        quarter = _quarter(_day(due, gathered.zone))
        tally.count(quarter, Measure.SEATS_DUE, seat)
        if sent is None or sent > due:
            tally.count(quarter, Measure.SEATS_LATE, seat)
    return _figures(tally)


def _steps(gathered: Gathered, course: Course) -> Iterator[Step]:
    """The steps that a case that was sent ever came to."""
    yield Step.SUBMITTED
    reached = {
        Step.ELIGIBLE: course.eligible or course.deposited,
        Step.DEPOSITED: course.deposited,
        Step.ASSESSED: course.assessed or course.decided,
        Step.DECIDED: course.decided,
    }
    yield from (step for step, at in reached.items() if at is not None)
    if course.decided is not None and course.outcome is not None:
        yield Step(course.outcome)
        if course.id in gathered.issued:
            yield Step.ISSUED
        if course.id in gathered.opened:
            yield Step.OPENED
    if course.appealed is not None:
        yield Step.APPEALED


def _of_cohort(tally: _Tally, course: Course) -> None:
    gathered, zone = tally.gathered, tally.gathered.zone
    begun = _quarter(_day(course.created, zone))
    tally.count(begun, Measure.REACHED, Step.DRAFT)
    if course.submitted is None:
        return
    tally.count(begun, Measure.LED_ON, Step.DRAFT)
    quarter = _quarter(_day(course.submitted, zone))
    for step in _steps(gathered, course):
        tally.count(quarter, Measure.REACHED, step)
    if (course.eligible or course.deposited) and course.deposited is None:
        word = "closed" if course.stage == Stage.CLOSED else "open"
        tally.count(quarter, Measure.NEVER_PRESENTED, word)
    since = (_day(gathered.now, zone) - _day(course.submitted, zone)).days
    took = None if course.decided is None else (_day(course.decided, zone) - _day(course.submitted, zone)).days
    for days in progress.WITHIN:
        if since >= days:
            tally.count(quarter, Measure.OLD_ENOUGH, str(days))
            if took is not None and took <= days:
                tally.count(quarter, Measure.DECIDED_WITHIN, str(days))


def _of_events(tally: _Tally, course: Course) -> None:
    zone = tally.gathered.zone
    if course.closed_as in LEFT and course.closed_at is not None and course.return_to is not None:
        quarter = _quarter(_day(course.closed_at, zone))
        tally.count(quarter, Measure.LEFT_IN, course.return_to)
        if course.closed_as == ClosedAs.WITHDRAWN:
            reason = tally.gathered.reasons.get(course.id, LeavingReason.NOT_SAID)
            tally.count(quarter, Measure.LEFT_BECAUSE, reason)
    if course.assessed is not None:
        word = "with_request" if course.rounds else "without_request"
        tally.count(_quarter(_day(course.assessed, zone)), Measure.ASSESSED, word)
        if course.rounds:
            tally.count(_quarter(_day(course.assessed, zone)), Measure.ROUNDS, ALL, n=course.rounds)
    if course.decided is not None and course.submitted is not None:
        day = _day(course.decided, zone)
        days = (day - _day(course.submitted, zone)).days
        tally.took(_quarter(day), Measure.DAYS_TO_DECISION, ALL, days)


def _standing(tally: _Tally, course: Course) -> None:
    gathered = tally.gathered
    if course.stage in ENDED or course.submitted is None:
        return
    days = (_day(gathered.now, gathered.zone) - _day(course.submitted, gathered.zone)).days
    tally.count(gathered.today, Measure.OPEN_FOR, progress.age(days))
    tally.count(gathered.today, Measure.OPEN_IN, course.stage)
    tally.count(gathered.today, Measure.OPEN_WAITING, course.waiting_on)


def _of_work(tally: _Tally) -> None:
    gathered = tally.gathered
    decided = {course.id: course.decided for course in gathered.courses if course.decided is not None}
    numbers, values = seat_times.counted(gathered.work, decided, quarter=lambda at: _quarter(_day(at, gathered.zone)))
    for quarter, measure, word, number in numbers:
        tally.count(quarter, measure, word, number)
    for quarter, measure, word, taken in values:
        for one in taken:
            tally.took(quarter, measure, word, one)


Stood = dict[UUID, Counter[str]]


def stood(gathered: Gathered) -> dict[Measure, Stood]:
    """Our days and the learner's until the first letter, by case and stage, where a case had any."""
    courses = {one.id: one for one in gathered.courses}
    business = {one: BusinessDays(calendar) for one, calendar in gathered.calendars.items()}
    ours: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    theirs: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    for span in gathered.spans:
        course = courses.get(span.case_id)
        if course is None or course.decided is None or span.begins >= course.decided:
            continue
        begins, ends = _day(span.begins, course.zone), _day(span.ends, course.zone)
        if span.ours:
            ours[course.id][span.stage] += business[course.days_by].between(begins, ends)
        if span.theirs:
            theirs[course.id][span.stage] += (ends - begins).days
    return {Measure.OUR_DAYS: ours, Measure.THEIR_DAYS: theirs}


def _of_time(tally: _Tally) -> None:
    decided = {one.id: one.decided for one in tally.gathered.courses if one.decided is not None}
    for measure, found in stood(tally.gathered).items():
        for case_id, stages in found.items():
            quarter = _quarter(_day(decided[case_id], tally.gathered.zone))
            tally.took(quarter, measure, ALL, stages.total())
            for stage, days in stages.items():
                tally.took(quarter, measure, stage, days)


def _figures(tally: _Tally) -> list[ProgressCount]:
    rows = [(key, number, None) for key, number in tally.counts.items()]
    every = [*rows, *((key, len(values), sorted(values)) for key, values in tally.values.items())]
    return [
        ProgressCount(
            programme=tally.gathered.programme,
            quarter=str(quarter),
            measure=measure,
            word=word,
            institution_id=tally.gathered.institution,
            number=number,
            values=values,
            definition=progress.DEFINITION,
            rolled_up_at=tally.gathered.now,
        )
        for (quarter, measure, word), number, values in every
    ]


async def store(session: AsyncSession, gathered: Gathered, figures: Sequence[ProgressCount]) -> int:
    """Put the figures in the place of those of the same quarters; answers how many there are.

    How things stood at the end of an earlier quarter cannot be counted again and stays.
    """
    old = sa.delete(ProgressCount).where(col(ProgressCount.programme) == gathered.programme)
    begins: tuple[tuple[Iterable[Measure], Quarter | None], ...] = (
        (COHORT, gathered.cohorts),
        (set(Measure) - COHORT - STANDING, gathered.first),
        (STANDING, gathered.today),
    )
    for measures, begin in begins:
        of_these = old.where(col(ProgressCount.measure).in_(list(measures)))
        if begin is not None:
            of_these = of_these.where(col(ProgressCount.quarter) >= str(begin))
        await session.exec(of_these)
    if figures:
        await session.exec(sa.insert(ProgressCount), params=[row.model_dump() for row in figures])
    await session.exec(sa.delete(LongWait).where(col(LongWait.programme) == gathered.programme))
    waits = [LongWait(case_id=one.id, programme=gathered.programme) for one in _longest(gathered)]
    if waits:
        await session.exec(sa.insert(LongWait), params=[row.model_dump() for row in waits])
    return len(figures)


def _longest(gathered: Gathered) -> list[Course]:
    """The open cases that were sent longest ago; more than are shown, for not everybody sees each."""
    open_ = [(one.submitted, one.id, one) for one in gathered.courses if one.submitted and one.stage not in ENDED]
    return [one for _, _, one in heapq.nsmallest(3 * SHOWN, open_)]


# what staff read


async def longest_waits(session: AsyncSession, caller: Caller, programme: str) -> list[Case]:
    """The open cases that were sent longest ago and that `caller` follows as staff, as they stand now."""
    rows = await session.exec(
        select(Case)
        .join(LongWait, col(LongWait.case_id) == col(Case.id))
        .where(
            col(LongWait.programme) == programme,
            col(Case.stage).not_in(sorted(ENDED)),
            visibility.cases_followed_by(caller),
        )
        .order_by(col(Case.submitted_at), col(Case.id))
        .limit(SHOWN)
    )
    return list(rows)


async def of_quarters(
    session: AsyncSession,
    reach: Sequence[tuple[str, str | None]],
    programme: str,
    quarters: Sequence[Quarter],
) -> list[ProgressCount]:
    """The figures of `programme` in `quarters`, as far as it is in `reach` (see `agreement_figures`)."""
    rows = await session.exec(
        select(ProgressCount)
        .where(
            agreement_figures.within(ProgressCount, reach),
            col(ProgressCount.programme) == programme,
            col(ProgressCount.quarter).in_([str(quarter) for quarter in quarters]),
        )
        .order_by(col(ProgressCount.quarter), col(ProgressCount.measure), col(ProgressCount.word))
    )
    return list(rows)
