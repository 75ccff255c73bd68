"""What a request for more evidence still waits for: the learner's answers, or only a report of somebody they named.

A report is a row of its own that changes without a command of the case; what it comes to is reckoned from the rows.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import limits
from services.records.tables.attestations import AttestationRequest
from services.records.tables.cases import Case
from services.records.tables.evidence import EvidenceRequest, RequestTarget
from services.rules import deadlines
from services.rules.attestations import RequestState
from services.rules.case import Missing, Stage
from services.rules.programmes import Policy

_TARGETS: sa.Select[*tuple[Any, ...]] = (
    sa.select(col(RequestTarget.answered_at).is_not(None), col(AttestationRequest.state))
    .join(EvidenceRequest, col(EvidenceRequest.id) == col(RequestTarget.request_id))
    .outerjoin(AttestationRequest, col(AttestationRequest.id) == col(RequestTarget.attestation_id))
    .where(
        col(EvidenceRequest.case_id) == sa.bindparam("case", type_=sa.Uuid()),
        col(EvidenceRequest.closed_at).is_(None),
    )
)


async def missing(session: AsyncSession, case: Case) -> Missing | None:
    """What the open request waits for; None where the case asks for no evidence.

    Somebody who does not answer any more answers for nobody: the learner is asked again.
    """
    if case.stage is not Stage.MORE_EVIDENCE:
        return None
    found = list(await session.exec(_TARGETS, params={"case": case.id}))  # type: ignore[call-overload]  # of two columns
    lost = any(state not in {None, RequestState.OPEN, RequestState.SUBMITTED} for _, state in found)
    if lost or not all(answered for answered, _ in found):
        return Missing.ANSWERS
    states = {state for _, state in found}
    if RequestState.OPEN in states:
        return Missing.REPORTS
    return Missing.NOTHING if RequestState.SUBMITTED in states else Missing.ANSWERS


async def leave_time(session: AsyncSession, *, case: Case, policy: Policy, now: datetime) -> None:
    """While only reports are missing, whoever was asked has until the end of their link; no date moves earlier."""
    if await missing(session, case) is not Missing.REPORTS:
        return
    awaited = select(RequestTarget.attestation_id).where(col(RequestTarget.attestation_id).is_not(None))
    ends = await session.exec(
        select(AttestationRequest.expires_at).where(
            col(AttestationRequest.case_id) == case.id,
            col(AttestationRequest.state) == RequestState.OPEN,
            col(AttestationRequest.id).in_(awaited),
        )
    )
    last = max((end for end in ends if end is not None), default=None)
    until = deadlines.end_of_day(deadlines.local_day(last, case.zone), case.zone) if last else None
    if until is not None and case.due_at is not None and until > case.due_at:
        await limits.extend(session, case=case, policy=policy, now=now, until=until)
