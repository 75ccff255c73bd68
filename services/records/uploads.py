"""Files that come in parts: opened for one person and case, grown part by part, attached when all of it is there.

A part is safe in the store before its row says so, and the row grows only from the offset that it has: whatever dies in
between, the offset that a client is told holds. Source: interface design, section 10; tus 1.0.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import evidence
from services.records.blobs import Stored
from services.records.tables.evidence import EvidenceItem
from services.records.tables.uploads import Upload, UploadPart
from services.rules import evidence as accepted
from services.rules.refusals import Refused

LASTS = timedelta(days=7)
"""How long after its last byte an upload can be resumed."""

AT_ONCE = 3
ACTIVE = timedelta(hours=1)
"""Uploads that one person may have under way; one that nobody touched for an hour takes up no place."""


async def begin(
    session: AsyncSession, *, case_id: UUID, person: UUID, filename: str, length: int, now: datetime
) -> Upload:
    """Open an upload.

    Raises `Refused`: not_found, portfolio_locked, kind_not_accepted, too_large, empty_file, quota_exceeded,
    uploads_at_once.
    """
    kind = accepted.kind_of_name(filename)
    if length > kind.cap:
        raise Refused("too_large")
    if not length:
        raise Refused("empty_file")
    quota = await evidence.may_attach(session, case_id, person=person, now=now)
    waiting = (col(Upload.evidence_id).is_(None), col(Upload.expires_at) > now)
    total = sa.func.coalesce(sa.func.sum(Upload.length), 0)
    promised = (await session.exec(select(total).where(col(Upload.case_id) == case_id, *waiting))).one()
    if length > quota.left - int(promised):
        raise Refused("quota_exceeded")
    active = (col(Upload.person_id) == person, col(Upload.touched_at) > now - ACTIVE)
    if (await session.exec(select(sa.func.count()).where(*active, *waiting))).one() >= AT_ONCE:
        raise Refused("uploads_at_once", retry_after="30")
    upload = Upload(
        id=uuid4(),  # random throughout: whoever knows one address must not guess another
        case_id=case_id,
        person_id=person,
        name=accepted.clean_name(filename),
        file_kind=kind.key,
        length=length,
        touched_at=now,
        expires_at=now + LASTS,
    )
    session.add(upload)
    await session.flush()
    return upload


async def get(session: AsyncSession, upload_id: UUID, *, case_id: UUID, person: UUID, now: datetime) -> Upload:
    """An upload of this person to this case. Raises `Refused`: not_found, upload_expired."""
    upload = await session.get(Upload, upload_id)
    if upload is None or (upload.case_id, upload.person_id) != (case_id, person):
        raise Refused("not_found")
    if upload.expires_at <= now:
        raise Refused("upload_expired")
    return upload


async def grow(session: AsyncSession, upload: Upload, *, part: str, stored: Stored, now: datetime) -> Upload:
    """Acknowledge a part that is safe in the store. Raises `Refused`: upload_offset, when another one came first."""
    grown = await session.exec(
        sa.update(Upload)
        .where(col(Upload.id) == upload.id, col(Upload.received) == upload.received)
        .values(received=upload.received + stored.size, touched_at=now, expires_at=now + LASTS)
    )
    if grown.rowcount != 1:
        raise Refused("upload_offset")
    session.add(UploadPart(upload_id=upload.id, start=upload.received, name=part))
    await session.flush()
    return await session.get_one(Upload, upload.id, populate_existing=True)


async def parts(session: AsyncSession, upload_id: UUID) -> list[str]:
    """The names of the parts, in the order of the file."""
    rows = select(UploadPart.name).where(col(UploadPart.upload_id) == upload_id).order_by(col(UploadPart.start))
    return list(await session.exec(rows))


async def finish(session: AsyncSession, upload_id: UUID, *, stored: Stored, now: datetime) -> EvidenceItem:
    """Attach the whole file, once. Raises `Refused`: as `evidence.attach` does."""
    upload = await session.get_one(Upload, upload_id, with_for_update=True)
    if upload.evidence_id is not None:
        return await session.get_one(EvidenceItem, upload.evidence_id)
    item = await evidence.attach(
        session,
        case_id=upload.case_id,
        person=upload.person_id,
        name=upload.name,
        file_kind=accepted.kind_of_name(upload.name),
        stored=stored,
        now=now,
    )
    upload.evidence_id = item.id
    session.add(upload)
    await session.exec(sa.delete(UploadPart).where(col(UploadPart.upload_id) == upload_id))
    return item


async def end(session: AsyncSession, upload_id: UUID) -> None:
    """Forget an upload; what became evidence stays."""
    await session.exec(sa.delete(UploadPart).where(col(UploadPart.upload_id) == upload_id))
    await session.exec(sa.delete(Upload).where(col(Upload.id) == upload_id))


async def expired(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Uploads that nobody can resume any more."""
    return list(await session.exec(select(Upload.id).where(col(Upload.expires_at) <= now)))
