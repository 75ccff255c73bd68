"""The log: one line per write and per read of evidence, chained by hash, append-only."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime


class AuditLine(SQLModel, table=True):
    """Who did what to what; ids and enums, never a person's words. `hash` covers `prev` and the line."""

    __tablename__ = "audit"
    __table_args__ = (sa.Index("ix_audit_newest", "at", "stream", "seq"),)

    stream: str = Field(primary_key=True, max_length=64)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    action: str = Field(max_length=40)
    subject: str = Field(default="", max_length=160)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    prev: str = Field(max_length=64)
    hash: str = Field(max_length=64)
