"""Somebody asks before they have a case: how they came, and for how long that is kept; never who they are.

Source: case design, section 13 (A1).
"""

from datetime import date, timedelta
from enum import StrEnum

from services.rules.people import Role
from services.rules.refusals import Refused

KEPT = timedelta(days=365)
"""How long an enquiry that led to no case is kept one by one; after that only how many there were."""

ANSWERING = frozenset({Role.ADVISOR, Role.LEAD})
"""Who is asked, and writes it down."""


class Way(StrEnum):
    """How somebody came to ask."""

    PHONE = "phone"
    VISIT = "visit"
    EMAIL = "email"
    WEB = "web"


def check_day(day: date, *, today: date) -> None:
    """Take only days that are over or run, and that would not be forgotten tonight. Raises `Refused('malformed')`."""
    if not today - KEPT < day <= today:
        raise Refused("malformed", field="day")
