"""A worker is a process: it says when it is ready, and ends what is under way before it leaves."""

import asyncio
import json
import logging
import os
import signal
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from services.records.database import Database
from services.workflows import relay, worker
from services.workflows.desk import Desk
from services.workflows.sweeps import ROUNDS
from tests.records import moving
from tests.workflows import lives
from tests.workflows.house import House

PROGRAM = """
import json, logging, sys
from services.settings import Settings
from services.workflows import worker
logging.basicConfig(stream=sys.stderr, level=logging.INFO)
if __name__ == "__main__":
    worker.run(Settings(**json.loads(sys.argv[1])), sys.argv[2].split(","))
"""


@pytest.fixture
def settings_text(resting: House, temporal_server: str) -> str:
    """The settings of the house as a worker process of its own needs them."""
    return json.dumps(asdict(resting.settings) | {"temporal": temporal_server})


async def forget_schedules(house: House) -> None:
    """The server outlives this test; its schedules must not."""
    for kind in ROUNDS:
        await house.desk.client.get_schedule_handle(f"sweep/{kind}").delete()


async def test_a_worker_process_does_its_work_and_leaves_with_status_0(
    resting: House, settings_text: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(program),
        settings_text,
        "case,effects,files",
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(60):
            async for line in process.stderr:
                if b"worker ready queues=case,effects,files" in line:
                    break
            who = await moving.people(resting.database)
            case_id = await lives.drafted(resting.database, who)
            await lives.to_review(resting, who, case_id)
            await resting.quiet(case_id)
            process.send_signal(signal.SIGTERM)
            await process.stderr.read()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    assert len(resting.mailbox.to(who.learner)) == 2
    await forget_schedules(resting)


async def test_a_worker_whose_relay_breaks_ends_so_that_another_can_take_over(
    resting: House, temporal_server: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_: Database, __: Desk) -> int:
        raise LookupError

    monkeypatch.setattr(relay, "once", broken)
    settings = replace(resting.settings, temporal=temporal_server)
    with caplog.at_level(logging.INFO), pytest.raises(ExceptionGroup) as ended:
        async with asyncio.timeout(30):
            await worker.work(settings, ["case"], asyncio.Event())
    assert ended.group_contains(LookupError)
    await forget_schedules(resting)
