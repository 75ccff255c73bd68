"""What third parties said: a piece of evidence, its author a party of the case, and how far we know who that is.

Source: case design, sections 2 (separation), 4.2 and 8.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import attestation_links, attestations, attested, audit, cases, effects, people, portfolio
from services.records.blobs import Stored
from services.records.ids import new_id
from services.records.independence import enrol
from services.records.tables.assessment import Judgement
from services.records.tables.attestations import AttestationRequest, AttestationStatement
from services.records.tables.cases import Case, Claim
from services.records.tables.evidence import EvidenceItem, Pointer, PortfolioVersion
from services.rules import attestations as rules
from services.rules import deadlines, signatures
from services.rules.attestations import CallBack, RequestState, Statement
from services.rules.claims import OPEN_CLAIMS
from services.rules.evidence import EvidenceKind, EvidenceState
from services.rules.people import Role
from services.rules.refusals import Refused
from services.rules.statements import TITLE

TEXT = next(kind for kind in signatures.FILE_KINDS if "txt" in kind.extensions)
NAME = "statement.txt"
"""As what the words of a statement are kept."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a statement: `person` as a party of the case, where an address is known; `recorded_by` an advisor.

    `consent` is the version of the text to which somebody agreed whose words were written down; `call`: by telephone.
    """

    person: UUID | None = None
    recorded_by: UUID | None = None
    consent: str | None = None
    same_device: bool = False
    call: dict[str, Any] | None = None


async def readable(session: AsyncSession, token: str, statement: Statement, *, now: datetime) -> AttestationRequest:
    """The request that a statement answers, if it can be taken as it is; asked before its bytes are kept.

    Raises `Refused`: link_ended, malformed, and what `rules.attestations.check` says.
    """
    request = await attestation_links.opened(session, token, now=now)
    for fault in await faults(session, request, statement, now=now):
        raise fault
    return request


async def faults(
    session: AsyncSession, request: AttestationRequest, statement: Statement, *, now: datetime
) -> list[Refused]:
    """Everything for which a statement is not taken, by the day where its case is. Raises `Refused('malformed')`."""
    case = await cases.get(session, request.case_id)
    asked = await attestation_links.competencies(session, case=case, request=request)
    attestation_links.check_words(statement, set(asked))
    return list(rules.faults(statement, competencies=asked, today=deadlines.local_day(now, case.zone)))


async def submit(
    session: AsyncSession, token: str, statement: Statement, *, stored: Stored, same_device: bool, now: datetime
) -> AttestationRequest:
    """Take a statement whose bytes are kept, once: the link is spent, its author is a party of the case for ever.

    Raises `Refused`: link_ended, separation_of_duties for somebody who has another part in the case, and what
    `readable` says.
    """
    request = await attestation_links.opened(session, token, now=now, lock=True)
    await readable(session, token, statement, now=now)
    case = await cases.get(session, request.case_id)
    person = await people.known_by_address(
        session, email=request.email, name=statement.name, language=request.language, now=now
    )
    await enrol(session, case=case, person=person.id, role=Role.THIRD_PARTY, now=now)
    author = Author(person.id, same_device=same_device)
    await keep(session, case=case, request=request, statement=statement, stored=stored, author=author, now=now)
    return request


async def keep(
    session: AsyncSession,
    *,
    case: Case,
    request: AttestationRequest,
    statement: Statement,
    stored: Stored,
    author: Author,
    now: datetime,
) -> None:
    """Write a statement down, lay it to the evidence as soon as that is possible, and tell learner and advisor."""
    await attestations.end(session, request, state=RequestState.SUBMITTED, now=now)
    row = AttestationStatement(
        request_id=request.id,
        case_id=case.id,
        person_id=author.person,
        content=msgspec.to_builtins(statement),
        sha256=stored.sha256,
        size=stored.size,
        same_device=author.same_device,
        seed=secrets.token_hex(32),
        recorded_by=author.recorded_by,
        consent_version=author.consent,
        call=author.call,
        submitted_at=now,
    )
    session.add(row)
    await session.flush()
    await audit.log(
        session,
        stream=f"case:{case.id}",
        actor=str(author.recorded_by or author.person),
        action="attestation_submitted",
        subject=str(request.id),
        details={"sha256": stored.sha256, "same_device": author.same_device, "consent": author.consent},
        now=now,
    )
    await lay(session, case=case, request=request, statement=row, now=now)
    occasion = f"{request.id.hex}{request.period}"
    if author.recorded_by is None or author.call is not None:
        await effects.tell(
            session, case=case, notice="attestation_arrived", person=case.learner_id, now=now, occasion=occasion
        )
    shown = await attested.of_request(session, request)
    if case.advisor_id and shown is not None and shown.call is CallBack.WANTED:
        await effects.tell(
            session, case=case, notice="attestation_to_call", person=case.advisor_id, now=now, occasion=occasion
        )


async def lay(
    session: AsyncSession, *, case: Case, request: AttestationRequest, statement: AttestationStatement, now: datetime
) -> bool:
    """Make a statement evidence for the claims that it speaks for; answers whether it could be done now.

    All seats judge one version: where something was judged already, what comes later waits until the case asks for
    evidence again. While the portfolio is with us, a new version holds what came.
    """
    if not await takes_evidence(session, case):
        return False
    said = msgspec.convert(statement.content, Statement)
    asked = {claim.competency for claim in await attestations.claims_of(session, request.id)}
    seen = rules.witnessed(said) & asked
    # By competency: since it was asked, a new attempt may have taken the place of the claim.
    claims = [
        claim
        for claim in await cases.claims_of(session, case.id)
        if claim.competency in seen and claim.state in OPEN_CLAIMS
    ]
    items = await _items(session, case=case, request=request, statement=statement, said=said, now=now)
    session.add_all(items)
    await session.flush()
    session.add_all(
        Pointer(id=new_id(), case_id=case.id, evidence_id=item.id, claim_id=claim.id)
        for item in items
        for claim in claims
    )
    await session.flush()
    await freeze(session, case=case, now=now)
    await audit.log(
        session,
        stream=f"case:{case.id}",
        actor=str(statement.person_id or statement.recorded_by),
        action="attestation_laid",
        subject=str(request.id),
        details={"items": len(items), "claims": len(claims)},
        now=now,
    )
    return True


async def _items(
    session: AsyncSession,
    *,
    case: Case,
    request: AttestationRequest,
    statement: AttestationStatement,
    said: Statement,
    now: datetime,
) -> list[EvidenceItem]:
    """The words of a statement, then the files that came with it."""
    spoken = statement.recorded_by is not None and statement.call is None
    kind = EvidenceKind.COMMUNITY_ATTESTATION if spoken else EvidenceKind.THIRD_PARTY_REPORT
    came = [(NAME, TEXT.key, TEXT.media_type, statement.size, statement.sha256)]
    came += [
        (file.name, file.file_kind, file.media_type, file.size, file.sha256)
        for file in await attestation_links.files(session, request.id)
    ]
    author = statement.person_id or statement.recorded_by
    if author is None:
        raise ValueError(statement.request_id)
    return [
        EvidenceItem(
            id=new_id(),
            case_id=case.id,
            uploaded_by=author,
            name=name,
            file_kind=file_kind,
            media_type=media_type,
            size=size,
            sha256=sha256,
            state=EvidenceState.UNSCANNED,
            kind=kind,
            title=TITLE.in_(case.language),
            author=said.name,
            language=request.language,
            period_start=said.since,
            period_end=said.until,
            learner_authored=False,
            attestation_id=request.id,
            received_at=now,
        )
        for name, file_kind, media_type, size, sha256 in came
    ]


async def takes_evidence(session: AsyncSession, case: Case) -> bool:
    """Whether what comes now can still be weighed by everybody who judges."""
    if case.stage not in rules.ANSWERABLE:
        return False
    judged = await session.exec(
        select(Judgement.id)
        .join(Claim, col(Claim.id) == col(Judgement.claim_id))
        .where(
            col(Judgement.case_id) == case.id,
            col(Judgement.locked_at).is_not(None),
            col(Claim.state).in_(sorted(OPEN_CLAIMS)),
        )
        .limit(1)
    )
    return judged.first() is None


async def freeze(session: AsyncSession, *, case: Case, now: datetime) -> None:
    """While the portfolio is with the learner, sending it makes the next version; otherwise what came makes one."""
    sent = await session.exec(select(PortfolioVersion.number).where(col(PortfolioVersion.case_id) == case.id).limit(1))
    if case.stage in portfolio.EDITABLE or sent.first() is None:
        return
    version = await portfolio.freeze(session, case=case, command_id=None, now=now)
    await session.exec(
        sa.update(Judgement)
        .where(col(Judgement.case_id) == case.id, col(Judgement.locked_at).is_(None))
        .values(portfolio_version=version.number)
    )


async def come_along(session: AsyncSession, case: Case, items: Iterable[EvidenceItem], *, now: datetime) -> None:
    """Where a case takes in what third parties said for another, they are parties of it as well.

    Raises `Refused('separation_of_duties')` for somebody who has another part in it.
    """
    said = sorted({item.attestation_id for item in items if item.attestation_id is not None})
    rows = await session.exec(
        select(AttestationStatement.person_id).where(col(AttestationStatement.request_id).in_(said)).distinct()
    )
    for person in rows:
        if person is not None:
            await enrol(session, case=case, person=person, role=Role.THIRD_PARTY, now=now)


async def held(session: AsyncSession) -> list[tuple[UUID, UUID]]:
    """Statements that wait to be laid to the evidence: ids of case and request."""
    laid = select(EvidenceItem.attestation_id).where(
        col(EvidenceItem.attestation_id) == col(AttestationStatement.request_id)
    )
    rows = await session.exec(
        select(AttestationStatement.case_id, AttestationStatement.request_id)
        .join(Case, col(Case.id) == col(AttestationStatement.case_id))
        .where(~laid.exists(), col(Case.stage).in_(sorted(portfolio.EDITABLE)))
        .order_by(col(AttestationStatement.request_id))
    )
    return list(rows)


async def lay_held(session: AsyncSession, *, case_id: UUID, request_id: UUID, now: datetime) -> bool:
    """Lay a statement that waited to the evidence, if that is possible by now."""
    case = await cases.get(session, case_id, lock=True)
    request = await attestations.get(session, case_id=case_id, request_id=request_id)
    statement = await session.get_one(AttestationStatement, request_id)
    return await lay(session, case=case, request=request, statement=statement, now=now)
