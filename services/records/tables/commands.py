"""The inbox of commands, and what follows from them: limits, deadlines, effects, mails."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.case import Lane, Stage
from services.rules.people import Role


class CommandStatus(StrEnum):
    """A command waits, or was settled once and for all."""

    PENDING = "pending"
    APPLIED = "applied"
    REFUSED = "refused"


PENDING = sa.text("status = 'pending'")
UNHEARD_SQLITE, UNHEARD_POSTGRESQL = sa.text("heard = 0"), sa.text("NOT heard")


class CommandRow(SQLModel, table=True):
    """What somebody asked of a case. The row decides what became of it, never the last error seen.

    `heard`: what became of it is known to have reached the case's workflow, or need not reach it.
    """

    __tablename__ = "commands"
    __table_args__ = (
        sa.Index("ix_commands_pending", "received_at", "id", sqlite_where=PENDING, postgresql_where=PENDING),
        sa.Index("ix_commands_unheard", "settled_at", sqlite_where=UNHEARD_SQLITE, postgresql_where=UNHEARD_POSTGRESQL),
        sa.UniqueConstraint("case_id", "version"),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    kind: str = Field(max_length=32)
    subject: str = Field(default="", max_length=160)
    actor: str = Field(max_length=36)
    role: Role = Field(sa_type=words(Role))
    expected_version: int
    fingerprint: str = Field(max_length=64)
    body: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    status: CommandStatus = Field(sa_type=words(CommandStatus))
    version: int | None = None
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    refusal: str | None = Field(default=None, max_length=32)
    refusal_facts: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    received_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    try_after: datetime | None = Field(default=None, sa_type=UtcDateTime)
    heard: bool = False


class LimitState(StrEnum):
    """A limit runs, is stopped while the case waits elsewhere, stands still with a paused case, or is over."""

    RUNNING = "running"
    STOPPED = "stopped"
    PAUSED = "paused"
    OVER = "over"


class LimitRow(SQLModel, table=True):
    """One limit of one stay in a stage; `remaining` business days are kept while the clock stands."""

    __tablename__ = "limits"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "stage_entry", "key"),
        sa.Index("ix_limits_due", "state", "due_at"),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    stage: Stage = Field(sa_type=words(Stage))
    stage_entry: int
    key: str = Field(max_length=64)
    state: LimitState = Field(sa_type=words(LimitState))
    started_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    remaining: int | None = None


class DeadlineState(StrEnum):
    """A rung is open, fired, gave way to a later one, or was dropped with its limit."""

    OPEN = "open"
    FIRED = "fired"
    COLLAPSED = "collapsed"
    DROPPED = "dropped"


OPEN_RUNG = sa.text("state = 'open'")


class DeadlineRow(SQLModel, table=True):
    """One rung of a limit's ladder with its UTC instant; it fires once."""

    __tablename__ = "deadlines"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "key"),
        sa.Index("ix_deadlines_open", "case_id", "at", sqlite_where=OPEN_RUNG, postgresql_where=OPEN_RUNG),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id")
    limit_id: UUID = Field(foreign_key="limits.id", index=True)
    key: str = Field(max_length=120)
    at: datetime = Field(sa_type=UtcDateTime)
    state: DeadlineState = Field(sa_type=words(DeadlineState))
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class EffectState(StrEnum):
    """An effect waits, is done, or failed for good until an operator lets it be tried again."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


WAITING = sa.text("state IN ('pending', 'failed')")
REMINDS = sa.text("state = 'pending' AND limit_id IS NOT NULL")


class EffectRow(SQLModel, table=True):
    """One thing to carry out once: `subject` is a decision, or the notice and its facts.

    A notice goes to a person with an account, the `recipient`, or to the third party whom `attestation_id` asks.
    `limit_id` is the limit of which it reminds; `sent_with` the key of the reminder in whose mail this one goes;
    `needless`: while it waited, what it would have told of was read, done or ended, so nobody is written to.
    """

    __tablename__ = "effects"
    __table_args__ = (
        sa.Index("ix_effects_waiting", "case_id", "seq", "step", sqlite_where=WAITING, postgresql_where=WAITING),
        sa.Index("ix_effects_reminders", "recipient", sqlite_where=REMINDS, postgresql_where=REMINDS),
    )

    key: str = Field(primary_key=True, max_length=160)
    case_id: UUID = Field(foreign_key="cases.id")
    seq: int
    step: int
    activity: str = Field(max_length=32)
    lane: Lane = Field(sa_type=words(Lane))
    decision_id: UUID | None = Field(default=None, foreign_key="decisions.id")
    notice: str | None = Field(default=None, max_length=40)
    recipient: UUID | None = Field(default=None, foreign_key="people.id")
    attestation_id: UUID | None = Field(default=None, foreign_key="attestation_requests.id")
    limit_id: UUID | None = Field(default=None, foreign_key="limits.id")
    sent_with: str | None = Field(default=None, max_length=160, index=True)
    needless: bool = False
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: EffectState = Field(sa_type=words(EffectState))
    queued_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, max_length=64)


class Mail(SQLModel, table=True):
    """One row per effect; `accepted_at` is when the mail service took it, with `message_id`, which reminders share."""

    __tablename__ = "mails"
    __table_args__ = (sa.CheckConstraint("(recipient IS NULL) <> (attestation_id IS NULL)", name="to_one_reader"),)

    effect_key: str = Field(primary_key=True, foreign_key="effects.key", max_length=160)
    message_id: str = Field(index=True, max_length=200)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    notice: str = Field(max_length=40)
    recipient: UUID | None = Field(default=None, foreign_key="people.id")
    attestation_id: UUID | None = Field(default=None, foreign_key="attestation_requests.id")
    language: str = Field(max_length=2)
    accepted_at: datetime = Field(sa_type=UtcDateTime)


class OverdueList(SQLModel, table=True):
    """How many cases of an institution took twice their time in one week, by programme, as one person is told.

    `accepted_at` is when the mail service took it.
    """

    __tablename__ = "overdue_lists"
    __table_args__ = (sa.UniqueConstraint("week", "institution_id", "person_id"),)

    id: UUID = Field(primary_key=True)
    institution_id: str = Field(foreign_key="institutions.id")
    person_id: UUID = Field(foreign_key="people.id")
    week: str = Field(max_length=8)
    counts: dict[str, int] = Field(sa_type=JSON)
    made_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
