"""How staff pages say on whom a case waits, whether its clock counts, and how far a date is away, in days."""

from dataclasses import dataclass
from datetime import date, datetime

from services.api.pages.site import Page
from services.rules import deadlines
from services.rules.case import Clock, WaitingOn


@dataclass(frozen=True, slots=True)
class Due:
    """A date with its distance in days of the case's own calendar; `days` is negative once it is late.

    A date is late only after the end of its day.
    """

    on: date
    days: int


def due(due_at: datetime | None, *, zone: str, now: datetime) -> Due | None:
    """The date in the time of its case."""
    if due_at is None:
        return None
    on = deadlines.local_day(due_at, zone)
    return Due(on, (on - deadlines.local_day(now, zone)).days)


def waiting(page: Page) -> dict[WaitingOn, str]:
    """On whom a case waits."""
    return {
        WaitingOn.LEARNER: page.say("the learner"),
        WaitingOn.ADVISOR: page.say("the advisor"),
        WaitingOn.ASSESSOR: page.say("an assessor"),
        WaitingOn.THIRD_PARTY: page.say("a third party"),
        WaitingOn.PANEL: page.say("the panel"),
        WaitingOn.DECISION_MAKER: page.say("the decision-maker"),
        WaitingOn.APPEAL_BODY: page.say("the appeal body"),
        WaitingOn.LEAD: page.say("the lead"),
        WaitingOn.NONE: page.say("nobody"),
    }


def clocks(page: Page) -> dict[Clock, str]:
    """Whether the institution's own time counts."""
    return {Clock.RUNNING: page.say("our time is running"), Clock.STOPPED: page.say("our time is stopped")}
