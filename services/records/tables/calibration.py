"""Anchors: claims whose answer was agreed in advance, and what assessors answered without knowing it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime, words
from services.rules.claims import Recommendation

ROUND_OPEN = sa.text("finished_at IS NULL")


class Anchor(SQLModel, table=True):
    """One anchor claim of a programme: what there is to read, and the recommendation that was agreed on it."""

    __tablename__ = "anchors"
    __table_args__ = (sa.Index("ix_anchors_programme", "programme", "retired_at", "id"),)

    id: UUID = Field(primary_key=True)
    programme: str = Field(max_length=64)
    institution_id: str = Field(foreign_key="institutions.id")
    competency: str = Field(max_length=64)
    language: str = Field(max_length=2)
    title: str = Field(max_length=200)
    material: str
    agreed: Recommendation = Field(sa_type=words(Recommendation))
    kept_by: UUID = Field(foreign_key="people.id")
    kept_at: datetime = Field(sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CalibrationRound(SQLModel, table=True):
    """One assessor's way through every anchor of a programme; at most one is open."""

    __tablename__ = "calibration_rounds"
    __table_args__ = (
        sa.CheckConstraint("0 <= agreed AND agreed <= rated", name="agreed_is_part_of_rated"),
        sa.Index(
            "uq_calibration_rounds_open",
            "programme",
            "person_id",
            unique=True,
            sqlite_where=ROUND_OPEN,
            postgresql_where=ROUND_OPEN,
        ),
        sa.Index("ix_calibration_rounds_person", "person_id", "programme", "finished_at"),
    )

    id: UUID = Field(primary_key=True)
    programme: str = Field(max_length=64)
    person_id: UUID = Field(foreign_key="people.id")
    begun_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rated: int = 0
    agreed: int = 0


class AnchorRating(SQLModel, table=True):
    """What an assessor recommends on one anchor, once a round."""

    __tablename__ = "anchor_ratings"

    round_id: UUID = Field(primary_key=True, foreign_key="calibration_rounds.id")
    anchor_id: UUID = Field(primary_key=True, foreign_key="anchors.id")
    recommendation: Recommendation = Field(sa_type=words(Recommendation))
    rated_at: datetime = Field(sa_type=UtcDateTime)
