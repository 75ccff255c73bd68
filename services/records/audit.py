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
) -> None:
    """Append one line to `stream` (`case:<id>`, `person:<id>`, `system`) in the caller's transaction.

    `details` holds ids, enums and numbers only. Writers of one stream wait for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.exec(select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(stream, 0))))
    last = (
        await session.exec(
            select(AuditLine.seq, AuditLine.hash)
            .where(col(AuditLine.stream) == stream)
            .order_by(col(AuditLine.seq).desc())
            .limit(1)
        )
    ).first()
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
    session.add(line)
    await session.flush()


async def broken(session: AsyncSession) -> list[str]:
    """Every line that does not follow from the one before it, as `stream#seq`; empty when the log is sound."""
    wrong: list[str] = []
    stream, seq, prev = "", 0, FIRST
    lines = await session.exec(select(AuditLine).order_by(col(AuditLine.stream), col(AuditLine.seq)))
    for line in lines:
        if line.stream != stream:
            stream, seq, prev = line.stream, 0, FIRST
        seq += 1
        if (line.seq, line.prev, line.hash) != (seq, prev, _hash(line)):
            wrong.append(f"{line.stream}#{line.seq}")
        seq, prev = line.seq, line.hash
    return wrong
