"""Which move carries which content: the one list that accepting and applying a command look into."""

from services.records.moves import (
    accommodating,
    appeals,
    appointments,
    awaiting,
    calendars,
    charging,
    claim_by_claim,
    clarifying,
    correcting,
    deciding,
    documentation,
    guiding,
    identification,
    judging,
    lapses,
    leaving,
    meetings,
    merging,
    moderation,
    paneling,
    pausing,
    planning,
    requests,
    reseating,
    ruling,
    seats,
    suspending,
    transferring,
    upkeep,
    versions,
)
from services.records.moves.content import Content

CONTENT: dict[str, Content] = (
    identification.CONTENT
    | guiding.CONTENT
    | documentation.CONTENT
    | transferring.CONTENT
    | seats.CONTENT
    | reseating.CONTENT
    | requests.CONTENT
    | awaiting.CONTENT
    | appointments.CONTENT
    | meetings.CONTENT
    | judging.CONTENT
    | clarifying.CONTENT
    | moderation.CONTENT
    | paneling.CONTENT
    | deciding.CONTENT
    | suspending.CONTENT
    | correcting.CONTENT
    | appeals.CONTENT
    | ruling.CONTENT
    | planning.CONTENT
    | leaving.CONTENT
    | claim_by_claim.CONTENT
    | lapses.CONTENT
    | merging.CONTENT
    | pausing.CONTENT
    | accommodating.CONTENT
    | charging.CONTENT
    | calendars.CONTENT
    | versions.CONTENT
    | upkeep.CONTENT
)
"""The content of every move that has one; a move that is not here only moves."""
