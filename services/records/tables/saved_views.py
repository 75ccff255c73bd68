"""Lists as a person wants to find them again: a name, and the filters that make it."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime


class SavedView(SQLModel, table=True):
    """One view of the caseload; `query` holds ids and words of the rules alone, so that its address names nobody."""

    __tablename__ = "saved_views"
    __table_args__ = (sa.UniqueConstraint("person_id", "name"),)

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id")
    name: str = Field(max_length=60)
    query: dict[str, str] = Field(sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
