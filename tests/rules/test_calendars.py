"""Our calendars are rules that anybody can read; a library that shares nothing with them has the same days off."""

import tomllib
from datetime import date
from pathlib import Path

import holidays as library
import pytest

from services.rules import deadlines, programme_files, programme_tables
from services.rules.deadlines import Calendar, Holiday, HolidayKind, InLieu
from services.rules.programme_tables import Gap, Place

YEARS = range(2024, 2036)
PLACES = {"qc": ("CA", "QC"), "on": ("CA", "ON"), "fr": ("FR", None), "au": ("AU", None)}
"""National days for Australia: what a state adds belongs to the calendar of an institution there."""


def shipped(name: str) -> Calendar:
    path = programme_files.published() / "calendars" / f"{name}.toml"
    read = programme_tables.read(Calendar, tomllib.loads(path.read_text(encoding="utf-8")), Place(path.name))
    assert not isinstance(read, Gap)
    return read


def on_their_own_day(calendar: Calendar, year: int) -> set[date]:
    """The holidays of a year where none is made good on another day."""
    plain = tuple(
        Holiday(rule.kind, rule.month, rule.day, rule.weekday, rule.nth, rule.offset) for rule in calendar.holidays
    )
    return set(deadlines.holidays(Calendar(calendar.zone, holidays=plain), year))


def in_lieu(name: str, year: int) -> set[date]:
    """The days off on which a holiday of a weekend is made good."""
    return set(deadlines.holidays(shipped(name), year)) - on_their_own_day(shipped(name), year)


@pytest.mark.parametrize("name", PLACES)
def test_every_holiday_of_twelve_years_is_one_that_the_library_has(name: str) -> None:
    country, subdivision = PLACES[name]
    for year in YEARS:
        theirs = library.country_holidays(country, subdivision, years=year, observed=False)
        assert on_their_own_day(shipped(name), year) == set(theirs), year


def test_a_sunday_in_quebec_and_a_weekend_in_australia_are_made_good_as_the_library_does() -> None:
    for year in YEARS:
        theirs = library.country_holidays("CA", "QC", years=year, observed=True)
        expected = {day for day in (date(year, 6, 25), date(year, 7, 2)) if day in theirs}
        assert in_lieu("qc", year) == expected, year
        state = library.country_holidays("AU", "NSW", years=year, observed=True, language="en_US")
        later = {day for day, name in state.items() if "observed" in name and "ANZAC" not in name}
        moved = {day for day, name in state.items() if name == "Australia Day" and day.day != 26}
        assert in_lieu("au", year) == later | moved, year


def test_two_holidays_of_one_weekend_are_made_good_on_two_days() -> None:
    christmas = shipped("au")
    assert {day for day in deadlines.holidays(christmas, 2027) if day.month == 12} == {
        date(2027, 12, 25),
        date(2027, 12, 26),
        date(2027, 12, 27),
        date(2027, 12, 28),
    }


def test_a_closure_is_passed_over_by_the_day_in_lieu() -> None:
    rule = Holiday(HolidayKind.FIXED, month=7, day=1, in_lieu=InLieu.SUNDAY)
    calendar = Calendar("America/Toronto", holidays=(rule,), closures=(date(2029, 7, 2),))
    assert date(2029, 7, 3) in deadlines.holidays(calendar, 2029)


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("qc", "America/Toronto"),
        ("on", "America/Toronto"),
        ("fr", "Europe/Paris"),
        ("au", "Australia/Sydney"),
    ],
)
def test_a_calendar_says_in_which_zone_its_days_end(name: str, zone: str) -> None:
    assert shipped(name).zone == zone


def test_a_calendar_of_ones_own_is_read_by_its_files_name(tmp_path: Path) -> None:
    path = tmp_path / "qc.toml"
    source = (programme_files.published() / "calendars" / "qc.toml").read_text(encoding="utf-8")
    path.write_text(source.replace("closures = []", "closures = [2026-12-24]"), encoding="utf-8")
    calendar = programme_files.read_calendar(path)
    assert (calendar.name, calendar.closures) == ("qc", (date(2026, 12, 24),))
    for wrong in ("zone = 1", 'zone = "America/Nowhere"', "= ="):
        path.write_text(source.replace('zone = "America/Toronto"', wrong), encoding="utf-8")
        with pytest.raises(programme_files.ProgrammeInvalid):
            programme_files.read_calendar(path)
