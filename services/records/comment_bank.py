"""The comment bank: sentences that an assessor keeps for reuse; nothing about any case stands in it by our doing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, wording
from services.records.ids import new_id
from services.records.tables.comments import SavedComment
from services.rules.refusals import Refused

MOST = 500
"""Comments of one person."""

LONGEST = 2000
"""Characters of one comment in one language."""


async def of(session: AsyncSession, owner: UUID) -> list[SavedComment]:
    """The comments of `owner`, the oldest first."""
    rows = select(SavedComment).where(col(SavedComment.owner_id) == owner).order_by(col(SavedComment.id))
    return list(await session.exec(rows))


async def usable(session: AsyncSession, *, person: UUID, institution: str) -> Sequence[SavedComment]:
    """What `person` may put into a judgement at `institution`: their own first, then what colleagues there share."""
    own = col(SavedComment.owner_id) == person
    theirs = sa.and_(col(SavedComment.shared), col(SavedComment.institution_id) == institution)
    rows = await session.exec(
        select(SavedComment).where(sa.or_(own, theirs)).order_by(sa.case((own, 0), else_=1), col(SavedComment.id))
    )
    return list(rows)


async def add(
    session: AsyncSession, *, owner: UUID, institution: str, en: str, fr: str, shared: bool, now: datetime
) -> SavedComment:
    """Keep a comment. Raises `Refused`: malformed where it says nothing or too much, comments_full."""
    en, fr = en.strip(), fr.strip()
    for field, text in (("en", en), ("fr", fr)):
        wording.check(field, text, most=LONGEST, lines=True)
    if not (en or fr):
        raise Refused("malformed", field="en")
    if len(await of(session, owner)) >= MOST:
        raise Refused("comments_full", most=str(MOST))
    row = SavedComment(
        id=new_id(), owner_id=owner, institution_id=institution, en=en, fr=fr, shared=shared, added_at=now
    )
    session.add(row)
    await session.flush()
    await _log(session, owner=owner, action="comment_kept", subject=row.id, now=now)
    return row


async def remove(session: AsyncSession, *, owner: UUID, comment: UUID, now: datetime) -> None:
    """Take one's own comment out; where it was used, it stays. Raises `Refused('not_found')`."""
    row = await session.get(SavedComment, comment)
    if row is None or row.owner_id != owner:
        raise Refused("not_found")
    await session.delete(row)
    await _log(session, owner=owner, action="comment_removed", subject=comment, now=now)


async def _log(session: AsyncSession, *, owner: UUID, action: str, subject: UUID, now: datetime) -> None:
    await audit.log(session, stream=f"person:{owner}", actor=str(owner), action=action, subject=str(subject), now=now)
