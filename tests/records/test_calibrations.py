"""Where a programme keeps anchors, only assessors who read them as agreed are asked; answers stay as given."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from services.records import assignments, calibrations, cases
from services.records.calibrations import Standing
from services.records.database import Database
from services.records.tables.assessment import Assignment
from services.records.tables.calibration import Anchor, AnchorRating, CalibrationRound
from services.records.tables.people import Person
from services.rules import commands as bodies
from services.rules.case import SeatKind, Stage
from services.rules.claims import ClaimState, Recommendation
from services.rules.people import Role
from services.rules.programmes import Programme
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW

MET, NOT_YET = Recommendation.MET, Recommendation.NOT_YET


@pytest.fixture(autouse=True)
def programme(monkeypatch: pytest.MonkeyPatch) -> Programme:
    """The sample programme, where it keeps anchors."""
    plain = makers.programme()
    policy = replace(plain.policy, calibration_required=True)
    keeping = replace(plain, version=2, policy=policy)
    monkeypatch.setattr(makers, "programme", lambda: keeping)
    return keeping


async def kept(database: Database, programme: Programme, many: int = 10, *, agreed: Recommendation = MET) -> list[UUID]:
    async with database.writing() as session:
        keeper = await makers.staff(session, Role.PROGRAMME_ADMIN)
        return [
            (
                await calibrations.keep(
                    session,
                    programme,
                    competency="first",
                    language="en",
                    title=f"Sample anchor {number}",
                    material="Three photos of a sample piece of work.\nEach shows one step.",
                    agreed=agreed,
                    keeper=keeper.id,
                    now=NOW,
                )
            ).id
            for number in range(many)
        ]


async def assessor(database: Database) -> Person:
    async with database.writing() as session:
        return await makers.staff(session, Role.ASSESSOR)


async def answer(
    database: Database,
    programme: Programme,
    who: Person,
    anchors: list[UUID],
    *,
    wrong: int = 0,
    after: timedelta = timedelta(0),
) -> Standing:
    """Answer every anchor, the first `wrong` of them not as agreed."""
    async with database.writing() as session:
        for number, anchor in enumerate(anchors):
            said = NOT_YET if number < wrong else MET
            await calibrations.rate(session, programme, anchor=anchor, person=who.id, answer=said, now=NOW + after)
        return await calibrations.standing(session, programme, person=who.id)


async def ready(database: Database, programme: Programme, who: Person, *, after: timedelta = timedelta(0)) -> bool:
    async with database.reading() as session:
        found = await calibrations.ready(session, [who.id], programme=programme, role=Role.ASSESSOR, now=NOW + after)
        return who.id in found


@pytest.mark.parametrize(("wrong", "passes"), [(0, True), (2, True), (3, False)])
async def test_eight_of_ten_as_agreed_are_enough(
    database: Database,
    programme: Programme,
    wrong: int,
    passes: bool,  # noqa: FBT001 - a table of cases
) -> None:
    who, anchors = await assessor(database), await kept(database, programme)
    assert not await ready(database, programme, who)
    found = await answer(database, programme, who, anchors, wrong=wrong)
    assert found.last is not None
    assert (found.last.rated, found.last.agreed, found.passed) == (10, 10 - wrong, passes)
    assert (found.valid_until is not None) is passes
    assert await ready(database, programme, who) is passes


async def test_nine_anchors_are_too_few_however_they_are_read(database: Database, programme: Programme) -> None:
    who, anchors = await assessor(database), await kept(database, programme, 9)
    assert not (await answer(database, programme, who, anchors)).passed


async def test_a_round_ends_with_the_last_anchor_and_not_before(database: Database, programme: Programme) -> None:
    who, anchors = await assessor(database), await kept(database, programme)
    found = await answer(database, programme, who, anchors[:9])
    assert (found.rated, found.last, [one.id for one in found.left]) == (9, None, anchors[9:])
    assert not await ready(database, programme, who)


async def test_an_answer_is_given_once_a_round_and_never_changed(database: Database, programme: Programme) -> None:
    who, anchors = await assessor(database), await kept(database, programme)
    await answer(database, programme, who, anchors[:1], wrong=1)
    with pytest.raises(Refused, match="anchor_rated"):
        await answer(database, programme, who, anchors[:1])
    async with database.reading() as session:
        (given,) = await session.exec(select(AnchorRating))
    assert given.recommendation is NOT_YET
    with pytest.raises(IntegrityError, match="stays as it was"):
        async with database.writing() as session:
            await session.exec(sa.update(AnchorRating).values(recommendation=MET))


async def test_what_was_agreed_and_how_a_round_ended_is_never_changed(database: Database, programme: Programme) -> None:
    who, anchors = await assessor(database), await kept(database, programme)
    await answer(database, programme, who, anchors, wrong=5)
    with pytest.raises(IntegrityError, match="not agreed afterwards"):
        async with database.writing() as session:
            (await session.get_one(Anchor, anchors[0])).agreed = NOT_YET
    with pytest.raises(IntegrityError, match="as it ended"):
        async with database.writing() as session:
            (await session.exec(select(CalibrationRound))).one().agreed = 10


async def test_it_counts_for_two_years_and_the_newest_round_counts(database: Database, programme: Programme) -> None:
    who, anchors = await assessor(database), await kept(database, programme)
    await answer(database, programme, who, anchors)
    assert await ready(database, programme, who, after=timedelta(days=731))  # 2028 is a leap year
    assert not await ready(database, programme, who, after=timedelta(days=732))
    await answer(database, programme, who, anchors, wrong=10, after=timedelta(days=30))
    assert not await ready(database, programme, who, after=timedelta(days=31))
    await answer(database, programme, who, anchors, after=timedelta(days=60))
    assert await ready(database, programme, who, after=timedelta(days=61))


async def test_a_retired_anchor_counts_no_more_and_ends_the_round_that_waited_for_it(
    database: Database, programme: Programme
) -> None:
    who, anchors = await assessor(database), await kept(database, programme, 12)
    await answer(database, programme, who, anchors[:11], wrong=1)
    async with database.writing() as session:
        keeper = await makers.staff(session, Role.PROGRAMME_ADMIN)
        for gone in (anchors[0], anchors[11]):
            await calibrations.retire(session, programme=programme.slug, anchor=gone, keeper=keeper.id, now=NOW)
    async with database.reading() as session:
        found = await calibrations.standing(session, programme, person=who.id)
    assert found.last is not None
    assert (found.last.rated, found.last.agreed, found.passed) == (10, 10, True)


async def test_what_is_no_anchor_of_the_programme_is_not_found(database: Database, programme: Programme) -> None:
    who, anchors = await assessor(database), await kept(database, programme)
    async with database.writing() as session:
        await calibrations.retire(session, programme=programme.slug, anchor=anchors[0], keeper=who.id, now=NOW)
    elsewhere = replace(programme, slug="other-programme")
    for asked, anchor in ((programme, anchors[0]), (elsewhere, anchors[1]), (programme, who.id)):
        with pytest.raises(Refused, match="not_found"):
            await answer(database, asked, who, [anchor])
    for slug, anchor in ((programme.slug, anchors[0]), ("other-programme", anchors[1]), (programme.slug, who.id)):
        with pytest.raises(Refused, match="not_found"):
            async with database.writing() as session:
                await calibrations.retire(session, programme=slug, anchor=anchor, keeper=who.id, now=NOW)
    async with database.reading() as session:
        assert len(await calibrations.in_use(session, programme.slug)) == 9
        assert list(await session.exec(select(AnchorRating))) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"competency": "of-another"}, "claim_unknown"),
        ({"title": "  "}, "malformed"),
        ({"material": "\n"}, "malformed"),
        ({"title": "two\nlines"}, "malformed"),
        ({"material": "\x00"}, "malformed"),
    ],
)
async def test_an_anchor_says_what_there_is_to_read(
    database: Database, programme: Programme, changed: dict[str, str], code: str
) -> None:
    who = await assessor(database)
    words = {"competency": "first", "language": "en", "title": "Sample", "material": "Sample"} | changed
    with pytest.raises(Refused, match=code):
        async with database.writing() as session:
            await calibrations.keep(session, programme, **words, agreed=MET, keeper=who.id, now=NOW)
    async with database.reading() as session:
        assert await calibrations.in_use(session, programme.slug) == []


async def test_there_are_no_more_anchors_than_anybody_would_read(
    sqlite_database: Database, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrations, "MOST", 2)
    with pytest.raises(Refused, match="anchors_full"):
        await kept(sqlite_database, programme, 3)


async def test_only_who_is_calibrated_is_offered_a_seat_and_other_seats_ask_for_nothing(
    database: Database, programme: Programme
) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ASSIGNING, claims_are=ClaimState.DOCUMENTED)

    async def fill() -> int:
        async with database.writing() as session:
            case = await cases.get(session, case_id)
            claims = await makers.claims(session, case)
            await assignments.fill(session, case=case, programme=programme, claims=claims, now=NOW)
            return len(list(await session.exec(select(Assignment))))

    assert await fill() == 0
    await answer(database, programme, who.assessor, await kept(database, programme))
    assert await fill() == 1
    async with database.writing() as session:
        member = await makers.staff(session, Role.PANEL)
        case = await cases.get(session, case_id)
        claims = await makers.claims(session, case)
        found = await assignments.candidates(
            session, case=case, programme=programme, claims=claims, now=NOW, kind=SeatKind.PANEL
        )
    assert [(one.person, one.calibrated) for one in found] == [(str(member.id), True)]


async def test_a_lead_names_nobody_who_is_not_calibrated(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ASSIGNING, claims_are=ClaimState.DOCUMENTED)
    async with moving.nothing_changes(database, "not_calibrated"):
        await moving.send(
            database,
            case_id,
            "reassign",
            actor=who.lead,
            role=Role.LEAD,
            body=bodies.Reassign("Nobody else is free", None, str(who.assessor.id)),
        )
