"""Credit transfer: what an official system certified is checked, and not assessed again.

An advisor checks issuer, date and equivalence, and a person who decides settles the claim; nobody judges it.
Source: case design, section 4.4.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.rules.claims import ClaimState


class ClaimKind(StrEnum):
    """How a learner asks for a competency: to be assessed, or to be recognised as it was certified elsewhere."""

    ASSESS = "assess"
    TRANSFER = "transfer"


class Basis(StrEnum):
    """What the check of a transfer rests on."""

    DOCUMENT = "document"
    VERIFIED_CREDENTIAL = "verified_credential"


@dataclass(frozen=True, slots=True)
class Check:
    """What the advisor found: the issuer and the date hold, and what was certified is equivalent."""

    issuer_holds: bool
    date_holds: bool
    equivalent: bool


def settles_as(check: Check) -> ClaimState:
    """What a decision makes of a checked transfer: all three hold, or it is not yet shown."""
    holds = check.issuer_holds and check.date_holds and check.equivalent
    return ClaimState.GRANTED_BY_TRANSFER if holds else ClaimState.NOT_YET
