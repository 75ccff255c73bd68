"""Who is asked what became of them, and how often each answer was given: the two are never joined."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime, words
from services.rules.surveys import Followed, Question

WAITS = sa.text("accepted_at IS NULL AND ended_at IS NULL")


class SurveyInvitation(SQLModel, table=True):
    """Somebody is asked in one wave, once; `ended_at`: they answered, stopped all surveys or could not be reached.

    `consent_id` is their consent; `accepted_at` is when the mail service took the mail. What was answered is not here.
    """

    __tablename__ = "survey_invitations"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "wave"),
        sa.Index("ix_survey_invitations_waiting", "id", sqlite_where=WAITS, postgresql_where=WAITS),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id")
    consent_id: UUID = Field(foreign_key="consents.id", index=True)
    wave: int
    followed: Followed = Field(sa_type=words(Followed))
    year: int
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered: bool = False


class SurveyBaseline(SQLModel, table=True):
    """What a learner did when they applied, until they are first asked what became of them: then it is only counted."""

    __tablename__ = "survey_baselines"

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    work: str = Field(max_length=16)
    text_version: str = Field(max_length=32)
    given_at: datetime = Field(sa_type=UtcDateTime)


class SurveyLink(SQLModel, table=True):
    """A link that went out with a mail: only the SHA-256 of its token, bound to one invitation."""

    __tablename__ = "survey_links"

    token_hash: str = Field(primary_key=True, max_length=64)
    invitation_id: UUID = Field(foreign_key="survey_invitations.id", index=True)
    made_at: datetime = Field(sa_type=UtcDateTime)


class SurveyRound(SQLModel, table=True):
    """How many were asked in a year and wave, and how many of them answered: numbers alone."""

    __tablename__ = "survey_rounds"
    __table_args__ = (sa.CheckConstraint("0 <= answered AND answered <= invited", name="answers_of_those_asked"),)

    programme: str = Field(primary_key=True, max_length=64)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    wave: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    followed: Followed = Field(primary_key=True, sa_type=words(Followed))
    language: str = Field(primary_key=True, max_length=2)
    institution_id: str = Field(foreign_key="institutions.id")
    invited: int = 0
    answered: int = 0


class SurveyCount(SQLModel, table=True):
    """How often a question was answered with a word, by year, wave and group: numbers alone."""

    __tablename__ = "survey_counts"

    programme: str = Field(primary_key=True, max_length=64)
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    wave: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    followed: Followed = Field(primary_key=True, sa_type=words(Followed))
    question: Question = Field(primary_key=True, sa_type=words(Question))
    answer: str = Field(primary_key=True, max_length=16)
    institution_id: str = Field(foreign_key="institutions.id")
    number: int = 0
