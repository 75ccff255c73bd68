"""Credentials as rows: the intent before the signature, the signed bytes, the publication, the status list."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import judgements
from services.records.tables.assessment import Assignment, Judgement
from services.records.tables.cases import CaseParty, Claim, Consent
from services.records.tables.commands import EffectRow
from services.records.tables.credentials import (
    WITHDRAWN,
    Credential,
    CredentialIntent,
    CredentialState,
    StatusList,
)
from services.records.tables.decisions import Decision, DecisionClaim, DecisionKind
from services.records.tables.evidence import PortfolioVersion
from services.records.tables.transfers import TransferStatement
from services.rules.claims import IN_FAVOUR, ClaimState
from services.rules.people import DECIDERS
from services.rules.refusals import Refused
from services.rules.transfers import ClaimKind

LIST_SIZE = 131_072
"""Entries of one status list. Source: W3C Bitstring Status List 1.0, minimum for group privacy."""

ISSUED_FOR = frozenset({DecisionKind.RECOGNITION, DecisionKind.REINSTATEMENT})
"""Decisions that credentials are issued for."""

NAME_CONSENT = "holder_name"
"""The consent without which a credential does not carry its holder's name."""


@dataclass(frozen=True, slots=True)
class Granted:
    """One claim that a decision granted, with the judgements that settled it, oldest first; none of a voided seat.

    For a transfer there is no judgement: `transfer` is what was stated and checked.
    """

    claim: Claim
    judgements: tuple[Judgement, ...]
    transfer: TransferStatement | None = None

    @property
    def outcome(self) -> ClaimState:
        """How the decision granted it."""
        return ClaimState.GRANTED_BY_TRANSFER if self.transfer else ClaimState.GRANTED


async def decision_of(session: AsyncSession, effect_key: str) -> Decision:
    """The decision that an effect carries out.

    Raises `Refused('no_human_decision')` where no person of that role stands behind it.
    """
    effect = await session.get(EffectRow, effect_key)
    decision = await session.get(Decision, effect.decision_id) if effect and effect.decision_id else None
    if decision is None:
        raise Refused("no_human_decision")
    party = await session.get(CaseParty, (decision.case_id, decision.decided_by))
    superseded = await session.exec(select(Decision.id).where(col(Decision.supersedes_id) == decision.id))
    if party is None or party.role not in DECIDERS or superseded.first() is not None:
        raise Refused("no_human_decision")
    return decision


async def granted_by(session: AsyncSession, decision: Decision) -> list[Granted]:
    """What `decision` granted, in the order of the claims; empty for a refusal and for "not yet".

    A decision that replaces another repeats what was granted before: what was issued for it and stands is left out.
    """
    issued = sa.exists().where(
        col(Credential.claim_id) == col(Claim.id),
        col(Credential.state) == CredentialState.ACTIVE,
        col(Credential.decision_id) != decision.id,
    )
    claims = await session.exec(
        select(Claim)
        .join(DecisionClaim, col(DecisionClaim.claim_id) == col(Claim.id))
        .where(col(DecisionClaim.decision_id) == decision.id, col(DecisionClaim.outcome).in_(IN_FAVOUR))
        .where(~issued)
        .order_by(col(Claim.id))
    )
    found = []
    for claim in claims:
        locked = await session.exec(
            select(Judgement)
            .join(Assignment, col(Assignment.id) == col(Judgement.assignment_id))
            .where(
                col(Judgement.claim_id) == claim.id,
                col(Judgement.locked_at).is_not(None),
                col(Assignment.state).in_(judgements.STANDING),
            )
            .order_by(col(Judgement.locked_at))
        )
        stated = await session.get(TransferStatement, claim.id) if claim.kind is ClaimKind.TRANSFER else None
        found.append(Granted(claim, tuple(locked), stated))
    return found


async def intents_of(session: AsyncSession, decision_id: UUID) -> list[CredentialIntent]:
    """The intents of a decision, in the order of their claims."""
    rows = await session.exec(
        select(CredentialIntent)
        .where(col(CredentialIntent.decision_id) == decision_id)
        .order_by(col(CredentialIntent.claim_id))
    )
    return list(rows)


async def credentials_of(session: AsyncSession, decision_id: UUID) -> list[Credential]:
    """The credentials of a decision, in the order of their claims."""
    rows = await session.exec(
        select(Credential).where(col(Credential.decision_id) == decision_id).order_by(col(Credential.claim_id))
    )
    return list(rows)


async def standing_of(session: AsyncSession, claims: Collection[UUID]) -> list[Credential]:
    """The credentials of `claims` that were not withdrawn, in the order of the claims."""
    rows = await session.exec(
        select(Credential)
        .where(col(Credential.claim_id).in_(claims), col(Credential.state).not_in(WITHDRAWN))
        .order_by(col(Credential.claim_id))
    )
    return list(rows)


async def of_claim(session: AsyncSession, claim_id: UUID) -> list[Credential]:
    """Every credential of a claim, oldest first."""
    rows = await session.exec(
        select(Credential).where(col(Credential.claim_id) == claim_id).order_by(col(Credential.signed_at))
    )
    return list(rows)


async def free_place(session: AsyncSession, *, issuer: str) -> tuple[StatusList, int]:
    """A random place on a status list that was never used; a list that is half full is followed by a new one."""
    lists = await session.exec(
        select(StatusList).where(col(StatusList.issuer) == issuer).order_by(col(StatusList.id).desc()).limit(1)
    )
    current = lists.first()
    if current is None or await used(session, current.id) * 2 >= LIST_SIZE:
        highest = (await session.exec(select(sa.func.max(StatusList.id)))).one()
        current = StatusList(id=(highest or 0) + 1, issuer=issuer)
        session.add(current)
        await session.flush()
    while True:
        index = secrets.randbelow(LIST_SIZE)
        taken = await session.exec(
            select(CredentialIntent.id).where(
                col(CredentialIntent.status_list_id) == current.id, col(CredentialIntent.status_index) == index
            )
        )
        if taken.first() is None:
            return current, index


async def used(session: AsyncSession, list_id: int) -> int:
    """How many places of a list are given away."""
    counted = await session.exec(
        select(sa.func.count()).select_from(CredentialIntent).where(col(CredentialIntent.status_list_id) == list_id)
    )
    return counted.one()


async def keep_signed(session: AsyncSession, intent: CredentialIntent, *, document: str, now: datetime) -> Credential:
    """Keep the signed bytes; who comes second keeps nothing. Raises `Refused('profile_invalid')` if bytes differ."""
    present = await session.get(Credential, intent.id)
    sha256 = hashlib.sha256(document.encode()).hexdigest()
    if present is not None:
        if present.document_sha256 != sha256:
            raise Refused("profile_invalid")
        return present
    credential = Credential(
        id=intent.id,
        case_id=intent.case_id,
        claim_id=intent.claim_id,
        decision_id=intent.decision_id,
        code=intent.code,
        state=CredentialState.SIGNED,
        document=document,
        document_sha256=sha256,
        signed_at=now,
    )
    session.add(credential)
    await session.flush()
    return credential


async def publish(session: AsyncSession, decision: Decision, *, now: datetime) -> int:
    """Make the decision's credentials public. Raises `Refused('letter_missing')` when one is not signed yet."""
    if decision.kind not in ISSUED_FOR:
        return 0
    wanted = {intent.id for intent in await intents_of(session, decision.id)}
    signed = await credentials_of(session, decision.id)
    if wanted != {credential.id for credential in signed}:
        raise Refused("letter_missing")
    for credential in signed:
        if credential.state is CredentialState.SIGNED:
            credential.state, credential.published_at = CredentialState.ACTIVE, now
    for credential in signed:
        await _succeed(session, await session.get_one(Claim, credential.claim_id))
    await session.flush()
    return len(signed)


async def _succeed(session: AsyncSession, granted: Claim) -> None:
    """A new credential of the claim is public: what was suspended, of this attempt or an earlier one, has a successor.

    The claim's own state follows here only where its case does not go on with the publication.
    """
    for credential in await _of_competency(session, granted.id):
        if credential.state is not CredentialState.SUSPENDED:
            continue
        credential.state = CredentialState.SUPERSEDED
        claim = await session.get_one(Claim, credential.claim_id)
        claim.state = ClaimState.CREDENTIALED if claim.id == granted.id else ClaimState.SUPERSEDED


async def _of_competency(session: AsyncSession, claim_id: UUID) -> list[Credential]:
    """The credentials of every attempt that the claim's case made at its competency, oldest first."""
    other = orm.aliased(Claim)
    rows = await session.exec(
        select(Credential)
        .join(Claim, col(Claim.id) == col(Credential.claim_id))
        .join(other, sa.and_(col(other.case_id) == col(Claim.case_id), col(other.competency) == col(Claim.competency)))
        .where(col(other.id) == claim_id)
        .order_by(col(Credential.signed_at))
    )
    return list(rows)


async def withdraw(
    session: AsyncSession, *, claim_id: UUID, decision: Decision, state: CredentialState, now: datetime
) -> None:
    """Take what holds of the claim's credentials out of force by `decision`: from this commit on, whoever asks."""
    for credential in await of_claim(session, claim_id):
        if credential.state in (CredentialState.ACTIVE, CredentialState.SUSPENDED):
            credential.state, credential.revoked_at, credential.revoked_by = state, now, decision.id


async def has_consent(session: AsyncSession, *, case_id: UUID, purpose: str) -> bool:
    """Whether the learner agreed to `purpose` and has not withdrawn it."""
    rows = await session.exec(
        select(Consent.id).where(
            col(Consent.case_id) == case_id, col(Consent.purpose) == purpose, col(Consent.withdrawn_at).is_(None)
        )
    )
    return rows.first() is not None


async def first_frozen(session: AsyncSession, case_id: UUID) -> datetime | None:
    """When the learner sent the portfolio."""
    rows = await session.exec(
        select(PortfolioVersion.frozen_at)
        .where(col(PortfolioVersion.case_id) == case_id)
        .order_by(col(PortfolioVersion.number))
        .limit(1)
    )
    return rows.first()


async def withdrawn_places(session: AsyncSession, list_id: int) -> list[int]:
    """The places of a list whose credential was withdrawn, for good or for a time."""
    rows = await session.exec(
        select(CredentialIntent.status_index)
        .join(Credential, col(Credential.id) == col(CredentialIntent.id))
        .where(col(CredentialIntent.status_list_id) == list_id, col(Credential.state).in_(WITHDRAWN))
        .order_by(col(CredentialIntent.status_index))
    )
    return list(rows)


async def lists_of_decision(session: AsyncSession, decision_id: UUID) -> list[int]:
    """The lists on which credentials that this decision withdrew have a place."""
    rows = await session.exec(
        select(CredentialIntent.status_list_id)
        .join(Credential, col(Credential.id) == col(CredentialIntent.id))
        .where(col(Credential.revoked_by) == decision_id)
        .distinct()
    )
    return list(rows)


async def lists(session: AsyncSession) -> list[StatusList]:
    """Every status list."""
    return list(await session.exec(select(StatusList).order_by(col(StatusList.id))))


async def list_document(session: AsyncSession, list_id: int) -> dict[str, Any] | None:
    """The last signed form of a status list, or None."""
    row = await session.get(StatusList, list_id)
    return row.document if row else None


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential with its intent: everything that is recorded of it; `replaced_by` is the code of its successor."""

    credential: Credential
    intent: CredentialIntent
    replaced_by: str | None = None


async def issued(session: AsyncSession, *, code: str | None = None, credential_id: UUID | None = None) -> Issued | None:
    """The published credential of this code or id, or None; what is not yet published does not exist outside."""
    wanted = col(Credential.code) == code if code else col(Credential.id) == credential_id
    rows = await session.exec(
        select(Credential, CredentialIntent)
        .join(CredentialIntent, col(CredentialIntent.id) == col(Credential.id))
        .where(wanted, col(Credential.state) != CredentialState.SIGNED)
    )
    found = rows.first()
    if found is None:
        return None
    credential, intent = found
    return Issued(credential, intent, await _successor(session, credential))


async def _successor(session: AsyncSession, credential: Credential) -> str | None:
    """The code of the credential that holds in the place of a superseded one."""
    if credential.state is not CredentialState.SUPERSEDED:
        return None
    later = await _of_competency(session, credential.claim_id)
    return next((one.code for one in reversed(later) if one.state is CredentialState.ACTIVE), None)
