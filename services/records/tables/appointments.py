"""Appointments: what is to be shown to whom, the dates to choose from, and what was written down afterwards."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.appointments import OPEN, AppointmentState, KeptAs, Mode
from services.rules.claims import Identification, Supervision
from services.rules.people import Role
from services.rules.programmes import Method

APPOINTMENT_OPEN = sa.text("state IN ({})".format(", ".join(f"'{state}'" for state in sorted(OPEN))))

CONDUCTS = "role IN ('assessor', 'panel')"


class Appointment(SQLModel, table=True):
    """One interview, test, observation or simulation; at most one of a case is open.

    `sequence` counts its changes, as calendar files do; `follows` is the missed one that it makes good; `raters` is
    how many rate it. `starts_at`, `ends_at`, `mode` and `place` are those of the booked date, while there is one.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        sa.CheckConstraint(CONDUCTS, name="conducted_in_a_seat"),
        sa.CheckConstraint("(slot_id IS NULL) = (starts_at IS NULL)", name="booked_with_a_date"),
        sa.ForeignKeyConstraint(
            ["case_id", "person_id", "role"],
            ["case_parties.case_id", "case_parties.person_id", "case_parties.role"],
        ),
        sa.UniqueConstraint("id", "case_id"),
        sa.Index(
            "uq_appointments_open",
            "case_id",
            unique=True,
            sqlite_where=APPOINTMENT_OPEN,
            postgresql_where=APPOINTMENT_OPEN,
        ),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    assignment_id: UUID = Field(foreign_key="assignments.id", index=True)
    person_id: UUID
    role: Role = Field(sa_type=words(Role))
    method: Method = Field(sa_type=words(Method))
    state: AppointmentState = Field(sa_type=words(AppointmentState))
    minutes: int
    raters: int = 1
    language: str = Field(max_length=16)
    about: str
    bring: str = ""
    attending: str = ""
    sequence: int = 0
    follows: UUID | None = Field(default=None, foreign_key="appointments.id")
    proposals: int = 0
    proposal_note: str = ""
    called_off: int = 0
    slot_id: UUID | None = None
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    mode: Mode | None = Field(default=None, sa_type=words(Mode))
    place: str = ""
    ordered_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""


class AppointmentClaim(SQLModel, table=True):
    """The claims that an appointment is held for."""

    __tablename__ = "appointment_claims"

    appointment_id: UUID = Field(primary_key=True, foreign_key="appointments.id")
    claim_id: UUID = Field(primary_key=True, foreign_key="claims.id", index=True)


class AppointmentSlot(SQLModel, table=True):
    """A date that was offered, or one that the learner proposed; `withdrawn_at` once it cannot be chosen any more."""

    __tablename__ = "appointment_slots"

    id: UUID = Field(primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointments.id", index=True)
    proposed: bool
    starts_at: datetime = Field(sa_type=UtcDateTime)
    mode: Mode | None = Field(default=None, sa_type=words(Mode))
    place: str = ""
    offered_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AppointmentRecord(SQLModel, table=True):
    """What one person wrote down of an appointment: never changed; a second one writes without having read it."""

    __tablename__ = "appointment_records"
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "person_id"),
        sa.CheckConstraint(CONDUCTS, name="written_in_a_seat"),
        sa.ForeignKeyConstraint(["appointment_id", "case_id"], ["appointments.id", "appointments.case_id"]),
        sa.ForeignKeyConstraint(
            ["case_id", "person_id", "role"],
            ["case_parties.case_id", "case_parties.person_id", "case_parties.role"],
        ),
    )

    id: UUID = Field(primary_key=True)
    appointment_id: UUID = Field(index=True)
    case_id: UUID = Field(index=True)
    assignment_id: UUID = Field(foreign_key="assignments.id")
    person_id: UUID
    role: Role = Field(sa_type=words(Role))
    sheet: dict[str, Any] = Field(sa_type=JSON)
    supervision: Supervision = Field(sa_type=words(Supervision))
    identification: Identification = Field(sa_type=words(Identification))
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    command_id: UUID = Field(foreign_key="commands.id")


class AppointmentFile(SQLModel, table=True):
    """What whoever led an appointment keeps of it beside their record: a recording, or the form as it was filled in.

    A recording names who was `present`, and that each of them was `consenting` to it. Its bytes are the blob `sha256`.
    """

    __tablename__ = "appointment_files"
    __table_args__ = (
        sa.UniqueConstraint("appointment_id", "sha256"),
        sa.CheckConstraint(CONDUCTS, name="kept_in_a_seat"),
        sa.ForeignKeyConstraint(["appointment_id", "case_id"], ["appointments.id", "appointments.case_id"]),
        sa.ForeignKeyConstraint(
            ["case_id", "person_id", "role"],
            ["case_parties.case_id", "case_parties.person_id", "case_parties.role"],
        ),
    )

    id: UUID = Field(primary_key=True)
    appointment_id: UUID = Field(index=True)
    case_id: UUID = Field(index=True)
    person_id: UUID
    role: Role = Field(sa_type=words(Role))
    what: KeptAs = Field(sa_type=words(KeptAs))
    name: str = Field(max_length=150)
    file_kind: str = Field(max_length=16)
    media_type: str = Field(max_length=100)
    size: int = Field(sa_type=sa.BigInteger)
    sha256: str = Field(max_length=64)
    present: list[str] = Field(default_factory=list, sa_type=JSON)
    consenting: list[str] = Field(default_factory=list, sa_type=JSON)
    received_at: datetime = Field(sa_type=UtcDateTime)
