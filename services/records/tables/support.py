"""What bends the usual course of a case for the learner's sake: pauses."""

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
