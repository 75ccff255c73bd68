"""Too few cases read twice: others read some again after the quarter, and nothing that was decided changes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from services.records import looking_back, sampling, statistics
from services.records.database import Database
from services.records.tables.cases import CaseExclusion
from services.records.tables.commands import EffectRow
from services.records.tables.looking_back import LookBack, LookBackFinding
from services.records.tables.people import Person
from services.rules.agreement import Quarter, Scope
from services.rules.case import SeatState
from services.rules.claims import Recommendation
from services.rules.conflicts import ConflictTie
from services.rules.looking_back import Finding
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW

AFTER = NOW + timedelta(days=100)
"""A day of the quarter that follows."""

NO_TIE = {tie.value: False for tie in ConflictTie}
LONG = "The second sample shows the plan, but not how the part was measured and checked."


@dataclass(frozen=True, slots=True)
class Past:
    """A quarter that is over: one decided case that one person judged alone, and two who could read it again."""

    who: moving.People
    case_id: UUID
    others: tuple[Person, Person]


async def over(database: Database) -> Past:
    """The programme draws a sample from its newest version on; the case was begun before."""
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    await moving.decide(database, who, case_id)
    await moving.publish(database, case_id)
    async with moving.writing(database) as session:
        await sampling.keep(session, "sample-programme", zone="America/Montreal", now=NOW)
        await makers.published(session, makers.with_policy(sample_percent=10, sample_least=3))
        others = (await makers.staff(session, Role.ASSESSOR), await makers.staff(session, Role.ASSESSOR))
    return Past(who, case_id, others)


async def seen_to(database: Database, *, now: datetime = AFTER) -> list[UUID]:
    async with moving.writing(database) as session:
        return await looking_back.see_to(session, "sample-programme", now=now)


async def asked(database: Database) -> list[LookBack]:
    async with database.reading() as session:
        return list(await session.exec(select(LookBack).order_by(col(LookBack.id))))


async def take(database: Database, row: LookBack) -> None:
    async with moving.writing(database) as session:
        await looking_back.accept(session, row.id, person=row.reader_id, answers=NO_TIE, signed=True, now=AFTER)


async def findings(database: Database, case_id: UUID, **found: str) -> dict[UUID, Finding]:
    claims = await moving.claims_of(database, case_id)
    ratings = {"met": "met", "partial": "partly_met"}
    return {
        claims[key].id: Finding({"a": "met", "b": ratings.get(word, "not_yet"), "c": "met"}, word, LONG)
        for key, word in found.items()
    }


async def send(database: Database, row: LookBack, found: dict[UUID, Finding]) -> bool:
    async with moving.writing(database) as session:
        return await looking_back.send(session, row.id, person=row.reader_id, findings=found, now=AFTER)


async def told(database: Database, notice: str) -> list[UUID | None]:
    async with database.reading() as session:
        return list(await session.exec(select(EffectRow.recipient).where(col(EffectRow.notice) == notice)))


async def test_after_a_quarter_with_too_few_double_readings_somebody_without_a_part_is_asked_once(
    database: Database,
) -> None:
    quarter = await over(database)
    assert await seen_to(database, now=NOW + timedelta(days=1)) == []  # the quarter still runs
    assert await seen_to(database) == [quarter.case_id]
    assert await seen_to(database) == []
    (row,) = await asked(database)
    assert (row.state, row.assessor_id, row.quarter) == (
        SeatState.OFFERED,
        quarter.who.assessor.id,
        str(Quarter.of(NOW.date())),
    )
    assert row.reader_id in {one.id for one in quarter.others}
    assert await told(database, looking_back.OFFERED) == [row.reader_id]


async def test_a_reading_that_differs_goes_to_the_leads_and_into_the_figures_and_changes_no_decision(
    database: Database,
) -> None:
    quarter = await over(database)
    await seen_to(database)
    (row,) = await asked(database)
    before, claims = await moving.case_of(database, quarter.case_id), await moving.claims_of(database, quarter.case_id)
    await take(database, row)
    assert await send(database, row, await findings(database, quarter.case_id, first="not_yet", second="partial"))
    assert await told(database, looking_back.DIFFERS) == [quarter.who.lead.id]
    after = await moving.case_of(database, quarter.case_id)
    assert (after.stage, after.version, after.outcome) == (before.stage, before.version, before.outcome)
    now = await moving.claims_of(database, quarter.case_id)
    assert {key: one.state for key, one in now.items()} == {key: one.state for key, one in claims.items()}
    async with database.reading() as session:
        rollup = await statistics.gather(session, "sample-programme", now=AFTER)
    figures = statistics.compute(rollup)
    whole = next(one for one in figures if one.scope is Scope.PROGRAMME)
    assert whole.pairs == 2
    assert {one.person_id for one in figures if one.person_id} == {quarter.who.assessor.id, row.reader_id}
    assert statistics.double_readings(rollup)[0].read_twice == 0
    async with moving.nothing_changes(database, "offer_ended"):
        await send(database, row, await findings(database, quarter.case_id, first="met", second="partial"))


async def test_whoever_has_a_tie_is_barred_and_somebody_else_is_asked(sqlite_database: Database) -> None:
    quarter = await over(sqlite_database)
    await seen_to(sqlite_database)
    (row,) = await asked(sqlite_database)
    tied = NO_TIE | {ConflictTie.FINANCIAL.value: True}
    for answers, signed, code in ((tied, False, "screen_unsigned"), (NO_TIE, True, "tie_missing")):
        async with moving.nothing_changes(sqlite_database, code), moving.writing(sqlite_database) as session:
            await looking_back.declare(session, row.id, person=row.reader_id, answers=answers, signed=signed, now=AFTER)
    barred = "conflict_of_interest"
    async with moving.nothing_changes(sqlite_database, barred), moving.writing(sqlite_database) as session:
        await looking_back.accept(session, row.id, person=row.reader_id, answers=tied, signed=True, now=AFTER)
    async with moving.writing(sqlite_database) as session:
        await looking_back.declare(session, row.id, person=row.reader_id, answers=tied, signed=True, now=AFTER)
    first, second = await asked(sqlite_database)
    assert (first.state, second.state) == (SeatState.CONFLICT, SeatState.OFFERED)
    assert {first.reader_id, second.reader_id} == {one.id for one in quarter.others}
    async with sqlite_database.reading() as session:
        assert await session.get(CaseExclusion, (quarter.case_id, first.reader_id)) is not None


async def test_who_declines_or_is_silent_or_late_is_followed_by_somebody_else(sqlite_database: Database) -> None:
    await over(sqlite_database)
    await seen_to(sqlite_database)
    (row,) = await asked(sqlite_database)
    async with moving.nothing_changes(sqlite_database, "malformed"), moving.writing(sqlite_database) as session:
        await looking_back.decline(session, row.id, person=row.reader_id, reason="bored", now=AFTER)
    async with moving.writing(sqlite_database) as session:
        await looking_back.decline(session, row.id, person=row.reader_id, reason="no_time", now=AFTER)
    declined, offered = await asked(sqlite_database)
    assert (declined.state, offered.state) == (SeatState.DECLINED, SeatState.OFFERED)
    assert await seen_to(sqlite_database, now=offered.respond_by + timedelta(days=1)) == []  # nobody is left
    assert [one.state for one in await asked(sqlite_database)] == [SeatState.DECLINED, SeatState.EXPIRED]


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("claims_open", {"ratings": {"a": "met"}}),
        ("malformed", {"recommendation": "splendid"}),
        ("evidence_rule", {"recommendation": "met"}),
        ("rationale_missing", {"rationale": "Short."}),
    ],
)
async def test_a_finding_that_is_not_whole_is_refused(
    sqlite_database: Database, code: str, changed: dict[str, object]
) -> None:
    quarter = await over(sqlite_database)
    await seen_to(sqlite_database)
    (row,) = await asked(sqlite_database)
    await take(sqlite_database, row)
    found = await findings(sqlite_database, quarter.case_id, first="not_yet", second="partial")
    claim = (await moving.claims_of(sqlite_database, quarter.case_id))["first"].id
    async with moving.nothing_changes(sqlite_database, code):
        await send(sqlite_database, row, found | {claim: replace(found[claim], **changed)})  # type: ignore[arg-type]
    async with moving.nothing_changes(sqlite_database, "claims_open"):
        await send(sqlite_database, row, {claim: found[claim]})
    async with moving.nothing_changes(sqlite_database, "claim_unknown"):
        await send(sqlite_database, row, found | {row.id: found[claim]})


async def test_nobody_else_learns_of_a_reading_and_what_was_found_stays(sqlite_database: Database) -> None:
    quarter = await over(sqlite_database)
    await seen_to(sqlite_database)
    (row,) = await asked(sqlite_database)
    async with sqlite_database.reading() as session:
        with pytest.raises(Refused, match="not_found"):
            await looking_back.own(session, row.id, person=quarter.who.assessor.id)
    await take(sqlite_database, row)
    assert not await send(
        sqlite_database, row, await findings(sqlite_database, quarter.case_id, first="met", second="partial")
    )
    assert await told(sqlite_database, looking_back.DIFFERS) == []
    async with sqlite_database.reading() as session:
        assert len(list(await session.exec(select(LookBackFinding)))) == 2
    for statement in (sa.update(LookBackFinding).values(rationale="Other"), sa.delete(LookBackFinding)):
        with pytest.raises(IntegrityError, match="as it was"):
            async with sqlite_database.writing() as session:
                await session.exec(statement)
