"""Seats and judgements: who was asked, who accepted after the conflict screen, and what each of them found."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.case import SeatKind, SeatState
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.second_reading import Trigger


class Assignment(SQLModel, table=True):
    """The offer of a seat, then the assignment it becomes; `chair`: of a seat in a panel, whether it leads it.

    `screen_again`: the answers of whoever read masked, given once the name was shown.
    """

    __tablename__ = "assignments"
    __table_args__ = (sa.Index("ix_assignments_person", "person_id", "state", "due_at", "id"),)

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    person_id: UUID = Field(foreign_key="people.id")
    seat: SeatKind = Field(sa_type=words(SeatKind))
    state: SeatState = Field(sa_type=words(SeatState))
    chair: bool = False
    offered_at: datetime = Field(sa_type=UtcDateTime)
    respond_by: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    screen: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    screen_again: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    reason: str | None = Field(default=None, max_length=500)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AssignmentClaim(SQLModel, table=True):
    """The claims that a seat covers."""

    __tablename__ = "assignment_claims"

    assignment_id: UUID = Field(primary_key=True, foreign_key="assignments.id")
    claim_id: UUID = Field(primary_key=True, foreign_key="claims.id", index=True)


class Judgement(SQLModel, table=True):
    """One assessor's finding on one claim; a draft until `submit_judgements` locks it."""

    __tablename__ = "judgements"
    __table_args__ = (
        sa.UniqueConstraint("assignment_id", "claim_id"),
        sa.CheckConstraint(
            "role IN ('assessor', 'panel', 'appeal_reviewer_1', 'appeal_reviewer_2')", name="made_in_a_seat"
        ),
        sa.CheckConstraint("(locked_at IS NULL) = (command_id IS NULL)", name="locked_by_a_command"),
        sa.ForeignKeyConstraint(
            ["case_id", "assessor_id", "role"],
            ["case_parties.case_id", "case_parties.person_id", "case_parties.role"],
        ),
        sa.ForeignKeyConstraint(["claim_id", "case_id"], ["claims.id", "claims.case_id"]),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    claim_id: UUID = Field(index=True)
    assignment_id: UUID = Field(foreign_key="assignments.id")
    assessor_id: UUID
    role: Role = Field(default=Role.ASSESSOR, sa_type=words(Role))
    portfolio_version: int
    version: int = 1
    content: dict[str, Any] = Field(sa_type=JSON)
    recommendation: Recommendation | None = Field(default=None, sa_type=words(Recommendation))
    updated_at: datetime = Field(sa_type=UtcDateTime)
    locked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    command_id: UUID | None = Field(default=None, foreign_key="commands.id")


class Standing(StrEnum):
    """How a judgement came to be the one that a decision on its claim confirms."""

    SINGLE = "single"
    AGREED = "agreed"
    CONFERRED = "conferred"
    PANEL = "panel"
    APPEAL = "appeal"


class SeatTime(SQLModel, table=True):
    """A piece of work that the holder of a seat sealed, and how many `minutes` it took; None where they did not say.

    `method`: of the appointment that was recorded, or that it was judged on file.
    """

    __tablename__ = "seat_times"
    __table_args__ = (
        sa.CheckConstraint("minutes > 0", name="takes_time"),
        sa.Index("ix_seat_times_programme", "programme", "sealed_at"),
    )

    assignment_id: UUID = Field(primary_key=True, foreign_key="assignments.id")
    command_id: UUID = Field(primary_key=True, foreign_key="commands.id")
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    programme: str = Field(max_length=64)
    method: str = Field(max_length=16)
    minutes: int | None = None
    sealed_at: datetime = Field(sa_type=UtcDateTime)


class JudgementConfirmation(SQLModel, table=True):
    """The author of a locked judgement says that it stands on a later version of the portfolio as well."""

    __tablename__ = "judgement_confirmations"

    judgement_id: UUID = Field(primary_key=True, foreign_key="judgements.id")
    portfolio_version: int = Field(primary_key=True)
    command_id: UUID = Field(foreign_key="commands.id")
    at: datetime = Field(sa_type=UtcDateTime)


class SecondReading(SQLModel, table=True):
    """Why a claim has to be read a second time, and since when; what was asked for once stays asked for."""

    __tablename__ = "second_readings"

    claim_id: UUID = Field(primary_key=True, foreign_key="claims.id")
    trigger: Trigger = Field(primary_key=True, sa_type=words(Trigger))
    command_id: UUID = Field(foreign_key="commands.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)


class SamplingSeed(SQLModel, table=True):
    """What a quarter's sample of a programme is drawn with; `seed` is shown nowhere before the quarter is over.

    `seed` and `digest` (its SHA-256) are hexadecimal. `announced_at`: when the digest was logged; `revealed_at`: when
    the seed itself was.
    """

    __tablename__ = "sampling_seeds"

    programme: str = Field(primary_key=True, max_length=64)
    quarter: str = Field(primary_key=True, max_length=6)
    seed: str = Field(max_length=64)
    digest: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=UtcDateTime)
    announced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revealed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FinalReading(SQLModel, table=True):
    """The judgement that a decision on the claim confirms; there is none while readings still differ."""

    __tablename__ = "final_readings"

    claim_id: UUID = Field(primary_key=True, foreign_key="claims.id")
    judgement_id: UUID = Field(foreign_key="judgements.id", unique=True)
    standing: Standing = Field(sa_type=words(Standing))
    command_id: UUID = Field(foreign_key="commands.id")
    at: datetime = Field(sa_type=UtcDateTime)


class ReadingNote(SQLModel, table=True):
    """What the holder of a seat noted at a page or second of a piece of evidence, for themselves alone.

    The last four are a part of that page, or of a picture, in fractions of its width and height.
    """

    __tablename__ = "reading_notes"
    __table_args__ = (
        sa.CheckConstraint("page IS NULL OR seconds IS NULL", name="at_one_place"),
        sa.CheckConstraint(
            "(rect_left IS NULL AND rect_top IS NULL AND rect_width IS NULL AND rect_height IS NULL) OR "
            "(seconds IS NULL AND rect_left IS NOT NULL AND rect_top IS NOT NULL AND rect_width IS NOT NULL "
            "AND rect_height IS NOT NULL AND rect_left >= 0 AND rect_top >= 0 AND rect_width > 0 AND rect_height > 0 "
            "AND rect_left + rect_width < 1.001 AND rect_top + rect_height < 1.001)",
            name="a_part_of_a_page",
        ),
        sa.ForeignKeyConstraint(["evidence_id", "case_id"], ["evidence_items.id", "evidence_items.case_id"]),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID
    assignment_id: UUID = Field(foreign_key="assignments.id", index=True)
    evidence_id: UUID
    page: int | None = None
    seconds: int | None = None
    text: str
    version: int = 1
    made_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    rect_left: float | None = None
    rect_top: float | None = None
    rect_width: float | None = None
    rect_height: float | None = None
