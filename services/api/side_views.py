"""What a view shows of a case beside its course: what was said against a lapse, who else accompanies it."""

from dataclasses import dataclass
from datetime import datetime

from services.records.tables.fees import CaseFee
from services.rules.fees import Service


@dataclass(frozen=True, slots=True)
class LapseView:
    """What was said against a lapse, by when it is answered, and the answer; `restored` is empty while it waits."""

    reasons: str
    challenged_at: datetime
    due_at: datetime
    restored: bool | None
    ruling: str


@dataclass(frozen=True, slots=True)
class FeeView:
    """One charge, in whole units of `currency`: for which service, never for a result."""

    service: Service
    amount: int
    currency: str
    charged_at: datetime


def fee(row: CaseFee) -> FeeView:
    """A charge as the learner and the advisor see it."""
    return FeeView(row.service, row.amount, row.currency, row.charged_at)
