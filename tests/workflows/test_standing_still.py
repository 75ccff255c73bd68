"""A case that stands still over a due date loses nothing, and goes on by itself on its day."""

from datetime import timedelta

from temporalio.testing import WorkflowEnvironment

from services.rules.case import Stage
from tests.records import moving
from tests.workflows import lives
from tests.workflows.house import House
from tests.workflows.test_deadlines import DAY, accepted, near, pass_until


async def test_a_pause_over_a_due_date_moves_it_and_ends_by_itself(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who = await moving.people(years.database)
    case_id = await lives.drafted(years.database, who)
    await lives.to_eligible(years, who, case_id)
    lapse = (await years.deadlines(case_id))["idle/lapse"]
    await pass_until(years, time_machine, lapse - 100 * DAY)
    await lives.paused(years, who, case_id, days=150)
    frozen = await years.deadlines(case_id)
    assert {key.partition(":")[0] for key in frozen} == {"pause"}
    await pass_until(years, time_machine, lapse + DAY)
    assert (await years.case(case_id)).stage is Stage.ELIGIBLE
    assert await accepted(years, case_id, "eligible_idle", "lapse_warning") == []
    end = next(at for key, at in frozen.items() if key.endswith("/end"))
    await pass_until(years, time_machine, end)
    case = await years.case(case_id)
    assert (case.stage, case.paused_until) == (Stage.ELIGIBLE, None)
    (ending,) = [row for row in await accepted(years, case_id, "pause_ending") if row[1] == who.learner.id]
    assert timedelta(days=4) < end - ending[2] < timedelta(days=6)
    rungs = await years.deadlines(case_id)
    assert lapse + 140 * DAY < rungs["idle/lapse"] < lapse + 160 * DAY
    await pass_until(years, time_machine, rungs["idle/first"])
    assert len(await accepted(years, case_id, "eligible_idle")) == 1
    await pass_until(years, time_machine, rungs["idle/lapse"])
    assert await years.over(case_id) == Stage.CLOSED
    assert near((await years.case(case_id)).closed_at or end, rungs["idle/lapse"])
