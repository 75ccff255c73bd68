"""Who is signed in: random tokens of which only a hash is stored, with an idle and an absolute limit."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit
from services.records.database import Asked, UtcDateTime
from services.records.tables.people import Person, PersonRole, SignInSession
from services.rules.people import Membership
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts without a request, and in all."""

    idle: timedelta
    whole: timedelta


STAFF_LIMITS = Limits(idle=timedelta(minutes=30), whole=timedelta(hours=12))
LEARNER_LIMITS = Limits(idle=timedelta(minutes=60), whole=timedelta(hours=24))
"""Source: security design, section 7."""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly the last request is remembered: one write a minute, not one a request."""

KEPT = timedelta(days=90)
"""How long an ended session is kept, for whoever asks when they were signed in."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose session it is: what a request needs of the account."""

    id: UUID
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Found:
    """A live session and the roles of this moment; `ends_at` is when it ends unless used, `stale` asks for `touch`."""

    person: SignedIn
    memberships: tuple[Membership, ...]
    ends_at: datetime
    stale: bool


# Asked by every request, so built once, of columns only, and with the roles: a row for each, or one without any.
_FOUND = (
    sa.select(
        col(Person.id),
        col(Person.name),
        col(Person.language),
        col(SignInSession.seen_at),
        col(SignInSession.idle_minutes),
        col(SignInSession.expires_at),
        col(PersonRole.role),
        col(PersonRole.institution_id),
        col(PersonRole.programme),
    )
    .join(SignInSession, col(Person.id) == col(SignInSession.person_id))
    .outerjoin(PersonRole, sa.and_(col(PersonRole.person_id) == col(Person.id), col(PersonRole.ended_at).is_(None)))
    .where(
        col(SignInSession.token_hash) == sa.bindparam("token_hash", type_=sa.String()),
        col(SignInSession.ended_at).is_(None),
        col(SignInSession.expires_at) > sa.bindparam("now", type_=UtcDateTime()),
        col(Person.active),
    )
    .order_by(col(PersonRole.granted_at), col(PersonRole.id))
)


async def start(session: AsyncSession, person_id: UUID, *, now: datetime, replaces: str | None = None) -> str:
    """A new session's token; one that the browser already had is ended, never adopted."""
    if replaces:
        await end(session, replaces, now=now)
    live = select(PersonRole.id).where(col(PersonRole.person_id) == person_id, col(PersonRole.ended_at).is_(None))
    limits = LEARNER_LIMITS if (await session.exec(live.limit(1))).first() is None else STAFF_LIMITS
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            token_hash=hash_of(token),
            person_id=person_id,
            created_at=now,
            seen_at=now,
            idle_minutes=limits.idle // timedelta(minutes=1),
            expires_at=now + limits.whole,
        )
    )
    await session.flush()
    await audit.log(session, stream=f"person:{person_id}", actor=str(person_id), action="signed_in", now=now)
    return token


async def whose(session: AsyncSession, token: str) -> UUID | None:
    """Whose session a token is or was; None for one that is unknown. It opens nothing: it only tells browsers apart."""
    row = await session.get(SignInSession, hash_of(token))
    return row.person_id if row else None


async def find(session: Asked, token: str, *, now: datetime) -> Found | None:
    """The live session of `token`; nothing for one that is unknown, ended, idle for too long or too old."""
    return await find_hashed(session, hash_of(token), now=now)


async def find_hashed(session: Asked, token_hash: str, *, now: datetime) -> Found | None:
    """The same, by what is kept of its token."""
    known = {"token_hash": token_hash, "now": now}
    found = list(await session.exec(_FOUND, params=known))  # type: ignore[call-overload]  # many columns
    if not found:
        return None
    person_id, name, language, seen_at, idle_minutes, expires_at, *_ = found[0]
    ends_at = min(seen_at + timedelta(minutes=idle_minutes), expires_at)
    if now >= ends_at:
        return None
    memberships = tuple(
        Membership(role, institution, programme) for *_, role, institution, programme in found if role is not None
    )
    return Found(SignedIn(person_id, name, language), memberships, ends_at, stale=now - seen_at >= SEEN_EVERY)


async def touch(session: AsyncSession, token: str, *, now: datetime) -> None:
    """Remember that a live session was used just now."""
    await session.exec(
        sa.update(SignInSession)
        .where(col(SignInSession.token_hash) == hash_of(token), col(SignInSession.ended_at).is_(None))
        .values(seen_at=now)
    )


async def end(session: AsyncSession, token: str, *, now: datetime) -> bool:
    """Sign out. Answers whether the token was of a session that had not ended."""
    row = await session.get(SignInSession, hash_of(token))
    if row is None or row.ended_at is not None:
        return False
    row.ended_at = now
    person = str(row.person_id)
    await audit.log(session, stream=f"person:{person}", actor=person, action="signed_out", now=now)
    return True


async def end_all(session: AsyncSession, person_id: UUID, *, now: datetime) -> None:
    """End every session of the person; it bites on the next request."""
    await session.exec(
        sa.update(SignInSession)
        .where(col(SignInSession.person_id) == person_id, col(SignInSession.ended_at).is_(None))
        .values(ended_at=now)
    )


@dataclass(frozen=True, slots=True)
class Open:
    """A live session as its owner sees it: `key` names it without opening anything, `own` is the one that asks."""

    key: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    own: bool


async def open_of(session: AsyncSession, person_id: UUID, *, token: str, now: datetime) -> list[Open]:
    """The live sessions of a person, the one of `token` first and then the one that was used last."""
    rows = await session.exec(
        select(SignInSession)
        .where(
            col(SignInSession.person_id) == person_id,
            col(SignInSession.ended_at).is_(None),
            col(SignInSession.expires_at) > now,
        )
        .order_by(col(SignInSession.seen_at).desc())
    )
    own = hash_of(token)
    live = [
        Open(_key(row.token_hash), row.created_at, row.seen_at, ends_at, row.token_hash == own)
        for row in rows
        if (ends_at := min(row.seen_at + timedelta(minutes=row.idle_minutes), row.expires_at)) > now
    ]
    return sorted(live, key=lambda one: not one.own)


async def end_one(session: AsyncSession, person_id: UUID, *, key: str, now: datetime) -> None:
    """End one of a person's own sessions by its key. Raises `Refused('not_found')` where it is nobody's of theirs."""
    rows = await session.exec(
        select(SignInSession).where(col(SignInSession.person_id) == person_id, col(SignInSession.ended_at).is_(None))
    )
    row = next((one for one in rows if _key(one.token_hash) == key), None)
    if row is None:
        raise Refused("not_found")
    row.ended_at = now
    person = str(person_id)
    await audit.log(session, stream=f"person:{person}", actor=person, action="session_ended", now=now)


async def failed(session: AsyncSession, *, person_id: UUID | None, now: datetime) -> None:
    """Log a sign-in that failed, on the account it was tried on where there is one."""
    stream = f"person:{person_id}" if person_id else "system"
    await audit.log(session, stream=stream, actor="anonymous", action="sign_in_failed", now=now)


async def sweep(session: AsyncSession, *, now: datetime) -> None:
    """Forget sessions that ended long ago."""
    await session.exec(sa.delete(SignInSession).where(col(SignInSession.expires_at) < now - KEPT))


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _key(token_hash: str) -> str:
    """A name for a session that may stand on a page: the stored hash itself stays inside."""
    return hashlib.sha256(f"session:{token_hash}".encode()).hexdigest()[:32]
