"""The marks of texts as rows: kept once a file was read, forgotten when it is taken out, compared by the marks shared.

Of another case nothing is told but that there is one. The same bytes are no near text: `evidence_help` tells of them.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.cases import Case
from services.records.tables.evidence import EvidenceItem, TextMark, TextReading
from services.rules.likeness import OF, SHARED


async def unread(
    session: AsyncSession, *, kinds: Collection[str], after: UUID, limit: int
) -> list[tuple[UUID, str, str]]:
    """Files whose text was not read yet: id, kind and the name of the bytes, in the order of ids."""
    rows = await session.exec(
        select(EvidenceItem.id, EvidenceItem.file_kind, EvidenceItem.sha256)
        .outerjoin(TextReading, col(TextReading.evidence_id) == col(EvidenceItem.id))
        .where(
            col(TextReading.evidence_id).is_(None),
            col(EvidenceItem.removed_at).is_(None),
            col(EvidenceItem.file_kind).in_(kinds),
            col(EvidenceItem.id) > after,
        )
        .order_by(col(EvidenceItem.id))
        .limit(limit)
    )
    return [(found, kind, sha256) for found, kind, sha256 in rows]


async def keep(session: AsyncSession, evidence_id: UUID, marks: Collection[int], *, now: datetime) -> bool:
    """Note that a file was read, with the marks of its text; not once it was taken out, and not twice."""
    item = await session.get(EvidenceItem, evidence_id, with_for_update=True)
    if item is None or item.removed_at is not None or await session.get(TextReading, evidence_id) is not None:
        return False
    session.add(TextReading(evidence_id=evidence_id, marks=len(marks), read_at=now))
    await session.flush()
    session.add_all(TextMark(evidence_id=evidence_id, mark=mark) for mark in marks)
    return True


async def forget(session: AsyncSession, evidence_id: UUID) -> None:
    """Keep nothing of a file's text any more. Brought back, the file is read again."""
    for table in (TextMark, TextReading):
        await session.exec(sa.delete(table).where(col(table.evidence_id) == evidence_id))


async def elsewhere(session: AsyncSession, case: Case, items: Collection[UUID]) -> dict[str, int]:
    """In how many cases of others a text lies that is near to that of each file, by the file's id; others are left out.

    `rules.likeness.near`, said in SQL: each mark is looked up in the index, and no other text is gone through.
    """
    mine, theirs = aliased(TextMark), aliased(TextMark)
    read, other_read = aliased(TextReading), aliased(TextReading)
    own, other, owner = aliased(EvidenceItem), aliased(EvidenceItem), aliased(Case)
    shared = sa.func.count() * OF
    rows = await session.exec(  # type: ignore[call-overload]  # a select of many columns
        sa.select(col(mine.evidence_id), col(other.case_id))
        .join(theirs, col(theirs.mark) == col(mine.mark))
        .join(read, col(read.evidence_id) == col(mine.evidence_id))
        .join(other_read, col(other_read.evidence_id) == col(theirs.evidence_id))
        .join(own, col(own.id) == col(mine.evidence_id))
        .join(other, col(other.id) == col(theirs.evidence_id))
        .join(owner, col(owner.id) == col(other.case_id))
        .where(
            col(mine.evidence_id).in_(items),
            col(other.removed_at).is_(None),
            col(other.sha256) != col(own.sha256),
            col(owner.institution_id) == case.institution_id,
            col(owner.learner_id) != case.learner_id,
        )
        .group_by(col(mine.evidence_id), col(other.id), col(other.case_id), col(read.marks), col(other_read.marks))
        .having(shared >= col(read.marks) * SHARED, shared >= col(other_read.marks) * SHARED)
    )
    cases: defaultdict[str, set[UUID]] = defaultdict(set)
    for evidence_id, case_id in rows:
        cases[str(evidence_id)].add(case_id)
    return {evidence_id: len(found) for evidence_id, found in cases.items()}
