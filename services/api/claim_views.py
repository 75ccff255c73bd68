"""What people see of one claim: its state once it may be told, and what was certified elsewhere."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.records.tables.cases import Claim
from services.records.tables.transfers import TransferCheck, TransferStatement
from services.rules.claims import ClaimState, SelfAssessment
from services.rules.programmes import Programme, Text
from services.rules.transfers import Basis, ClaimKind

SETTLED_LATER = frozenset(
    {
        ClaimState.RECOMMENDED_MET,
        ClaimState.RECOMMENDED_PARTIAL,
        ClaimState.RECOMMENDED_NOT_YET,
        ClaimState.INSUFFICIENT_EVIDENCE,
        ClaimState.GRANTED,
        ClaimState.GRANTED_BY_TRANSFER,
        ClaimState.NOT_YET,
    }
)
"""States that tell of a judgement or a decision before its letter can be read."""


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One competency that is claimed; `state` tells of judgements only once the decision can be read."""

    id: UUID
    competency: str
    title: Text
    kind: ClaimKind
    attempt: int
    state: ClaimState
    self_assessment: SelfAssessment | None


@dataclass(frozen=True, slots=True)
class TransferCheckView:
    """What the advisor found of a statement: whether issuer and date hold and it is equivalent, and why."""

    issuer_holds: bool
    date_holds: bool
    equivalent: bool
    basis: Basis
    reasons: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class TransferView:
    """What the learner states was certified elsewhere; `check` is empty while nobody has checked what is stated now."""

    claim: UUID
    issuer: str
    title: str
    awarded_on: date
    evidence: UUID
    stated_at: datetime
    check: TransferCheckView | None


@dataclass(frozen=True, slots=True)
class SeatClaim:
    """A claim that a seat covers, without its state."""

    id: UUID
    competency: str
    title: Text
    attempt: int
    self_assessment: SelfAssessment | None


def claim(row: Claim, programme: Programme, *, told: set[UUID] | None) -> ClaimView:
    """A claim; where `told` is given, what was found on a claim outside of it is not shown yet."""
    hidden = told is not None and row.id not in told and row.state in SETTLED_LATER
    state = ClaimState.IN_ASSESSMENT if hidden else row.state
    title = programme.competency(row.competency).title
    return ClaimView(row.id, row.competency, title, row.kind, row.attempt, state, row.self_assessment)


def transfer(stated: TransferStatement, check: TransferCheck | None) -> TransferView:
    """A statement with the check that stands for it, where the reader may see one."""
    names = TransferCheckView.__slots__
    found = TransferCheckView(**{name: getattr(check, name) for name in names}) if check else None
    return TransferView(
        claim=stated.claim_id,
        issuer=stated.issuer,
        title=stated.title,
        awarded_on=stated.awarded_on,
        evidence=stated.evidence_id,
        stated_at=stated.stated_at,
        check=found,
    )


def seat_claim(row: Claim, programme: Programme) -> SeatClaim:
    """A claim without its state."""
    title = programme.competency(row.competency).title
    return SeatClaim(row.id, row.competency, title, row.attempt, row.self_assessment)
