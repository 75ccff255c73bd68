"""What a service costs is remitted to a learner: by service, with a reason, and never by what was found."""

from dataclasses import dataclass

from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


@dataclass(frozen=True, slots=True)
class WaiveFee:
    """The service (a word of `fees.Service`) that costs the learner nothing in this case, and why; they read it."""

    service: str
    reason: str


CHARGED = tuple(stage for stage in Stage if stage not in {S.DRAFT, S.CLOSED})
"""Stages in which something was or may still be charged."""

MOVES = (
    Move(
        "waive_fee",
        CHARGED,
        targets.where_it_is,
        (R.ADVISOR, R.LEAD),
        notices=(Notice("fee_waived", To.LEARNER),),
        body=WaiveFee,
        subject="service",
    ),
)
