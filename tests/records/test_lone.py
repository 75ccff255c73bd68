"""A question that is asked alone is answered as any other, by the same types, and fails in the same words."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from services.records import lone, queue
from services.records.database import Database
from services.rules.case import Stage
from services.rules.people import Role
from tests.records import makers


async def test_what_is_asked_alone_is_answered_as_in_a_session(database: Database) -> None:
    async with database.writing() as session:
        reader = await makers.staff(session, Role.ADVISOR)
        await makers.role(session, reader, Role.ASSESSOR)
        due = makers.NOW + timedelta(days=1)
        await makers.case(session, stage=Stage.ELIGIBILITY_REVIEW, advisor=reader, due_at=due)
        await makers.case(session, learner=reader)
        await makers.seat(session, await makers.case(session, stage=Stage.IN_ASSESSMENT), reader)
    asked = queue.statement(((Role.ADVISOR, False), (Role.ASSESSOR, False)))
    known = {"person": reader.id, "due_at": queue.FIRST.due_at, "id": queue.FIRST.id, "limit": 2}
    known |= {"institution1": makers.INSTITUTION, "institution2": makers.INSTITUTION}
    async with database.reading() as session:
        in_a_session = (await session.exec(asked, params=known)).all()  # type: ignore[call-overload]  # many columns
    alone = await database.exec(asked, params=known)
    assert len(alone) == 3
    assert [repr(row) for row in alone] == [repr(tuple(row)) for row in in_a_session]


async def test_a_question_that_nobody_can_answer_fails_as_in_a_session(database: Database) -> None:
    nowhere = sa.select(sa.column("nothing", sa.String())).select_from(sa.table("nowhere"))
    with pytest.raises(DBAPIError, match="nowhere"):
        await database.exec(nowhere, params={})
    assert await database.exec(sa.select(sa.literal(1)), params={}) == [(1,)]


@pytest.mark.parametrize("template", [pytest.param("postgresql", marks=pytest.mark.second_engine)], indirect=True)
async def test_a_question_whose_connection_is_lost_is_asked_on_another(database: Database) -> None:
    ((before,),) = await database.exec(_WHO, params={})
    # Its own connection is ended by the first asking; the second finds nobody there any more.
    ending = sa.select(sa.func.pg_terminate_backend(before, type_=sa.Boolean()))
    assert await database.exec(ending, params={}) == [(False,)]
    ((after,),) = await database.exec(_WHO, params={})
    assert after != before


async def test_more_questions_at_once_than_there_are_lines_are_all_answered(database: Database) -> None:
    asked = [database.exec(sa.select(sa.literal(number)), params={}) for number in range(3 * lone.LINES)]
    assert await asyncio.gather(*asked) == [[(number,)] for number in range(3 * lone.LINES)]


async def test_a_question_that_is_given_up_leaves_its_place_to_the_next(database: Database) -> None:
    for _ in range(lone.LINES + 1):
        given_up = asyncio.create_task(database.exec(sa.select(sa.literal(1)), params={}))
        await asyncio.sleep(0)  # it has taken a line
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
    assert await database.exec(sa.select(sa.literal(2)), params={}) == [(2,)]


async def test_who_asks_after_the_end_is_given_a_new_line(database: Database) -> None:
    await database.exec(sa.select(sa.literal(1)), params={})
    await database.close()
    assert await database.exec(sa.select(sa.literal(2)), params={}) == [(2,)]


_WHO = sa.select(sa.func.pg_backend_pid(type_=sa.Integer()))
