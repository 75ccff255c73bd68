"""Second thoughts about a file: one that was taken out comes back, and one that was wrong gives way to another.

Both keep what the file was pointed at, and neither is possible once the file was sent.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import evidence, pointers, portfolio
from services.records.blobs import Stored
from services.records.evidence import Description, Quota
from services.records.pointers import Place
from services.records.tables.cases import Case, Claim
from services.records.tables.evidence import EvidenceItem
from services.rules.claims import OPEN_CLAIMS
from services.rules.evidence import EvidenceState
from services.rules.refusals import Refused
from services.rules.signatures import PLAYED, FileKind

UNDO = timedelta(hours=1)
"""How long after its removal a file can be brought back."""


async def may_replace(session: AsyncSession, *, case_id: UUID, evidence_id: UUID, person: UUID, now: datetime) -> Quota:
    """What may come in instead of a file, as if it were already gone: asked before a byte is read.

    Raises `Refused`: not_found, portfolio_locked, evidence_unknown, evidence_of_others.
    """
    case = await portfolio.editable(session, case_id, lock=False)
    old = await _unsent(session, case=case, evidence_id=evidence_id)
    quota = await evidence.quota(session, case_id, person=person, now=now)
    return replace(quota, files=quota.files - 1, size=quota.size - old.size)


async def put_instead(
    session: AsyncSession,
    *,
    case_id: UUID,
    evidence_id: UUID,
    person: UUID,
    name: str,
    file_kind: FileKind,
    stored: Stored,
    now: datetime,
) -> EvidenceItem:
    """Take a file out and put another in its place, with what was said of it and what it was pointed at.

    The same bytes again change nothing. Raises `Refused`: not_found, portfolio_locked, evidence_unknown,
    evidence_of_others, quota_exceeded.
    """
    case = await portfolio.editable(session, case_id)
    old = await _unsent(session, case=case, evidence_id=evidence_id)
    if old.sha256 == stored.sha256:
        return old
    said = Description(**{field: getattr(old, field) for field in Description.__slots__})
    if file_kind.family not in PLAYED:
        said = replace(said, transcript="")
    shown = await pointers.of_case(session, case_id)
    await evidence.remove(session, case_id=case_id, evidence_id=evidence_id, person=person, now=now)
    new = await evidence.attach(
        session,
        case_id=case_id,
        person=person,
        name=name,
        file_kind=file_kind,
        stored=stored,
        said=said,
        now=now,
    )
    if new.kind is not None:
        for one in shown.get(evidence_id, ()):
            await pointers.carry_over(session, case=case, evidence_id=new.id, claim_id=one.claim, place=one.place)
    return new


async def restore(
    session: AsyncSession, *, case_id: UUID, evidence_id: UUID, person: UUID, now: datetime
) -> EvidenceItem:
    """Bring back a file within the hour of its removal, pointed at what it was; a claim closed since then is left out.

    Where the case has taken in the same bytes meanwhile, that item is the answer. Raises `Refused`: not_found,
    portfolio_locked, evidence_unknown (never there, or too long ago), quota_exceeded.
    """
    case = await portfolio.editable(session, case_id)
    item = await session.get(EvidenceItem, evidence_id)
    if item is None or not _may_come_back(item, case, now=now):
        raise Refused("evidence_unknown")
    same = await session.exec(
        select(EvidenceItem)
        .where(
            col(EvidenceItem.case_id) == case_id,
            col(EvidenceItem.removed_at).is_(None),
            col(EvidenceItem.sha256) == item.sha256,
        )
        .limit(1)
    )
    if known := same.first():
        return known
    if item.size > (await evidence.quota(session, case_id, person=person, now=now)).room:
        raise Refused("quota_exceeded")
    dropped, item.dropped_pointers = item.dropped_pointers, []
    item.state, item.removed_at = EvidenceState.UNSCANNED, None
    session.add(item)
    await session.flush()
    await _point_again(session, case, item, dropped)
    await portfolio.changed(session, case, person=person, action="evidence_restored", subject=item.id, now=now)
    return item


async def removed(session: AsyncSession, *, case_id: UUID, evidence_id: UUID, now: datetime) -> str | None:
    """The name of a file that can still be brought back, else None."""
    item = await session.get(EvidenceItem, evidence_id)
    case = await session.get_one(Case, case_id)
    return item.name if item is not None and _may_come_back(item, case, now=now) else None


def _may_come_back(item: EvidenceItem, case: Case, *, now: datetime) -> bool:
    mine = (item.case_id, item.uploaded_by) == (case.id, case.learner_id)
    return mine and item.removed_at is not None and item.removed_at > now - UNDO


async def _unsent(session: AsyncSession, *, case: Case, evidence_id: UUID) -> EvidenceItem:
    item = await evidence.own(session, case=case, evidence_id=evidence_id)
    if str(item.id) in (await portfolio.sent(session, case.id)).items:
        raise Refused("portfolio_locked")
    return item


async def _point_again(session: AsyncSession, case: Case, item: EvidenceItem, dropped: list[dict[str, Any]]) -> None:
    for one in dropped:
        claim = await session.get_one(Claim, UUID(one["claim"]))
        if claim.state in OPEN_CLAIMS:
            place = Place(one["criterion"], one["page"], one["seconds"], one["note"])
            await pointers.carry_over(session, case=case, evidence_id=item.id, claim_id=claim.id, place=place)
