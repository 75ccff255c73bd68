"""Appeals: what was contested and why, the votes of those who heard it, and what they ruled.

The appeal is a row that lives; its ruling, the votes and a hearing that was held are only ever added.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.appeals import Cause, Matter, Ruling
from services.rules.case import AppealState, ClosedAs, Stage
from services.rules.people import Role

OPEN = sa.text("state IN ('lodged', 'admissible', 'panel_named')")
OF_ITS_LEVEL = "role = CASE level WHEN 1 THEN 'appeal_reviewer_1' ELSE 'appeal_reviewer_2' END"


class Appeal(SQLModel, table=True):
    """One review that a learner asked for. `decision_id` is what is contested, None for a lapse that nobody decided.

    `root_id`: the decision that was taken first, where the contested one is a ruling on it. `return_to` and the three
    columns `closed_…`: where the case was, and as what it was closed, so that it can be as it was.
    """

    __tablename__ = "appeals"
    __table_args__ = (
        sa.UniqueConstraint("id", "case_id", "level"),
        sa.CheckConstraint("level IN (1, 2)", name="one_of_two_levels"),
        sa.CheckConstraint("decision_id IS NOT NULL OR matter = 'lapse'", name="contests_a_decision"),
        sa.Index("uq_appeals_open", "case_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    level: int
    matter: Matter = Field(sa_type=words(Matter))
    decision_id: UUID | None = Field(default=None, foreign_key="decisions.id", index=True)
    root_id: UUID | None = Field(default=None, foreign_key="decisions.id")
    state: AppealState = Field(sa_type=words(AppealState))
    grounds: list[str] = Field(sa_type=JSON)
    text: str
    representative: str = Field(default="", max_length=200)
    late_cause: str = ""
    late_accepted: str = ""
    hearing_wished: bool = False
    chair_id: UUID | None = Field(default=None, foreign_key="people.id")
    outcome: Ruling | None = Field(default=None, sa_type=words(Ruling))
    return_to: Stage = Field(sa_type=words(Stage, name="appeal_return_to"))
    closed_as: ClosedAs | None = Field(default=None, sa_type=words(ClosedAs, name="appeal_closed_as"))
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_from: Stage | None = Field(default=None, sa_type=words(Stage, name="appeal_closed_from"))
    lodged_at: datetime = Field(sa_type=UtcDateTime)
    admitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    panel_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AppealClaim(SQLModel, table=True):
    """A claim that the appeal is about."""

    __tablename__ = "appeal_claims"

    appeal_id: UUID = Field(primary_key=True, foreign_key="appeals.id")
    claim_id: UUID = Field(primary_key=True, foreign_key="claims.id", index=True)


class AppealHearing(SQLModel, table=True):
    """When and where a learner is heard; a later row of the same appeal replaces an earlier one.

    `minutes`: how long, with the learner's extra time.
    """

    __tablename__ = "appeal_hearings"

    id: UUID = Field(primary_key=True)
    appeal_id: UUID = Field(foreign_key="appeals.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    minutes: int
    place: str = Field(max_length=500)
    interpreter: str = Field(default="", max_length=200)
    called_at: datetime = Field(sa_type=UtcDateTime)
    command_id: UUID = Field(foreign_key="commands.id", unique=True)


class AppealRuling(SQLModel, table=True):
    """What the panel of an appeal ruled; its chair signs, and the decision carries the letter."""

    __tablename__ = "appeal_rulings"
    __table_args__ = (
        sa.UniqueConstraint("id", "case_id", "role"),
        sa.CheckConstraint(OF_ITS_LEVEL, name="of_its_level"),
        sa.ForeignKeyConstraint(["appeal_id", "case_id", "level"], ["appeals.id", "appeals.case_id", "appeals.level"]),
        sa.ForeignKeyConstraint(
            ["case_id", "ruled_by", "role"],
            ["case_parties.case_id", "case_parties.person_id", "case_parties.role"],
        ),
    )

    id: UUID = Field(primary_key=True)
    appeal_id: UUID = Field(unique=True)
    case_id: UUID = Field(index=True)
    level: int
    ruled_by: UUID
    role: Role = Field(sa_type=words(Role))
    outcome: Ruling = Field(sa_type=words(Ruling))
    by_casting_vote: bool
    cause: Cause = Field(sa_type=words(Cause))
    reasons: str
    claims: list[Any] = Field(default_factory=list, sa_type=JSON)
    decision_id: UUID = Field(foreign_key="decisions.id", unique=True)
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    at: datetime = Field(sa_type=UtcDateTime)


class AppealVote(SQLModel, table=True):
    """What one member of the panel voted for, as a party in the role of the appeal's level."""

    __tablename__ = "appeal_votes"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["ruling_id", "case_id", "role"], ["appeal_rulings.id", "appeal_rulings.case_id", "appeal_rulings.role"]
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "person_id", "role"],
            ["case_parties.case_id", "case_parties.person_id", "case_parties.role"],
        ),
    )

    ruling_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
    case_id: UUID
    role: Role = Field(sa_type=words(Role))
    vote: Ruling = Field(sa_type=words(Ruling))
