"""Agreements with sponsors, whose cases belong to them, and what people let their sponsor know of their work."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime


class SponsorAgreement(SQLModel, table=True):
    """Somebody pays for people who apply for one programme; `reference` is ours. People join it until `ends_on`."""

    __tablename__ = "sponsor_agreements"
    __table_args__ = (
        sa.UniqueConstraint("institution_id", "reference"),
        sa.CheckConstraint("starts_on <= ends_on", name="begins_before_it_ends"),
    )

    id: UUID = Field(primary_key=True)
    institution_id: str = Field(foreign_key="institutions.id")
    programme: str = Field(max_length=64)
    sponsor: str = Field(max_length=200)
    reference: str = Field(max_length=64)
    purpose: str = Field(max_length=16)
    starts_on: date
    ends_on: date
    made_by: UUID = Field(foreign_key="people.id")
    made_at: datetime = Field(sa_type=UtcDateTime)


class CohortMember(SQLModel, table=True):
    """A case that belongs to an agreement: to one at most, and one of a person; `reference` is the sponsor's own."""

    __tablename__ = "cohort_members"
    __table_args__ = (sa.UniqueConstraint("agreement_id", "learner_id"),)

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    agreement_id: UUID = Field(foreign_key="sponsor_agreements.id")
    learner_id: UUID = Field(foreign_key="people.id", index=True)
    reference: str = Field(default="", max_length=64)
    added_by: UUID = Field(foreign_key="people.id")
    added_at: datetime = Field(sa_type=UtcDateTime)


class CohortEmployment(SQLModel, table=True):
    """Somebody had their sponsor told, in a survey, that they have work; gone once they take their agreement back.

    `line_hash` is that of the line of the log that notes it.
    """

    __tablename__ = "cohort_employments"
    __table_args__ = (sa.CheckConstraint("wave IN (3, 6)", name="told_at_three_or_six_months"),)

    case_id: UUID = Field(primary_key=True, foreign_key="cohort_members.case_id")
    wave: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    consent_id: UUID = Field(foreign_key="consents.id")
    told_at: datetime = Field(sa_type=UtcDateTime)
    line_hash: str = Field(max_length=64)
