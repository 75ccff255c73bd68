"""What the nightly roll-up found, so that no page ever counts over cases."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules import progress
from services.rules.agreement import SHOWN_FROM, Scope
from services.rules.reports import Measure


class AgreementFigure(SQLModel, table=True):
    """Agreement of one group of originals in one quarter; `definition` names how it was computed.

    `subject` is empty for a programme, a competency's key, `competency/criterion`, or an assessor's id. `measures` is
    None below the number of pairs from which anything is shown.
    """

    __tablename__ = "agreement_figures"
    __table_args__ = (
        sa.CheckConstraint(f"pairs >= {SHOWN_FROM} OR measures IS NULL", name="too_few_to_show"),
        sa.CheckConstraint("(scope = 'assessor') = (person_id IS NOT NULL)", name="a_person_only_of_assessors"),
    )

    programme: str = Field(primary_key=True, max_length=64)
    quarter: str = Field(primary_key=True, max_length=6)
    scope: Scope = Field(primary_key=True, sa_type=words(Scope))
    subject: str = Field(primary_key=True, max_length=140)
    institution_id: str = Field(foreign_key="institutions.id")
    person_id: UUID | None = Field(default=None, foreign_key="people.id")
    pairs: int
    measures: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    below: bool = False
    drifting: bool = False
    definition: str = Field(max_length=32)
    rolled_up_at: datetime = Field(sa_type=UtcDateTime)


class Tally(SQLModel, table=True):
    """How often one thing happened in a programme in one quarter; `values` are days, of a measure that has some."""

    __tablename__ = "tallies"

    programme: str = Field(primary_key=True, max_length=64)
    quarter: str = Field(primary_key=True, max_length=6)
    measure: Measure = Field(primary_key=True, sa_type=words(Measure))
    word: str = Field(primary_key=True, max_length=40)
    institution_id: str = Field(foreign_key="institutions.id")
    number: int
    values: list[int] | None = Field(default=None, sa_type=JSON)
    definition: str = Field(max_length=32)
    rolled_up_at: datetime = Field(sa_type=UtcDateTime)


class ProgressCount(SQLModel, table=True):
    """How many cases of one quarter came how far; `values` are days, where some are kept."""

    __tablename__ = "progress_counts"

    programme: str = Field(primary_key=True, max_length=64)
    quarter: str = Field(primary_key=True, max_length=6)
    measure: progress.Measure = Field(primary_key=True, sa_type=words(progress.Measure))
    word: str = Field(primary_key=True, max_length=64)
    institution_id: str = Field(foreign_key="institutions.id")
    number: int
    values: list[int] | None = Field(default=None, sa_type=JSON)
    definition: str = Field(max_length=32)
    rolled_up_at: datetime = Field(sa_type=UtcDateTime)


class GroupYear(SQLModel, table=True):
    """A year of a programme in groups, counted once: `Compared` of `rules/groups.py`, which tells of nobody."""

    __tablename__ = "group_years"

    programme: str = Field(primary_key=True, max_length=64)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    institution_id: str = Field(foreign_key="institutions.id")
    tables: list[dict[str, Any]] = Field(sa_type=JSON)
    definition: str = Field(max_length=32)
    counted_at: datetime = Field(sa_type=UtcDateTime)


class LongWait(SQLModel, table=True):
    """One of the open cases of a programme that were sent longest ago, as the last night found them."""

    __tablename__ = "long_waits"

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    programme: str = Field(max_length=64, index=True)


class PublicReport(SQLModel, table=True):
    """A year of a programme as it was made public, once; `lines` are figure, word, value, mark and definition."""

    __tablename__ = "public_reports"

    programme: str = Field(primary_key=True, max_length=64)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    institution_id: str = Field(foreign_key="institutions.id")
    lines: list[list[Any]] = Field(sa_type=JSON)
    published_by: UUID = Field(foreign_key="people.id")
    published_at: datetime = Field(sa_type=UtcDateTime)
    note_en: str = ""
    note_fr: str = ""
    noted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DoubleReading(SQLModel, table=True):
    """How much of a programme was read twice in one quarter, and how often the first reading was not the last word."""

    __tablename__ = "double_readings"
    __table_args__ = (
        sa.CheckConstraint("0 <= changed AND changed <= settled AND settled <= read_twice", name="parts_of_a_whole"),
    )

    programme: str = Field(primary_key=True, max_length=64)
    quarter: str = Field(primary_key=True, max_length=6)
    institution_id: str = Field(foreign_key="institutions.id")
    judged: int
    read_twice: int
    settled: int
    changed: int
    definition: str = Field(max_length=32)
    rolled_up_at: datetime = Field(sa_type=UtcDateTime)
