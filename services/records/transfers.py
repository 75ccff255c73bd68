"""Credit transfer as rows: what a learner states was certified elsewhere, and which check of it stands."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import cases, claiming, drafts, portfolio, programmes, wording
from services.records.tables.cases import Case, Claim
from services.records.tables.decisions import DecisionClaim
from services.records.tables.evidence import EvidenceItem
from services.records.tables.transfers import TransferCheck, TransferStatement
from services.rules import deadlines
from services.rules.case import Stage
from services.rules.claims import OPEN_CLAIMS
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind

CHOOSING = frozenset({Stage.DRAFT, Stage.ELIGIBLE, Stage.GAP_TRAINING})
"""Stages in which a claim may become a transfer, or be put to assessors after all."""

LONGEST = 200


async def state(
    session: AsyncSession,
    *,
    case_id: UUID,
    competency: str,
    issuer: str,
    title: str,
    awarded_on: date,
    evidence: UUID,
    now: datetime,
    person: UUID | None = None,
) -> Claim:
    """Ask for the claim on `competency` by transfer: who certified it, as what and when, and the file that shows it.

    Raises `Refused`: not_found, portfolio_locked, transfer_not_offered, claim_unknown, evidence_unknown, malformed.
    """
    case = await portfolio.editable(session, case_id)
    programme = await programmes.of_case(session, case)
    if not programme.policy.transfer_no_reassessment:
        raise Refused("transfer_not_offered")
    claim = await _open(session, case=case, competency=competency)
    if claim.kind is not ClaimKind.TRANSFER and case.stage not in CHOOSING:
        raise Refused("portfolio_locked")
    for field, text in (("issuer", issuer), ("title", title)):
        wording.check(field, text, most=LONGEST)
        if not text.strip():
            raise Refused("malformed", field=field)
    if awarded_on.year not in drafts.YEARS or awarded_on > deadlines.local_day(now, case.zone):
        raise Refused("malformed", field="awarded_on")
    item = await session.get(EvidenceItem, evidence)
    if item is None or item.case_id != case.id or item.removed_at is not None:
        raise Refused("evidence_unknown")
    known = await session.get(TransferStatement, claim.id)
    row = known or TransferStatement(
        claim_id=claim.id,
        case_id=case.id,
        issuer=issuer.strip(),
        title=title.strip(),
        awarded_on=awarded_on,
        evidence_id=evidence,
        stated_at=now,
    )
    row.issuer, row.title, row.awarded_on = issuer.strip(), title.strip(), awarded_on
    row.evidence_id, row.stated_at = evidence, now
    claim.kind = ClaimKind.TRANSFER
    session.add(row)
    await session.flush()
    await portfolio.changed(
        session, case, person=person or case.learner_id, action="transfer_stated", subject=claim.id, now=now
    )
    return claim


async def take_back(
    session: AsyncSession, *, case_id: UUID, competency: str, now: datetime, person: UUID | None = None
) -> Claim:
    """Let the claim be assessed after all.

    Raises `Refused`: not_found, portfolio_locked, claim_unknown, tested_lately.
    """
    case = await portfolio.editable(session, case_id)
    if case.stage not in CHOOSING:
        raise Refused("portfolio_locked")
    claim = await _open(session, case=case, competency=competency)
    if case.stage is Stage.ELIGIBLE:  # a draft is asked when it is sent, and a plan is never held back
        for refused in await claiming.tested_lately(session, case=case, claims=[claim], now=now):
            raise refused
    row = await session.get(TransferStatement, claim.id)
    if row is not None:
        await session.delete(row)
    claim.kind = ClaimKind.ASSESS
    await session.flush()
    await portfolio.changed(
        session, case, person=person or case.learner_id, action="transfer_taken_back", subject=claim.id, now=now
    )
    return claim


async def _open(session: AsyncSession, *, case: Case, competency: str) -> Claim:
    for claim in reversed(await cases.claims_of(session, case.id)):
        if claim.competency == competency:
            if claim.state not in OPEN_CLAIMS:
                raise Refused("portfolio_locked")
            return claim
    raise Refused("claim_unknown")


async def statements(session: AsyncSession, case_id: UUID) -> dict[UUID, TransferStatement]:
    """What was stated, by claim."""
    rows = await session.exec(select(TransferStatement).where(col(TransferStatement.case_id) == case_id))
    return {row.claim_id: row for row in rows}


async def checks(session: AsyncSession, case_id: UUID) -> dict[UUID, TransferCheck]:
    """The check that stands for each claim: the newest, unless the learner stated something else since."""
    stated = await statements(session, case_id)
    rows = await session.exec(
        select(TransferCheck).where(col(TransferCheck.case_id) == case_id).order_by(col(TransferCheck.id))
    )
    newest = {row.claim_id: row for row in rows}
    return {
        claim: check
        for claim, check in newest.items()
        if claim in stated and check.checked_at >= stated[claim].stated_at
    }


async def confirmed_by(session: AsyncSession, decision_id: UUID) -> dict[UUID, TransferCheck]:
    """The checks that a decision stands on, by claim."""
    rows = await session.exec(
        select(TransferCheck)
        .join(DecisionClaim, col(DecisionClaim.check_id) == col(TransferCheck.id))
        .where(col(DecisionClaim.decision_id) == decision_id)
    )
    return {row.claim_id: row for row in rows}


async def carry(session: AsyncSession, *, old: Claim, claim: Claim, now: datetime) -> None:
    """Begin a new attempt at a transfer with what was stated for the last one; it is checked anew."""
    row = await session.get(TransferStatement, old.id)
    if row is None:
        return
    claim.kind = ClaimKind.TRANSFER
    session.add(
        TransferStatement(
            claim_id=claim.id,
            case_id=claim.case_id,
            issuer=row.issuer,
            title=row.title,
            awarded_on=row.awarded_on,
            evidence_id=row.evidence_id,
            stated_at=now,
        )
    )
    await session.flush()
