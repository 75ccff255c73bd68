"""Assessors send in what they found, and say whether it still stands when more evidence has come since."""

from services.rules import guards
from services.rules.case import Stage
from services.rules.moves import targets
from services.rules.moves.arrows import Move
from services.rules.people import Role

S, R = Stage, Role

MOVES = (
    Move(
        "submit_judgements",
        (S.IN_ASSESSMENT, S.SECOND_ASSESSMENT),
        targets.where_the_readings_lead,
        (R.ASSESSOR,),
        (guards.seat_accepted,),
    ),
    Move(
        "confirm_judgements",
        (S.IN_ASSESSMENT, S.SECOND_ASSESSMENT),
        targets.where_the_readings_lead,
        (R.ASSESSOR,),
        (guards.seat_sent_in,),
    ),
)
