"""A date that was booked comes by itself: reminders before it, the record after it, and the way back."""

from datetime import timedelta

from temporalio.testing import WorkflowEnvironment

from services.rules.appointments import AppointmentState
from services.rules.case import Clock, Stage
from tests.records import meeting, moving
from tests.workflows import lives
from tests.workflows.house import House
from tests.workflows.test_deadlines import DAY, accepted, pass_until
from tests.workflows.test_whole_case import sound


async def test_an_interview_from_the_order_to_the_record_and_what_nobody_does_in_between(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who = await moving.people(years.database)
    case_id = await lives.drafted(years.database, who)
    await lives.to_assessment(years, who, case_id)
    await lives.interview_booked(years, who, case_id)
    row = await meeting.newest(years.database, case_id)
    assert row.ends_at is not None
    await pass_until(years, time_machine, row.ends_at)
    assert (await meeting.newest(years.database, case_id)).state is AppointmentState.HELD
    reminders = await accepted(years, case_id, "appointment_reminder", "appointment_reminder_staff")
    near = {person for _, person, at in reminders if row.ends_at - 3 * DAY < at < row.ends_at}
    assert near == {who.learner.id, who.assessor.id}
    # Nobody writes it down: reminded three times, then the lead is told; nothing is judged or given up meanwhile.
    await pass_until(years, time_machine, row.ends_at + timedelta(days=16))
    assert len(await accepted(years, case_id, "record_reminder")) == 3
    told = await accepted(years, case_id, "record_overdue")
    assert {person for _, person, _ in told} == {who.assessor.id, who.lead.id}
    case = await years.case(case_id)
    assert (case.stage, case.clock) == (Stage.DIRECT_ASSESSMENT, Clock.RUNNING)
    await lives.interview_recorded(years, who, case_id)
    await years.quiet(case_id)
    assert (await years.case(case_id)).judge_on_file is False
    assert await sound(years)
