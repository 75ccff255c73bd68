"""What is due by the calendar and belongs to no running case: workflows found missing, drafts, people asked, lists."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from services.workflows.case import CASE_QUEUE, EFFECTS_QUEUE

FILES_QUEUE = "acquis-files"
log = logging.getLogger("acquis.sweeps")


@dataclass(frozen=True, slots=True)
class Round:
    """One kind of sweep: how often it goes round, and which worker does it."""

    every: timedelta
    queue: str


ROUNDS: dict[str, Round] = {
    "reconcile": Round(timedelta(hours=1), CASE_QUEUE),
    "calendars": Round(timedelta(hours=1), CASE_QUEUE),
    "nudges": Round(timedelta(days=1), CASE_QUEUE),
    "attestations": Round(timedelta(days=1), CASE_QUEUE),
    "mentors": Round(timedelta(days=1), CASE_QUEUE),
    "versions": Round(timedelta(days=1), CASE_QUEUE),
    "status_lists": Round(timedelta(days=1), EFFECTS_QUEUE),
    "overdue": Round(timedelta(days=1), EFFECTS_QUEUE),
    "surveys": Round(timedelta(days=1), EFFECTS_QUEUE),
    "uploads": Round(timedelta(hours=1), FILES_QUEUE),
    "texts": Round(timedelta(hours=1), FILES_QUEUE),
    "blobs": Round(timedelta(days=1), FILES_QUEUE),
    "sampling": Round(timedelta(days=1), CASE_QUEUE),
    "look_backs": Round(timedelta(days=1), CASE_QUEUE),
    "statistics": Round(timedelta(days=1), FILES_QUEUE),
}


@workflow.defn(name="Sweep")
class Sweep:
    """Runs the activity `sweep_<kind>` once and answers how many rows it touched."""

    @workflow.run
    async def run(self, kind: str) -> int:
        """`kind` is a key of `ROUNDS`."""
        touched: int = await workflow.execute_activity(
            f"sweep_{kind}",
            result_type=int,
            task_queue=ROUNDS[kind].queue,
            start_to_close_timeout=timedelta(hours=2),
            heartbeat_timeout=timedelta(minutes=5),
            retry_policy=RetryPolicy(maximum_attempts=5),
        )
        return touched


async def schedule(client: Client) -> None:
    """Make every schedule that does not exist yet; safe to call at each start of a worker."""
    for kind, round_ in ROUNDS.items():
        action = ScheduleActionStartWorkflow(Sweep.run, kind, id=f"sweep/{kind}", task_queue=CASE_QUEUE)
        plan = Schedule(
            action=action,
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=round_.every)]),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(days=1)),
        )
        try:
            await client.create_schedule(f"sweep/{kind}", plan)
        except ScheduleAlreadyRunningError:
            log.debug("schedule exists kind=%s", kind)
