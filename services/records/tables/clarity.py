"""Reasons that were to be said more clearly, and how their authors said them anew; what was found is untouched."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.people import Role


class JudgementReturn(SQLModel, table=True):
    """A lead asks the author of a locked judgement for clearer reasons; it waits as long as its limit is under way.

    `note`: what a reader would have to be told more clearly. Its author and leads read it.
    """

    __tablename__ = "judgement_returns"
    __table_args__ = (sa.ForeignKeyConstraint(["claim_id", "case_id"], ["claims.id", "claims.case_id"]),)

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    claim_id: UUID
    judgement_id: UUID = Field(foreign_key="judgements.id", index=True)
    author_id: UUID = Field(foreign_key="people.id", index=True)
    limit_id: UUID = Field(foreign_key="limits.id", unique=True)
    note: str
    returned_by: UUID = Field(foreign_key="people.id")
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    at: datetime = Field(sa_type=UtcDateTime)


class JudgementClarification(SQLModel, table=True):
    """The reasons of a judgement in its author's newer words, which the learner reads instead of those locked with it.

    `notes`: a text by the key of its criterion; what is empty or left out stays as it was.
    """

    __tablename__ = "judgement_clarifications"
    __table_args__ = (
        sa.CheckConstraint("role IN ('assessor', 'panel')", name="said_in_a_seat"),
        sa.ForeignKeyConstraint(
            ["case_id", "author_id", "role"],
            ["case_parties.case_id", "case_parties.person_id", "case_parties.role"],
        ),
    )

    return_id: UUID = Field(primary_key=True, foreign_key="judgement_returns.id")
    case_id: UUID = Field(index=True)
    judgement_id: UUID = Field(foreign_key="judgements.id", index=True)
    author_id: UUID
    role: Role = Field(sa_type=words(Role))
    rationale: str
    notes: dict[str, str] = Field(sa_type=JSON)
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    at: datetime = Field(sa_type=UtcDateTime)
