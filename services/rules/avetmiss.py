"""What a claim came to in the codes of Australia's vocational statistics, where a programme reports them.

Source: case design, section 4.4; the codes come from a public page and are to be checked against the current edition
(17.4), the split of 51 from 52 and of 20 from 30 is our reading.
"""

from enum import StrEnum

from services.rules.claims import ClaimState


class Code(StrEnum):
    """An outcome identifier of national statistics; the word beside it is ours."""

    GRANTED = "51"
    NOT_YET = "52"
    TRANSFERRED = "60"
    LEFT = "40"
    GRANTED_AFTER_TRAINING = "20"
    NOT_YET_AFTER_TRAINING = "30"
    OPEN = "70"


HELD = frozenset({ClaimState.GRANTED, ClaimState.CREDENTIALED, ClaimState.SUSPENDED, ClaimState.SUPERSEDED})
"""States of a claim that an assessment answered with yes; under review it is still held."""

NOT_HELD = frozenset({ClaimState.NOT_YET, ClaimState.REVOKED})
"""States of a claim that is answered and not held; what was revoked is held no more."""


def code(state: ClaimState, *, transfer: bool, case_closed: bool, after_training: bool) -> Code:
    """The code of a claim in `state`; `transfer`: nobody assessed it; `after_training`: attempted after a gap plan."""
    if state is ClaimState.GRANTED_BY_TRANSFER or (transfer and state in HELD):
        return Code.TRANSFERRED
    if state in HELD:
        return Code.GRANTED_AFTER_TRAINING if after_training else Code.GRANTED
    if state in NOT_HELD:
        return Code.NOT_YET_AFTER_TRAINING if after_training else Code.NOT_YET
    return Code.LEFT if case_closed or state is ClaimState.WITHDRAWN else Code.OPEN
