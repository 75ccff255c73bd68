"""Gap plans, version by version, and the offers that an institution keeps to fill gaps."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.gaps import Mode, Way
from services.rules.people import Role


class CourseOffer(SQLModel, table=True):
    """An offer to the learners of a programme, whatever the programme's version: courses change every term."""

    __tablename__ = "course_offers"
    __table_args__ = (sa.UniqueConstraint("programme", "key"),)

    id: UUID = Field(primary_key=True)
    programme: str = Field(max_length=64)
    key: str = Field(max_length=64)
    provider: str = Field(max_length=200)
    title_en: str = Field(max_length=200)
    title_fr: str = Field(max_length=200)
    way: Way = Field(sa_type=words(Way))
    covers: list[Any] = Field(default_factory=list, sa_type=JSON)
    cost: int
    currency: str = Field(max_length=3)
    hours: int
    mode: Mode = Field(sa_type=words(Mode))
    language: str = Field(max_length=2)
    starts_on: date | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GapPlan(SQLModel, table=True):
    """One version of a plan, as it was proposed; the newest one is the plan. `clock` drafts the first."""

    __tablename__ = "gap_plans"
    __table_args__ = (sa.UniqueConstraint("case_id", "number"),)

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id")
    number: int
    made_by: Role = Field(sa_type=words(Role))
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    answered_as: str | None = Field(default=None, max_length=16)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class GapRow(SQLModel, table=True):
    """One gap of a plan and how it is to be filled; `offer` is the offer as it was then."""

    __tablename__ = "gap_rows"

    plan_id: UUID = Field(primary_key=True, foreign_key="gap_plans.id")
    position: int = Field(primary_key=True)
    claim_id: UUID = Field(foreign_key="claims.id", index=True)
    competency: str = Field(max_length=64)
    criterion: str | None = Field(default=None, max_length=64)
    way: Way = Field(sa_type=words(Way))
    hours: int
    offer: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    note: str = Field(default="", max_length=1000)
