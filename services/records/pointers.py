"""Which file shows what: pointers tie files to claims and criteria, many to many, with a page or a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import portfolio, programmes, wording
from services.records.ids import new_id
from services.records.tables.cases import Case, Claim
from services.records.tables.evidence import EvidenceItem, Pointer
from services.rules.claims import OPEN_CLAIMS, PointedItem
from services.rules.evidence import EvidenceKind
from services.rules.refusals import Refused

LONGEST_NOTE = 500

LAST_PAGE = 100_000
LAST_SECOND = 7 * 24 * 3600
"""Further into a file nobody points."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file to look, and what for: a criterion, a page from 1, or a time in seconds."""

    criterion: str | None = None
    page: int | None = None
    seconds: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pointed:
    """One pointer as people see it."""

    id: UUID
    claim: UUID
    place: Place


async def point(
    session: AsyncSession,
    *,
    case_id: UUID,
    evidence_id: UUID,
    claim_id: UUID,
    person: UUID,
    place: Place,
    now: datetime,
) -> Pointer:
    """Tie a file to a claim or to one of its criteria; the same tie again is the one there is.

    Raises `Refused`: not_found, portfolio_locked, evidence_unknown, evidence_of_others, claim_unknown, malformed (a
    file without a kind, a criterion of another competency, a place that no file has).
    """
    case = await portfolio.editable(session, case_id)
    item = await session.get(EvidenceItem, evidence_id)
    if item is None or item.case_id != case_id or item.removed_at is not None:
        raise Refused("evidence_unknown")
    _check_own(item, case)
    if item.kind is None:  # a file of which nobody knows what it is cannot be weighed by the rules of evidence
        raise Refused("evidence_undescribed")
    await _check(session, case=case, claim_id=claim_id, place=place)
    if same := await _same(session, evidence_id=evidence_id, claim_id=claim_id, place=place):
        return same
    pointer = _tie(case, evidence_id=evidence_id, claim_id=claim_id, place=place)
    session.add(pointer)
    await _changed(session, case, pointer, person=person, action="evidence_pointed", now=now)
    return pointer


async def carry_over(session: AsyncSession, *, case: Case, evidence_id: UUID, claim_id: UUID, place: Place) -> bool:
    """Tie a file that came from another case of the learner; answers whether the tie is new."""
    if await _same(session, evidence_id=evidence_id, claim_id=claim_id, place=place):
        return False
    session.add(_tie(case, evidence_id=evidence_id, claim_id=claim_id, place=place))
    await session.flush()
    return True


def _tie(case: Case, *, evidence_id: UUID, claim_id: UUID, place: Place) -> Pointer:
    return Pointer(
        id=new_id(),
        case_id=case.id,
        evidence_id=evidence_id,
        claim_id=claim_id,
        criterion=place.criterion,
        page=place.page,
        seconds=place.seconds,
        note=place.note,
    )


async def _same(session: AsyncSession, *, evidence_id: UUID, claim_id: UUID, place: Place) -> Pointer | None:
    known = await session.exec(
        select(Pointer).where(
            col(Pointer.evidence_id) == evidence_id,
            col(Pointer.claim_id) == claim_id,
            col(Pointer.criterion).is_not_distinct_from(place.criterion),
            col(Pointer.page).is_not_distinct_from(place.page),
            col(Pointer.seconds).is_not_distinct_from(place.seconds),
        )
    )
    return known.first()


async def unpoint(
    session: AsyncSession, *, case_id: UUID, evidence_id: UUID, pointer_id: UUID, person: UUID, now: datetime
) -> None:
    """Untie a file from a claim, unless the tie was sent: judgements may lean on it.

    Raises `Refused`: not_found, portfolio_locked, evidence_unknown, evidence_of_others.
    """
    case = await portfolio.editable(session, case_id)
    pointer = await session.get(Pointer, pointer_id)
    if pointer is None or (pointer.case_id, pointer.evidence_id) != (case_id, evidence_id):
        raise Refused("evidence_unknown")
    _check_own(await session.get_one(EvidenceItem, evidence_id), case)
    if str(pointer_id) in (await portfolio.sent(session, case_id)).pointers:
        raise Refused("portfolio_locked")
    await session.delete(pointer)
    await _changed(session, case, pointer, person=person, action="evidence_unpointed", now=now)


async def of_case(session: AsyncSession, case_id: UUID) -> dict[UUID, tuple[Pointed, ...]]:
    """Every pointer of the portfolio by file, in the order in which they were made."""
    found: dict[UUID, tuple[Pointed, ...]] = {}
    for tie in await session.exec(select(Pointer).where(col(Pointer.case_id) == case_id).order_by(col(Pointer.id))):
        place = Place(tie.criterion, tie.page, tie.seconds, tie.note)
        found[tie.evidence_id] = (*found.get(tie.evidence_id, ()), Pointed(tie.id, tie.claim_id, place))
    return found


async def noted(session: AsyncSession, evidence_id: UUID) -> list[dict[str, Any]]:
    """What a file is pointed at, as it is kept beside a file that is taken out."""
    ties = await session.exec(select(Pointer).where(col(Pointer.evidence_id) == evidence_id).order_by(col(Pointer.id)))
    places = ("criterion", "page", "seconds", "note")
    return [{"claim": str(tie.claim_id)} | {name: getattr(tie, name) for name in places} for tie in ties]


async def for_claim(session: AsyncSession, claim_id: UUID) -> tuple[PointedItem, ...]:
    """The files pointed at a claim, as the rules of evidence weigh them."""
    rows = await session.exec(
        select(EvidenceItem.id, EvidenceItem.kind, EvidenceItem.learner_authored)
        .join(Pointer, col(Pointer.evidence_id) == col(EvidenceItem.id))
        .where(col(Pointer.claim_id) == claim_id, col(EvidenceItem.removed_at).is_(None))
        .distinct()
        .order_by(col(EvidenceItem.id))
    )
    return tuple(PointedItem(str(item), EvidenceKind(kind), own) for item, kind, own in rows if kind is not None)


def _check_own(item: EvidenceItem, case: Case) -> None:
    """What others said speaks for what they said, and for nothing else; the learner's own words are the learner's."""
    spoken = item.learner_authored and item.kind is EvidenceKind.ORAL_STATEMENT
    if item.uploaded_by != case.learner_id and not spoken:
        raise Refused("evidence_of_others")


async def _check(session: AsyncSession, *, case: Case, claim_id: UUID, place: Place) -> None:
    claim = await session.get(Claim, claim_id)
    if claim is None or claim.case_id != case.id:
        raise Refused("claim_unknown")
    if claim.state not in OPEN_CLAIMS:
        raise Refused("portfolio_locked")
    competency = (await programmes.of_case(session, case)).competency(claim.competency)
    if place.criterion is not None and place.criterion not in {criterion.key for criterion in competency.criteria}:
        raise Refused("malformed", field="criterion")
    if place.page is not None and not 1 <= place.page <= LAST_PAGE:
        raise Refused("malformed", field="page")
    if place.seconds is not None and not (place.page is None and 0 <= place.seconds <= LAST_SECOND):
        raise Refused("malformed", field="seconds")
    wording.check("note", place.note, most=LONGEST_NOTE, lines=True)


async def _changed(
    session: AsyncSession, case: Case, pointer: Pointer, *, person: UUID, action: str, now: datetime
) -> None:
    details = {"evidence": str(pointer.evidence_id), "claim": str(pointer.claim_id)}
    await portfolio.changed(session, case, person=person, action=action, subject=pointer.id, details=details, now=now)
