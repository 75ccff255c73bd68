"""What institutions publish: programme versions, and the outside frameworks that were imported."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime


class ProgrammeVersion(SQLModel, table=True):
    """One published version of a programme; cases are pinned to it, so its document never changes.

    `ends_at`: until when a portfolio may be sent under a retired version, where the case could take a newer one.
    """

    __tablename__ = "programme_versions"
    __table_args__ = (sa.UniqueConstraint("slug", "version"),)

    id: UUID = Field(primary_key=True)
    slug: str = Field(max_length=64)
    version: int
    institution_id: str = Field(foreign_key="institutions.id")
    title_en: str
    title_fr: str
    document: dict[str, Any] = Field(sa_type=JSON)
    fingerprint: str = Field(max_length=64)
    published_at: datetime = Field(sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CalendarEdition(SQLModel, table=True):
    """A calendar as an institution changed it; cases are measured by an edition, so it never changes."""

    __tablename__ = "calendar_editions"
    __table_args__ = (sa.Index("ix_calendar_editions_newest", "institution_id", "name", "id"),)

    id: UUID = Field(primary_key=True)
    institution_id: str = Field(foreign_key="institutions.id")
    name: str = Field(max_length=64)
    document: dict[str, Any] = Field(sa_type=JSON)
    published_at: datetime = Field(sa_type=UtcDateTime)


class Framework(SQLModel, table=True):
    """An imported framework, whole, with where it came from and under which licence it may be shown."""

    __tablename__ = "frameworks"

    id: UUID = Field(primary_key=True)
    identifier: str = Field(unique=True, max_length=200)
    title: str
    source: str
    licence: str
    package: dict[str, Any] = Field(sa_type=JSON)
    imported_at: datetime = Field(sa_type=UtcDateTime)
