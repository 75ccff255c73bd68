"""The seeds that a quarter's sample is drawn with: made in advance, sealed until the quarter is over, then revealed.

Nobody who knows a seed could be kept from knowing whom a second reading will meet, so it is in no view and no log
before its time; its SHA-256 is in the log from the start, so that it cannot be another one afterwards.
Source: case design, section 6 (sample).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import audit
from services.records.tables.assessment import Assignment, SamplingSeed
from services.records.tables.cases import Case
from services.rules import deadlines, second_reading
from services.rules.agreement import Quarter
from services.rules.case import CLOCK, READING_SEATS, SeatKind, SeatState
from services.rules.programmes import Programme

TAKEN = (SeatState.ACCEPTED, SeatState.SUBMITTED, SeatState.FINAL, SeatState.DISMISSED)
"""States of a seat that somebody accepted, however it ended."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Whether a case is in the sample, and all that is needed beside the seed to draw it again."""

    sampled: bool
    quarter: Quarter
    share: Fraction


async def keep(session: AsyncSession, programme: str, *, zone: str, now: datetime) -> int:
    """See to the seeds of a programme: this quarter's and the next, and those of quarters that are over.

    Answers how many were made or revealed; asked again at the same time, it finds nothing to do.
    """
    today = Quarter.of(deadlines.local_day(now, zone))
    made = [await _made(session, programme, quarter, now=now) for quarter in (today, today.later(1))]
    await _announce(session, programme, today, now=now)
    past = await session.exec(
        select(SamplingSeed)
        .where(
            col(SamplingSeed.programme) == programme,
            col(SamplingSeed.quarter) < str(today),
            col(SamplingSeed.revealed_at).is_(None),
        )
        .order_by(col(SamplingSeed.quarter))
    )
    over = list(past)
    for row in over:
        await _announce(session, programme, Quarter.parse(row.quarter), now=now)
        row.revealed_at = now
        details = {"quarter": row.quarter, "seed": row.seed}
        await audit.log(
            session,
            stream="system",
            actor=CLOCK,
            action="sampling_seed_revealed",
            subject=programme,
            details=details,
            now=now,
        )
    await session.flush()
    return sum(made) + len(over)


async def _made(session: AsyncSession, programme: str, quarter: Quarter, *, now: datetime) -> bool:
    """Make the quarter's seed if there is none; answers whether it was made here."""
    if await session.get(SamplingSeed, (programme, str(quarter))) is not None:
        return False
    seed = secrets.token_bytes(second_reading.SEED_BYTES)
    row = SamplingSeed(
        programme=programme,
        quarter=str(quarter),
        seed=seed.hex(),
        digest=second_reading.seed_digest(seed),
        made_at=now,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody made it at the same moment: theirs is the seed
        return False
    return True


async def _announce(session: AsyncSession, programme: str, quarter: Quarter, *, now: datetime) -> SamplingSeed:
    """Log the SHA-256 of a seed once, before anything is drawn with it."""
    row = await session.get_one(SamplingSeed, (programme, str(quarter)))
    if row.announced_at is None:
        row.announced_at = now
        await session.flush()
        await audit.log(
            session,
            stream="system",
            actor=CLOCK,
            action="sampling_seed_announced",
            subject=programme,
            details={"quarter": str(quarter), "sha256": row.digest},
            now=now,
        )
    return row


async def draw(session: AsyncSession, *, case: Case, programme: Programme, assessor: UUID, now: datetime) -> Draw:
    """Draw for the case that `assessor` takes now as its first reader.

    The share depends on how many cases the assessor took in the quarter before; no case is counted but theirs.
    """
    policy, zone = programme.policy, programme.policy.calendar.zone
    quarter = Quarter.of(deadlines.local_day(now, zone))
    before = await _taken(session, case.programme, assessor, quarter=quarter.later(-1), zone=zone)
    share = second_reading.sample_share(before, percent=policy.sample_percent, least=policy.sample_least)
    if not share:
        return Draw(sampled=False, quarter=quarter, share=share)
    await _made(session, case.programme, quarter, now=now)
    row = await _announce(session, case.programme, quarter, now=now)
    drawn = second_reading.is_sampled(bytes.fromhex(row.seed), case.id, share=share)
    return Draw(sampled=drawn, quarter=quarter, share=share)


def begin(quarter: Quarter, zone: str) -> datetime:
    """The instant at which `quarter` begins in `zone`."""
    return deadlines.end_of_day(quarter.first_day - timedelta(days=1), zone) + timedelta(seconds=1)


async def _taken(session: AsyncSession, programme: str, assessor: UUID, *, quarter: Quarter, zone: str) -> int:
    """How many cases of the programme the assessor took as first reader in `quarter`."""
    rows = await session.exec(
        select(sa.func.count(sa.distinct(col(Assignment.case_id))))
        .join(Case, col(Case.id) == col(Assignment.case_id))
        .where(
            col(Assignment.person_id) == assessor,
            col(Assignment.state).in_(TAKEN),
            col(Assignment.seat) == SeatKind.FIRST,
            col(Assignment.answered_at) >= begin(quarter, zone),
            col(Assignment.answered_at) < begin(quarter.later(1), zone),
            col(Case.programme) == programme,
        )
    )
    return rows.one()


async def taken_before(session: AsyncSession, *, case: Case, assessor: UUID) -> int:
    """How many other cases the assessor had accepted before, in whatever programme."""
    rows = await session.exec(
        select(sa.func.count(sa.distinct(col(Assignment.case_id)))).where(
            col(Assignment.person_id) == assessor,
            col(Assignment.state).in_(TAKEN),
            col(Assignment.seat).in_(READING_SEATS),
            col(Assignment.case_id) != case.id,
        )
    )
    return rows.one()
