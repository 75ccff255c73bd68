"""What a learner states was certified elsewhere, and what an advisor found of it."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime, words
from services.rules.people import Role
from services.rules.transfers import Basis


class TransferStatement(SQLModel, table=True):
    """Who certified the competency, under which title and when, and the file that shows it."""

    __tablename__ = "transfer_statements"
    __table_args__ = (
        sa.ForeignKeyConstraint(["claim_id", "case_id"], ["claims.id", "claims.case_id"]),
        sa.ForeignKeyConstraint(["evidence_id", "case_id"], ["evidence_items.id", "evidence_items.case_id"]),
    )

    claim_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    issuer: str = Field(max_length=200)
    title: str = Field(max_length=200)
    awarded_on: date
    evidence_id: UUID
    stated_at: datetime = Field(sa_type=UtcDateTime)


class TransferCheck(SQLModel, table=True):
    """One check of a statement, by an advisor who is a party of the case; a later check stands for the earlier ones."""

    __tablename__ = "transfer_checks"
    __table_args__ = (
        sa.CheckConstraint("role = 'advisor'", name="made_by_an_advisor"),
        sa.ForeignKeyConstraint(
            ["case_id", "checked_by", "role"],
            ["case_parties.case_id", "case_parties.person_id", "case_parties.role"],
        ),
        sa.ForeignKeyConstraint(["claim_id", "case_id"], ["claims.id", "claims.case_id"]),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    claim_id: UUID = Field(index=True)
    checked_by: UUID
    role: Role = Field(default=Role.ADVISOR, sa_type=words(Role))
    issuer_holds: bool
    date_holds: bool
    equivalent: bool
    basis: Basis = Field(sa_type=words(Basis))
    reasons: str
    evidence_id: UUID = Field(foreign_key="evidence_items.id")
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    checked_at: datetime = Field(sa_type=UtcDateTime)
