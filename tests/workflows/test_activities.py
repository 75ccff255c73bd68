"""The activities of the records answer twice as once, settle what they refuse, and call for a person when stuck."""

from dataclasses import replace
from uuid import UUID

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from services.records import cases, commands
from services.records.tables.commands import CommandRow, CommandStatus
from services.rules.case import Applied, Command, Stage
from services.rules.people import Role
from services.workflows.activities import TIRED, Records
from tests.records import moving
from tests.workflows.house import House


async def apply(house: House, command: Command, version: int, *, attempt: int = 1) -> Applied:
    """Run the activity as a worker does at this attempt."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt)
    applied: Applied = await environment.run(Records(house.database).apply_command, command, version)
    return applied


async def waiting(house: House) -> tuple[UUID, CommandRow]:
    """A case in review, and its advisor's yes that waits to be applied."""
    who = await moving.people(house.database)
    case_id = await moving.standing(house.database, who, Stage.ELIGIBILITY_REVIEW)
    return case_id, await house.keep(case_id, "accept_eligibility", actor=who.advisor, role=Role.ADVISOR)


async def refused(house: House, command: Command, version: int, *, attempt: int = 1) -> str | None:
    with pytest.raises(ApplicationError) as error:
        await apply(house, command, version, attempt=attempt)
    assert error.value.non_retryable
    assert not error.value.details
    return error.value.type


async def test_a_command_applied_twice_is_answered_as_the_first_time(resting: House) -> None:
    case_id, row = await waiting(resting)
    first = await apply(resting, commands.message(row), 0)
    assert await apply(resting, commands.message(row), 0) == first
    assert first.case.stage is Stage.ELIGIBLE
    async with resting.database.reading() as session:
        assert await Records(resting.database).load_case(str(case_id)) == first.case
        assert await cases.state(session, await cases.get(session, case_id)) == first.case


async def test_a_refusal_settles_the_row_and_is_repeated(resting: House) -> None:
    _, row = await waiting(resting)
    for _ in range(2):
        assert await refused(resting, commands.message(row), 7) == "stale_version"
    settled = await resting.row(row.id)
    assert (settled.status, settled.refusal, settled.refusal_facts) == (
        CommandStatus.REFUSED,
        "stale_version",
        {"version": "0"},
    )


async def test_a_command_without_its_row_settles_nothing(resting: House) -> None:
    _, row = await waiting(resting)
    forged = replace(commands.message(row), kind="withdraw")
    assert await refused(resting, forged, 0) == "command_mismatch"
    assert (await resting.row(row.id)).status is CommandStatus.PENDING


async def test_what_goes_on_failing_calls_for_a_person(resting: House) -> None:
    case_id, row = await waiting(resting)
    assert await refused(resting, replace(commands.message(row), kind="withdraw"), 0, attempt=TIRED - 1)
    assert (await resting.case(case_id)).needs_attention is None
    assert await refused(resting, replace(commands.message(row), kind="withdraw"), 0, attempt=TIRED)
    assert (await resting.case(case_id)).needs_attention == "stuck:withdraw"


async def test_a_case_that_is_not_there_cannot_be_loaded(resting: House) -> None:
    with pytest.raises(ApplicationError, match="not_found") as error:
        await ActivityEnvironment().run(Records(resting.database).load_case, str(UUID(int=7)))
    assert error.value.non_retryable
