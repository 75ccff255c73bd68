"""What a panel found and what a chair signed keep their sentences; each is broken on purpose and must be found out."""

import asyncio
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlmodel.ext.asyncio.session import AsyncSession

from services.records import invariants
from services.records.database import Database, connect
from services.records.tables.decisions import Decision
from services.rules import commands as bodies
from services.rules.people import Role
from services.rules.second_reading import Way
from tests.records import makers, moderated, moving
from tests.records.databases import Template
from tests.records.moderated import MET, NOT_YET, PARTIAL
from tests.records.test_invariants import BREAKS as ELSEWHERE
from tests.records.test_invariants import WORDS, unguard


async def settled(database: Database) -> None:
    """A case that a panel settled and its chair decided, and one that two signed under."""
    who = await moving.people(database)
    await moderated.panelists(database)
    case_id = await moderated.returned(database, who, first=PARTIAL)
    members = await moderated.seated(database, case_id)
    claims = await moderated.unsettled(database, case_id)
    await moderated.pinned(database, case_id, moderated.programme(decision_by="panel"))
    await moderated.form(database, case_id, members[0], first=MET)
    body = moderated.minutes(members, claims, votes=(MET, MET, NOT_YET))
    await moderated.record(database, case_id, members[0], body)
    signed = bodies.Decide("Chair of the panel")
    await moving.send(database, case_id, "decide", actor=members[0], role=Role.PANEL, body=signed)
    await moderated.pinned(database, case_id, makers.programme())
    other = await moving.people(database)
    conferred = await moderated.differing(database, other, way=Way.CONFER, first=(MET, PARTIAL))
    apart = await moderated.unsettled(database, conferred.id)
    for author in (other.assessor, conferred.second):
        body_of = conferred.choice(other.assessor, apart)
        await moving.send(database, conferred.id, "settle_conferral", actor=author, role=Role.ASSESSOR, body=body_of)


ONE_SIGNATURE = """DELETE FROM conferral_choices
    WHERE CAST(person_id AS TEXT) = (SELECT min(CAST(person_id AS TEXT)) FROM conferral_choices)"""
BREAKS: list[tuple[int, str, str]] = [
    (32, "a decision by a member who led nothing", "UPDATE panel_minutes SET chair_id = '{new}'"),
    (37, "a finding without minutes", "DELETE FROM panel_findings"),
    (37, "minutes of another command", "UPDATE panel_minutes SET command_id = '{new}'"),
    (37, "too few votes", "UPDATE panel_minutes SET quorum = 4"),
    (37, "too few who are qualified", "UPDATE panel_votes SET qualified = false"),
    (37, "a majority against", "UPDATE panel_votes SET vote = 'partial'"),
    (37, "a casting vote for something else", "UPDATE panel_findings SET casting = 'partial'"),
    (37, "a finding of something else", "UPDATE panel_findings SET outcome = 'not_yet'"),
    (37, "minutes without what was seen", "UPDATE panel_minutes SET material = ''"),
    (37, "a finding without reasons", "UPDATE panel_findings SET reasons = ''"),
    (38, "a panel's word from no panel", "UPDATE final_readings SET standing = 'panel'"),
    (38, "two who agreed of whom one signed", ONE_SIGNATURE),
    (9, "a panel that the policy asks for and nobody held", "UPDATE judgements SET role = 'assessor'"),
]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.second_engine)])
def settled_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with both; tests break it in transactions that they never commit."""
    template: Template = request.getfixturevalue(f"{request.param}_template")
    url = template.make()

    async def fill() -> None:
        opened = connect(url)
        await settled(opened)
        await opened.close()

    asyncio.run(fill())
    yield url
    template.drop(url)


async def test_what_was_settled_in_moderation_breaks_nothing_of_it(settled_url: str) -> None:
    opened = connect(settled_url)
    async with opened.reading() as session:
        found = await invariants.broken(session, now=makers.NOW)
    await opened.close()
    assert not [one for one in found if one.number in {2, 3, 4, 8, 9, 10, 11, 12, 29, 32, 37, 38}]


@pytest.mark.parametrize(("number", "what", "change"), BREAKS, ids=[what for _, what, _ in BREAKS])
async def test_each_broken_sentence_is_found(settled_url: str, number: int, what: str, change: str) -> None:
    assert what
    opened = connect(settled_url)
    async with AsyncSession(opened.engine) as session:
        connection = await session.connection()
        await connection.run_sync(unguard)
        await connection.execute(sa.text(change.format(**WORDS)))
        found = await invariants.broken(session, now=makers.NOW)
        await session.rollback()
    await opened.close()
    assert number in {one.number for one in found}


async def test_a_decision_answers_to_the_policy_that_it_was_taken_under_and_to_no_later_one(database: Database) -> None:
    async with database.writing() as session:
        case = await makers.decided(session)
    later = moderated.programme(panel_required="always")
    await moderated.pinned(database, case.id, later)
    async with AsyncSession(database.engine) as session:
        await (await session.connection()).run_sync(unguard)
        assert 9 not in {one.number for one in await invariants.broken(session, now=makers.NOW)}
        under = {"programme": later.slug, "programme_version": str(later.version)}
        await session.exec(sa.update(Decision).values(facts=under))
        assert 9 in {one.number for one in await invariants.broken(session, now=makers.NOW)}
        await session.rollback()


def test_every_sentence_has_a_number_of_its_own_and_was_broken_by_a_test() -> None:
    asked = [query.number for query in invariants.queries()]
    assert asked == sorted(set(asked))
    broken = {number for number, _, _ in BREAKS} | {number for number, _, _ in ELSEWHERE}
    assert broken == {*asked, *(check.number for check in invariants.CHECKS)}
