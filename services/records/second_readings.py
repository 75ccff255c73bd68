"""Which claims are read more than once, why, by which seats, and what their readings came to.

Nothing here is told to whoever reads. Source: case design, section 6.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import assignments, judgements
from services.records.tables.assessment import Assignment, JudgementConfirmation, SecondReading
from services.records.tables.assessment import Judgement as JudgementRow
from services.records.tables.cases import Case, Claim
from services.rules.case import READING_SEATS, SeatKind
from services.rules.programmes import Policy
from services.rules.second_reading import Original, Trigger

ALL_THREE = 3
"""Readers per claim with whom a third seat is offered beside the second."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A locked original; `version` is the portfolio version that its author made or last confirmed it on."""

    seat: SeatKind
    row: JudgementRow
    version: int

    @property
    def original(self) -> Original:
        """As the rules compare it. Raises `ValueError` for a reading without recommendation."""
        if self.row.recommendation is None:
            raise ValueError(self.row.id)
        return Original(self.row.recommendation, self.version)


Readings = Mapping[UUID, Mapping[SeatKind, Reading]]
"""By claim, then by seat."""


async def read(session: AsyncSession, case_id: UUID) -> Readings:
    """Every locked original of the case that counts; of a seat that was filled again, the last one."""
    confirmed = (
        sa.select(sa.func.max(col(JudgementConfirmation.portfolio_version)))
        .where(col(JudgementConfirmation.judgement_id) == col(JudgementRow.id))
        .correlate(JudgementRow)
        .scalar_subquery()
    )
    rows = await session.exec(
        select(JudgementRow, Assignment.seat, confirmed)
        .join(Assignment, col(Assignment.id) == col(JudgementRow.assignment_id))
        .where(
            col(JudgementRow.case_id) == case_id,
            col(JudgementRow.locked_at).is_not(None),
            col(Assignment.seat).in_(READING_SEATS),
            col(Assignment.state).in_(judgements.STANDING),
        )
        .order_by(col(JudgementRow.locked_at), col(JudgementRow.id))
    )
    found: dict[UUID, dict[SeatKind, Reading]] = {}
    for row, seat, later in rows:
        kind = SeatKind(seat)
        found.setdefault(row.claim_id, {})[kind] = Reading(kind, row, later or row.portfolio_version)
    return found


async def asked(session: AsyncSession, case_id: UUID) -> dict[UUID, frozenset[Trigger]]:
    """Why each claim of the case is read more than once; those that one person reads are missing."""
    rows = await session.exec(
        select(SecondReading.claim_id, SecondReading.trigger)
        .join(Claim, col(Claim.id) == col(SecondReading.claim_id))
        .where(col(Claim.case_id) == case_id)
    )
    found: dict[UUID, set[Trigger]] = {}
    for claim, trigger in rows:
        found.setdefault(claim, set()).add(Trigger(trigger))
    return {claim: frozenset(triggers) for claim, triggers in found.items()}


async def ask(
    session: AsyncSession, *, claims: Iterable[Claim], triggers: Iterable[Trigger], command_id: UUID, now: datetime
) -> None:
    """Have `claims` read twice because of `triggers`; what was asked for before stays as it was."""
    for claim in claims:
        for trigger in sorted(triggers):
            if await session.get(SecondReading, (claim.id, trigger)) is None:
                session.add(SecondReading(claim_id=claim.id, trigger=trigger, command_id=command_id, asked_at=now))
    await session.flush()


def seats_for(triggers: Iterable[Trigger], policy: Policy) -> tuple[SeatKind, ...]:
    """The seats that a claim needs, for the reasons that it is read more than once for; none where a panel reads."""
    reasons = frozenset(triggers)
    if policy.readers_per_claim == 0:
        return ()
    if not reasons:
        return (SeatKind.FIRST,)
    third = Trigger.READERS in reasons and policy.readers_per_claim == ALL_THREE
    return READING_SEATS if third else READING_SEATS[:2]


async def places(session: AsyncSession, case: Case, policy: Policy) -> dict[SeatKind, list[Claim]]:
    """The claims that still need somebody, by seat: nobody holds it or is offered it, and nothing is settled."""
    triggers = await asked(session, case.id)
    found: dict[SeatKind, list[Claim]] = {}
    for kind in READING_SEATS:
        lacking = [
            claim
            for claim in await assignments.unseated(session, case, kind=kind)
            if claim.state not in judgements.JUDGED and kind in seats_for(triggers.get(claim.id, ()), policy)
        ]
        if lacking:
            found[kind] = lacking
    return found


def all_read(
    claims: Sequence[Claim], *, readings: Readings, triggers: Mapping[UUID, frozenset[Trigger]], policy: Policy
) -> bool:
    """Whether every seat that `claims` need has sent in what it found."""
    return all(
        kind in readings.get(claim.id, {}) for claim in claims for kind in seats_for(triggers.get(claim.id, ()), policy)
    )
