"""People, what they are to an institution, and how they are signed in."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from services.records.database import JSON, UtcDateTime, words
from services.rules.people import Role


class Institution(SQLModel, table=True):
    """An awarding body; `id` is its slug."""

    __tablename__ = "institutions"

    id: str = Field(primary_key=True, max_length=64)
    name_en: str
    name_fr: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class Person(SQLModel, table=True):
    """An account, or with `account` false somebody known by address alone, who has never signed in and cannot.

    `email` is stored in lower case.
    """

    __tablename__ = "people"

    id: UUID = Field(primary_key=True)
    email: str = Field(unique=True, max_length=320)
    name: str = Field(max_length=200)
    language: str = Field(max_length=2)
    organisation: str | None = Field(default=None, max_length=200)
    password_hash: str | None = None
    active: bool = True
    account: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class PersonRole(SQLModel, table=True):
    """A role at an institution, for one programme or for all; ended, never deleted."""

    __tablename__ = "person_roles"

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="people.id", index=True)
    role: Role = Field(sa_type=words(Role))
    institution_id: str = Field(foreign_key="institutions.id")
    programme: str | None = Field(default=None, max_length=64)
    granted_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AssessorProfile(SQLModel, table=True):
    """What an assessor may be offered: languages, competency keys (`None`: the whole programme), load."""

    __tablename__ = "assessor_profiles"

    person_id: UUID = Field(primary_key=True, foreign_key="people.id")
    languages: list[str] = Field(sa_type=JSON)
    competencies: list[str] | None = Field(default=None, sa_type=JSON)
    capacity: int
    on_leave: bool = False


class KnownPerson(SQLModel, table=True):
    """One line of an assessor's register: somebody they know and must not judge, by name, by address or by both."""

    __tablename__ = "known_people"
    __table_args__ = (sa.CheckConstraint("name <> '' OR email <> ''", name="says_who"),)

    id: UUID = Field(primary_key=True)
    owner_id: UUID = Field(foreign_key="people.id", index=True)
    name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=320)
    added_at: datetime = Field(sa_type=UtcDateTime)


class SignInSession(SQLModel, table=True):
    """A signed-in browser or program; only the SHA-256 of its token is stored."""

    __tablename__ = "sessions"

    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: UUID = Field(foreign_key="people.id", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    idle_minutes: int
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Invitation(SQLModel, table=True):
    """A link to choose the first password of an account; only the SHA-256 of its token is stored."""

    __tablename__ = "invitations"

    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: UUID = Field(foreign_key="people.id", index=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    spent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Throttle(SQLModel, table=True):
    """How often a key (a hashed account or address) failed of late, and until when it must wait."""

    __tablename__ = "throttles"

    key: str = Field(primary_key=True, max_length=80)
    failures: int
    since: datetime = Field(sa_type=UtcDateTime)
    blocked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


ROLE_LIVE = sa.text("ended_at IS NULL")
sa.Index(
    "uq_person_roles_live",
    PersonRole.__table__.c.person_id,  # type: ignore[attr-defined]  # SQLModel does not declare __table__
    PersonRole.__table__.c.role,  # type: ignore[attr-defined]  # as above
    PersonRole.__table__.c.institution_id,  # type: ignore[attr-defined]  # as above
    sa.func.coalesce(PersonRole.__table__.c.programme, ""),  # type: ignore[attr-defined]  # as above
    unique=True,
    sqlite_where=ROLE_LIVE,
    postgresql_where=ROLE_LIVE,
)
