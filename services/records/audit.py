"""The log of who did what: a chain per stream in which no line can be changed, dropped or moved unseen."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.audit import AuditLine

FIRST = "0" * 64
"""What the first line of a stream points back to."""

# Every command writes two lines, so these are built once; a line is never read back into a session, only added.
_STREAM = sa.bindparam("stream", type_=sa.String())
_LAST = (
    sa.select(col(AuditLine.seq), col(AuditLine.hash))
    .where(col(AuditLine.stream) == _STREAM)
    .order_by(col(AuditLine.seq).desc())
    .limit(sa.literal_column("1"))
)
_ALONE = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(_STREAM, 0)))
_ADD = sa.insert(AuditLine.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare __table__


def _hash(line: AuditLine) -> str:
    told = [
        line.stream,
        line.seq,
        line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        line.actor,
        line.action,
        line.subject,
        line.details,
    ]
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(line.prev.encode() + canonical.encode()).hexdigest()


async def log(
    session: AsyncSession,
    *,
    stream: str,
    actor: str,
    action: str,
    subject: str = "",
    details: dict[str, Any] | None = None,
    now: datetime,
) -> str:
    """Append one line to `stream` (`case:<id>`, `person:<id>`, `system`) in the caller's transaction; answers its hash.

    `details` holds ids, enums and numbers only. Writers of one stream wait for each other.
    """
    await session.flush()
    known = {"stream": stream}
    if session.get_bind().dialect.name == "postgresql":
        await session.exec(_ALONE, params=known)  # type: ignore[call-overload]  # a select of sqlalchemy's
    last = (await session.exec(_LAST, params=known)).first()  # type: ignore[call-overload]  # as above
    seq, prev = (last[0] + 1, last[1]) if last else (1, FIRST)
    line = AuditLine(
        stream=stream,
        seq=seq,
        at=now,
        actor=actor,
        action=action,
        subject=subject,
        details=details or {},
        prev=prev,
        hash="",
    )
    line.hash = _hash(line)
    await session.exec(_ADD, params=line.model_dump())
    return line.hash


async def broken(session: AsyncSession, *, stream: str | None = None) -> list[str]:
    """Every line, of one stream or of all, that does not follow from the one before it, as `stream#seq`."""
    wrong: list[str] = []
    read, seq, prev = "", 0, FIRST
    question = select(AuditLine).order_by(col(AuditLine.stream), col(AuditLine.seq))
    lines = await session.exec(question if stream is None else question.where(col(AuditLine.stream) == stream))
    for line in lines:
        if line.stream != read:
            read, seq, prev = line.stream, 0, FIRST
        seq += 1
        if (line.seq, line.prev, line.hash) != (seq, prev, _hash(line)):
            wrong.append(f"{line.stream}#{line.seq}")
        seq, prev = line.seq, line.hash
    return wrong
