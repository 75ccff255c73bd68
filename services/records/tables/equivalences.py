"""Which competencies are worth the same, so that a learner is credited once for both."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime


class Equivalence(SQLModel, table=True):
    """Two competency keys (framework and competency, without version) that count as one, and who says so.

    `key_a` is the lesser of the two, so that a pair is kept once.
    """

    __tablename__ = "equivalences"
    __table_args__ = (
        sa.UniqueConstraint("key_a", "key_b"),
        sa.CheckConstraint("key_a < key_b", name="a_pair_is_kept_once"),
    )

    id: UUID = Field(primary_key=True)
    key_a: str = Field(max_length=140, index=True)
    key_b: str = Field(max_length=140, index=True)
    source: str = Field(max_length=500)
    kept_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
