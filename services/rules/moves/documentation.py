"""The portfolio is sent, and accepted as complete."""

from dataclasses import dataclass

from services.rules import guards
from services.rules.case import Stage
from services.rules.ladders import To
from services.rules.moves import targets
from services.rules.moves.arrows import Move, Notice
from services.rules.people import Role

S, R = Stage, Role


@dataclass(frozen=True, slots=True)
class SubmitPortfolio:
    """Declares the work one's own and says how AI tools were used (or that none were)."""

    authentic: bool
    ai_use: str


MOVES = (
    Move(
        "confirm_case",
        (S.ELIGIBLE,),
        targets.where_it_is,
        (R.LEARNER,),
        (guards.has_to_confirm,),
        notices=(Notice("confirmed", To.LEARNER),),
    ),
    Move(
        "submit_portfolio",
        (S.ELIGIBLE, S.GAP_TRAINING),
        S.PORTFOLIO_SUBMITTED,
        (R.LEARNER,),
        (guards.has_claims,),
        notices=(Notice("portfolio_received", To.LEARNER), Notice("portfolio_to_check", To.ADVISOR)),
        body=SubmitPortfolio,
    ),
    Move(
        "accept_portfolio",
        (S.PORTFOLIO_SUBMITTED,),
        targets.where_the_portfolio_goes,
        (R.ADVISOR,),
        (guards.has_claims,),
    ),
)
