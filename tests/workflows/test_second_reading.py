"""A second reader who says nothing, and one who never sends anything in, are each followed by another."""

from temporalio.testing import WorkflowEnvironment

from services.records.tables.assessment import Standing
from services.rules.case import SeatKind, SeatState, Stage
from tests.records import moving, reading
from tests.records.test_second_readings import standings
from tests.workflows import lives
from tests.workflows.house import House
from tests.workflows.test_deadlines import DAY, accepted, pass_until


async def test_a_second_reading_is_asked_for_again_until_somebody_has_read(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who = await moving.people(years.database)
    case_id = await lives.drafted(years.database, who)
    await lives.to_assessment(years, who, case_id)
    await lives.doubted(years, who, case_id)
    silent = await reading.seat(years.database, case_id, SeatKind.SECOND)
    await pass_until(years, time_machine, silent.respond_by)
    assert (await reading.seat(years.database, case_id, SeatKind.SECOND, SeatState.EXPIRED)).id == silent.id
    reader = await lives.accepted_by_the_next(years, case_id)
    rungs = await years.deadlines(case_id)
    await pass_until(years, time_machine, rungs["second/late"] + DAY)
    reminded = {person for _, person, _ in await accepted(years, case_id, "assessment_reminder")}
    assert reminded == {reader.id}
    await lives.agreed(years, case_id, reader)
    case = await years.case(case_id)
    assert case.stage is Stage.DECISION_PENDING
    assert set((await standings(years.database, case_id)).values()) == {Standing.AGREED}
