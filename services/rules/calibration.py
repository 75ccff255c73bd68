"""Whether an assessor has shown, on portfolios whose answers were agreed in advance, that they read as others do.

Source: case design, section 6 (calibration); the figures are policy keys.
"""

from dataclasses import dataclass
from datetime import date

from services.rules import deadlines
from services.rules.programmes import Policy


@dataclass(frozen=True, slots=True)
class Round:
    """One assessor's finished readings of every anchor: how many, how many as agreed, and on which local day."""

    rated: int
    agreed: int
    finished: date


def passed(round_: Round, policy: Policy) -> bool:
    """Whether enough anchors were read, and enough of them exactly as agreed."""
    return round_.rated >= policy.calibration_anchors and round_.agreed * 100 >= round_.rated * policy.calibration_share


def valid_until(round_: Round, policy: Policy) -> date:
    """The last day on which a passed round counts."""
    return deadlines.add(policy.calendar, round_.finished, policy.calibration_validity)


def calibrated(latest: Round | None, policy: Policy, *, today: date) -> bool:
    """Whether somebody with `latest` as their newest finished round may be offered a seat of an assessor.

    Everybody may where the programme keeps no anchors.
    """
    if not policy.calibration_required:
        return True
    return latest is not None and passed(latest, policy) and today <= valid_until(latest, policy)
