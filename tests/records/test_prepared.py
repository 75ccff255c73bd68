"""A test that begins where another one was finds what the steps would have left, and never what another test wrote."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from services.records.database import Database
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.records import makers, moving
from tests.records.databases import Reader, Template
from tests.records.prepared import prepared, watched

MET = Recommendation.MET
taken: list[str] = []


@prepared
async def hired(database: Database, who: moving.People, *, name: str) -> UUID:
    """Somebody who comes to `who`; each time that the step is taken is noted."""
    taken.append(name)
    async with database.writing() as session:
        assert who.lead.id
        return (await makers.person(session, name=name)).id


@dataclass(frozen=True, slots=True)
class Left:
    """What two steps answered, and every row that they left."""

    lead: UUID
    newcomer: UUID
    rows: list[tuple[str, str]]


async def found(template: Template, readers: dict[str, Reader], *, written: bool = False) -> Left:
    """What two steps on a fresh database answer and leave; `written` has somebody write between them."""
    url = template.make()
    async with readers[url.partition(":")[0]].opened(url) as opened:
        with watched(opened, url):
            who = await moving.people(opened)
            if written:
                async with opened.writing() as session:
                    await makers.staff(session, Role.AUDITOR)
            newcomer = await hired(opened, who, name="Sample Newcomer")
            left = Left(who.lead.id, newcomer, await moving.imprint(opened))
            judged = await moving.judged(opened, who, first=MET)
            assert (await moving.case_of(opened, judged)).stage
    template.drop(url)
    return left


async def test_steps_that_were_taken_before_leave_the_same_rows(template: Template, readers: dict[str, Reader]) -> None:
    first = await found(template, readers)
    done = len(taken)
    assert await found(template, readers) == first
    assert len(taken) == done


async def test_a_database_that_somebody_else_wrote_to_is_led_step_by_step(
    template: Template, readers: dict[str, Reader]
) -> None:
    before = await found(template, readers)
    done = len(taken)
    after = await found(template, readers, written=True)
    assert len(taken) == done + 1
    assert after.lead == before.lead
    assert after.newcomer != before.newcomer
    assert len(after.rows) > len(before.rows)


async def test_what_a_test_does_to_an_answer_stays_with_it(database: Database, request: pytest.FixtureRequest) -> None:
    who = await moving.people(database)
    kept = who.lead.name
    who.lead.name = "Somebody else"
    template = request.getfixturevalue("template")
    url = template.make()
    reader = Reader()
    async with reader.opened(url) as opened:
        with watched(opened, url):
            assert (await moving.people(opened)).lead.name == kept
    template.drop(url)
