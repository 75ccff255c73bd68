"""The portfolio as a whole: when it may change, what was sent and can no longer change, and the learner's receipt."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases
from services.records.tables.cases import Case, Claim
from services.records.tables.evidence import EvidenceItem, Pointer, PortfolioVersion
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS
from services.rules.refusals import Refused

EDITABLE = frozenset({Stage.DRAFT, Stage.INCOMPLETE, Stage.ELIGIBLE, Stage.MORE_EVIDENCE, Stage.GAP_TRAINING})
"""Stages in which the portfolio is with the learner."""


async def editable(session: AsyncSession, case_id: UUID, *, lock: bool = True) -> Case:
    """The case, locked so that nobody sends the portfolio meanwhile. Raises `Refused`: not_found, portfolio_locked."""
    case = await cases.get(session, case_id, lock=lock)
    if case.stage not in EDITABLE:
        raise Refused("portfolio_locked")
    return case


async def changed(
    session: AsyncSession,
    case: Case,
    *,
    person: UUID,
    action: str,
    subject: UUID,
    details: dict[str, Any] | None = None,
    now: datetime,
) -> None:
    """Note a change in the log, and that the learner is active; `details` holds ids, enums and numbers only.

    Where somebody else writes for the learner, the log says on whose behalf.
    """
    if person != case.learner_id:
        details = (details or {}) | {"on_behalf_of": str(case.learner_id)}
    case.active_at = now
    session.add(case)
    await audit.log(
        session,
        stream=f"case:{case.id}",
        actor=str(person),
        action=action,
        subject=str(subject),
        details=details,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """Ids of what stands in any version that was sent."""

    items: frozenset[str]
    pointers: frozenset[str]


async def sent(session: AsyncSession, case_id: UUID) -> Sent:
    """What was sent and must stay as it was."""
    manifests = list(
        await session.exec(select(PortfolioVersion.manifest).where(col(PortfolioVersion.case_id) == case_id))
    )
    return Sent(
        items=frozenset(item["id"] for manifest in manifests for item in manifest["items"]),
        pointers=frozenset(pointer["id"] for manifest in manifests for pointer in manifest["pointers"]),
    )


async def freeze(session: AsyncSession, *, case: Case, command_id: UUID | None, now: datetime) -> PortfolioVersion:
    """Keep the portfolio as it stands as the next version, under the hash of its canonical manifest."""
    last = await session.exec(
        select(PortfolioVersion.number)
        .where(col(PortfolioVersion.case_id) == case.id)
        .order_by(col(PortfolioVersion.number).desc())
        .limit(1)
    )
    number = (last.first() or 0) + 1
    manifest = await _manifest(session, case=case, number=number)
    version = PortfolioVersion(
        case_id=case.id,
        number=number,
        manifest=manifest,
        sha256=digest(manifest),
        command_id=command_id,
        frozen_at=now,
    )
    session.add(version)
    await session.flush()
    return version


async def changed_since_sent(session: AsyncSession, case: Case) -> bool:
    """Whether the portfolio as it stands differs from the last version that was sent, if one was."""
    rows = await session.exec(
        select(PortfolioVersion)
        .where(col(PortfolioVersion.case_id) == case.id)
        .order_by(col(PortfolioVersion.number).desc())
        .limit(1)
    )
    last = rows.first()
    return last is not None and digest(await _manifest(session, case=case, number=last.number)) != last.sha256


def digest(manifest: dict[str, Any]) -> str:
    """SHA-256 of the manifest as JSON with sorted keys, without spaces, in UTF-8."""
    canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify(version: PortfolioVersion) -> bool:
    """Whether the manifest is the one that was frozen."""
    return digest(version.manifest) == version.sha256


async def _manifest(session: AsyncSession, *, case: Case, number: int) -> dict[str, Any]:
    items = await session.exec(
        select(EvidenceItem)
        .where(col(EvidenceItem.case_id) == case.id, col(EvidenceItem.removed_at).is_(None))
        .order_by(col(EvidenceItem.id))
    )
    pointers = await session.exec(select(Pointer).where(col(Pointer.case_id) == case.id).order_by(col(Pointer.id)))
    claims = await session.exec(
        select(Claim).where(col(Claim.case_id) == case.id, col(Claim.state).in_(OPEN_CLAIMS)).order_by(col(Claim.id))
    )
    return {
        "case": str(case.id),
        "number": number,
        "items": [_item(item) for item in items],
        "pointers": [_pointer(pointer) for pointer in pointers],
        "answers": case.answers,
        "claims": [
            {"id": str(claim.id), "competency": claim.competency, "self_assessment": claim.self_assessment}
            for claim in claims
        ],
    }


def _item(item: EvidenceItem) -> dict[str, Any]:
    period = [day.isoformat() if day else None for day in (item.period_start, item.period_end)]
    return {
        "id": str(item.id),
        "sha256": item.sha256,
        "size": item.size,
        "name": item.name,
        "kind": item.kind,
        "title": item.title,
        "description": item.description,
        "period": period,
        "language": item.language,
        "author": item.author,
        "learner_authored": item.learner_authored,
        "transcript": item.transcript,
    }


def _pointer(pointer: Pointer) -> dict[str, Any]:
    return {
        "id": str(pointer.id),
        "item": str(pointer.evidence_id),
        "claim": str(pointer.claim_id),
        "criterion": pointer.criterion,
        "page": pointer.page,
        "seconds": pointer.seconds,
        "note": pointer.note,
    }


@dataclass(frozen=True, slots=True)
class Receipted:
    """One file as it was received: whoever keeps the file can compute the same hash."""

    id: UUID
    name: str
    sha256: str
    size: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SentVersion:
    """One version as it was sent, and the hash of its manifest."""

    number: int
    sha256: str
    frozen_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the institution holds of a case, for the learner to keep."""

    case_id: UUID
    case_number: str
    files: tuple[Receipted, ...]
    versions: tuple[SentVersion, ...]


async def receipt(session: AsyncSession, case_id: UUID) -> Receipt:
    """Every file that is held, with its hash, and every version that was sent. Raises `Refused`: not_found."""
    case = await cases.get(session, case_id)
    files = await session.exec(
        select(  # type: ignore[call-overload]  # sqlmodel types select for up to four columns
            EvidenceItem.id, EvidenceItem.name, EvidenceItem.sha256, EvidenceItem.size, EvidenceItem.received_at
        )
        .where(col(EvidenceItem.case_id) == case_id, col(EvidenceItem.removed_at).is_(None))
        .order_by(col(EvidenceItem.id))
    )
    versions = await session.exec(
        select(PortfolioVersion.number, PortfolioVersion.sha256, PortfolioVersion.frozen_at)
        .where(col(PortfolioVersion.case_id) == case_id)
        .order_by(col(PortfolioVersion.number))
    )
    return Receipt(
        case_id=case_id,
        case_number=case.number,
        files=tuple(Receipted(*row) for row in files),
        versions=tuple(SentVersion(*row) for row in versions),
    )
