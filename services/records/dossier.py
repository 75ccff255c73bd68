"""What a case's page shows beside the case itself, each as its own small question."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.assessment import Assignment, AssignmentClaim
from services.records.tables.cases import Case, Claim, Employer, MissingItem
from services.records.tables.commands import CommandRow, CommandStatus
from services.records.tables.credentials import Credential, CredentialIntent, CredentialState
from services.records.tables.decisions import DecisionClaim, Letter, LetterState
from services.records.tables.evidence import EvidenceRequest, RequestTarget
from services.records.tables.people import Person
from services.records.ties import JUDGING
from services.records.visibility import cases_visible_to
from services.rules.case import Stage, WaitingOn
from services.rules.people import Caller

PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A case as a list shows it; `own` is true for its learner."""

    id: UUID
    number: str
    programme: str
    stage: Stage
    waiting_on: WaitingOn
    due_at: datetime | None
    version: int
    learner: UUID
    advisor: UUID | None
    created_at: datetime


async def visible(
    session: AsyncSession, *, caller: Caller, after: UUID | None = None, limit: int = PAGE
) -> list[Listed]:
    """The cases that `caller` may see, oldest first, from the one after `after`."""
    statement = (
        sa.select(
            col(Case.id),
            col(Case.number),
            col(Case.programme),
            col(Case.stage),
            col(Case.waiting_on),
            col(Case.due_at),
            col(Case.version),
            col(Case.learner_id),
            col(Case.advisor_id),
            col(Case.created_at),
        )
        .where(cases_visible_to(caller))
        .order_by(col(Case.id))
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(col(Case.id) > after)
    rows = await session.exec(statement)  # type: ignore[call-overload]  # a select of many columns
    return [Listed(*row) for row in rows]


async def judged_by(session: AsyncSession, *, person: UUID, case_ids: Collection[UUID]) -> set[UUID]:
    """Those of `case_ids` in which `person` holds a seat."""
    rows = await session.exec(
        select(Assignment.case_id)
        .where(col(Assignment.person_id) == person, col(Assignment.case_id).in_(case_ids))
        .distinct()
    )
    return set(rows)


async def told(session: AsyncSession, case_id: UUID) -> set[UUID]:
    """The claims whose decision can be read: before that, nobody but who decides learns of it."""
    rows = await session.exec(
        select(DecisionClaim.claim_id)
        .join(Letter, col(Letter.decision_id) == col(DecisionClaim.decision_id))
        .where(col(Letter.case_id) == case_id, col(Letter.state) == LetterState.RELEASED)
        .distinct()
    )
    return set(rows)


async def missing_items(session: AsyncSession, case_id: UUID) -> list[MissingItem]:
    """Whatever was found missing so far, in that order; what is not answered yet has no `answered_at`."""
    rows = await session.exec(
        select(MissingItem).where(col(MissingItem.case_id) == case_id).order_by(col(MissingItem.id))
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class Round:
    """One request for more evidence with its targets, whoever asked for them."""

    id: UUID
    number: int
    asked_at: datetime
    closed_as: str | None
    targets: tuple[RequestTarget, ...]


async def rounds(session: AsyncSession, case_id: UUID, *, seats: Collection[UUID] | None = None) -> list[Round]:
    """Every request for more evidence, oldest first; of `seats`, where they are named, only what these asked for.

    Their requests are counted as if there were no others: an assessor does not learn from a number that others asked.
    """
    wanted = (
        select(RequestTarget)
        .join(EvidenceRequest, col(EvidenceRequest.id) == col(RequestTarget.request_id))
        .where(col(EvidenceRequest.case_id) == case_id)
        .order_by(col(RequestTarget.id))
    )
    if seats is not None:
        wanted = wanted.where(col(RequestTarget.assignment_id).in_(seats))
    targets = list(await session.exec(wanted))
    asked = await session.exec(
        select(EvidenceRequest)
        .where(col(EvidenceRequest.id).in_({target.request_id for target in targets}))
        .order_by(col(EvidenceRequest.asked_at), col(EvidenceRequest.id))
    )
    return [
        Round(
            request.id,
            number if seats is not None else request.round,
            request.asked_at,
            request.closed_as,
            tuple(target for target in targets if target.request_id == request.id),
        )
        for number, request in enumerate(asked, start=1)
    ]


async def rounds_on(session: AsyncSession, claim_id: UUID) -> int:
    """How many requests for more evidence were about the claim: what others were asked for says nothing of it."""
    rows = await session.exec(
        select(sa.func.count(sa.distinct(col(RequestTarget.request_id)))).where(col(RequestTarget.claim_id) == claim_id)
    )
    return rows.one()


async def nothing_more(session: AsyncSession, claim_id: UUID) -> bool:
    """Whether the learner said that there is nothing more to show for the claim."""
    rows = await session.exec(
        select(RequestTarget.id)
        .where(col(RequestTarget.claim_id) == claim_id, col(RequestTarget.nothing_more))
        .limit(1)
    )
    return rows.first() is not None


@dataclass(frozen=True, slots=True)
class Named:
    """A person as colleagues see them."""

    id: UUID
    name: str
    email: str


async def person(session: AsyncSession, person_id: UUID | None) -> Named | None:
    """Name and address of a person, or None for nobody."""
    if person_id is None:
        return None
    found = await session.exec(select(Person.id, Person.name, Person.email).where(col(Person.id) == person_id))
    row = found.first()
    return Named(*row) if row else None


@dataclass(frozen=True, slots=True)
class ListedEmployer:
    """An employer or referee that the learner named."""

    organisation: str
    email: str | None
    referee: str | None
    until: date | None


async def employers(session: AsyncSession, case_id: UUID) -> list[ListedEmployer]:
    """Whom the learner named, in that order."""
    rows = await session.exec(
        sa.select(  # type: ignore[call-overload]  # a select of columns
            col(Employer.organisation), col(Employer.email), col(Employer.referee), col(Employer.until)
        )
        .where(col(Employer.case_id) == case_id)
        .order_by(col(Employer.id))
    )
    return [ListedEmployer(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class SeatShown:
    """A seat with who was asked, and the claims that it covers."""

    seat: Assignment
    name: str
    claims: tuple[UUID, ...]

    @property
    def open(self) -> bool:
        """Whether its holder reads the case."""
        return self.seat.state in JUDGING


async def seats(session: AsyncSession, case_id: UUID, *, person_id: UUID | None = None) -> list[SeatShown]:
    """Every offer and assignment of the case, newest first; only those of `person_id` where one is named."""
    wanted = (
        select(Assignment, Person.name)
        .join(Person, col(Person.id) == col(Assignment.person_id))
        .where(col(Assignment.case_id) == case_id)
        .order_by(col(Assignment.id).desc())
    )
    if person_id is not None:
        wanted = wanted.where(col(Assignment.person_id) == person_id)
    found = list(await session.exec(wanted))
    covers = list(
        await session.exec(
            select(AssignmentClaim.assignment_id, AssignmentClaim.claim_id)
            .where(col(AssignmentClaim.assignment_id).in_([seat.id for seat, _ in found]))
            .order_by(col(AssignmentClaim.claim_id))
        )
    )
    return [
        SeatShown(seat, name, tuple(claim for assignment, claim in covers if assignment == seat.id))
        for seat, name in found
    ]


async def proposed_reasons(session: AsyncSession, case_id: UUID) -> str | None:
    """Why the advisor proposed a refusal, in the words of the newest proposal."""
    rows = await session.exec(
        select(CommandRow.body)
        .where(
            col(CommandRow.case_id) == case_id,
            col(CommandRow.kind) == "propose_refusal",
            col(CommandRow.status) == CommandStatus.APPLIED,
        )
        .order_by(col(CommandRow.version).desc())
        .limit(1)
    )
    body = rows.first()
    return str(body.get("reasons", "")) if body is not None else None


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """A published credential of a case; `document` is its signed text."""

    id: UUID
    code: str
    claim: UUID
    competency: str
    state: CredentialState
    published_at: datetime | None
    revoked_at: datetime | None
    document: str


async def credentials(session: AsyncSession, case_id: UUID) -> list[HeldCredential]:
    """What was published for the case, in the order of its claims."""
    rows = await session.exec(
        sa.select(  # type: ignore[call-overload]  # a select of many columns
            col(Credential.id),
            col(Credential.code),
            col(Credential.claim_id),
            col(Claim.competency),
            col(Credential.state),
            col(Credential.published_at),
            col(Credential.revoked_at),
            col(Credential.document),
        )
        .join(Claim, col(Claim.id) == col(Credential.claim_id))
        .join(CredentialIntent, col(CredentialIntent.id) == col(Credential.id))
        .where(col(Credential.case_id) == case_id, col(Credential.state) != CredentialState.SIGNED)
        .order_by(col(Credential.claim_id), col(Credential.signed_at))
    )
    return [HeldCredential(*row) for row in rows]


async def letter(session: AsyncSession, *, case_id: UUID, letter_id: UUID) -> Letter | None:
    """A letter of this very case that can be read."""
    found = await session.get(Letter, letter_id)
    readable = found is not None and found.case_id == case_id and found.state is LetterState.RELEASED
    return found if readable else None
