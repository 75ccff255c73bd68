"""What a view shows of a case beside its course: what was said against a lapse, who else accompanies it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.records.tables.fees import CaseFee, FeeWaiver
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
    """A charge in whole units of `currency`: for which service, never for a result; `waived`: nobody has to pay it."""

    service: Service
    amount: int
    currency: str
    charged_at: datetime
    waived: bool = False


@dataclass(frozen=True, slots=True)
class WaiverView:
    """A service that costs the learner nothing in this case, and why."""

    service: Service
    reason: str
    at: datetime


def charges(
    rows: Iterable[CaseFee], waived: Mapping[Service, FeeWaiver]
) -> dict[str, list[FeeView] | list[WaiverView]]:
    """What was charged and what is waived, as the learner, the advisor and leads see it."""
    return {
        "fees": [FeeView(one.service, one.amount, one.currency, one.charged_at, one.service in waived) for one in rows],
        "waivers": [WaiverView(one.service, one.reason, one.at) for one in waived.values()],
    }
