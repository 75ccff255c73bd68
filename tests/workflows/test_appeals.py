"""An appeal has a clock of its own: whoever is late is reminded, and its end lets the case end on its day."""

from datetime import timedelta

from temporalio.testing import WorkflowEnvironment

from services.records import invariants
from services.rules import commands as bodies
from services.rules.case import ClosedAs, Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.records import appealing, moving
from tests.workflows import lives
from tests.workflows.house import House
from tests.workflows.test_deadlines import accepted, pass_until

R1 = Role.APPEAL_REVIEWER_1


async def test_an_appeal_is_reminded_at_each_step_and_ends_with_a_letter_that_lets_the_case_close(
    years: House, time_machine: WorkflowEnvironment
) -> None:
    who, people = await moving.people(years.database), await appealing.body(years.database)
    case_id = await lives.drafted(years.database, who)
    await lives.to_decided(years, who, case_id, second=Recommendation.NOT_YET)
    chair = await lives.lodged(years, who, case_id)
    rungs = await years.deadlines(case_id)
    await pass_until(years, time_machine, rungs["appeal_admissibility/due"])
    mails = await accepted(years, case_id, "appeal_reminder", "appeal_overdue")
    told = [(notice, person) for notice, person, _ in mails]
    assert told[0] == ("appeal_reminder", chair.id)
    assert set(told[1:]) == {("appeal_overdue", chair.id), ("appeal_overdue", who.lead.id)}
    await lives.step(years, case_id, "admit_appeal", actor=chair, role=R1, body=bodies.AdmitAppeal())
    rungs = await years.deadlines(case_id)
    await pass_until(years, time_machine, rungs["appeal_naming/cap"])
    assert (await years.case(case_id)).needs_attention == "late:appeal_naming"
    other = next(one for one in people.first if one.id != chair.id)
    bench = await lives.panel(years, who, case_id, chair, other)
    rungs = await years.deadlines(case_id)
    await pass_until(years, time_machine, rungs["appeal_ruling/soon"])
    reminded = {person for _, person, _ in await accepted(years, case_id, "appeal_reminder")}
    assert reminded == {chair.id, other.id}
    await lives.ruled(years, bench, "dismissed")
    await years.quiet(case_id)
    case = await years.case(case_id)
    assert (case.stage, case.due_at) == (Stage.DECIDED, case.appeal_until)
    assert case.appeal_until is not None
    await pass_until(years, time_machine, case.appeal_until)
    assert await years.over(case_id) == Stage.CLOSED
    case = await years.case(case_id)
    assert (case.closed_as, case.closed_at is not None) == (ClosedAs.COMPLETED, True)
    async with years.database.reading() as session:
        assert await invariants.broken(session, now=await years.now() + timedelta(minutes=1)) == []
