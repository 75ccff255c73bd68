"""What the records hold of one person beside their cases: agreements, what they show of credentials, their own acts."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case, Consent
from services.records.tables.credentials import Credential
from services.records.tables.evidence import EvidenceItem
from services.records.tables.sharing import CredentialShare


async def consents(session: AsyncSession, person: UUID) -> list[dict[str, Any]]:
    """What somebody agreed to, oldest first, with what they took back."""
    rows = await session.exec(select(Consent).where(col(Consent.person_id) == person).order_by(col(Consent.given_at)))
    return [row.model_dump(include={"case_id", "purpose", "text_version", "given_at", "withdrawn_at"}) for row in rows]


async def shares(session: AsyncSession, person: UUID) -> list[dict[str, Any]]:
    """What somebody showed of their credentials, oldest first, with what they took back."""
    rows = await session.exec(
        select(CredentialShare)
        .where(col(CredentialShare.person_id) == person)
        .order_by(col(CredentialShare.given_at), col(CredentialShare.id))
    )
    return [row.model_dump(exclude={"id", "person_id"}) for row in rows]


async def acts(session: AsyncSession, person: UUID) -> list[dict[str, Any]]:
    """What the log says that somebody did themselves, oldest first; what others did in a case is not theirs."""
    rows = await session.exec(
        select(AuditLine)
        .where(col(AuditLine.actor) == str(person))
        .order_by(col(AuditLine.at), col(AuditLine.stream), col(AuditLine.seq))
    )
    return [row.model_dump(include={"stream", "at", "action", "subject", "details"}) for row in rows]


async def documents(session: AsyncSession, case_id: UUID) -> list[Credential]:
    """The published credentials of a case, as they were signed."""
    rows = await session.exec(
        select(Credential)
        .where(col(Credential.case_id) == case_id, col(Credential.published_at).is_not(None))
        .order_by(col(Credential.published_at), col(Credential.id))
    )
    return list(rows)


async def taken_out(session: AsyncSession, case: Case) -> list[EvidenceItem]:
    """The files that a learner took out of a case: nobody reads them, and yet they are held."""
    rows = await session.exec(
        select(EvidenceItem)
        .where(
            col(EvidenceItem.case_id) == case.id,
            col(EvidenceItem.uploaded_by) == case.learner_id,
            col(EvidenceItem.removed_at).is_not(None),
        )
        .order_by(col(EvidenceItem.id))
    )
    return list(rows)


async def weight(session: AsyncSession, person: UUID) -> int:
    """Bytes of the files that somebody sent and that are held of them."""
    rows = await session.exec(
        select(sa.func.coalesce(sa.func.sum(EvidenceItem.size), 0))
        .join(Case, col(Case.id) == col(EvidenceItem.case_id))
        .where(col(Case.learner_id) == person, col(EvidenceItem.uploaded_by) == person)
    )
    return int(rows.one())


async def taken_along(session: AsyncSession, person: UUID, *, now: datetime) -> None:
    """Note that somebody took along a copy of everything."""
    await audit.log(session, stream=f"person:{person}", actor=str(person), action="everything_exported", now=now)
