"""A claim is attempted again: a new row that begins with what was shown before."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import transfers
from services.records.ids import new_id
from services.records.tables.cases import Claim
from services.records.tables.evidence import Pointer
from services.rules.claims import ClaimState


async def begin(
    session: AsyncSession, claims: Iterable[Claim], *, now: datetime, state: ClaimState = ClaimState.CLAIMED
) -> list[Claim]:
    """The next attempt at each of `claims`, in `state`; what was settled before stays as it is."""
    begun = []
    for old in claims:
        last = await session.exec(
            select(sa.func.max(Claim.attempt)).where(
                col(Claim.case_id) == old.case_id, col(Claim.competency) == old.competency
            )
        )
        claim = Claim(
            id=new_id(),
            case_id=old.case_id,
            learner_id=old.learner_id,
            competency=old.competency,
            competency_key=old.competency_key,
            attempt=(last.one() or old.attempt) + 1,
            state=state,
            self_assessment=old.self_assessment,
        )
        session.add(claim)
        await session.flush()
        await _carry_pointers(session, old=old, claim=claim)
        await transfers.carry(session, old=old, claim=claim, now=now)
        begun.append(claim)
    return begun


async def _carry_pointers(session: AsyncSession, *, old: Claim, claim: Claim) -> None:
    """What has been shown is never asked for again: the new attempt begins with the pointers of the last one."""
    rows = await session.exec(select(Pointer).where(col(Pointer.claim_id) == old.id).order_by(col(Pointer.id)))
    session.add_all(
        Pointer(
            id=new_id(),
            case_id=pointer.case_id,
            evidence_id=pointer.evidence_id,
            claim_id=claim.id,
            criterion=pointer.criterion,
            page=pointer.page,
            seconds=pointer.seconds,
            note=pointer.note,
        )
        for pointer in list(rows)
    )
    await session.flush()
