"""What a learner and those who guide them wrote to each other, how far each has read, and what staff remark aside."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime, words
from services.rules.conversations import Thread
from services.rules.people import Role


class CaseMessage(SQLModel, table=True):
    """One message in a thread of a case; `key` is the writer's own, so that sending twice writes once."""

    __tablename__ = "case_messages"
    __table_args__ = (
        sa.UniqueConstraint("author_id", "key"),
        sa.CheckConstraint("role IN ('learner', 'advisor', 'mentor', 'lead')", name="written_by_who_guides"),
        sa.Index("ix_case_messages_thread", "case_id", "thread", "id"),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id")
    thread: Thread = Field(sa_type=words(Thread))
    author_id: UUID = Field(foreign_key="people.id")
    role: Role = Field(sa_type=words(Role))
    text: str
    key: UUID
    at: datetime = Field(sa_type=UtcDateTime)


class MessageMark(SQLModel, table=True):
    """How far somebody has read in a thread: up to the message `read_to`, that one included."""

    __tablename__ = "message_marks"

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    thread: Thread = Field(primary_key=True, sa_type=words(Thread))
    person_id: UUID = Field(primary_key=True, foreign_key="people.id")
    read_to: UUID = Field(foreign_key="case_messages.id")
    at: datetime = Field(sa_type=UtcDateTime)


UNANSWERED = sa.text("waiting_since IS NOT NULL")


class Conversation(SQLModel, table=True):
    """The state of a thread: since when a learner's message waits for an answer, if one does."""

    __tablename__ = "conversations"
    __table_args__ = (
        sa.Index(
            "ix_conversations_unanswered",
            "thread",
            "case_id",
            sqlite_where=UNANSWERED,
            postgresql_where=UNANSWERED,
        ),
    )

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    thread: Thread = Field(primary_key=True, sa_type=words(Thread))
    waiting_since: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Remark(SQLModel, table=True):
    """What an advisor or a lead noted on a case for those who lead it; its learner and its judges never read it."""

    __tablename__ = "remarks"
    __table_args__ = (
        sa.CheckConstraint("role IN ('advisor', 'lead')", name="kept_by_who_leads"),
        sa.Index("ix_remarks_case", "case_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id")
    author_id: UUID = Field(foreign_key="people.id")
    role: Role = Field(sa_type=words(Role))
    text: str
    at: datetime = Field(sa_type=UtcDateTime)
