"""A case: a folder of claims, its parties, and the history of where it was and on whom it waited."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.case import Clock, ClosedAs, Stage, WaitingOn
from services.rules.claims import ClaimState, SelfAssessment
from services.rules.people import Role
from services.rules.second_reading import Way
from services.rules.transfers import ClaimKind

CASE_OPEN = sa.text("stage NOT IN ('closed', 'decided', 'not_eligible')")


class Case(SQLModel, table=True):
    """The case as it stands; only `applying` changes stage and version, and only along the table of moves."""

    __tablename__ = "cases"
    __table_args__ = (
        sa.Index("ix_cases_queue", "due_at", "id", sqlite_where=CASE_OPEN, postgresql_where=CASE_OPEN),
        sa.Index(
            "ix_cases_institution_queue",
            "institution_id",
            "due_at",
            "id",
            sqlite_where=CASE_OPEN,
            postgresql_where=CASE_OPEN,
        ),
        sa.Index(
            "ix_cases_programme_queue", "programme", "due_at", "id", sqlite_where=CASE_OPEN, postgresql_where=CASE_OPEN
        ),
        sa.Index(
            "ix_cases_waiting",
            "institution_id",
            "waiting_on",
            "due_at",
            "id",
            sqlite_where=CASE_OPEN,
            postgresql_where=CASE_OPEN,
        ),
        sa.Index("ix_cases_learner", "learner_id", "programme"),
        sa.Index("ix_cases_advisor", "advisor_id", "due_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(unique=True, max_length=20)
    institution_id: str = Field(foreign_key="institutions.id")
    programme: str = Field(max_length=64)
    programme_version_id: UUID = Field(foreign_key="programme_versions.id")
    left_versions: list[str] = Field(default_factory=list, sa_type=JSON)
    learner_id: UUID = Field(foreign_key="people.id")
    advisor_id: UUID | None = Field(default=None, foreign_key="people.id")
    language: str = Field(max_length=2)
    purpose: str = Field(max_length=16)
    zone: str = Field(max_length=64)
    stage: Stage = Field(sa_type=words(Stage))
    version: int = 0
    stage_entry: int = 0
    return_to: Stage | None = Field(default=None, sa_type=words(Stage, name="return_to"))
    waiting_on: WaitingOn = Field(sa_type=words(WaitingOn))
    clock: Clock = Field(sa_type=words(Clock))
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    informed_on: date | None = None
    extra_time: int = 100
    calendar_id: UUID | None = Field(default=None, foreign_key="calendar_editions.id")
    next_calendar_id: UUID | None = Field(default=None, foreign_key="calendar_editions.id", index=True)
    refusal_proposed: bool = False
    rounds_used: int = 0
    rounds_allowed: int = 0
    offers_failed: int = 0
    extended: bool = False
    paused_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    judge_on_file: bool = False
    moderation: Way | None = Field(default=None, sa_type=words(Way, name="moderation"))
    closed_as: ClosedAs | None = Field(default=None, sa_type=words(ClosedAs))
    other_route: str | None = None
    mentor_id: UUID | None = Field(default=None, foreign_key="people.id")
    mentor_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    agent: str = Field(default="", max_length=200)
    intake_by_id: UUID | None = Field(default=None, foreign_key="people.id")
    merged_into_id: UUID | None = Field(default=None, foreign_key="cases.id")
    outcome: str | None = Field(default=None, max_length=32)
    needs_attention: str | None = Field(default=None, max_length=200)
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    answers_version: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    active_at: datetime = Field(sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    appeal_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


GRANT_ACTIVE = sa.text("grant_active")


class Claim(SQLModel, table=True):
    """One learner asserting one competency; `competency_key` is the framework and its stable key, without version."""

    __tablename__ = "claims"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "competency", "attempt"),
        sa.UniqueConstraint("id", "case_id"),
        sa.Index(
            "uq_claims_double_credit",
            "learner_id",
            "competency_key",
            unique=True,
            sqlite_where=GRANT_ACTIVE,
            postgresql_where=GRANT_ACTIVE,
        ),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    learner_id: UUID = Field(foreign_key="people.id")
    competency: str = Field(max_length=64)
    competency_key: str = Field(max_length=140)
    kind: ClaimKind = Field(default=ClaimKind.ASSESS, sa_type=words(ClaimKind, name="kind"))
    attempt: int = 1
    state: ClaimState = Field(sa_type=words(ClaimState))
    self_assessment: SelfAssessment | None = Field(default=None, sa_type=words(SelfAssessment))
    grant_active: bool = False
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CaseParty(SQLModel, table=True):
    """One role per person and case, for ever: rows are never changed or deleted."""

    __tablename__ = "case_parties"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "person_id", "role"),
        sa.Index("ix_case_parties_person", "person_id", "role", "case_id"),
    )

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    person_id: UUID = Field(primary_key=True, foreign_key="people.id")
    role: Role = Field(sa_type=words(Role))
    since: datetime = Field(sa_type=UtcDateTime)


class CaseExclusion(SQLModel, table=True):
    """Somebody who must never see or judge this case; `tie` says why, `declared` who found it."""

    __tablename__ = "case_exclusions"

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    person_id: UUID = Field(primary_key=True, foreign_key="people.id")
    tie: str = Field(max_length=64)
    declared: bool
    at: datetime = Field(sa_type=UtcDateTime)


class ConflictOverride(SQLModel, table=True):
    """A declared conflict of kind `other` that a lead set aside in writing: what was declared, by whom, and why not."""

    __tablename__ = "conflict_overrides"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    person_id: UUID = Field(foreign_key="people.id")
    declared: str
    reason: str
    overridden_by: UUID = Field(foreign_key="people.id")
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    at: datetime = Field(sa_type=UtcDateTime)


class StageHistory(SQLModel, table=True):
    """One line per applied move: who led the case from where to where by which command."""

    __tablename__ = "stage_history"

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    version: int = Field(primary_key=True)
    command_id: UUID = Field(foreign_key="commands.id")
    move: str = Field(max_length=32)
    from_stage: Stage = Field(sa_type=words(Stage, name="from_stage"))
    to_stage: Stage = Field(sa_type=words(Stage, name="to_stage"))
    at: datetime = Field(sa_type=UtcDateTime)


class CaseSpan(SQLModel, table=True):
    """How long a case was in one stage, waiting on one person, with our clock running or stopped."""

    __tablename__ = "case_spans"

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    seq: int = Field(primary_key=True)
    stage: Stage = Field(sa_type=words(Stage))
    waiting_on: WaitingOn = Field(sa_type=words(WaitingOn))
    clock: Clock = Field(sa_type=words(Clock))
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MissingItem(SQLModel, table=True):
    """One thing that an advisor found missing, and the learner's answer."""

    __tablename__ = "missing_items"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    what: str
    why: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    answer: str | None = None
    cannot_provide: bool = False
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


SURVEYED = sa.text("purpose = 'survey' AND withdrawn_at IS NULL")


class Consent(SQLModel, table=True):
    """What a person agreed to, in which text's version, and until when; `recorded_by` where somebody else noted it."""

    __tablename__ = "consents"
    __table_args__ = (sa.Index("ix_consents_surveys", "id", sqlite_where=SURVEYED, postgresql_where=SURVEYED),)

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    person_id: UUID = Field(foreign_key="people.id")
    purpose: str = Field(max_length=64)
    text_version: str = Field(max_length=32)
    recorded_by: UUID | None = Field(default=None, foreign_key="people.id")
    form: str = Field(default="written", max_length=16)
    given_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Employer(SQLModel, table=True):
    """An employer or referee that the learner names: shown in the conflict screen and matched by the system."""

    __tablename__ = "employers"

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    organisation: str = Field(max_length=200)
    email: str | None = Field(default=None, max_length=320)
    referee: str | None = Field(default=None, max_length=200)
    until: date | None = None
