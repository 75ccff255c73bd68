"""Nobody is credited twice for what is worth the same, and nobody applies more often than a policy allows."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from services.records import equivalences
from services.records.database import Database
from services.records.equivalences import Pair
from services.records.tables.cases import Case
from services.records.tables.equivalences import Equivalence
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW

MET = Recommendation.MET
SUBMIT = bodies.Submit("2026-1", ())
OTHER = "other-programme"


async def kept(database: Database, *pairs: Pair) -> None:
    """The sample programme's list, with another programme of the same competencies beside it."""
    async with database.writing() as session:
        await makers.published(session)
        await makers.published(session, replace(makers.programme(), slug=OTHER))
        await equivalences.replace(session, makers.programme(), pairs, actor="test", now=NOW)


async def held_elsewhere(database: Database, who: moving.People) -> None:
    """The learner was granted `first` of the other programme."""
    async with database.writing() as session:
        case = await makers.decided(session, learner=who.learner)
        (claim,) = await makers.claims(session, case)
        claim.competency_key = f"{OTHER}/first"


async def submitted(database: Database, who: moving.People, case_id: UUID) -> dict[str, object]:
    return await moving.send(database, case_id, "submit", actor=who.learner, role=Role.LEARNER, body=SUBMIT)


async def test_what_is_worth_the_same_is_warned_of_when_sent_and_not_granted_again(database: Database) -> None:
    await kept(database, Pair("second", f"{OTHER}/first", "Agreement of 2026"))
    who = await moving.people(database)
    await held_elsewhere(database, who)
    draft = await moving.standing(database, who, Stage.DRAFT)
    assert (await submitted(database, who, draft))["already_recognised"] == ["second"]
    case_id = await moving.judged(database, who, first=MET, second=MET)
    async with moving.nothing_changes(database, "double_credit") as refused:
        await moving.decide(database, who, case_id)
    assert refused.value.facts["competency"] == "second"


async def test_two_claims_of_one_case_that_are_worth_the_same_are_not_both_granted(database: Database) -> None:
    own = makers.programme().slug
    await kept(database, Pair("first", f"{own}/second", "The same course"))
    who = await moving.people(database)
    case_id = await moving.judged(database, who, first=MET, second=MET)
    async with moving.nothing_changes(database, "double_credit"):
        await moving.decide(database, who, case_id)


async def test_a_list_is_replaced_as_a_whole_and_each_pair_is_kept_once(database: Database) -> None:
    pair = Pair("second", f"{OTHER}/first", "Agreement of 2026")
    await kept(database, pair, replace(pair, source="Agreement of 2027"))
    async with database.reading() as session:
        assert await equivalences.of_programme(session, makers.programme().slug) == [
            replace(pair, source="Agreement of 2027")
        ]
        assert [one.competency for one in await equivalences.of_programme(session, OTHER)] == ["first"]
    await kept(database)
    async with database.reading() as session:
        assert await equivalences.of_programme(session, makers.programme().slug) == []
        (row,) = await session.exec(select(Equivalence))
        assert row.withdrawn_at == NOW
    await kept(database, pair)
    async with database.reading() as session:
        assert await equivalences.of_programme(session, makers.programme().slug) == [pair]


@pytest.mark.parametrize(
    "pair",
    [
        Pair("nothing", f"{OTHER}/first", "x"),
        Pair("first", f"{OTHER}/nothing", "x"),
        Pair("first", "nothing/first", "x"),
        Pair("first", "sample-programme/first", "x"),
    ],
    ids=["own", "other", "programme", "itself"],
)
async def test_only_competencies_that_are_published_are_equivalent(database: Database, pair: Pair) -> None:
    with pytest.raises(Refused, match="malformed"):
        await kept(database, pair)


async def test_a_pair_is_kept_and_withdrawn_beside_the_others(database: Database) -> None:
    programme, other = makers.programme(), Pair("first", f"{OTHER}/second", "Agreement of 2025")
    pair = Pair("second", f"{OTHER}/first", "Agreement of 2026")
    await kept(database, other)
    facts = {"competency": pair.competency, "equals": pair.equals}
    async with database.writing() as session:
        await equivalences.keep(session, programme, pair, actor="test", now=NOW)
        assert await equivalences.of_programme(session, programme.slug) == [pair, other]
        assert await equivalences.withdrawn(session, programme.slug, **facts) is None
        await equivalences.withdraw(session, programme, actor="test", now=NOW, **facts)
        assert await equivalences.of_programme(session, programme.slug) == [other]
        assert await equivalences.withdrawn(session, programme.slug, **facts) == pair
    with pytest.raises(Refused, match="not_found"):
        async with database.writing() as session:
            await equivalences.withdraw(session, programme, actor="test", now=NOW, **facts)


ALL = ("first", "second", "third")


async def draft(
    database: Database, who: moving.People, *, competencies: tuple[str, ...] = ALL, slug: str = "", **caps: int
) -> UUID:
    """A draft under a policy with caps."""
    sample = makers.with_policy(**caps)
    sample = replace(sample, slug=slug or sample.slug)
    async with database.writing() as session:
        case = await makers.case(session, learner=who.learner, competencies=competencies, sample=sample)
        return case.id


async def sent_before(database: Database, who: moving.People, slug: str = "", *, days: int = 1) -> None:
    """A whole file that was sent some days ago and is over."""
    case_id = await draft(database, who, slug=slug, cap_files=1, cap_programmes=3)
    async with database.writing() as session:
        case = await session.get_one(Case, case_id)
        case.submitted_at, case.stage = NOW - timedelta(days=days), Stage.CLOSED


async def test_a_second_whole_file_for_a_programme_waits_for_the_next_year(database: Database) -> None:
    who = await moving.people(database)
    await sent_before(database, who)
    again = await draft(database, who, cap_files=1, cap_programmes=3)
    async with moving.nothing_changes(database, "cap_reached"):
        await submitted(database, who, again)
    part = await draft(database, who, competencies=("first",), cap_files=1, cap_programmes=3)
    assert (await submitted(database, who, part))["stage"] == Stage.SUBMITTED


async def test_a_file_of_last_year_is_not_counted(database: Database) -> None:
    who = await moving.people(database)
    await sent_before(database, who, days=90)
    again = await draft(database, who, cap_files=1, cap_programmes=3)
    assert (await submitted(database, who, again))["stage"] == Stage.SUBMITTED


async def test_a_fourth_programme_in_a_year_waits(database: Database) -> None:
    who = await moving.people(database)
    for slug in ("one", "two", "three"):
        await sent_before(database, who, slug)
    fourth = await draft(database, who, cap_files=1, cap_programmes=3)
    async with moving.nothing_changes(database, "cap_reached") as refused:
        await submitted(database, who, fourth)
    assert refused.value.facts["most"] == "3"
