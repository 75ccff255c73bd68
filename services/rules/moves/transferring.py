"""What was certified elsewhere is checked by the advisor; whoever decides settles it."""

from dataclasses import dataclass

from services.rules import guards
from services.rules.case import Stage
from services.rules.moves import targets
from services.rules.moves.arrows import Move
from services.rules.people import Role

S, R = Stage, Role


@dataclass(frozen=True, slots=True)
class CheckTransfer:
    """What was found of issuer, date and equivalence, by a word of `Basis`, and why in words the learner reads."""

    claim: str
    issuer_holds: bool
    date_holds: bool
    equivalent: bool
    basis: str
    reasons: str


CHECKABLE = (
    S.PORTFOLIO_SUBMITTED,
    S.ASSIGNING,
    S.IN_ASSESSMENT,
    S.MORE_EVIDENCE,
    S.DIRECT_ASSESSMENT,
    S.SECOND_ASSESSMENT,
    S.MODERATION,
    S.DECISION_PENDING,
)
"""Stages in which what the learner stated is with the institution, and not settled yet."""

MOVES = (
    Move(
        "check_transfer",
        CHECKABLE,
        targets.where_it_is,
        (R.ADVISOR,),
        (guards.transfers_open,),
        body=CheckTransfer,
        subject="claim",
    ),
)
