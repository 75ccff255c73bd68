"""A case's history is told in order, and tells a learner nothing of seats."""

from services.records import timeline
from services.records.database import Database
from services.rules.case import Stage
from services.rules.people import Role
from tests.records import makers


async def test_a_learner_reads_every_step_but_those_of_seats(database: Database) -> None:
    async with database.writing() as session:
        assessor = await makers.staff(session, Role.ASSESSOR)
        row = await makers.case(session, stage=Stage.ASSIGNING)
        await makers.applied(session, row, "decline_offer", actor=assessor.id, role=Role.ASSESSOR)
        await makers.applied(session, row, "start_assessment", actor="clock", role=Role.CLOCK, to=Stage.IN_ASSESSMENT)
        await makers.applied(session, row, "submit_judgements", actor=assessor.id, role=Role.ASSESSOR)
        await makers.applied(
            session,
            row,
            "submit_judgements",
            actor=assessor.id,
            role=Role.ASSESSOR,
            to=Stage.DECISION_PENDING,
        )
        told = await timeline.of_case(session, row.id, seats=False)
        whole = await timeline.of_case(session, row.id, seats=True)
    assert [(step.move, step.to_stage) for step in told] == [
        ("start_assessment", Stage.IN_ASSESSMENT),
        ("submit_judgements", Stage.DECISION_PENDING),
    ]
    assert [step.move for step in whole] == [
        "decline_offer",
        "start_assessment",
        "submit_judgements",
        "submit_judgements",
    ]
    assert whole[0].actor == str(assessor.id)


async def test_the_history_of_another_case_is_not_in_it(database: Database) -> None:
    async with database.writing() as session:
        one, other = await makers.case(session), await makers.case(session)
        await makers.applied(session, other, "submit", actor=other.learner_id, role=Role.LEARNER, to=Stage.SUBMITTED)
        assert await timeline.of_case(session, one.id, seats=True) == ()
