"""A command stays cheap: what it asks of the database is counted, and grows with nothing that lies behind the case."""

from uuid import UUID

from sqlmodel import col, select

from services.records.database import Database
from services.records.tables.cases import MissingItem
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.people import Role
from tests.records import asking, moving

ACCEPTED_AND_APPLIED = 33
"""Statements of a command that enters a stage with a limit and queues a mail; half of them write."""

ASKED = bodies.AskCompletion((bodies.MissingItem("Sample certificate", "It shows the date."),))


async def answer(database: Database, case_id: UUID) -> bodies.Complete:
    """An answer to what is missing."""
    async with database.reading() as session:
        items = await session.exec(
            select(MissingItem.id).where(col(MissingItem.case_id) == case_id, col(MissingItem.answered_at).is_(None))
        )
        return bodies.Complete(tuple(bodies.ItemAnswer(str(item), "Here it is.") for item in items))


async def test_a_command_asks_few_questions_however_often_the_case_went_to_and_fro(database: Database) -> None:
    who = await moving.people(database)
    case_id = await moving.standing(database, who, Stage.ELIGIBILITY_REVIEW)
    counted: list[int] = []
    for _ in range(3):
        with asking.statements(database) as asked:
            await moving.send(database, case_id, "ask_completion", actor=who.advisor, role=Role.ADVISOR, body=ASKED)
        counted.append(len(asked))
        body = await answer(database, case_id)
        with asking.statements(database) as asked:
            await moving.send(database, case_id, "complete", actor=who.learner, role=Role.LEARNER, body=body)
        counted.append(len(asked))
    assert max(counted) <= ACCEPTED_AND_APPLIED, counted
    assert counted[-2:] == counted[2:4]
