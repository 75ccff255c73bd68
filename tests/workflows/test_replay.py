"""Histories of every release go the same way through this code: a running case must survive an upgrade."""

import json
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from services.workflows.case import RecognitionCase
from services.workflows.discretion import CONVERTER
from services.workflows.sandbox import Sandbox
from tests.workflows import paths, record
from tests.workflows.clockwatcher import Clockwatcher

HISTORIES = sorted(record.HISTORIES.glob("*/*.json"))


def history(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(f"case/{file.parent.name}", file.read_text("utf-8"))


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: f"{file.parent.name}-{file.stem}")
async def test_a_recorded_case_goes_the_same_way(file: Path) -> None:
    await Replayer(workflows=[RecognitionCase], workflow_runner=Sandbox()).replay_workflow(history(file))


def test_what_the_next_test_reads_can_be_read() -> None:
    told = json.dumps(record.readable(json.loads(record.kept("grant").read_text("utf-8"))))
    assert "eligibility_review" in told
    assert "publish_decision" in told


def test_every_path_is_recorded_for_this_release() -> None:
    recorded = {file.parent.name for file in HISTORIES if file.stem == record.RELEASE}
    assert recorded == {*paths.PATHS, *paths.SKIPPING}


def test_histories_hold_nothing_of_a_person_or_of_the_machine_that_recorded_them() -> None:
    for file in HISTORIES:
        told = json.dumps(record.readable(json.loads(file.read_text("utf-8"))), ensure_ascii=False)
        for word in ("@example.org", "Sample", "/site-packages/", '"identity"', "A second occasion", "mixed up"):
            assert word not in told, (file, word)


@workflow.defn(name="RecognitionCase", sandboxed=False)
class OtherWay:
    """What a careless change would look like: a step that the recorded cases never took."""

    @workflow.run
    async def run(self, case_id: str) -> str:
        await workflow.sleep(1)
        return case_id


async def test_another_way_is_noticed() -> None:
    replayer = Replayer(workflows=[OtherWay], workflow_runner=UnsandboxedWorkflowRunner())
    result = await replayer.replay_workflow(history(record.kept("grant")), raise_on_replay_failure=False)
    assert isinstance(result.replay_failure, NondeterminismError)


async def test_code_that_asks_the_machine_is_refused() -> None:
    replayer = Replayer(workflows=[Clockwatcher], workflow_runner=Sandbox())
    result = await replayer.replay_workflow(history(record.kept("grant")), raise_on_replay_failure=False)
    assert "time.time" in str(result.replay_failure)


def test_nothing_looks_at_the_context_that_the_sandbox_is_not_asked_for() -> None:
    assert CONVERTER.payload_codec is None
    assert CONVERTER.external_storage is None
