"""What a learner shows: files, what they point at, frozen portfolio versions, and requests for more."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.evidence import EvidenceKind, EvidenceState


class EvidenceItem(SQLModel, table=True):
    """One file with what the learner says of it; its bytes are the blob named by `sha256`.

    `transcript`: what is said and shown in sound or film, written down by whoever brought it.
    `attestation_id`: it came from a third party, and its learner reads it once the case is decided.
    `dropped_pointers`: what a removed file was pointed at, for as long as it may be brought back.
    """

    __tablename__ = "evidence_items"
    __table_args__ = (sa.UniqueConstraint("id", "case_id"),)

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    uploaded_by: UUID = Field(foreign_key="people.id")
    name: str = Field(max_length=150)
    file_kind: str = Field(max_length=16)
    media_type: str = Field(max_length=100)
    size: int = Field(sa_type=sa.BigInteger)
    sha256: str = Field(max_length=64, index=True)
    state: EvidenceState = Field(sa_type=words(EvidenceState))
    kind: EvidenceKind | None = Field(default=None, sa_type=words(EvidenceKind))
    title: str = Field(default="", max_length=200)
    description: str = ""
    period_start: date | None = None
    period_end: date | None = None
    language: str | None = Field(default=None, max_length=16)
    author: str = Field(default="", max_length=200)
    learner_authored: bool = False
    transcript: str = Field(default="", sa_column_kwargs={"server_default": ""})
    attestation_id: UUID | None = Field(default=None, foreign_key="attestation_requests.id", index=True)
    received_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    dropped_pointers: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)


class TextReading(SQLModel, table=True):
    """That the text of a file was read, and how many marks are kept of it: none of a short or unreadable one."""

    __tablename__ = "text_readings"

    evidence_id: UUID = Field(primary_key=True, foreign_key="evidence_items.id")
    marks: int
    read_at: datetime = Field(sa_type=UtcDateTime)


class TextMark(SQLModel, table=True):
    """One mark of a file's text: a hash of five words in a row. Source: `rules/likeness.py`."""

    __tablename__ = "text_marks"

    evidence_id: UUID = Field(primary_key=True, foreign_key="text_readings.evidence_id")
    mark: int = Field(primary_key=True, sa_type=sa.BigInteger, index=True)


class EvidenceGrant(SQLModel, table=True):
    """Leave to fetch one file at the second origin, within one session; only the SHA-256 of its token is stored.

    The file is a piece of evidence, or what was kept of an appointment. `original`: as it came, as an attachment;
    otherwise what a viewer shows.
    """

    __tablename__ = "evidence_grants"
    __table_args__ = (
        sa.CheckConstraint("(evidence_id IS NULL) <> (appointment_file_id IS NULL)", name="opens_one_file"),
    )

    token_hash: str = Field(primary_key=True, max_length=64)
    session_hash: str = Field(foreign_key="sessions.token_hash", max_length=64, index=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    evidence_id: UUID | None = Field(default=None, foreign_key="evidence_items.id", index=True)
    appointment_file_id: UUID | None = Field(default=None, foreign_key="appointment_files.id", index=True)
    original: bool
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Pointer(SQLModel, table=True):
    """Ties an item to a claim, or to one criterion of it, with a page or a time code."""

    __tablename__ = "pointers"
    __table_args__ = (
        sa.ForeignKeyConstraint(["evidence_id", "case_id"], ["evidence_items.id", "evidence_items.case_id"]),
        sa.ForeignKeyConstraint(["claim_id", "case_id"], ["claims.id", "claims.case_id"]),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    evidence_id: UUID = Field(index=True)
    claim_id: UUID = Field(index=True)
    criterion: str | None = Field(default=None, max_length=64)
    page: int | None = None
    seconds: int | None = None
    note: str = Field(default="", max_length=500)


class PortfolioVersion(SQLModel, table=True):
    """Items, pointers and answers as they were sent; `sha256` is the hash of the canonical manifest.

    `command_id` is None for a version that a third party's statement made.
    """

    __tablename__ = "portfolio_versions"

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    number: int = Field(primary_key=True)
    manifest: dict[str, Any] = Field(sa_type=JSON)
    sha256: str = Field(max_length=64)
    command_id: UUID | None = Field(default=None, foreign_key="commands.id")
    frozen_at: datetime = Field(sa_type=UtcDateTime)


REQUEST_OPEN = sa.text("closed_at IS NULL")


class EvidenceRequest(SQLModel, table=True):
    """One round of asking for more, whoever asks; open until every target is answered or the time is over."""

    __tablename__ = "evidence_requests"
    __table_args__ = (
        sa.Index(
            "uq_evidence_requests_open",
            "case_id",
            unique=True,
            sqlite_where=REQUEST_OPEN,
            postgresql_where=REQUEST_OPEN,
        ),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    round: int
    asked_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_as: str | None = Field(default=None, max_length=16)


class RequestTarget(SQLModel, table=True):
    """What the holder of one seat misses for one criterion, and how the learner answered."""

    __tablename__ = "request_targets"

    id: UUID = Field(primary_key=True)
    request_id: UUID = Field(foreign_key="evidence_requests.id", index=True)
    assignment_id: UUID = Field(foreign_key="assignments.id", index=True)
    claim_id: UUID = Field(foreign_key="claims.id")
    criterion: str = Field(max_length=64)
    rule: str = Field(max_length=16)
    missing: str
    acceptable: str
    other_ways: list[str] = Field(default_factory=list, sa_type=JSON)
    evidence: list[str] = Field(default_factory=list, sa_type=JSON)
    nothing_more: bool = False
    appointment: bool = False
    attestation_id: UUID | None = Field(default=None, foreign_key="attestation_requests.id")
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
