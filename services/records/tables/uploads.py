"""Files on their way in: what is open, whose it is, and which parts of it are safe in the store."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime


class Upload(SQLModel, table=True):
    """One file that comes in parts; `evidence_id` is what became of it once all of it was there."""

    __tablename__ = "uploads"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    person_id: UUID = Field(foreign_key="people.id", index=True)
    name: str = Field(max_length=150)
    file_kind: str = Field(max_length=16)
    length: int = Field(sa_type=sa.BigInteger)
    received: int = Field(default=0, sa_type=sa.BigInteger)
    touched_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    evidence_id: UUID | None = Field(default=None, foreign_key="evidence_items.id")


class UploadPart(SQLModel, table=True):
    """Bytes of an upload from `start` on, safe in the store under `name`."""

    __tablename__ = "upload_parts"

    upload_id: UUID = Field(primary_key=True, foreign_key="uploads.id")
    start: int = Field(primary_key=True, sa_type=sa.BigInteger)
    name: str = Field(max_length=80)
