"""How readings that differ were settled: what two assessors wrote and signed, or how a panel voted and why."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.claims import Recommendation
from services.rules.people import Role


def _party(person: str, *, role: str = "role") -> sa.ForeignKeyConstraint:
    """Whoever is in the column `person` is a party of the case in the role that stands beside it."""
    return sa.ForeignKeyConstraint(
        ["case_id", person, role], ["case_parties.case_id", "case_parties.person_id", "case_parties.role"]
    )


def _claim() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["claim_id", "case_id"], ["claims.id", "claims.case_id"])


class ConferralMessage(SQLModel, table=True):
    """What one of two assessors wrote to the other about readings that differ."""

    __tablename__ = "conferral_messages"
    __table_args__ = (sa.CheckConstraint("role = 'assessor'", name="written_by_an_assessor"), _party("author_id"))

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    author_id: UUID
    role: Role = Field(default=Role.ASSESSOR, sa_type=words(Role))
    text: str
    at: datetime = Field(sa_type=UtcDateTime)


class ConferralChoice(SQLModel, table=True):
    """The reading of a claim under which one of two assessors put their name; the last choice of each counts."""

    __tablename__ = "conferral_choices"
    __table_args__ = (
        sa.CheckConstraint("role = 'assessor'", name="signed_by_an_assessor"),
        _party("person_id"),
        _claim(),
    )

    command_id: UUID = Field(primary_key=True, foreign_key="commands.id")
    claim_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    person_id: UUID
    role: Role = Field(default=Role.ASSESSOR, sa_type=words(Role))
    judgement_id: UUID = Field(foreign_key="judgements.id")
    at: datetime = Field(sa_type=UtcDateTime)


class DecisionReturn(SQLModel, table=True):
    """A recommendation that whoever decides could not confirm, and why."""

    __tablename__ = "decision_returns"
    __table_args__ = (
        sa.CheckConstraint("role = 'decision_maker'", name="returned_by_who_decides"),
        _party("returned_by"),
        _claim(),
    )

    command_id: UUID = Field(primary_key=True, foreign_key="commands.id")
    claim_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    returned_by: UUID
    role: Role = Field(default=Role.DECISION_MAKER, sa_type=words(Role))
    judgement_id: UUID = Field(foreign_key="judgements.id")
    reasons: str
    at: datetime = Field(sa_type=UtcDateTime)


class PanelMinutes(SQLModel, table=True):
    """One sitting of a panel: who sat, in which capacity, what they stated and saw, and what the policy asked for.

    `members`: a table per person with `person`, `capacity` and `statement`. The chair signs by sending the minutes.
    """

    __tablename__ = "panel_minutes"
    __table_args__ = (sa.CheckConstraint("role = 'panel'", name="kept_by_a_panel"), _party("chair_id"))

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    chair_id: UUID
    role: Role = Field(default=Role.PANEL, sa_type=words(Role))
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    portfolio_version: int
    members: list[dict[str, Any]] = Field(sa_type=JSON)
    material: str
    composition: str = ""
    quorum: int
    qualified_min: int
    at: datetime = Field(sa_type=UtcDateTime)


class PanelVote(SQLModel, table=True):
    """What one member voted on one claim; `qualified`: in its competency, on the day of the vote."""

    __tablename__ = "panel_votes"
    __table_args__ = (
        sa.CheckConstraint("role = 'panel'", name="cast_by_a_panel"),
        sa.CheckConstraint("vote <> 'insufficient_evidence'", name="settles"),
        _party("person_id"),
        _claim(),
    )

    minutes_id: UUID = Field(primary_key=True, foreign_key="panel_minutes.id")
    claim_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    role: Role = Field(default=Role.PANEL, sa_type=words(Role))
    vote: Recommendation = Field(sa_type=words(Recommendation, name="vote"))
    qualified: bool
    dissent: str = ""


class PanelFinding(SQLModel, table=True):
    """What the votes on one claim came to, why, and the judgement form on which the chair wrote it down."""

    __tablename__ = "panel_findings"
    __table_args__ = (_claim(),)

    minutes_id: UUID = Field(primary_key=True, foreign_key="panel_minutes.id")
    claim_id: UUID = Field(primary_key=True)
    case_id: UUID = Field(index=True)
    judgement_id: UUID = Field(foreign_key="judgements.id", unique=True)
    outcome: Recommendation = Field(sa_type=words(Recommendation, name="outcome"))
    casting: Recommendation | None = Field(default=None, sa_type=words(Recommendation, name="casting"))
    reasons: str
