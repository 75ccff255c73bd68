"""What is pointed out to whoever judges a claim, gathered from its evidence; of other cases nothing but that they are.

Only cases of the same institution are compared, and never the learner's own.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import likeness
from services.records.tables.cases import Case
from services.records.tables.commands import CommandRow, CommandStatus
from services.records.tables.evidence import EvidenceItem, Pointer
from services.rules import evidence_help
from services.rules.claims import PointedItem
from services.rules.evidence import EvidenceKind
from services.rules.evidence_help import Help
from services.rules.programmes import Competency


@dataclass(frozen=True, slots=True)
class Around:
    """What there is to look at in a claim, and how many pieces of each kind speak for it."""

    help: tuple[Help, ...]
    by_kind: dict[EvidenceKind, int]


Asked = tuple[Competency, Collection[str]]
"""A claim's competency, and the criteria of it that need no evidence, for they were met before."""


async def of_claims(session: AsyncSession, case: Case, asked: Mapping[UUID, Asked]) -> dict[UUID, Around]:
    """What is pointed out of each claim, by its id, in three questions however many there are."""
    rows = await session.exec(  # type: ignore[call-overload]  # a select of many columns
        sa.select(
            col(Pointer.claim_id),
            col(Pointer.criterion),
            col(EvidenceItem.id),
            col(EvidenceItem.kind),
            col(EvidenceItem.learner_authored),
        )
        .join(EvidenceItem, col(EvidenceItem.id) == col(Pointer.evidence_id))
        .where(col(Pointer.claim_id).in_(asked), col(EvidenceItem.removed_at).is_(None))
        .order_by(col(EvidenceItem.id))
    )
    items: defaultdict[UUID, dict[str, PointedItem]] = defaultdict(dict)
    pointed: defaultdict[UUID, set[str | None]] = defaultdict(set)
    for claim_id, criterion, item, kind, own in rows:
        pointed[claim_id].add(criterion)
        if kind is not None:
            items[claim_id][str(item)] = PointedItem(str(item), EvidenceKind(kind), own)
    pieces = {UUID(item) for found in items.values() for item in found}
    elsewhere = await _elsewhere(session, case, pieces)
    near = await likeness.elsewhere(session, case, pieces)
    return {
        claim_id: Around(
            tuple(
                evidence_help.found(
                    competency,
                    items=items[claim_id].values(),
                    pointed=pointed[claim_id],
                    elsewhere=elsewhere,
                    near=near,
                    carried=carried,
                )
            ),
            evidence_help.by_kind(items[claim_id].values()),
        )
        for claim_id, (competency, carried) in asked.items()
    }


async def _elsewhere(session: AsyncSession, case: Case, items: Collection[UUID]) -> set[str]:
    other, owner = aliased(EvidenceItem), aliased(Case)
    same = (
        sa.exists()
        .where(
            col(other.sha256) == col(EvidenceItem.sha256),
            col(other.removed_at).is_(None),
            col(other.case_id) == col(owner.id),
            col(owner.institution_id) == case.institution_id,
            col(owner.learner_id) != case.learner_id,
        )
        .correlate(EvidenceItem)
    )
    rows = await session.exec(select(EvidenceItem.id).where(col(EvidenceItem.id).in_(items), same))
    return {str(item) for item in rows}


async def use_of_ai(session: AsyncSession, case_id: UUID) -> str:
    """What the learner said of AI tools when the portfolio was last sent; empty before."""
    rows = await session.exec(
        select(CommandRow.body)
        .where(
            col(CommandRow.case_id) == case_id,
            col(CommandRow.kind) == "submit_portfolio",
            col(CommandRow.status) == CommandStatus.APPLIED,
        )
        .order_by(col(CommandRow.version).desc())
        .limit(1)
    )
    body = rows.first() or {}
    return str(body.get("ai_use", ""))
