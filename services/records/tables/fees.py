"""What was charged in a case."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime, words
from services.rules.fees import Service


class CaseFee(SQLModel, table=True):
    """One charge: for which service, how much in whole units of `currency`, and the command that asked for it."""

    __tablename__ = "case_fees"
    __table_args__ = (
        sa.UniqueConstraint("command_id", "service"),
        sa.CheckConstraint("amount > 0", name="charges_something"),
    )

    id: UUID = Field(primary_key=True)
    case_id: UUID = Field(foreign_key="cases.id", index=True)
    command_id: UUID = Field(foreign_key="commands.id")
    service: Service = Field(sa_type=words(Service))
    amount: int
    currency: str = Field(max_length=3)
    charged_at: datetime = Field(sa_type=UtcDateTime)


class FeeWaiver(SQLModel, table=True):
    """A service that costs the learner nothing in a case, whatever is charged for it; they read the `reason`."""

    __tablename__ = "fee_waivers"

    case_id: UUID = Field(primary_key=True, foreign_key="cases.id")
    service: Service = Field(primary_key=True, sa_type=words(Service))
    reason: str = Field(max_length=500)
    waived_by: UUID = Field(foreign_key="people.id")
    command_id: UUID = Field(foreign_key="commands.id", unique=True)
    at: datetime = Field(sa_type=UtcDateTime)
