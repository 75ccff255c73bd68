"""What a person decided, claim by claim, and the letters that say so. Insert-only: a correction supersedes."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.claims import ClaimState
from services.rules.people import Role


class DecisionKind(StrEnum):
    """What is decided."""

    RECOGNITION = "recognition"
    ELIGIBILITY_REFUSAL = "eligibility_refusal"
    REVOCATION = "revocation"
    SUSPENSION = "suspension"
    REINSTATEMENT = "reinstatement"
    APPEAL = "appeal"


class Decision(SQLModel, table=True):
    """A recorded human decision; without one no credential can exist."""

    __tablename__ = "decisions"
    __table_args__ = (
        sa.CheckConstraint(
            "role IN ('decision_maker', 'panel', 'appeal_reviewer_1', 'appeal_reviewer_2')",
            name="made_by_who_may_decide",
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "decided_by", "role"],
            ["case_parties.case_id", "case_parties.person_id", "case_parties.role"],
        ),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    kind: DecisionKind = Field(sa_type=words(DecisionKind))
    decided_by: UUID
    role: Role = Field(default=Role.DECISION_MAKER, sa_type=words(Role))
    capacity: str = Field(max_length=200)
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    case_version: int
    portfolio_version: int | None = None
    reasons: str = ""
    next_step: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    supersedes_id: UUID | None = Field(default=None, foreign_key="decisions.id", unique=True)
    appeal_until: datetime = Field(sa_type=UtcDateTime)
    decided_at: datetime = Field(sa_type=UtcDateTime)


class DecisionClaim(SQLModel, table=True):
    """How one claim was settled, and by which judgement, or by which check of a transfer."""

    __tablename__ = "decision_claims"
    __table_args__ = (sa.UniqueConstraint("decision_id", "claim_id", "outcome"),)

    decision_id: UUID = Field(primary_key=True, foreign_key="decisions.id")
    claim_id: UUID = Field(primary_key=True, foreign_key="claims.id", index=True)
    outcome: ClaimState = Field(sa_type=words(ClaimState))
    judgement_id: UUID | None = Field(default=None, foreign_key="judgements.id")
    check_id: UUID | None = Field(default=None, foreign_key="transfer_checks.id")


class LetterState(StrEnum):
    """A letter is drafted, then released with the decision it carries."""

    DRAFTED = "drafted"
    RELEASED = "released"


class Letter(SQLModel, table=True):
    """One letter per decision and language, or per lapse; the first bytes written are the letter for ever.

    A lapse is nobody's decision: its letter names the clock's command by which the case was closed.
    """

    __tablename__ = "letters"
    __table_args__ = (
        sa.UniqueConstraint("decision_id", "language"),
        sa.UniqueConstraint("command_id", "language"),
        sa.CheckConstraint("(kind = 'lapse') = (decision_id IS NULL)", name="tells_of_a_decision"),
        sa.CheckConstraint("(kind = 'lapse') = (command_id IS NOT NULL)", name="tells_of_a_lapse"),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    decision_id: UUID | None = Field(default=None, foreign_key="decisions.id")
    command_id: UUID | None = Field(default=None, foreign_key="commands.id")
    number: str = Field(unique=True, max_length=24)
    kind: str = Field(max_length=16)
    language: str = Field(max_length=2)
    sha256: str = Field(max_length=64)
    size: int
    state: LetterState = Field(sa_type=words(LetterState))
    drafted_at: datetime = Field(sa_type=UtcDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
