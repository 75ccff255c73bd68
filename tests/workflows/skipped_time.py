"""The time of a server that skips it, for the clock of our activities.

An activity that the server hands out is told when; one that runs within a workflow's task only knows the machine's own
time. So the workflow tells it, and whoever asks for the time in it is answered with that.
"""

from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

NOW = "now"
told: ContextVar[datetime] = ContextVar("told")


def present() -> datetime:
    """The time of the server that the activity under way belongs to; outside of one, the machine's."""
    if not activity.in_activity():
        return datetime.now(UTC)
    return told.get() if activity.info().is_local else activity.info().started_time


class Telling(ClientInterceptor, Interceptor):
    """Tells every activity within a task what time it is for its workflow; given to a client, its workers have it."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - of temporalio
        return _Hearing(next)

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002 - as above
        return _Inside


class _Hearing(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401 - as above
        if activity.info().is_local:
            told.set(datetime.fromisoformat(activity.payload_converter().from_payload(input.headers[NOW], str)))
        return await super().execute_activity(input)


class _Inside(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Speaking(outbound))


class _Speaking(WorkflowOutboundInterceptor):
    def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:  # noqa: A002 - as above
        now = workflow.payload_converter().to_payload(workflow.now().isoformat())
        input.headers = {**input.headers, NOW: now}
        return super().start_local_activity(input)
