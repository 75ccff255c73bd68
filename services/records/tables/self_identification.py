"""What people said of themselves, under keys that stand nowhere else: no query can join it to a person or a case."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON


class SelfIdentificationSecret(SQLModel, table=True):
    """The one secret from which keys are made; once it is gone, nobody can tell whose answers are whose."""

    __tablename__ = "self_identification_secrets"
    __table_args__ = (sa.CheckConstraint("id = 1", name="there_is_one"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    secret: str = Field(max_length=64)


class SelfIdentification(SQLModel, table=True):
    """The answers of somebody; `key` is an HMAC of their id, `year` that of the last change, for how long it is kept.

    The row is there as long as its person agrees; `text_version` is what they agreed to. It holds no moment, which
    would say whose it is to whoever knows when somebody was here.
    """

    __tablename__ = "self_identifications"

    key: str = Field(primary_key=True, max_length=64)
    answers: dict[str, str] = Field(sa_type=JSON)
    text_version: str = Field(max_length=32)
    year: int
