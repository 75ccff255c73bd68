"""Sentences that assessors keep for reuse."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime


class SavedComment(SQLModel, table=True):
    """A sentence in one language or both; a `shared` one is offered to whoever assesses at the institution."""

    __tablename__ = "saved_comments"
    __table_args__ = (
        sa.CheckConstraint("en <> '' OR fr <> ''", name="says_something"),
        sa.Index("ix_saved_comments_shared", "institution_id", "shared"),
    )

    id: UUID = Field(primary_key=True)
    owner_id: UUID = Field(foreign_key="people.id", index=True)
    institution_id: str = Field(foreign_key="institutions.id")
    en: str = Field(default="", max_length=2000)
    fr: str = Field(default="", max_length=2000)
    shared: bool = False
    added_at: datetime = Field(sa_type=UtcDateTime)

    def text_in(self, language: str) -> str:
        """The sentence in `language`, or in the other one where it was not written in it."""
        return (self.fr or self.en) if language == "fr" else (self.en or self.fr)
