"""The roll-up counts locked originals and nothing else, by quarter of the programme, and tells leads who drifts."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import agreement_figures, statistics
from services.records.database import Database
from services.records.double_readings import Original, Read
from services.records.ids import new_id
from services.records.statistics import Rollup
from services.records.tables.assessment import Judgement
from services.records.tables.people import Person
from services.records.tables.statistics import AgreementFigure, DoubleReading
from services.rules import agreement
from services.rules.agreement import Quarter, Scope
from services.rules.case import SeatKind, SeatState, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from tests.records import makers
from tests.records.prepared import prepared

MET, PARTIAL, NOT_YET = Recommendation.MET, Recommendation.PARTIAL, Recommendation.NOT_YET
LACKING = Recommendation.INSUFFICIENT_EVIDENCE
Q1 = datetime(2026, 2, 2, 15, tzinfo=UTC)
Q2 = datetime(2026, 5, 4, 15, tzinfo=UTC)
IN_JULY = datetime(2026, 7, 6, 6, tzinfo=UTC)
EVERYTHING: list[tuple[str, str | None]] = [(makers.INSTITUTION, None)]
SLUG = makers.programme().slug


async def roll_up(database: Database, now: datetime = IN_JULY) -> int:
    """What the sweep does."""
    async with database.reading() as session:
        assert await statistics.programmes_read(session) == [SLUG]
        rollup = await statistics.gather(session, SLUG, now=now)
    figures = await asyncio.to_thread(statistics.compute, rollup)
    async with database.writing() as session:
        return await statistics.store(session, rollup, figures, statistics.tallied(rollup))


async def stored(database: Database, scope: Scope, subject: str = "", *, quarter: str = "2026Q1") -> AgreementFigure:
    async with database.reading() as session:
        rows = await session.exec(
            select(AgreementFigure).where(
                col(AgreementFigure.scope) == scope,
                col(AgreementFigure.subject) == subject,
                col(AgreementFigure.quarter) == quarter,
            )
        )
        return rows.one()


async def share(database: Database, quarter: str = "2026Q1") -> DoubleReading:
    async with database.reading() as session:
        return (await session.exec(select(DoubleReading).where(col(DoubleReading.quarter) == quarter))).one()


@prepared
async def assessors(database: Database, many: int = 3) -> list[Person]:
    async with database.writing() as session:
        return [await makers.staff(session, Role.ASSESSOR) for _ in range(many)]


async def double_read(
    database: Database,
    pairs: Sequence[tuple[Recommendation, Recommendation]],
    *,
    who: tuple[Person, Person],
    at: datetime = Q1,
) -> None:
    """A case per pair, its one claim read by both."""
    async with database.writing() as session:
        for first, second in pairs:
            of = await makers.case(session, stage=Stage.IN_ASSESSMENT, claims_are=ClaimState.IN_ASSESSMENT)
            await makers.read_by(
                session,
                of,
                (who[0], SeatKind.FIRST, {"first": first}),
                (who[1], SeatKind.SECOND, {"first": second}),
                at=at,
            )


MIXED = ((MET, MET), (MET, PARTIAL), (NOT_YET, NOT_YET), (LACKING, MET)) * 5


async def test_pairs_of_originals_become_figures_of_every_scope(database: Database) -> None:
    one, other, _ = await assessors(database)
    await double_read(database, MIXED, who=(one, other))
    assert (
        await roll_up(database) == 7 + 3 + 2
    )  # programme, competency, three criteria, two assessors; three quarters; judged and read twice
    for scope, subject in (
        (Scope.PROGRAMME, ""),
        (Scope.COMPETENCY, "first"),
        (Scope.ASSESSOR, str(one.id)),
        (Scope.ASSESSOR, str(other.id)),
    ):
        figure = await stored(database, scope, subject)
        measures: dict[str, Any] = figure.measures or {}
        assert (figure.pairs, measures["agreed"], measures["left_out"], measures["levelled"]) == (20, 10, 5, 15)
        assert measures["exact"]["value"] == 0.5
        # p_o = 1/2; expected: met 10·10, partial 0·5, not_yet 5·5, without a level 5·0, over 400.
        assert measures["kappa"]["value"] == pytest.approx((0.5 - 125 / 400) / (1 - 125 / 400), abs=1e-9)
        assert measures["alpha"] is None, "fifteen claims with two levels are too few for alpha"
        assert (figure.definition, figure.rolled_up_at) == (agreement.DEFINITION, IN_JULY)
    rated = await stored(database, Scope.CRITERION, "first/a")
    assert (rated.pairs, (rated.measures or {})["agreed"]) == (20, 10)  # `partial` rates every criterion not yet


async def test_the_share_read_twice_counts_what_was_judged_once_too(database: Database) -> None:
    one, other, third = await assessors(database)
    await double_read(database, MIXED[:2], who=(one, other))
    async with database.writing() as session:
        alone = await makers.case(session, stage=Stage.IN_ASSESSMENT, competencies=("first", "second"))
        await makers.read_by(session, alone, (third, SeatKind.FIRST, {"first": MET, "second": MET}), at=Q1)
    await roll_up(database)
    found = await share(database)
    assert (found.judged, found.read_twice, found.settled, found.changed) == (4, 2, 0, 0)
    assert (await stored(database, Scope.PROGRAMME)).measures is None, "two pairs are too few to be shown"


async def test_three_readings_are_three_pairs_of_a_programme_and_two_of_each_person(database: Database) -> None:
    one, other, third = await assessors(database)
    async with database.writing() as session:
        of = await makers.case(session, stage=Stage.MODERATION)
        await makers.read_by(
            session,
            of,
            (one, SeatKind.FIRST, {"first": MET}),
            (other, SeatKind.SECOND, {"first": PARTIAL}),
            (third, SeatKind.THIRD, {"first": MET}),
            at=Q1,
        )
    await roll_up(database)
    assert (await stored(database, Scope.PROGRAMME)).pairs == 3
    assert (await stored(database, Scope.ASSESSOR, str(third.id))).pairs == 2


@pytest.mark.parametrize("lost", ["draft", "conflict", "panel"])
async def test_what_is_no_original_makes_no_pair(database: Database, lost: str) -> None:
    one, other, _ = await assessors(database)
    async with database.writing() as session:
        of = await makers.case(session, stage=Stage.IN_ASSESSMENT)
        await makers.read_by(session, of, (one, SeatKind.FIRST, {"first": MET}), at=Q1)
        kind = SeatKind.PANEL if lost == "panel" else SeatKind.SECOND
        state = {"draft": SeatState.ACCEPTED, "conflict": SeatState.CONFLICT, "panel": SeatState.SUBMITTED}[lost]
        await makers.party(session, of, other, Role.ASSESSOR)
        sat = await makers.seat(session, of, other, state=state, kind=kind)
        sent = None
        if lost != "draft":
            sent = await makers.applied(session, of, "submit_judgements", actor=other.id, role=Role.ASSESSOR)
        (held,) = await makers.claims(session, of)
        await makers.judgement(session, sat, held, locked_by=sent, at=Q1)
    await roll_up(database)
    found = await share(database)
    assert (found.judged, found.read_twice) == (1, 0)
    async with database.reading() as session:
        assert list(await session.exec(select(AgreementFigure))) == []


async def test_a_pair_belongs_to_the_quarter_of_its_last_reading_in_the_programmes_own_zone(database: Database) -> None:
    """Two in the morning of 1 April in UTC is still 31 March in Quebec."""
    one, other, _ = await assessors(database)
    await double_read(database, MIXED[:1], who=(one, other), at=datetime(2026, 4, 1, 2, tzinfo=UTC))
    await double_read(database, MIXED[:1], who=(one, other), at=datetime(2026, 4, 1, 5, tzinfo=UTC))
    await roll_up(database)
    for quarter in ("2026Q1", "2026Q2"):
        assert (await stored(database, Scope.PROGRAMME, quarter=quarter)).pairs == 1
        assert (await share(database, quarter)).judged == 1


async def test_a_decision_that_departs_from_the_first_reading_is_a_change(database: Database) -> None:
    one, other, _ = await assessors(database)
    async with database.writing() as session:
        decider = await makers.staff(session, Role.DECISION_MAKER)
        for said in (MET, NOT_YET):
            of = await makers.case(session, stage=Stage.IN_ASSESSMENT)
            await makers.read_by(
                session, of, (one, SeatKind.FIRST, {"first": MET}), (other, SeatKind.SECOND, {"first": said}), at=Q1
            )
            (held,) = await makers.claims(session, of)
            last = [row for row in await _originals(session, held.id) if row.assessor_id == other.id]
            by = await makers.applied(session, of, "decide", actor=decider.id, role=Role.DECISION_MAKER)
            settled = ClaimState.GRANTED if said is MET else ClaimState.NOT_YET
            await makers.decision(session, of, by, settles={held.id: (settled, last[0].id)})
    await roll_up(database)
    found = await share(database)
    assert (found.read_twice, found.settled, found.changed) == (2, 2, 1)


async def _originals(session: AsyncSession, claim: UUID) -> list[Judgement]:
    return list(await session.exec(select(Judgement).where(col(Judgement.claim_id) == claim)))


GOOD = ((MET, MET), (NOT_YET, NOT_YET), (PARTIAL, PARTIAL), (MET, MET)) * 6
WORSE = ((MET, NOT_YET), (NOT_YET, MET), (PARTIAL, MET), (NOT_YET, PARTIAL)) * 5


@prepared
async def drift(database: Database, *quarters: datetime) -> tuple[Person, Person]:
    """One who reads like the others, and one who reads the other way, in each of `quarters`."""
    one, other, odd = await assessors(database)
    for at in quarters:
        await double_read(database, GOOD + GOOD, who=(one, other), at=at)
        await double_read(database, WORSE, who=(one, odd), at=at)
    return other, odd


async def drifting(
    database: Database, reach: Sequence[tuple[str, str | None]], now: datetime = IN_JULY
) -> list[tuple[str, str]]:
    async with database.reading() as session:
        rows = await agreement_figures.drifting(session, reach, now=now)
        return [(row.subject, row.quarter) for row in rows]


async def test_two_quarters_below_the_programme_are_drift_and_only_for_its_leads(sqlite_database: Database) -> None:
    other, odd = await drift(sqlite_database, Q1, Q2)
    await roll_up(sqlite_database)
    assert await drifting(sqlite_database, EVERYTHING) == [(str(odd.id), "2026Q2")]
    assert await drifting(sqlite_database, [(makers.INSTITUTION, SLUG)]) == [(str(odd.id), "2026Q2")]
    assert (await stored(sqlite_database, Scope.ASSESSOR, str(odd.id))).below
    assert not (await stored(sqlite_database, Scope.ASSESSOR, str(other.id), quarter="2026Q2")).below
    others: list[list[tuple[str, str | None]]] = [
        [],
        [("ecole-exemple", None)],
        [(makers.INSTITUTION, "other-programme")],
    ]
    for elsewhere in others:
        assert await drifting(sqlite_database, elsewhere) == []


async def test_one_quarter_is_no_drift_and_neither_is_one_that_still_runs(sqlite_database: Database) -> None:
    await drift(sqlite_database, Q1, Q2)
    await roll_up(sqlite_database, datetime(2026, 6, 30, 6, tzinfo=UTC))
    assert await drifting(sqlite_database, EVERYTHING) == []


async def test_quarters_of_long_ago_keep_their_figures_and_the_drift_that_began_there_is_found(
    sqlite_database: Database,
) -> None:
    """The second roll-up looks back a year: Q1 is not computed again, and still counts as the first of two."""
    _, odd = await drift(sqlite_database, Q1, Q2)
    await roll_up(sqlite_database, IN_JULY)
    later = datetime(2027, 4, 6, 6, tzinfo=UTC)
    await roll_up(sqlite_database, later)
    assert (await stored(sqlite_database, Scope.PROGRAMME)).rolled_up_at == IN_JULY
    again = await stored(sqlite_database, Scope.ASSESSOR, str(odd.id), quarter="2026Q2")
    assert (again.rolled_up_at, again.drifting) == (later, True)


async def test_a_roll_up_again_changes_no_figure(database: Database) -> None:
    one, other, _ = await assessors(database)
    await double_read(database, MIXED, who=(one, other))
    await roll_up(database)
    first = (await stored(database, Scope.PROGRAMME)).measures
    assert await roll_up(database, IN_JULY + timedelta(days=1)) > 0
    assert (await stored(database, Scope.PROGRAMME)).measures == first


async def test_new_definitions_compute_everything_anew(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other, _ = await assessors(database)
    await double_read(database, MIXED, who=(one, other))
    await roll_up(database)
    monkeypatch.setattr(agreement, "DEFINITION", "agreement-2")
    await roll_up(database, datetime(2029, 1, 1, tzinfo=UTC))
    assert (await stored(database, Scope.PROGRAMME)).definition == "agreement-2"


async def test_a_programme_without_judgements_has_no_figures(database: Database) -> None:
    async with database.writing() as session:
        await makers.case(session)
    assert await roll_up(database) == 0


async def test_a_lead_reads_the_figures_of_their_own_programmes(database: Database) -> None:
    one, other, _ = await assessors(database)
    await double_read(database, MIXED, who=(one, other))
    await roll_up(database)
    async with database.reading() as session:
        for reach, many in (
            (EVERYTHING, 7),
            ([(makers.INSTITUTION, SLUG)], 7),
            ([("ecole-exemple", None)], 0),
            ([], 0),
        ):
            found = await agreement_figures.figures_of(session, reach, programme=SLUG, quarter=Quarter(2026, 1))
            assert len(found) == many
            listed = {row.quarter: row.read_twice for row in await agreement_figures.quarters(session, reach)}
            assert listed == ({"2026Q1": 20, "2026Q2": 0, "2026Q3": 0} if many else {})


def test_a_criterion_that_only_one_of_them_rated_is_no_pair() -> None:
    def original(**ratings: int) -> Original:
        return Original(new_id(), MET, ratings, Q1)

    claim = Read(new_id(), "first", (original(a=2, b=1), original(b=0)), None)
    rollup = Rollup(SLUG, makers.INSTITUTION, "America/Montreal", None, IN_JULY, (claim,), {}, frozenset())
    found = {row.subject: row.pairs for row in statistics.compute(rollup) if row.scope is Scope.CRITERION}
    assert found == {"first/b": 1}
