"""What the holder of a link may do, without an account: read the form, draft, decline, send files.

A token is drawn when a mail is sent, and only its SHA-256 is kept. Whatever is wrong with a link (unknown, spent,
ended, of an earlier life) is found by one question and answered in one way. Opening a link changes nothing: mail
scanners open links. Source: case design, section 8; security design, section 7 ("link without account").
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import attestations, audit, cases, effects, evidence, programmes, wording
from services.records.blobs import Stored
from services.records.database import UtcDateTime
from services.records.ids import new_id
from services.records.tables.attestations import AttestationFile, AttestationLink, AttestationRequest
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.rules import attestations as rules
from services.rules.attestations import RequestState, Statement
from services.rules.programmes import Text
from services.rules.refusals import Refused
from services.rules.signatures import FileKind

THIRD_PARTY = "third_party"
"""The actor of what comes by a link: the log names the request, for nobody is signed in."""

MOST_FILES = 10
"""Files that one person may send with a statement."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is shown to whoever holds the link: the learner's name and the competencies, nothing of the portfolio."""

    request: UUID
    learner: str
    name: str
    organisation: str
    language: str
    competencies: dict[str, Text]
    expires_at: datetime
    draft: Statement
    draft_version: int
    files: tuple[AttestationFile, ...]


async def make(session: AsyncSession, request: AttestationRequest, *, now: datetime) -> str:
    """A new link's token (256 random bits) for the mail that is about to leave; it is kept nowhere."""
    token = secrets.token_urlsafe(32)
    session.add(AttestationLink(token_hash=hashed(token), request_id=request.id, period=request.period, made_at=now))
    await session.flush()
    return token


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


_LIVE: sa.Select[*tuple[Any, ...]] = (
    sa.select(col(AttestationRequest.id), col(AttestationRequest.case_id))
    .join(AttestationLink, col(AttestationLink.request_id) == col(AttestationRequest.id))
    .join(Case, col(Case.id) == col(AttestationRequest.case_id))
    .where(
        col(AttestationLink.token_hash) == sa.bindparam("token_hash", type_=sa.String()),
        col(AttestationLink.period) == col(AttestationRequest.period),
        col(AttestationRequest.state) == RequestState.OPEN,
        col(AttestationRequest.expires_at) > sa.bindparam("now", type_=UtcDateTime()),
        col(Case.stage).in_(sorted(rules.ANSWERABLE)),
    )
)


async def opened(session: AsyncSession, token: str, *, now: datetime, lock: bool = False) -> AttestationRequest:
    """The request whose form `token` opens; with `lock`, its case is locked so that only one browser sends it.

    Raises `Refused('link_ended')`, whatever is wrong with the link.
    """
    known = {"token_hash": hashed(token), "now": now}
    found = (await session.exec(_LIVE, params=known)).first()  # type: ignore[call-overload]  # a select of columns
    if found is None:
        raise Refused("link_ended")
    request_id, case_id = found
    if lock:
        await cases.get(session, case_id, lock=True)
        # Asked again: while we waited for the lock another browser may have sent the form.
        if (await session.exec(_LIVE, params=known)).first() is None:  # type: ignore[call-overload]  # as above
            raise Refused("link_ended")
    return await attestations.get(session, case_id=case_id, request_id=request_id)


async def form(session: AsyncSession, token: str, *, now: datetime) -> Form:
    """The form as it stands. Raises `Refused('link_ended')`."""
    request = await opened(session, token, now=now)
    case = await cases.get(session, request.case_id)
    learner = await session.get_one(Person, case.learner_id)
    if request.expires_at is None:
        raise Refused("link_ended")
    return Form(
        request=request.id,
        learner=learner.name,
        name=request.name,
        organisation=request.organisation,
        language=request.language,
        competencies=await competencies(session, case=case, request=request),
        expires_at=request.expires_at,
        draft=msgspec.convert(request.draft or {}, Statement),
        draft_version=request.draft_version,
        files=tuple(await files(session, request.id)),
    )


async def competencies(session: AsyncSession, *, case: Case, request: AttestationRequest) -> dict[str, Text]:
    """The titles of what the person is asked about, by key."""
    programme = await programmes.of_case(session, case)
    asked = await attestations.claims_of(session, request.id)
    return {claim.competency: programme.competency(claim.competency).title for claim in asked}


async def files(session: AsyncSession, request_id: UUID) -> list[AttestationFile]:
    """What was sent under the link, in the order in which it came."""
    rows = await session.exec(
        select(AttestationFile).where(col(AttestationFile.request_id) == request_id).order_by(col(AttestationFile.id))
    )
    return list(rows)


async def save(session: AsyncSession, token: str, draft: Statement, *, version: int, now: datetime) -> int:
    """Keep a draft; `version` is the one that it replaces, and the answer the new one.

    Raises `Refused`: link_ended, stale_version where another browser was faster, malformed.
    """
    request = await opened(session, token, now=now, lock=True)
    if request.draft_version != version:
        raise Refused("stale_version", version=str(request.draft_version))
    case = await cases.get(session, request.case_id)
    check_words(draft, set(await competencies(session, case=case, request=request)))
    request.draft, request.draft_version = msgspec.to_builtins(draft), version + 1
    await _log(session, request, action="attestation_drafted", now=now)
    return request.draft_version


def check_words(statement: Statement, keys: set[str]) -> None:
    """Hold what was written against what can be kept. Raises `Refused('malformed')`, with the field."""
    for field, most in rules.LONGEST.items():
        wording.check(field, getattr(statement, field), most=most, lines=field in {"how_observed", "doubts"})
    for one in statement.observations:
        if one.competency not in keys:
            raise Refused("malformed", field="observations")
        wording.check("example", one.example, most=rules.LONGEST_EXAMPLE, lines=True)


async def decline(session: AsyncSession, token: str, *, unknown: bool, now: datetime) -> None:
    """Say no, or with `unknown` that one does not know this person; the link is spent, nothing of it is kept.

    The learner is told that nothing will come, and may name somebody else. Raises `Refused('link_ended')`.
    """
    request = await opened(session, token, now=now, lock=True)
    state = RequestState.UNKNOWN_PERSON if unknown else RequestState.DECLINED
    await attestations.end(session, request, state=state, now=now)
    await session.exec(sa.delete(AttestationFile).where(col(AttestationFile.request_id) == request.id))
    case = await cases.get(session, request.case_id)
    await effects.tell(
        session,
        case=case,
        notice="attestation_declined",
        person=case.learner_id,
        now=now,
        occasion=f"{request.id.hex}{request.period}",
    )
    await _log(session, request, action="attestation_declined", now=now)


async def correct_name(session: AsyncSession, token: str, *, name: str, now: datetime) -> None:
    """Say how one's name is really written. Raises `Refused`: link_ended, malformed."""
    request = await opened(session, token, now=now, lock=True)
    wording.check("name", name, most=200)
    if not name.strip():
        raise Refused("malformed", field="name")
    request.name = name.strip()
    await _log(session, request, action="attestation_name_corrected", now=now)


async def may_attach(session: AsyncSession, token: str, *, now: datetime) -> tuple[UUID, int]:
    """The request, and how many bytes may still come, asked before a byte is read.

    Raises `Refused`: link_ended, quota_exceeded.
    """
    request = await opened(session, token, now=now)
    held = await files(session, request.id)
    if len(held) >= MOST_FILES:
        raise Refused("quota_exceeded")
    case = await cases.get(session, request.case_id)
    quota = await evidence.quota(session, case.id, person=case.learner_id, now=now)
    return request.id, max(quota.left - sum(file.size for file in held), 0)


async def attach(
    session: AsyncSession, token: str, *, name: str, file_kind: FileKind, stored: Stored, now: datetime
) -> tuple[AttestationFile, bool]:
    """Keep a file with the draft; the same bytes again are the file that there is. Answers whether it is a new one.

    Raises `Refused`: link_ended, quota_exceeded.
    """
    request = await opened(session, token, now=now, lock=True)
    held = await files(session, request.id)
    for file in held:
        if file.sha256 == stored.sha256:
            return file, False
    _, left = await may_attach(session, token, now=now)
    if stored.size > left:
        raise Refused("quota_exceeded")
    row = AttestationFile(
        id=new_id(),
        request_id=request.id,
        name=name,
        file_kind=file_kind.key,
        media_type=file_kind.media_type,
        size=stored.size,
        sha256=stored.sha256,
        received_at=now,
    )
    session.add(row)
    await _log(session, request, action="attestation_file_attached", now=now)
    return row, True


async def remove(session: AsyncSession, token: str, *, file_id: UUID, now: datetime) -> None:
    """Take a file out again. Raises `Refused`: link_ended, evidence_unknown."""
    request = await opened(session, token, now=now, lock=True)
    row = await session.get(AttestationFile, file_id)
    if row is None or row.request_id != request.id:
        raise Refused("evidence_unknown")
    await session.delete(row)
    await _log(session, request, action="attestation_file_removed", now=now)


async def _log(session: AsyncSession, request: AttestationRequest, *, action: str, now: datetime) -> None:
    await session.flush()
    await audit.log(
        session,
        stream=f"case:{request.case_id}",
        actor=THIRD_PARTY,
        action=action,
        subject=str(request.id),
        now=now,
    )
