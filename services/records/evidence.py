"""What a learner shows: files and what is said of them, which change only while the portfolio is with the learner.

The bytes are kept before anything is written here: a row never speaks of a file that is not there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit, cases, likeness, pointers, portfolio, programmes, wording
from services.records.blobs import GIB, Stored
from services.records.ids import new_id
from services.records.pointers import Pointed
from services.records.tables.audit import AuditLine
from services.records.tables.cases import Case
from services.records.tables.evidence import EvidenceItem, Pointer
from services.rules import transcripts
from services.rules.evidence import EvidenceKind, EvidenceState
from services.rules.refusals import Refused
from services.rules.signatures import FAMILY_OF, PLAYED, FileKind

BYTES_A_DAY = 20 * GIB
"""What one person may send within 24 hours, removed files included. Source: security design, section 5.9."""

ONE_OPENING = timedelta(minutes=15)
"""How long what was opened stays open. Source: security design, section 5.10."""

READ = "evidence_read"
"""The action of the log's lines about reading a file."""

LONGEST = {"title": 200, "author": 200, "language": 16, "description": 5000, "transcript": transcripts.LONGEST}
"""Characters of what a learner writes about a file."""

WEIGHED = ("kind", "period_start", "period_end", "language", "author", "learner_authored")
"""What of a description stays as it was sent."""


@dataclass(frozen=True, slots=True)
class Description:
    """What the learner says of a file; `learner_authored` marks a text that they wrote themselves.

    `transcript`: what is said and shown in it, where it is sound or film.
    """

    kind: EvidenceKind | None = None
    title: str = ""
    description: str = ""
    period_start: date | None = None
    period_end: date | None = None
    language: str | None = None
    author: str = ""
    learner_authored: bool = False
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One file as people see it; `scanned` is false while no scanner has spoken.

    `attestation_id`: what a third party said or sent, by the request that it answers.
    """

    id: UUID
    name: str
    file_kind: str
    media_type: str
    size: int
    sha256: str
    state: EvidenceState
    said: Description
    received_at: datetime
    attestation_id: UUID | None = None
    pointers: tuple[Pointed, ...] = ()

    @property
    def scanned(self) -> bool:
        """Whether a scanner found the file clean; this release has none."""
        return self.state is not EvidenceState.UNSCANNED


@dataclass(frozen=True, slots=True)
class Quota:
    """What a case holds, what it may hold, and how many bytes its learner may still send today."""

    files: int
    size: int
    most_files: int
    most_bytes: int
    left_today: int

    @property
    def room(self) -> int:
        """Bytes that the case can still hold; none when the number of files is reached."""
        return max(self.most_bytes - self.size, 0) if self.files < self.most_files else 0

    @property
    def left(self) -> int:
        """Bytes that may still come in today."""
        return max(min(self.room, self.left_today), 0)


def _kept(case_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return col(EvidenceItem.case_id) == case_id, col(EvidenceItem.removed_at).is_(None)


async def quota(session: AsyncSession, case_id: UUID, *, person: UUID, now: datetime) -> Quota:
    """What the case may still take in from `person`, its learner. Raises `Refused`: not_found."""
    case = await cases.get(session, case_id)
    policy = (await programmes.of_case(session, case)).policy
    total = sa.func.coalesce(sa.func.sum(EvidenceItem.size), 0)
    files, size = (await session.exec(select(sa.func.count(), total).where(*_kept(case_id)))).one()
    own_cases = select(Case.id).where(col(Case.learner_id) == person)
    today = await session.exec(
        select(total).where(
            col(EvidenceItem.case_id).in_(own_cases), col(EvidenceItem.received_at) > now - timedelta(days=1)
        )
    )
    left_today = BYTES_A_DAY - int(today.one())
    return Quota(files, int(size), policy.max_files_per_case, policy.max_bytes_per_case, left_today)


async def may_attach(session: AsyncSession, case_id: UUID, *, person: UUID, now: datetime) -> Quota:
    """What may come in now, asked before a byte is read. Raises `Refused`: not_found, portfolio_locked."""
    await portfolio.editable(session, case_id, lock=False)
    return await quota(session, case_id, person=person, now=now)


async def attach(
    session: AsyncSession,
    *,
    case_id: UUID,
    person: UUID,
    name: str,
    file_kind: FileKind,
    stored: Stored,
    now: datetime,
    said: Description | None = None,
) -> EvidenceItem:
    """Add a file whose bytes are kept; the same bytes again are the item that the case already has.

    Raises `Refused`: not_found, portfolio_locked, quota_exceeded, malformed.
    """
    case = await portfolio.editable(session, case_id)
    same = await session.exec(
        select(EvidenceItem).where(*_kept(case_id), col(EvidenceItem.sha256) == stored.sha256).limit(1)
    )
    if known := same.first():
        return known
    if stored.size > (await quota(session, case_id, person=person, now=now)).left:
        raise Refused("quota_exceeded")
    item = EvidenceItem(
        id=new_id(),
        case_id=case_id,
        uploaded_by=person,
        name=name,
        file_kind=file_kind.key,
        media_type=file_kind.media_type,
        size=stored.size,
        sha256=stored.sha256,
        state=EvidenceState.UNSCANNED,  # this release has no scanner, and says so wherever the file is shown
        received_at=now,
    )
    _say(item, said or Description())
    session.add(item)
    details = {"file_kind": file_kind.key, "size": stored.size}
    await portfolio.changed(
        session, case, person=person, action="evidence_attached", subject=item.id, details=details, now=now
    )
    return item


async def describe(
    session: AsyncSession, *, case_id: UUID, evidence_id: UUID, person: UUID, said: Description, now: datetime
) -> EvidenceItem:
    """Say what a file is; once it was sent, only title, description and transcript change: the rest is weighed.

    Raises `Refused`: not_found, portfolio_locked, evidence_unknown, evidence_of_others, malformed.
    """
    case = await portfolio.editable(session, case_id)
    item = await own(session, case=case, evidence_id=evidence_id)
    # A file without a kind is pointed at nothing and weighed by nobody: it may still become evidence.
    weighed = item.kind is not None and str(item.id) in (await portfolio.sent(session, case_id)).items
    if weighed and any(getattr(item, field) != getattr(said, field) for field in WEIGHED):
        raise Refused("portfolio_locked")
    _say(item, said)
    session.add(item)
    await portfolio.changed(session, case, person=person, action="evidence_described", subject=item.id, now=now)
    return item


async def remove(session: AsyncSession, *, case_id: UUID, evidence_id: UUID, person: UUID, now: datetime) -> None:
    """Take a file out of the portfolio; its row stays. What was once sent stays as it was sent.

    Raises `Refused`: not_found, portfolio_locked, evidence_unknown, evidence_of_others.
    """
    case = await portfolio.editable(session, case_id)
    item = await own(session, case=case, evidence_id=evidence_id)
    if str(item.id) in (await portfolio.sent(session, case_id)).items:
        raise Refused("portfolio_locked")
    item.state, item.removed_at = EvidenceState.REMOVED, now
    item.dropped_pointers = await pointers.noted(session, item.id)
    session.add(item)
    await session.exec(sa.delete(Pointer).where(col(Pointer.evidence_id) == item.id))
    await likeness.forget(session, item.id)
    await portfolio.changed(session, case, person=person, action="evidence_removed", subject=item.id, now=now)


async def get(session: AsyncSession, *, case_id: UUID, evidence_id: UUID) -> EvidenceItem:
    """A file of this case that was not removed. Raises `Refused`: evidence_unknown."""
    item = await session.get(EvidenceItem, evidence_id)
    if item is None or item.case_id != case_id or item.removed_at is not None:
        raise Refused("evidence_unknown")
    return item


async def own(session: AsyncSession, *, case: Case, evidence_id: UUID) -> EvidenceItem:
    """A file of the learner's own. Raises `Refused`: evidence_unknown, evidence_of_others."""
    item = await get(session, case_id=case.id, evidence_id=evidence_id)
    if item.uploaded_by != case.learner_id:
        raise Refused("evidence_of_others")
    return item


async def of_the_learner(session: AsyncSession, case: Case) -> frozenset[UUID]:
    """The files that the learner sent, or somebody at intake in their name; others come from third parties or staff."""
    mine = select(EvidenceItem.id).where(*_kept(case.id), col(EvidenceItem.uploaded_by) == case.learner_id)
    return frozenset(await session.exec(mine))


async def read(
    session: AsyncSession,
    *,
    case_id: UUID,
    evidence_id: UUID,
    person: UUID,
    now: datetime,
    claims: Collection[UUID] | None = None,
) -> EvidenceItem:
    """A file that `person` is about to read, noted in the log first; `claims` as for `of_case`.

    Raises `Refused`: evidence_unknown.
    """
    item = await get(session, case_id=case_id, evidence_id=evidence_id)
    if claims is not None:
        await one(session, case_id=case_id, evidence_id=evidence_id, claims=claims)
    await audit.log(session, stream=f"case:{case_id}", actor=str(person), action=READ, subject=str(item.id), now=now)
    return item


async def opened(
    session: AsyncSession,
    *,
    case_id: UUID,
    evidence_id: UUID,
    person: UUID,
    now: datetime,
    claims: Collection[UUID] | None = None,
) -> None:
    """Note that `person` opens a file in a viewer: once per opening, though a player asks for many parts.

    What is asked for within `ONE_OPENING` of a line in the log belongs to it. Raises `Refused`: evidence_unknown.
    """
    lately = await session.exec(
        select(AuditLine.seq)
        .where(
            col(AuditLine.stream) == f"case:{case_id}",
            col(AuditLine.action) == READ,
            col(AuditLine.actor) == str(person),
            col(AuditLine.subject) == str(evidence_id),
            col(AuditLine.at) > now - ONE_OPENING,
        )
        .limit(1)
    )
    if lately.first() is None:
        await read(session, case_id=case_id, evidence_id=evidence_id, person=person, now=now, claims=claims)


_FILE = ("id", "name", "file_kind", "media_type", "size", "sha256", "state", "received_at", "attestation_id")
_WORDS = tuple(Description.__slots__)
_COLUMNS = sa.select(*(getattr(EvidenceItem, name) for name in (*_FILE, *_WORDS))).order_by(col(EvidenceItem.id))


async def of_case(session: AsyncSession, case_id: UUID, *, claims: Collection[UUID] | None = None) -> tuple[Shown, ...]:
    """Every file of the portfolio with its pointers, in the order in which they came.

    With `claims` named, only what is pointed at one of them, and none of the pointers to others: an assessor sees
    what speaks to the claims of the seat.
    """
    return await _shown(session, case_id, claims=claims)


async def one(
    session: AsyncSession, *, case_id: UUID, evidence_id: UUID, claims: Collection[UUID] | None = None
) -> Shown:
    """One file of the portfolio with its pointers; `claims` as for `of_case`. Raises `Refused`: evidence_unknown."""
    for item in await _shown(session, case_id, col(EvidenceItem.id) == evidence_id, claims=claims):
        return item
    raise Refused("evidence_unknown")


async def _shown(
    session: AsyncSession, case_id: UUID, *wanted: sa.ColumnElement[bool], claims: Collection[UUID] | None = None
) -> tuple[Shown, ...]:
    ties = await pointers.of_case(session, case_id)
    if claims is not None:
        ties = {item: tuple(tie for tie in tied if tie.claim in claims) for item, tied in ties.items()}
        wanted = (*wanted, col(EvidenceItem.id).in_([item for item, tied in ties.items() if tied]))
    rows = await session.exec(_COLUMNS.where(*_kept(case_id), *wanted))  # type: ignore[call-overload]  # sqlmodel types exec for its own select only
    return tuple(
        Shown(
            **{name: getattr(row, name) for name in _FILE},
            said=Description(**{name: getattr(row, name) for name in _WORDS}),
            pointers=ties.get(row.id, ()),
        )
        for row in rows
    )


def check(said: Description) -> None:
    """Hold the learner's words against what can be kept. Raises `Refused`: malformed, with the field."""
    for field, text in (("title", said.title), ("author", said.author), ("language", said.language or "")):
        wording.check(field, text, most=LONGEST[field])
    for field, text in (("description", said.description), ("transcript", said.transcript)):
        wording.check(field, text, most=LONGEST[field], lines=True)
    if said.period_start and said.period_end and said.period_end < said.period_start:
        raise Refused("malformed", field="period_end")


def _say(item: EvidenceItem, said: Description) -> None:
    """Put the learner's words on the row. Raises `Refused`: malformed, with the field."""
    check(said)
    if said.transcript and FAMILY_OF[item.file_kind] not in PLAYED:
        raise Refused("malformed", field="transcript")
    for field in Description.__slots__:
        setattr(item, field, getattr(said, field))
