"""What the letter of a decision that nobody has signed yet is made of, for its preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.records.tables.plans import GapRow
from services.records.tables.transfers import TransferCheck
from services.rules.claims import ClaimState


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a decision that nobody has signed yet would settle: outcomes by claim, checks of transfers, the plan."""

    outcomes: Mapping[UUID, ClaimState]
    checks: Mapping[UUID, TransferCheck]
    plan: tuple[GapRow, ...]
