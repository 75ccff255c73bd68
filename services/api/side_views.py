"""What a view shows of a case beside its course: what was said against a lapse, who else accompanies it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LapseView:
    """What was said against a lapse, by when it is answered, and the answer; `restored` is empty while it waits."""

    reasons: str
    challenged_at: datetime
    due_at: datetime
    restored: bool | None
    ruling: str
