"""The limit of a command: a workflow whose update runs one activity that does nothing, and its worker.

`python -m benchmarks.bare_workflow host:port namespace` works until it is killed; it prints a line when it is ready.
"""

import asyncio
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

QUEUE = "benchmark-bare"


@activity.defn
async def nothing() -> None:
    """Do nothing."""


@workflow.defn
class Bare:
    """Lives until it is terminated."""

    @workflow.run
    async def run(self) -> None:
        """Wait for updates."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def command(self) -> None:
        """Run the activity."""
        await workflow.execute_activity(nothing, start_to_close_timeout=timedelta(seconds=20))


async def work(address: str, namespace: str) -> None:
    """Take work for ever."""
    client = await Client.connect(address, namespace=namespace)
    async with Worker(client, task_queue=QUEUE, workflows=[Bare], activities=[nothing]):
        print(0, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
