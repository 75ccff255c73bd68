"""Settled cases that are read once more for the figures of agreement, and what was found in them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.case import SeatState
from services.rules.claims import Recommendation


class LookBack(SQLModel, table=True):
    """Somebody is asked to read again what `assessor_id` had judged alone in a quarter that is over."""

    __tablename__ = "look_backs"
    __table_args__ = (
        sa.CheckConstraint("assessor_id <> reader_id", name="read_by_somebody_else"),
        sa.CheckConstraint("(state = 'submitted') = (sent_at IS NOT NULL)", name="sent_in_once"),
        sa.UniqueConstraint("case_id", "assessor_id", "reader_id"),
        sa.Index("ix_look_backs_reader", "reader_id", "state"),
        sa.Index("ix_look_backs_quarter", "programme", "quarter", "assessor_id"),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id")
    assessor_id: UUID = Field(foreign_key="people.id")
    reader_id: UUID = Field(foreign_key="people.id")
    programme: str = Field(max_length=64)
    institution_id: str = Field(foreign_key="institutions.id")
    quarter: str = Field(max_length=6)
    state: SeatState = Field(sa_type=words(SeatState))
    offered_at: datetime = Field(sa_type=UtcDateTime)
    respond_by: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    screen: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    reason: str | None = Field(default=None, max_length=40)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LookBackFinding(SQLModel, table=True):
    """What the reader found of one claim, beside the judgement that was locked on it: neither changes the other."""

    __tablename__ = "look_back_findings"

    look_back_id: UUID = Field(primary_key=True, foreign_key="look_backs.id")
    claim_id: UUID = Field(primary_key=True, foreign_key="claims.id")
    judgement_id: UUID = Field(foreign_key="judgements.id", index=True)
    recommendation: Recommendation = Field(sa_type=words(Recommendation))
    ratings: dict[str, Any] = Field(sa_type=JSON)
    rationale: str
    found_at: datetime = Field(sa_type=UtcDateTime)
