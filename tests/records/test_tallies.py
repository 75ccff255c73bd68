"""The roll-up counts letters within the service standard, decisions, appeals and why claims were read twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from services.records import cases, statistics
from services.records.database import Database
from services.records.tables.assessment import SecondReading
from services.records.tables.cases import CaseSpan
from services.records.tables.statistics import Tally
from services.rules import commands as bodies
from services.rules.case import Clock, SeatKind, Stage, WaitingOn
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.reports import ALL, Measure, Pace
from services.rules.second_reading import Trigger
from tests.records import appealing, makers, moving
from tests.records.makers import NOW
from tests.records.test_service_standards import told

SLUG = makers.programme().slug
IN_JULY = datetime(2026, 7, 6, 6, tzinfo=UTC)


async def tallied(database: Database, *, now: datetime = IN_JULY) -> list[Tally]:
    """Every count, after the sweep."""
    async with database.reading() as session:
        rollup = await statistics.gather(session, SLUG, now=now)
    async with database.writing() as session:
        await statistics.store(session, rollup, [], statistics.tallied(rollup))
    async with database.reading() as session:
        return list(await session.exec(select(Tally).order_by(col(Tally.quarter), col(Tally.measure))))


async def counts(database: Database, *, now: datetime = IN_JULY) -> Counter[tuple[str, Measure, str]]:
    return Counter({(row.quarter, row.measure, row.word): row.number for row in await tallied(database, now=now)})


async def lettered(database: Database, *, at: datetime) -> UUID:
    """A case whose portfolio was sent at `NOW`, and whose letter could be read at `at`."""
    who = await moving.people(database)
    case_id = await moving.sent_in(database, who)
    await told(database, case_id, at=at)
    async with database.writing() as session:
        (await cases.get(session, case_id)).decided_at = at
    return case_id


async def test_letters_count_by_whether_they_kept_the_standard_and_time_that_stood_still_does_not_count(
    database: Database,
) -> None:
    late = NOW + timedelta(days=100)  # fifty business days are over, also with the weekends between them
    await lettered(database, at=NOW + timedelta(days=20))
    await lettered(database, at=late)
    stood = await lettered(database, at=late)
    async with database.writing() as session:
        span = CaseSpan(
            case_id=stood,
            seq=9,
            stage=Stage.MORE_EVIDENCE,
            waiting_on=WaitingOn.LEARNER,
            clock=Clock.STOPPED,
            started_at=NOW + timedelta(days=2),
            ended_at=NOW + timedelta(days=90),
        )
        await makers.stored(session, span)
    found = await counts(database)
    assert found["2026Q1", Measure.DECIDED, Pace.WITHIN] == 1
    assert found["2026Q2", Measure.DECIDED, Pace.WITHIN] == 1
    assert found["2026Q2", Measure.DECIDED, Pace.BEYOND] == 1


async def test_appeals_count_when_they_are_lodged_and_when_they_end_with_their_days(database: Database) -> None:
    who = await moving.people(database)
    body = await appealing.body(database)
    case_id = await appealing.decided(database, who)
    bench = await appealing.convened(database, who, body, case_id)
    await appealing.rule(database, bench, "dismissed")
    other = await moving.people(database)
    left = await appealing.decided(database, other)
    await appealing.lodge(database, other, left)
    found = await tallied(database)
    by = {(row.measure, row.word): row for row in found}
    grounds = [row.word for row in found if row.measure is Measure.GROUNDS]
    assert grounds
    assert by[Measure.LODGED, "recognition"].number == 2
    assert by[Measure.ENDED, "dismissed"].number == 1
    assert by[Measure.CAUSES, "judgement"].number == 1
    assert by[Measure.DECISIONS, ALL].number == 2, "a ruling is not counted beside what it is about"
    assert (by[Measure.DAYS, ALL].number, len(by[Measure.DAYS, ALL].values or [])) == (1, 1)


async def test_an_appeal_that_is_taken_back_ends_as_such_and_one_on_a_ruling_is_of_the_second_level(
    database: Database,
) -> None:
    who = await moving.people(database)
    body = await appealing.body(database)
    bench = await appealing.convened(database, who, body, await appealing.decided(database, who))
    await appealing.rule(database, bench, "dismissed")
    await appealing.told(database, bench.case_id)
    await appealing.lodge(database, who, bench.case_id, now=bench.now)
    yes = bodies.WithdrawAppeal(confirmed=True)
    await moving.send(
        database, bench.case_id, "withdraw_appeal", actor=who.learner, role=Role.LEARNER, body=yes, now=bench.now
    )
    found = Counter({(row.measure, row.word): row.number for row in await tallied(database)})
    assert (found[Measure.LODGED, "recognition"], found[Measure.LODGED, "ruling"]) == (1, 1)
    assert (found[Measure.ENDED, "dismissed"], found[Measure.ENDED, "withdrawn"]) == (1, 1)


async def test_claims_read_twice_count_under_each_reason_and_years_ago_stays_as_it_was(database: Database) -> None:
    async with database.writing() as session:
        one, other = [await makers.staff(session, Role.ASSESSOR) for _ in range(2)]
        of = await makers.case(session, stage=Stage.IN_ASSESSMENT)
        for who, kind in ((one, SeatKind.FIRST), (other, SeatKind.SECOND)):
            await makers.read_by(session, of, (who, kind, {"first": Recommendation.MET}), at=NOW)
        (claim,) = await makers.claims(session, of)
        asked = await makers.command(session, of, "accept_offer", actor=one.id, role=Role.ASSESSOR)
        for trigger in (Trigger.SAMPLED, Trigger.NEW_ASSESSOR):
            row = SecondReading(claim_id=claim.id, trigger=trigger, command_id=asked.id, asked_at=NOW)
            await makers.stored(session, row)
    found = await counts(database)
    assert [found["2026Q1", Measure.READ_TWICE, word] for word in (ALL, "sampled", "new_assessor", "readers")] == [
        1,
        1,
        1,
        0,
    ]
    assert found["2026Q1", Measure.JUDGED, ALL] == 1
    later = await tallied(database, now=datetime(2027, 8, 1, tzinfo=UTC))
    assert {row.rolled_up_at for row in later if row.quarter == "2026Q1"} == {IN_JULY}
