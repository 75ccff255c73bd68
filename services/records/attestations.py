"""Requests to say what one saw of a learner: what they are about, and every way in which they end by themselves.

A request is a row of its own and no limit of the case: it may begin in a draft, which has no workflow, and outlives
the stages that a case goes through meanwhile. What is due by the calendar is found by a daily sweep.
Source: case design, section 8.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases, effects
from services.records.tables.attestations import AttestationClaim, AttestationRequest
from services.records.tables.cases import Case, Claim, Consent
from services.rules import attestations as rules
from services.rules.attestations import UNANSWERED, RequestState
from services.rules.claims import OPEN_CLAIMS
from services.rules.refusals import Refused


async def end(session: AsyncSession, row: AttestationRequest, *, state: RequestState, now: datetime) -> None:
    """End a request as `state`: what was drafted is forgotten, unless the time to answer can be prolonged.

    The consent to write to the person ends with a request that is taken back.
    """
    row.state, row.ended_at = state, now
    if state is not RequestState.EXPIRED:
        row.draft = None
    consent = await session.get(Consent, row.consent_id) if row.consent_id else None
    if consent is not None and state is RequestState.CANCELLED:
        consent.withdrawn_at = now
    await session.flush()


async def could_not_reach(session: AsyncSession, request_id: UUID, *, now: datetime) -> None:
    """The address takes no mail: the learner is told, and may name the person again."""
    found = await session.get_one(AttestationRequest, request_id)
    case = await cases.get(session, found.case_id, lock=True)
    row = await get(session, case_id=case.id, request_id=request_id)
    if row.state is not RequestState.OPEN:
        return
    await end(session, row, state=RequestState.UNDELIVERED, now=now)
    await effects.tell(
        session,
        case=case,
        notice="attestation_undelivered",
        person=case.learner_id,
        now=now,
        occasion=f"{row.id.hex}{row.period}",
    )
    await log(session, row, action="attestation_undelivered", actor=case.learner_id, now=now)


async def end_with_case(session: AsyncSession, case: Case, *, now: datetime) -> None:
    """Where a case is settled or closed nobody is asked any more."""
    if case.stage in rules.ANSWERABLE:
        return
    for row in await of_case(session, case.id, states=UNANSWERED):
        await end(session, row, state=RequestState.CANCELLED, now=now)


async def forget_claim(session: AsyncSession, claim: Claim, *, now: datetime) -> None:
    """A claim leaves a draft: nobody is asked about it, and whoever was asked of nothing else is not asked at all."""
    touched = await session.exec(
        select(AttestationClaim.request_id).where(col(AttestationClaim.claim_id) == claim.id).distinct()
    )
    requests = list(touched)
    await session.exec(sa.delete(AttestationClaim).where(col(AttestationClaim.claim_id) == claim.id))
    left = set(
        await session.exec(
            select(AttestationClaim.request_id).where(col(AttestationClaim.request_id).in_(requests)).distinct()
        )
    )
    for row in await of_case(session, claim.case_id, states=UNANSWERED):
        if row.id in requests and row.id not in left:
            await end(session, row, state=RequestState.CANCELLED, now=now)


async def get(session: AsyncSession, *, case_id: UUID, request_id: UUID) -> AttestationRequest:
    """A request of this very case; lock the case first to change it. Raises `Refused('not_found')`."""
    row = await session.get(AttestationRequest, request_id, populate_existing=True)
    if row is None or row.case_id != case_id:
        raise Refused("not_found")
    return row


async def of_case(
    session: AsyncSession, case_id: UUID, *, states: Collection[RequestState] = frozenset(RequestState)
) -> list[AttestationRequest]:
    """The requests of a case in one of `states`, oldest first."""
    rows = await session.exec(
        select(AttestationRequest)
        .where(col(AttestationRequest.case_id) == case_id, col(AttestationRequest.state).in_(sorted(states)))
        .order_by(col(AttestationRequest.id))
    )
    return list(rows)


async def claims_of(session: AsyncSession, request_id: UUID) -> list[Claim]:
    """The claims that the person is asked about, in the order in which they were made."""
    rows = await session.exec(
        select(Claim)
        .join(AttestationClaim, col(AttestationClaim.claim_id) == col(Claim.id))
        .where(col(AttestationClaim.request_id) == request_id)
        .order_by(col(Claim.id))
    )
    return list(rows)


async def named(session: AsyncSession, case_id: UUID) -> list[AttestationRequest]:
    """Everybody who was really asked, or heard: they tie others to the case."""
    not_asked = {RequestState.PROPOSED, RequestState.CANCELLED, RequestState.UNKNOWN_PERSON}
    return await of_case(session, case_id, states=frozenset(RequestState) - not_asked)


async def about(
    session: AsyncSession, *, case: Case, request: AttestationRequest, claims: Sequence[UUID]
) -> list[Claim]:
    """Say which claims a request is about. Raises `Refused('claim_unknown')`, as `open_claims`."""
    wanted = await open_claims(session, case=case, claims=claims)
    session.add_all(AttestationClaim(request_id=request.id, claim_id=claim.id, case_id=case.id) for claim in wanted)
    await session.flush()
    return wanted


async def open_claims(session: AsyncSession, *, case: Case, claims: Sequence[UUID]) -> list[Claim]:
    """The claims named. Raises `Refused('claim_unknown')` for none, or one that is not open in this case."""
    known = {claim.id: claim for claim in await cases.claims_of(session, case.id) if claim.state in OPEN_CLAIMS}
    if not claims or not set(claims) <= known.keys():
        raise Refused("claim_unknown")
    return [known[claim] for claim in dict.fromkeys(claims)]


async def reach(
    session: AsyncSession, *, case: Case, row: AttestationRequest, notice: str, rung: str, now: datetime
) -> bool:
    """Queue a mail to the person, once a `rung` of each life of the link; answers whether it was queued now.

    Somebody without an address is called: then the mail asks the advisor to, as soon as the case has one.
    """
    await session.flush()
    if row.phone:
        return case.advisor_id is not None and await effects.tell(
            session,
            case=case,
            notice="attestation_to_phone",
            person=case.advisor_id,
            facts={"due": row.expires_at.isoformat()} if row.expires_at else None,
            now=now,
            occasion=f"{row.id.hex}{row.period}-{rung}",
        )
    return await effects.write_to(session, case=case, request=row, notice=notice, rung=rung, now=now)


def over(row: AttestationRequest, now: datetime) -> bool:
    """Whether the time to answer is over."""
    return row.expires_at is None or row.expires_at <= now


async def log(session: AsyncSession, row: AttestationRequest, *, action: str, actor: UUID, now: datetime) -> None:
    """Note what became of a request in the log of its case."""
    await audit.log(
        session,
        stream=f"case:{row.case_id}",
        actor=str(actor),
        action=action,
        subject=str(row.id),
        details={"state": row.state.value, "period": row.period},
        now=now,
    )


async def waiting(session: AsyncSession, *, after: UUID, limit: int) -> list[tuple[UUID, UUID]]:
    """Ids of open requests with their case, in order, from the one after `after`."""
    rows = await session.exec(
        select(AttestationRequest.id, AttestationRequest.case_id)
        .where(col(AttestationRequest.state) == RequestState.OPEN, col(AttestationRequest.id) > after)
        .order_by(col(AttestationRequest.id))
        .limit(limit)
    )
    return list(rows)


async def look_after(session: AsyncSession, *, case_id: UUID, request_id: UUID, now: datetime) -> bool:
    """Do for an open request what is due: end it, remind, or tell the learner of the silence.

    Safe to repeat: each mail goes once a life of the link. Answers whether a mail was queued.
    """
    case = await cases.get(session, case_id, lock=True)
    row = await get(session, case_id=case_id, request_id=request_id)
    if row.state is not RequestState.OPEN or row.opened_at is None or row.expires_at is None:
        return False
    occasion = f"{row.id.hex}{row.period}"
    if over(row, now):
        await end(session, row, state=RequestState.EXPIRED, now=now)
        await log(session, row, action="attestation_expired", actor=case.learner_id, now=now)
        await effects.tell(
            session, case=case, notice="attestation_ended", person=case.learner_id, now=now, occasion=occasion
        )
        return True
    written = False
    if rung := rules.due_reminder(row.expires_at - now):
        written = await reach(session, case=case, row=row, notice="attestation_reminder", rung=rung, now=now)
    elif row.phone:  # a draft has no advisor yet, and a case may get another one
        written = await reach(session, case=case, row=row, notice="attestation_asked", rung="asked", now=now)
    told = now - row.opened_at >= rules.SILENT_AFTER and await effects.tell(
        session, case=case, notice="attestation_silent", person=case.learner_id, now=now, occasion=occasion
    )
    return written or told
