"""A sample is drawn with a seed that was fixed before, and that nobody sees before its quarter is over."""

from datetime import UTC, datetime
from fractions import Fraction
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from services.records import sampling
from services.records.database import Database
from services.records.tables.assessment import SamplingSeed, SecondReading
from services.records.tables.audit import AuditLine
from services.rules import second_reading
from services.rules.case import SeatKind, SeatState
from services.rules.people import Role
from services.rules.second_reading import Trigger
from tests.records import makers, reading
from tests.records.makers import NOW

ZONE = "America/Montreal"
LAST_EVENING = datetime(2026, 4, 1, 3, 59, tzinfo=UTC)
"""In Quebec the last minute of the first quarter."""

MIDNIGHT = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)


async def keep(database: Database, now: datetime) -> int:
    async with database.writing() as session:
        return await sampling.keep(session, "sample-programme", zone=ZONE, now=now)


async def seeds(database: Database) -> dict[str, SamplingSeed]:
    async with database.reading() as session:
        return {row.quarter: row for row in await session.exec(select(SamplingSeed))}


async def logged(database: Database) -> list[tuple[str, dict[str, str]]]:
    async with database.reading() as session:
        rows = await session.exec(
            select(AuditLine).where(col(AuditLine.action).startswith("sampling_")).order_by(col(AuditLine.seq))
        )
        return [(row.action, row.details) for row in rows]


async def test_a_seed_is_announced_when_its_quarter_begins_and_revealed_when_it_is_over(database: Database) -> None:
    assert await keep(database, NOW) == 2
    assert await keep(database, LAST_EVENING) == 0
    made = await seeds(database)
    assert sorted(made) == ["2026Q1", "2026Q2"]
    first, second = made["2026Q1"], made["2026Q2"]
    assert second_reading.seed_digest(bytes.fromhex(first.seed)) == first.digest
    assert await logged(database) == [
        ("sampling_seed_announced", {"quarter": "2026Q1", "sha256": first.digest}),
    ]
    assert await keep(database, MIDNIGHT) == 2  # the next quarter's is made, the last one's revealed
    assert (await logged(database))[1:] == [
        ("sampling_seed_announced", {"quarter": "2026Q2", "sha256": second.digest}),
        ("sampling_seed_revealed", {"quarter": "2026Q1", "seed": first.seed}),
    ]


async def test_a_seed_that_was_announced_cannot_become_another(database: Database) -> None:
    await keep(database, NOW)
    with pytest.raises(sa.exc.IntegrityError, match="announced"):
        async with database.writing() as session:
            await session.exec(sa.update(SamplingSeed).values(seed="00" * 32))


async def test_seeds_that_nobody_looked_after_for_a_year_are_all_revealed(database: Database) -> None:
    await keep(database, NOW)
    assert await keep(database, datetime(2027, 2, 1, tzinfo=UTC)) == 4
    revealed = [details["quarter"] for action, details in await logged(database) if action == "sampling_seed_revealed"]
    assert revealed == ["2026Q1", "2026Q2"]


async def test_a_draw_is_made_when_the_first_seat_is_accepted_and_can_be_made_again_from_the_log(
    database: Database,
) -> None:
    who = await reading.people(database)
    case_id = await reading.assigning(database, who, reading.programme(sample_percent=10, sample_least=3))
    assert await seeds(database) == {}
    await reading.accept(database, case_id, SeatKind.FIRST)  # of nobody is known how much they read: all is drawn
    (row,) = (await seeds(database)).values()
    assert [action for action, _ in await logged(database)] == ["sampling_seed_announced"]
    async with database.reading() as session:
        lines = await session.exec(select(AuditLine).where(col(AuditLine.action) == "command_applied"))
        (draw,) = [line.details["draw"] for line in lines if "draw" in line.details]
        reasons = set(await session.exec(select(SecondReading.trigger)))
    assert draw == {"quarter": "2026Q1", "share": "1", "sampled": True}
    assert second_reading.is_sampled(bytes.fromhex(row.seed), case_id, share=Fraction(draw["share"]))
    assert reasons == {Trigger.SAMPLED}
    assert (await reading.seat(database, case_id, SeatKind.SECOND)).state is SeatState.OFFERED


async def test_how_much_of_an_assessor_is_drawn_follows_what_they_read_in_the_quarter_before(
    database: Database,
) -> None:
    sample = reading.programme(sample_percent=10, sample_least=3)
    async with database.writing() as session:
        assessor = await makers.staff(session, Role.ASSESSOR)
        for number in range(12):
            case = await makers.case(session, sample=sample)
            seat = await makers.seat(session, case, assessor, state=SeatState.FINAL)
            seat.answered_at = datetime(2025, 11, 3, tzinfo=UTC) if number < 6 else NOW
    async with database.writing() as session:
        case = await makers.case(session, sample=sample)
        drawn = await sampling.draw(session, case=case, programme=sample, assessor=assessor.id, now=NOW)
        assert drawn.share == Fraction(1, 2)
        assert await sampling.taken_before(session, case=case, assessor=assessor.id) == 12
        seed = (await session.exec(select(SamplingSeed.seed))).one()
        assert drawn.sampled is second_reading.is_sampled(bytes.fromhex(seed), UUID(str(case.id)), share=drawn.share)
