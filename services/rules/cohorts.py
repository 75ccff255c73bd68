"""People who apply together because a sponsor pays, and what the sponsor may be told of them.

A sponsor (an employer, a fund, a public office) learns of milestones that were reached, and of nothing else: never why,
never that something was not reached, never what anybody showed. Source: case design, sections 2, 7 and 13 (G3).
"""

from enum import StrEnum

DEFINITION = "milestones-1"
"""The version of what each milestone means."""

PURPOSE, TEXT = "sponsor", "sponsor-2026-1"
"""What somebody agrees to whose sponsor is to be told, and the version of the words that they read."""

OPENING, OPENING_TEXT = "cohort", "cohort-2026-1"
"""What everybody on a list agreed to before: that a case is opened for them under the agreement."""


class Milestone(StrEnum):
    """What a sponsor may be told of somebody who agreed to it; each only once it was reached."""

    ELIGIBLE = "eligible"
    DEPOSITED = "deposited"
    GRANTED = "granted"
    EMPLOYED_3 = "employed_3_months"
    EMPLOYED_6 = "employed_6_months"


EMPLOYED = {3: Milestone.EMPLOYED_3, 6: Milestone.EMPLOYED_6}
"""By the wave of the survey in which somebody says that they have work."""

AT_WORK = frozenset({"in_field", "other_work"})
"""Answers of the survey (`surveys.Question.WORK`) that say that somebody has paid work, of whatever kind."""
