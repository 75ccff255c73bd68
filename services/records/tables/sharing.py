"""What the holder of a credential shows of it to others, and what became of that; nothing about who looked."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime, words


class SharedPart(StrEnum):
    """What can be shown to whoever has the link: the page with what the credential says, and the holder's name."""

    PAGE = "page"
    NAME = "name"


RUNS = sa.text("withdrawn_at IS NULL")


class CredentialShare(SQLModel, table=True):
    """The holder agreed to show a part of one credential, in which text's version, and until when; a past is kept."""

    __tablename__ = "credential_shares"
    __table_args__ = (
        sa.Index(
            "uq_credential_shares_running",
            "credential_id",
            "part",
            unique=True,
            sqlite_where=RUNS,
            postgresql_where=RUNS,
        ),
    )

    id: UUID = Field(primary_key=True)
    credential_id: UUID = Field(foreign_key="credentials.id")
    part: SharedPart = Field(sa_type=words(SharedPart))
    person_id: UUID = Field(foreign_key="people.id")
    text_version: str = Field(max_length=32)
    given_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CredentialChecks(SQLModel, table=True):
    """How often a credential was checked on a day: a number, and nothing of who asked."""

    __tablename__ = "credential_checks"

    credential_id: UUID = Field(primary_key=True, foreign_key="credentials.id")
    day: date = Field(primary_key=True)
    number: int


class Question(StrEnum):
    """What may be answered under a check: was the page clear, did it help, was the word known before.

    The last one repeats the survey of employers in which six of ten did not know the word. Source: requirements, P1.
    """

    CLEAR = "clear"
    HELPED = "helped"
    KNOWN = "known"


ANSWERS: dict[Question, tuple[str, ...]] = {
    Question.CLEAR: ("yes", "partly", "no"),
    Question.HELPED: ("yes", "partly", "no"),
    Question.KNOWN: ("well", "a_little", "not_at_all"),
}
"""The words that each question can be answered with."""


class CheckAnswers(SQLModel, table=True):
    """How often a question under a check was answered with a word, by programme and quarter: numbers alone."""

    __tablename__ = "check_answers"

    programme: str = Field(primary_key=True, max_length=64)
    quarter: str = Field(primary_key=True, max_length=6)
    question: Question = Field(primary_key=True, sa_type=words(Question))
    answer: str = Field(primary_key=True, max_length=16)
    institution_id: str = Field(foreign_key="institutions.id")
    number: int
