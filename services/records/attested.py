"""Statements as staff see them: how far their authors are known, what speaks against it, and who called them back.

Source: case design, section 8.5.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import attestations, audit, cases, wording
from services.records.ids import new_id
from services.records.tables.attestations import AttestationCallBack, AttestationRequest, AttestationStatement
from services.records.tables.decisions import Decision, Letter, LetterState
from services.records.tables.evidence import EvidenceItem, Pointer
from services.rules import attestations as rules
from services.rules.attestations import CallBack, Doubt, IdentityLevel, RequestState, Statement
from services.rules.evidence import CLASS_OF, EvidenceClass
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Attested:
    """A statement as staff see it: how far its author is known, what speaks against it, and where it is kept."""

    request: UUID
    content: Statement
    level: IdentityLevel
    call: CallBack
    doubts: tuple[Doubt, ...]
    recorded: bool
    submitted_at: datetime
    claims: tuple[UUID, ...]
    evidence: tuple[UUID, ...]
    calls: tuple[AttestationCallBack, ...] = ()
    phoned: dict[str, Any] | None = None


async def of_request(
    session: AsyncSession, request: AttestationRequest, *, case_id: UUID | None = None
) -> Attested | None:
    """What was answered to a request, if anything was, as it lies in its case; or in `case_id`, which took it in."""
    row = await session.get(AttestationStatement, request.id)
    if row is None:
        return None
    content = msgspec.convert(row.content, Statement)
    items = await session.exec(
        select(EvidenceItem.id)
        .where(
            col(EvidenceItem.attestation_id) == request.id, col(EvidenceItem.case_id) == (case_id or request.case_id)
        )
        .order_by(col(EvidenceItem.id))
    )
    evidence = tuple(items)
    pointed = await session.exec(
        select(Pointer.claim_id)
        .where(col(Pointer.evidence_id).in_(evidence))
        .distinct()
        .order_by(col(Pointer.claim_id))
    )
    claims = tuple(pointed)
    calls = tuple(
        await session.exec(
            select(AttestationCallBack)
            .where(col(AttestationCallBack.request_id) == request.id)
            .order_by(col(AttestationCallBack.id))
        )
    )
    # Whoever heard the words from their author's mouth need not call them.
    # Who was called is known as far as the number is: one that the learner gave proves nothing.
    spoken = row.recorded_by is not None and (row.call is None or row.call["looked_up"])
    confirmed = calls[-1].confirmed if calls else spoken
    level = rules.identity(address=request.email, organisation=content.organisation, called_back=confirmed)
    call = rules.call_back(
        drawn=rules.is_drawn(bytes.fromhex(row.seed), str(request.id)),
        sole=await _sole(session, request=request.id, claims=claims),
        done=spoken or bool(calls),
    )
    denied = bool(calls) and not calls[-1].confirmed
    doubts = rules.doubts(level, same_device=row.same_device, call=call, denied=denied)
    return Attested(
        request.id,
        content,
        level,
        call,
        doubts,
        row.recorded_by is not None,
        row.submitted_at,
        claims,
        evidence,
        calls,
        row.call,
    )


async def of_case(session: AsyncSession, case_id: UUID, *, claims: Collection[UUID] | None = None) -> list[Attested]:
    """Every statement of a case, oldest first; with `claims` named, those that speak for one of them."""
    laid = select(EvidenceItem.attestation_id).where(col(EvidenceItem.case_id) == case_id)
    submitted = await session.exec(
        select(AttestationRequest)
        .where(
            col(AttestationRequest.state) == RequestState.SUBMITTED,
            sa.or_(col(AttestationRequest.case_id) == case_id, col(AttestationRequest.id).in_(laid)),
        )
        .order_by(col(AttestationRequest.id))
    )
    found = [
        one for request in list(submitted) if (one := await of_request(session, request, case_id=case_id)) is not None
    ]
    return [one for one in found if claims is None or set(one.claims) & set(claims)]


async def _sole(session: AsyncSession, *, request: UUID, claims: Sequence[UUID]) -> bool:
    """Whether some claim has nothing else from a third party."""
    kinds = sorted(kind for kind, of in CLASS_OF.items() if of is EvidenceClass.THIRD_PARTY)
    others = await session.exec(
        select(Pointer.claim_id)
        .join(EvidenceItem, col(EvidenceItem.id) == col(Pointer.evidence_id))
        .where(
            col(Pointer.claim_id).in_(claims),
            col(EvidenceItem.removed_at).is_(None),
            col(EvidenceItem.kind).in_(kinds),
            sa.or_(col(EvidenceItem.attestation_id).is_(None), col(EvidenceItem.attestation_id) != request),
        )
        .distinct()
    )
    return bool(set(claims) - set(others))


async def note_call(
    session: AsyncSession,
    *,
    case_id: UUID,
    request_id: UUID,
    advisor: UUID,
    answered_by: str,
    number_from: str,
    confirmed: bool,
    called_at: datetime,
    now: datetime,
) -> None:
    """Note that the author was called: by whom it was answered, and where the number came from.

    Raises `Refused`: not_found, request_settled where nothing was answered, malformed.
    """
    case = await cases.get(session, case_id, lock=True)
    request = await attestations.get(session, case_id=case_id, request_id=request_id)
    if request.state is not RequestState.SUBMITTED:
        raise Refused("request_settled")
    for name, text, most in (("answered_by", answered_by, 200), ("number_from", number_from, 500)):
        wording.check(name, text, most=most)
        if not text.strip():
            raise Refused("malformed", field=name)
    statement = await session.get_one(AttestationStatement, request_id)
    if not statement.submitted_at <= called_at <= now:
        raise Refused("malformed", field="called_at")
    session.add(
        AttestationCallBack(
            id=new_id(),
            request_id=request_id,
            advisor_id=advisor,
            answered_by=answered_by.strip(),
            number_from=number_from.strip(),
            confirmed=confirmed,
            called_at=called_at,
            noted_at=now,
        )
    )
    await session.flush()
    await audit.log(
        session,
        stream=f"case:{case.id}",
        actor=str(advisor),
        action="attestation_called_back",
        subject=str(request_id),
        details={"confirmed": confirmed},
        now=now,
    )


async def sealed(session: AsyncSession, *, case_id: UUID, request_id: UUID) -> bool:
    """Whether the learner must not read a statement yet: no decision that came after it can be read."""
    statement = await session.get(AttestationStatement, request_id)
    if statement is None:
        return True
    told = await session.exec(
        select(Letter.id)
        .join(Decision, col(Decision.id) == col(Letter.decision_id))
        .where(
            col(Letter.case_id) == case_id,
            col(Letter.state) == LetterState.RELEASED,
            col(Decision.decided_at) >= statement.submitted_at,
        )
        .limit(1)
    )
    return told.first() is None
