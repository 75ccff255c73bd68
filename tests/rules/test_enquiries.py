"""An enquiry lies in the last year."""

from datetime import date, timedelta

import pytest

from services.rules import enquiries
from services.rules.refusals import Refused

TODAY = date(2026, 3, 2)


def test_an_enquiry_has_a_day_of_the_year_that_ends_today() -> None:
    for day in (TODAY, TODAY - enquiries.KEPT + timedelta(days=1)):
        enquiries.check_day(day, today=TODAY)
    for day in (TODAY + timedelta(days=1), TODAY - enquiries.KEPT):
        with pytest.raises(Refused, match="malformed"):
            enquiries.check_day(day, today=TODAY)
