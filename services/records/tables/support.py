"""What bends the usual course of a case for the learner's sake: pauses, and the way back from a lapse."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime, words
from services.rules.commands import PauseReason

PAUSE_RUNS = sa.text("ended_at IS NULL")


class Pause(SQLModel, table=True):
    """A time in which the case stood still; at most one of a case runs."""

    __tablename__ = "pauses"
    __table_args__ = (
        sa.Index("uq_pauses_running", "case_id", unique=True, sqlite_where=PAUSE_RUNS, postgresql_where=PAUSE_RUNS),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    command_id: UUID = Field(foreign_key="commands.id")
    reason: PauseReason = Field(sa_type=words(PauseReason))
    started_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


CHALLENGE_WAITS = sa.text("ruled_at IS NULL")


class LapseChallenge(SQLModel, table=True):
    """A learner says that a case should not have lapsed; at most one of a case waits for its ruling."""

    __tablename__ = "lapse_challenges"
    __table_args__ = (
        sa.Index(
            "uq_lapse_challenges_waiting",
            "case_id",
            unique=True,
            sqlite_where=CHALLENGE_WAITS,
            postgresql_where=CHALLENGE_WAITS,
        ),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    reasons: str
    challenged_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    restored: bool | None = None
    ruling: str = ""
    ruled_by: UUID | None = Field(default=None, foreign_key="people.id")
    ruled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MentorNote(SQLModel, table=True):
    """What a mentor wrote down for themselves, such as a talk with the learner; nobody else reads it."""

    __tablename__ = "mentor_notes"
    __table_args__ = (sa.Index("ix_mentor_notes_case", "case_id", "mentor_id", "written_at"),)

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id")
    mentor_id: UUID = Field(foreign_key="people.id")
    text: str
    spoke: bool
    written_at: datetime = Field(sa_type=UtcDateTime)
