"""Who was asked to say what they saw of the learner, by which links, and what they said."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.attestations import RequestState

REQUEST_OPEN = sa.text("state IN ('proposed', 'open')")


class AttestationRequest(SQLModel, table=True):
    """A person asked by link, or by telephone.

    `period` counts the lives of the link: a renewal begins the second and ends the first.

    `email` is read by nobody but the mail that is sent to it; `asked_by` is the learner, or the assessor who proposed
    the person; `draft` is what was written under the link so far. Who has no address is called by the advisor at
    `phone`, which nobody else reads.
    """

    __tablename__ = "attestation_requests"
    __table_args__ = (
        sa.UniqueConstraint("id", "case_id"),
        sa.Index("ix_attestation_requests_open", "id", sqlite_where=REQUEST_OPEN, postgresql_where=REQUEST_OPEN),
        sa.CheckConstraint("state = 'proposed' OR consent_id IS NOT NULL OR opened_at IS NULL", name="only_by_consent"),
        sa.CheckConstraint("state <> 'open' OR email <> '' OR phone <> ''", name="asked_somehow"),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    asked_by: UUID = Field(foreign_key="people.id")
    consent_id: UUID | None = Field(default=None, foreign_key="consents.id")
    name: str = Field(max_length=200)
    organisation: str = Field(max_length=200)
    relation: str = Field(max_length=16)
    email: str = Field(default="", max_length=320)
    phone: str = Field(default="", max_length=40)
    language: str = Field(max_length=2)
    state: RequestState = Field(sa_type=words(RequestState))
    period: int = 1
    asked_at: datetime = Field(sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    draft: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    draft_version: int = 0


class AttestationClaim(SQLModel, table=True):
    """A claim that a person is asked about."""

    __tablename__ = "attestation_claims"
    __table_args__ = (
        sa.ForeignKeyConstraint(["request_id", "case_id"], ["attestation_requests.id", "attestation_requests.case_id"]),
        sa.ForeignKeyConstraint(["claim_id", "case_id"], ["claims.id", "claims.case_id"]),
    )

    request_id: UUID = Field(primary_key=True)
    claim_id: UUID = Field(primary_key=True, index=True)
    case_id: UUID


class AttestationLink(SQLModel, table=True):
    """A link that went out with a mail: only the SHA-256 of its token, bound to one request and one life of it."""

    __tablename__ = "attestation_links"

    token_hash: str = Field(primary_key=True, max_length=64)
    request_id: UUID = Field(foreign_key="attestation_requests.id", index=True)
    period: int
    made_at: datetime = Field(sa_type=UtcDateTime)


class AttestationFile(SQLModel, table=True):
    """A file sent under a link; it becomes evidence with the statement, and nothing without one."""

    __tablename__ = "attestation_files"

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="attestation_requests.id", index=True)
    name: str = Field(max_length=150)
    file_kind: str = Field(max_length=16)
    media_type: str = Field(max_length=100)
    size: int = Field(sa_type=sa.BigInteger)
    sha256: str = Field(max_length=64)
    received_at: datetime = Field(sa_type=UtcDateTime)


class AttestationStatement(SQLModel, table=True):
    """What was said, once and for all; its bytes as text are the blob `sha256`.

    `person_id` is None for a knowledge holder of whom no address is known; `seed` decides whether the author is called
    back; `recorded_by` is the advisor who wrote spoken words down, with the consent `consent_version`; `call` is who
    answered the telephone, when, and where the number came from, where they were spoken there.
    """

    __tablename__ = "attestation_statements"
    __table_args__ = (
        sa.ForeignKeyConstraint(["request_id", "case_id"], ["attestation_requests.id", "attestation_requests.case_id"]),
        sa.CheckConstraint("(recorded_by IS NULL) = (consent_version IS NULL)", name="written_down_by_consent"),
    )

    request_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    person_id: UUID | None = Field(default=None, foreign_key="people.id")
    content: dict[str, Any] = Field(sa_type=JSON)
    sha256: str = Field(max_length=64)
    size: int
    same_device: bool
    seed: str = Field(max_length=64)
    recorded_by: UUID | None = Field(default=None, foreign_key="people.id")
    consent_version: str | None = Field(default=None, max_length=32)
    call: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    submitted_at: datetime = Field(sa_type=UtcDateTime)


class AttestationCallBack(SQLModel, table=True):
    """An advisor called the author: who answered, when, where the number came from, and whether they stand by it."""

    __tablename__ = "attestation_call_backs"

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="attestation_statements.request_id", index=True)
    advisor_id: UUID = Field(foreign_key="people.id")
    answered_by: str = Field(max_length=200)
    number_from: str = Field(max_length=500)
    confirmed: bool
    called_at: datetime = Field(sa_type=UtcDateTime)
    noted_at: datetime = Field(sa_type=UtcDateTime)
