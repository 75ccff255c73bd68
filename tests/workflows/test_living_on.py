"""A case outlives its workflow: a new run, a lost server and a new release change nothing that people did."""

from pathlib import Path
from uuid import UUID

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError

from services.documents.letter_processes import Renderer
from services.records.tables.commands import CommandStatus
from services.rules.case import Stage
from services.rules.people import Role
from services.workflows import desk
from services.workflows.rounds import CaseRounds
from tests import temporal_servers
from tests.records import moving
from tests.workflows import house as houses
from tests.workflows import lives
from tests.workflows.house import House


async def run_of(house: House, case_id: UUID) -> str:
    """The id of the workflow's present run."""
    return str((await house.desk.client.get_workflow_handle(f"case/{case_id}").describe()).run_id)


async def test_a_case_begins_a_new_run_on_request_and_goes_on_where_it_was(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_eligible(house, who, case_id)
    first = await run_of(house, case_id)
    assert await house.desk.renew(case_id)

    async def anew() -> bool:
        return await run_of(house, case_id) != first

    await house.wait(anew)
    before = await house.desk.client.get_workflow_handle(f"case/{case_id}", run_id=first).describe()
    assert before.status is WorkflowExecutionStatus.CONTINUED_AS_NEW
    await lives.step(house, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=lives.SEND)
    assert (await house.case(case_id)).stage is Stage.PORTFOLIO_SUBMITTED


async def test_a_new_run_waits_for_work_under_way(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    house.mailbox.refusals[who.advisor.email] = "451 later"
    await lives.to_review(house, who, case_id)
    first = await run_of(house, case_id)

    async def trying() -> bool:
        return who.advisor.email in house.mailbox.asked

    await house.wait(trying)
    assert await house.desk.renew(case_id)
    await lives.step(house, case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    assert await run_of(house, case_id) == first
    assert (await house.case(case_id)).stage is Stage.ELIGIBLE


async def test_cases_live_again_in_an_empty_server(house: House, renderer: Renderer, tmp_path: Path) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_eligible(house, who, case_id)
    another = await moving.people(house.database)
    left = await lives.drafted(house.database, another)
    await lives.to_review(house, another, left)
    await lives.withdrawn(house, another, left)
    await house.quiet(case_id)
    await house.quiet(left)
    with temporal_servers.running(tmp_path / "other.log") as address:
        empty = await desk.reach(address, namespace=temporal_servers.NAMESPACE)
        other = tmp_path / "other"
        other.mkdir()
        url = house.settings.database_url
        async with houses.built(house.database, url, empty.client, folder=other) as moved, moved.working(renderer):
            rounds = CaseRounds(moved.database, moved.desk)
            assert await rounds.open_cases(UUID(int=0)) == [case_id]
            assert await moved.desk.start(case_id)
            assert await moved.runs(case_id)
            assert not await moved.runs(left)
            await lives.step(moved, case_id, "submit_portfolio", actor=who.learner, role=Role.LEARNER, body=lives.SEND)
            assert set(await moved.deadlines(case_id)) == {"completeness/due"}


async def test_a_case_whose_workflow_was_lost_is_started_by_the_next_command(house: House) -> None:
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    await lives.to_review(house, who, case_id)
    await house.desk.client.get_workflow_handle(f"case/{case_id}").terminate("lost")
    row = await house.send(case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)
    assert row.status is CommandStatus.APPLIED
    assert await house.runs(case_id)


async def test_a_workflow_of_no_case_ends(house: House) -> None:
    nobody = UUID(int=7)
    assert await house.desk.start(nobody)
    with pytest.raises(WorkflowFailureError):
        await house.over(nobody)
