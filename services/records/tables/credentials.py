"""What was granted: intents stored before anything is signed, credentials, and the status list."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words


class CredentialState(StrEnum):
    """`signed` is not yet public; `active` can be verified; every other one is withdrawn.

    `suspended` is under review, `superseded` was suspended and has a successor, `revoked` is for good.
    """

    SIGNED = "signed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


WITHDRAWN = frozenset({CredentialState.SUSPENDED, CredentialState.SUPERSEDED, CredentialState.REVOKED})
"""States whose place in the status list is set; what was once set stays set, also under a successor."""


class StatusList(SQLModel, table=True):
    """One published revocation list; `document` is its last signed form."""

    __tablename__ = "status_lists"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    issuer: str = Field(max_length=200)
    document: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    valid_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CredentialIntent(SQLModel, table=True):
    """The exact unsigned document, written before the signature: a retry signs the same bytes."""

    __tablename__ = "credential_intents"
    __table_args__ = (
        sa.UniqueConstraint("effect_key", "claim_id"),
        sa.UniqueConstraint("status_list_id", "status_index"),
        # An intent exists only for a claim that this very decision granted.
        sa.CheckConstraint("outcome IN ('granted', 'granted_by_transfer')", name="only_what_was_granted"),
        sa.ForeignKeyConstraint(
            ["decision_id", "claim_id", "outcome"],
            ["decision_claims.decision_id", "decision_claims.claim_id", "decision_claims.outcome"],
        ),
    )

    id: UUID = Field(primary_key=True)
    effect_key: str = Field(max_length=120)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    claim_id: UUID
    decision_id: UUID
    outcome: str = Field(default="granted", max_length=32)
    code: str = Field(unique=True, max_length=12)
    status_list_id: int = Field(foreign_key="status_lists.id")
    status_index: int
    key_id: str = Field(max_length=300)
    document: dict[str, Any] = Field(sa_type=JSON)
    options: dict[str, Any] = Field(sa_type=JSON)
    hash_data: str = Field(max_length=128)
    reserved_at: datetime = Field(sa_type=UtcDateTime)


ACTIVE = sa.text("state = 'active'")


class Credential(SQLModel, table=True):
    """One signed credential of one granted claim; its bytes are written once."""

    __tablename__ = "credentials"
    __table_args__ = (
        sa.Index("uq_credentials_active", "claim_id", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
    )

    id: UUID = Field(primary_key=True, foreign_key="credential_intents.id")
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    claim_id: UUID = Field(foreign_key="claims.id")
    decision_id: UUID = Field(foreign_key="decisions.id")
    code: str = Field(unique=True, max_length=12)
    state: CredentialState = Field(sa_type=words(CredentialState))
    document: str
    document_sha256: str = Field(max_length=64)
    signed_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: UUID | None = Field(default=None, foreign_key="decisions.id")


class KeyState(StrEnum):
    """`active` signs; `retired` keeps verifying what it signed; `compromised` is no longer published."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


class IssuerKey(SQLModel, table=True):
    """The public half of a signing key: what did.json publishes, and what new intents name."""

    __tablename__ = "issuer_keys"

    id: str = Field(primary_key=True, max_length=300)
    issuer: str = Field(max_length=200)
    public_key: str = Field(max_length=64)
    state: KeyState = Field(sa_type=words(KeyState))
    since: datetime = Field(sa_type=UtcDateTime)
