"""How long the work of a seat took, as whoever did it says of their own accord, and what an hour of it costs.

It serves the planning of an institution and is never used to judge a person: nothing is told of fewer than `FEWEST`
people. Source: case design, section 13 (F1).
"""

from services.rules.case import SeatKind
from services.rules.programmes import Policy
from services.rules.refusals import Refused

MOST = 6000
"""Minutes that the work of one seat may have taken."""

FEWEST = 3
"""People who have to have said how long a kind of work took in a quarter before anything of it is kept as a figure."""

FIELD = "worked_minutes"
"""What the time is called in every command that seals the work of a seat."""


def check(minutes: int | None) -> None:
    """Refuse what cannot have been a time of work. Raises `Refused('work_time_unlikely')`."""
    if minutes is not None and not 0 < minutes <= MOST:
        raise Refused("work_time_unlikely", most=str(MOST))


def hourly(policy: Policy) -> dict[SeatKind, int]:
    """What an hour costs by kind of seat, in whole units of the policy's currency; nothing where it is not known."""
    every = {
        SeatKind.FIRST: policy.hourly_first,
        SeatKind.SECOND: policy.hourly_second,
        SeatKind.THIRD: policy.hourly_third,
        SeatKind.INTERVIEW: policy.hourly_interview,
        SeatKind.PANEL: policy.hourly_panel,
    }
    return {seat: cost for seat, cost in every.items() if cost}
