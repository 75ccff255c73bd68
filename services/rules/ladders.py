"""What a limit and its ladder are made of: when a rung comes, who is told, and what it becomes."""

from dataclasses import dataclass
from enum import StrEnum

from services.rules.case import Stage
from services.rules.second_reading import Way


class From(StrEnum):
    """From which end of a limit a rung is counted."""

    START = "start"
    BEFORE_DUE = "before_due"
    SHARE = "share"
    DUE = "due"
    AFTER_DUE = "after_due"


class To(StrEnum):
    """Who is told: a role on the case, or whoever the case waits on."""

    LEARNER = "learner"
    ADVISOR = "advisor"
    SEAT = "seat"
    LEAD = "lead"
    DECISION_MAKER = "decision_maker"
    AUTHORS = "authors"
    PANEL = "panel"
    CONDUCTOR = "conductor"
    RETURNED = "returned"
    WAITED_ON = "waited_on"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder. `by` is a span (`5d`), a share (`0.5`) or a policy key; `becomes` a move of the clock.

    `only_if`: a key of the policy that has to be true, or there is no such rung.
    """

    key: str
    counted: From = From.DUE
    by: str = ""
    notice: str = ""
    to: tuple[To, ...] = ()
    becomes: str = ""
    alarm: bool = False
    only_if: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of `stages`: its length is the policy key `span`; `learner` limits roll forward and can be extended.

    `span` empty: the limit is a date that was fixed (the end of the appeal window, of a pause); a policy that leaves
    `span` out has no such limit. `apart`: it begins with a move of its own, not with the stage. `way`: it runs only
    while the case is settled in this way.
    """

    key: str
    stages: tuple[Stage, ...]
    span: str
    rungs: tuple[Rung, ...]
    learner: bool = False
    per_seat: bool = False
    stops: bool = False
    apart: bool = False
    way: Way | None = None
