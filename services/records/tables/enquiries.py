"""Questions that came before there was a case. No name, no address and no words: nothing says who asked."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from services.records.database import UtcDateTime, words
from services.rules.enquiries import Way
from services.rules.programmes import Language


class Enquiry(SQLModel, table=True):
    """One enquiry; `programme` None: not known yet; `case_id`: the case that came of it."""

    __tablename__ = "enquiries"

    id: UUID = Field(primary_key=True)
    institution_id: str = Field(foreign_key="institutions.id", index=True)
    programme: str | None = Field(default=None, max_length=64, index=True)
    day: date
    way: Way = Field(sa_type=words(Way))
    language: Language = Field(sa_type=words(Language))
    case_id: UUID | None = Field(default=None, foreign_key="cases.id", index=True)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class EnquiryCount(SQLModel, table=True):
    """How many enquiries of a quarter led to no case and were deleted since."""

    __tablename__ = "enquiry_counts"

    programme: str = Field(primary_key=True, max_length=64)
    quarter: str = Field(primary_key=True, max_length=6)
    number: int
