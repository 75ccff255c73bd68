"""Marks of texts as rows: a near text in cases of others is counted by case, and nothing is kept of a removed file."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import evidence, likeness
from services.records.database import Database
from services.records.tables.cases import Case
from services.records.tables.evidence import EvidenceItem, TextMark, TextReading
from tests.records import makers
from tests.records.makers import NOW

KINDS = frozenset({"txt"})
TEXT = tuple(range(-32, 32))


async def written(session: AsyncSession, case: Case, marks: tuple[int, ...], **fields: object) -> EvidenceItem:
    """A file of the case whose text has these marks."""
    item = await makers.evidence(session, case, file_kind="txt", **({"sha256": f"{case.number:0>64}"} | fields))
    assert await likeness.keep(session, item.id, marks, now=NOW)
    return item


async def test_near_texts_are_counted_by_case_and_the_learners_own_are_not(database: Database) -> None:
    async with database.writing() as session:
        learner = await makers.person(session)
        case, again = [await makers.case(session, learner=learner) for _ in range(2)]
        item = await written(session, case, TEXT)
        await written(session, again, TEXT)

        async def count() -> dict[str, int]:
            return await likeness.elsewhere(session, case, {item.id})

        assert await count() == {}
        others = [await makers.case(session) for _ in range(5)]
        await written(session, others[0], TEXT[:48] + tuple(range(100, 116)))
        await written(session, others[0], TEXT[:47] + tuple(range(100, 101)), sha256="1" * 64)
        assert await count() == {str(item.id): 1}
        await written(session, others[1], TEXT[:47] + tuple(range(100, 117)))  # too little is shared
        await written(session, others[2], TEXT, removed_at=None, sha256=item.sha256)  # the same bytes are told apart
        gone = await written(session, others[3], TEXT)
        gone.removed_at = NOW
        await session.flush()
        assert await count() == {str(item.id): 1}
        await written(session, others[4], TEXT)
        assert await count() == {str(item.id): 2}


async def test_a_file_is_read_once_and_forgotten_when_it_is_taken_out(database: Database) -> None:
    async with database.writing() as session:
        case = await makers.case(session)
        item = await makers.evidence(session, case, file_kind="txt")
        await makers.evidence(session, case, file_kind="pdf")

        async def unread() -> list[UUID]:
            return [one for one, *_ in await likeness.unread(session, kinds=KINDS, after=UUID(int=0), limit=9)]

        assert await unread() == [item.id]
        assert await likeness.unread(session, kinds=KINDS, after=item.id, limit=9) == []
        assert await likeness.keep(session, item.id, TEXT, now=NOW)
        assert not await likeness.keep(session, item.id, TEXT, now=NOW)
        assert await unread() == []
        await evidence.remove(session, case_id=case.id, evidence_id=item.id, person=case.learner_id, now=NOW)
        for table in (TextMark, TextReading):
            assert (await session.exec(select(sa.func.count()).select_from(table))).one() == 0
        assert await unread() == []
        assert not await likeness.keep(session, item.id, TEXT, now=NOW)
