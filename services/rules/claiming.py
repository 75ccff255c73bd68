"""What a learner may ask for at once, and how soon again after a test: two limits that a policy may set.

Source: case design, section 4.4.
"""

from datetime import date

from services.rules import deadlines
from services.rules.deadlines import Span, Unit
from services.rules.programmes import Policy


def may_count(policy: Policy, competencies: int) -> int:
    """How many of the `competencies` of a programme may be recognised; one at least, or nobody could apply."""
    return max(competencies * policy.max_recognisable_share // 100, 1)


def free_from(policy: Policy, decided: date) -> date:
    """The first day on which a competency may be claimed again that a test and a decision of `decided` left open."""
    return deadlines.add(policy.calendar, decided, Span(policy.repeat_bar_months, Unit.MONTH))
