"""What is arranged so that learners can show what they can do."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.accommodations import Answered


class Accommodation(SQLModel, table=True):
    """What a learner asked to be arranged, and the answer; `extra_time` in percent of the usual time."""

    __tablename__ = "accommodations"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    asked_by: UUID = Field(foreign_key="people.id")
    arrangements: list[str] = Field(sa_type=JSON)
    extra_time: int
    note: str
    state: Answered = Field(sa_type=words(Answered))
    asked_at: datetime = Field(sa_type=UtcDateTime)
    answered_by: UUID | None = Field(default=None, foreign_key="people.id")
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
