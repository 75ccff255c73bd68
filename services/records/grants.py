"""Leave to fetch a file from the origin that knows no cookie: one file, one session, a quarter of an hour.

A grant is written in the transaction that notes the reading: no line in the log, no grant. It is worth no more than the
session it was given to: whoever uses it is asked for again, with the roles of that moment.
Source: security design, section 5.10.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import sessions
from services.records.database import Database
from services.records.evidence import ONE_OPENING
from services.records.sessions import Found
from services.records.tables.evidence import EvidenceGrant


@dataclass(frozen=True, slots=True)
class Granted:
    """What somebody may fetch now: a piece of evidence or what was kept of an appointment.

    `original`: as it came, otherwise for a viewer.
    """

    case_id: UUID
    evidence_id: UUID | None
    appointment_file_id: UUID | None
    original: bool
    found: Found


async def give(
    session: AsyncSession,
    *,
    token: str,
    case_id: UUID,
    evidence_id: UUID | None = None,
    appointment_file_id: UUID | None = None,
    original: bool,
    now: datetime,
) -> str:
    """The token of a new grant, for the session of `token` and one file of either kind."""
    grant = secrets.token_urlsafe(32)
    session.add(
        EvidenceGrant(
            token_hash=sessions.hash_of(grant),
            session_hash=sessions.hash_of(token),
            case_id=case_id,
            evidence_id=evidence_id,
            appointment_file_id=appointment_file_id,
            original=original,
            expires_at=now + ONE_OPENING,
        )
    )
    await session.flush()
    return grant


async def find(database: Database, grant: str, *, now: datetime) -> Granted | None:
    """What a grant opens; nothing for one that is unknown or over, or whose session has ended."""
    async with database.reading() as session:
        row = await session.get(EvidenceGrant, sessions.hash_of(grant))
        if row is None or row.expires_at <= now:
            return None
        found = await sessions.find_hashed(session, row.session_hash, now=now)
    if found is None:
        return None
    return Granted(row.case_id, row.evidence_id, row.appointment_file_id, row.original, found)


async def sweep(session: AsyncSession, *, now: datetime) -> int:
    """Forget the grants that are over; returns how many."""
    return (await session.exec(sa.delete(EvidenceGrant).where(col(EvidenceGrant.expires_at) <= now))).rowcount
