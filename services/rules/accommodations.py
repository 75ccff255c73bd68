"""What is arranged so that learners can show what they can do: it changes dates, forms and methods, not the standard.

Source: case design, section 1 (promise 4), section 12 (`extra_time_factor`); requirement S3.
"""

from enum import StrEnum


class Arrangement(StrEnum):
    """What can be arranged."""

    EXTRA_TIME = "extra_time"
    BREAKS = "breaks"
    INTERPRETER = "interpreter"
    SUPPORT_PERSON = "support_person"
    ACCESSIBLE_PLACE = "accessible_place"
    REMOTE = "remote"
    ORAL_FORM = "oral_form"
    WRITTEN_FORM = "written_form"
    ALTERNATIVE_FORMAT = "alternative_format"
    ASSISTIVE_TECHNOLOGY = "assistive_technology"
    OTHER_METHOD = "other_method"


class Answered(StrEnum):
    """What became of a request: it waits, is in force, was not granted, or is over."""

    ASKED = "asked"
    GRANTED = "granted"
    NOT_GRANTED = "not_granted"
    ENDED = "ended"


USUAL_TIME = 100
"""Percent of the time that everybody has."""

LONGEST_TIME = 300
"""Percent of the usual time that can be granted at most; own proposal, far above any that is in use."""


def lengthened(amount: int, extra_time: int) -> int:
    """`amount` (days, months, minutes) at `extra_time` percent, rounded up: half a day more is a day more."""
    return -(-amount * extra_time // USUAL_TIME)
