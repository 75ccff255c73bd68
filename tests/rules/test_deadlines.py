"""Golden dates: business days, holidays, months, ends of days and reminders are what a person would count."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies

from services.rules import deadlines
from services.rules.deadlines import Calendar, Holiday, HolidayKind, Span, Unit
from tests.rules.makers import QUEBEC

TORONTO = "America/Toronto"
DAYS = strategies.dates(date(2025, 1, 1), date(2035, 12, 31))
PLAIN = Calendar(TORONTO)


def span(text: str) -> Span:
    return Span.parse(text)


@pytest.mark.parametrize("text", ["10bd", "30d", "12mo", "24h"])
def test_a_span_reads_and_prints_the_same(text: str) -> None:
    assert str(span(text)) == text


@pytest.mark.parametrize("text", ["x", "10", "bd", "-1d", "1.5d", "10 bd", "10y", "12345d", "10bd "])
def test_what_is_not_a_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        span(text)


@pytest.mark.parametrize(
    ("year", "sunday"),
    [
        (1818, date(1818, 3, 22)),
        (1943, date(1943, 4, 25)),
        (2000, date(2000, 4, 23)),
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2026, date(2026, 4, 5)),
        (2027, date(2027, 3, 28)),
        (2028, date(2028, 4, 16)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter_falls_where_the_tables_say(year: int, sunday: date) -> None:
    assert deadlines.easter(year) == sunday


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, {(1, 1), (4, 3), (5, 18), (6, 24), (7, 1), (9, 7), (10, 12), (12, 25)}),
        (2027, {(1, 1), (3, 26), (5, 24), (6, 24), (7, 1), (9, 6), (10, 11), (12, 25)}),
        (2028, {(1, 1), (4, 14), (5, 22), (6, 24), (7, 1), (9, 4), (10, 9), (12, 25)}),
    ],
)
def test_the_holidays_of_quebec(year: int, days: set[tuple[int, int]]) -> None:
    assert deadlines.holidays(QUEBEC, year) == {date(year, month, day) for month, day in days}


def test_easter_monday_is_a_working_day_in_quebec_and_good_friday_is_not() -> None:
    assert deadlines.is_business_day(QUEBEC, date(2027, 3, 29))
    assert not deadlines.is_business_day(QUEBEC, date(2027, 3, 26))


def test_patriots_day_is_the_monday_before_the_25th_of_may_and_never_the_25th_itself() -> None:
    rule = Holiday(HolidayKind.WEEKDAY_BEFORE, month=5, day=25, weekday=0)
    found = {year: deadlines.holidays(Calendar(TORONTO, holidays=(rule,)), year) for year in (2020, 2026)}
    assert found == {2020: {date(2020, 5, 18)}, 2026: {date(2026, 5, 18)}}  # 25 May 2020 was a Monday


def test_weekends_and_closures_are_the_institutions_own() -> None:
    closed = Calendar(TORONTO, weekend=(4, 5), closures=(date(2026, 12, 24),))
    assert not deadlines.is_business_day(closed, date(2026, 12, 24))
    assert deadlines.is_business_day(closed, date(2026, 12, 23))
    assert not deadlines.is_business_day(closed, date(2026, 12, 25))  # a Friday
    assert deadlines.is_business_day(closed, date(2026, 12, 27))  # a Sunday
    assert deadlines.holidays(closed, 2027) == frozenset()


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        (date(2026, 6, 22), "3bd", date(2026, 6, 26)),  # 24 June between
        (date(2026, 6, 26), "3bd", date(2026, 7, 2)),  # weekend and 1 July between
        (date(2026, 12, 24), "1bd", date(2026, 12, 28)),  # 25 December, then a weekend
        (date(2026, 4, 2), "1bd", date(2026, 4, 6)),  # Good Friday; Easter Monday counts
        (date(2026, 6, 27), "1bd", date(2026, 6, 29)),  # begun on a Saturday
        (date(2026, 6, 27), "0bd", date(2026, 6, 27)),
        (date(2026, 2, 27), "2d", date(2026, 3, 1)),
        (date(2028, 2, 27), "2d", date(2028, 2, 29)),
        (date(2027, 1, 31), "1mo", date(2027, 2, 28)),
        (date(2028, 1, 31), "1mo", date(2028, 2, 29)),
        (date(2026, 8, 31), "1mo", date(2026, 9, 30)),
        (date(2026, 8, 15), "12mo", date(2027, 8, 15)),
        (date(2026, 11, 30), "3mo", date(2027, 2, 28)),
        (date(2026, 12, 1), "1mo", date(2027, 1, 1)),
        (date(2026, 11, 30), "1mo", date(2026, 12, 30)),
        (date(2024, 2, 29), "48mo", date(2028, 2, 29)),
    ],
)
def test_a_span_from_a_day_ends_on_the_day_a_person_would_count(start: date, length: str, end: date) -> None:
    assert deadlines.add(QUEBEC, start, span(length)) == end


@pytest.mark.parametrize(
    ("end", "length", "start"),
    [
        (date(2026, 6, 26), "3bd", date(2026, 6, 22)),
        (date(2026, 7, 2), "1bd", date(2026, 6, 30)),
        (date(2026, 3, 1), "1d", date(2026, 2, 28)),
        (date(2026, 3, 1), "0bd", date(2026, 3, 1)),
    ],
)
def test_a_reminder_before_a_date_is_counted_backwards(end: date, length: str, start: date) -> None:
    assert deadlines.back(QUEBEC, end, span(length)) == start


def test_hours_have_no_day_and_months_no_way_back() -> None:
    with pytest.raises(ValueError, match="24h"):
        deadlines.add(QUEBEC, date(2026, 3, 2), span("24h"))
    with pytest.raises(ValueError, match="1mo"):
        deadlines.back(QUEBEC, date(2026, 3, 2), span("1mo"))


@given(start=DAYS, amount=strategies.integers(0, 120))
@settings(max_examples=60, deadline=None)
def test_counting_business_days_undoes_adding_them(start: date, amount: int) -> None:
    end = deadlines.add(QUEBEC, start, Span(amount, Unit.BUSINESS_DAY))
    assert deadlines.business_days(QUEBEC, start, end) == amount
    assert amount == 0 or deadlines.is_business_day(QUEBEC, end)


@given(start=DAYS.filter(lambda day: deadlines.is_business_day(QUEBEC, day)), amount=strategies.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_going_back_undoes_going_forward(start: date, amount: int) -> None:
    length = Span(amount, Unit.BUSINESS_DAY)
    assert deadlines.back(QUEBEC, deadlines.add(QUEBEC, start, length), length) == start


@given(start=DAYS, days=strategies.integers(-400, 0))
@settings(max_examples=20, deadline=None)
def test_no_business_day_lies_before_it_began(start: date, days: int) -> None:
    assert deadlines.business_days(QUEBEC, start, start + timedelta(days=days)) == 0


@given(start=DAYS, months=strategies.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_a_month_keeps_the_day_or_its_own_last_one(start: date, months: int) -> None:
    end = deadlines.add(QUEBEC, start, Span(months, Unit.MONTH))
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


def test_the_day_of_an_event_is_the_day_where_the_person_is() -> None:
    late_evening = datetime(2026, 3, 3, 3, 30, tzinfo=UTC)
    assert deadlines.local_day(late_evening, TORONTO) == date(2026, 3, 2)
    assert deadlines.local_day(late_evening, "Europe/Paris") == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 3, 7), datetime(2026, 3, 8, 4, 59, 59, tzinfo=UTC)),  # the last day of winter time
        (date(2026, 3, 8), datetime(2026, 3, 9, 3, 59, 59, tzinfo=UTC)),  # clocks went forward at 02:00
        (date(2026, 10, 31), datetime(2026, 11, 1, 3, 59, 59, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 2, 4, 59, 59, tzinfo=UTC)),  # clocks went back at 02:00
    ],
)
def test_nothing_is_late_before_the_end_of_the_local_day_also_where_clocks_change(day: date, instant: datetime) -> None:
    assert deadlines.end_of_day(day, TORONTO) == instant


START = datetime(2026, 6, 1, 14, 0, tzinfo=UTC)  # a Monday


def due_day(length: str, *, learner: bool, extra_time: int = 100) -> date:
    found = deadlines.due(QUEBEC, START, span(length), zone=TORONTO, learner=learner, extra_time=extra_time)
    assert found.tzinfo is UTC
    assert deadlines.end_of_day(deadlines.local_day(found, TORONTO), TORONTO) == found
    return deadlines.local_day(found, TORONTO)


def test_a_learners_limit_rolls_forward_from_a_day_off_and_a_staff_limit_does_not() -> None:
    assert due_day("23d", learner=True) == date(2026, 6, 25)  # 24 June is a holiday
    assert due_day("23d", learner=False) == date(2026, 6, 24)
    assert due_day("26d", learner=True) == date(2026, 6, 29)  # 27 June is a Saturday
    assert due_day("30d", learner=True) == date(2026, 7, 2)


def test_an_accommodation_gives_the_learner_more_time_and_nobody_else() -> None:
    assert due_day("30d", learner=True, extra_time=150) == date(2026, 7, 16)
    assert due_day("30d", learner=False, extra_time=150) == date(2026, 7, 1)


def test_hours_are_counted_on_the_clock() -> None:
    assert deadlines.due(QUEBEC, START, span("24h"), zone=TORONTO, learner=True) == START + timedelta(hours=24)


@given(start=strategies.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), days=strategies.integers(1, 90))  # noqa: DTZ001 - hypothesis adds the zone
@settings(max_examples=60, deadline=None)
def test_a_learner_never_has_less_time_than_the_policy_says(start: datetime, days: int) -> None:
    begun = start.replace(tzinfo=UTC)
    length = Span(days, Unit.DAY)
    theirs = deadlines.due(QUEBEC, begun, length, zone=TORONTO, learner=True)
    ours = deadlines.due(QUEBEC, begun, length, zone=TORONTO, learner=False)
    assert theirs >= ours
    assert deadlines.is_business_day(QUEBEC, deadlines.local_day(theirs, TORONTO))


@given(key=strategies.text(max_size=30), day=DAYS)
@settings(max_examples=60, deadline=None)
def test_reminders_go_out_between_nine_and_ten_and_always_at_the_same_second(key: str, day: date) -> None:
    at = deadlines.reminder(day, zone=TORONTO, key=key)
    nine = deadlines.end_of_day(day, TORONTO) - timedelta(hours=14, minutes=59, seconds=59)
    assert timedelta(0) <= at - nine < timedelta(hours=1)
    assert at == deadlines.reminder(day, zone=TORONTO, key=key)


def test_reminders_of_different_cases_are_spread() -> None:
    day = date(2026, 3, 2)
    assert len({deadlines.reminder(day, zone=TORONTO, key=f"case-{n}/3/completion/soon") for n in range(50)}) > 40


def closing(*days: date) -> Calendar:
    return Calendar(TORONTO, closures=days)


@pytest.mark.parametrize(
    ("unit", "learner", "moved"),
    [
        (Unit.BUSINESS_DAY, False, date(2026, 3, 17)),
        (Unit.DAY, True, date(2026, 3, 17)),
        (Unit.DAY, False, date(2026, 3, 16)),
        (Unit.HOUR, False, date(2026, 3, 16)),
    ],
)
def test_a_closure_moves_what_it_takes_away_and_nothing_else(unit: Unit, learner: bool, moved: date) -> None:  # noqa: FBT001 - drawn by pytest
    now = datetime(2026, 3, 9, 15, tzinfo=UTC)
    due = deadlines.end_of_day(date(2026, 3, 16), TORONTO)
    found = deadlines.by_another(
        due, old=PLAIN, new=closing(date(2026, 3, 16)), now=now, zone=TORONTO, unit=unit, learner=learner
    )
    assert deadlines.local_day(found, TORONTO) == moved
    back = deadlines.by_another(
        found, old=closing(date(2026, 3, 16)), new=PLAIN, now=now, zone=TORONTO, unit=unit, learner=learner
    )
    assert back == found, "no date moves earlier"
    late = deadlines.by_another(
        due, old=PLAIN, new=closing(date(2026, 3, 16)), now=due, zone=TORONTO, unit=unit, learner=learner
    )
    assert late == due, "what is past stays"


def test_a_working_day_is_the_day_itself_or_the_nearest_one_on_the_side_that_is_asked_for() -> None:
    easter = date(2026, 4, 5)  # a Sunday; Good Friday before it is none either
    assert deadlines.working_day(QUEBEC, date(2026, 4, 7), before=True) == date(2026, 4, 7)
    assert deadlines.working_day(QUEBEC, easter, before=True) == date(2026, 4, 2)
    assert deadlines.working_day(QUEBEC, easter, before=False) == date(2026, 4, 6)


def test_a_morning_is_over_when_the_last_reminder_of_its_day_has_come_up() -> None:
    at = deadlines.reminder(date(2026, 7, 1), zone="America/Montreal", key="any case")
    over = deadlines.morning_over(at, zone="America/Montreal")
    assert over == datetime(2026, 7, 1, 14, tzinfo=UTC)
    assert at < over
