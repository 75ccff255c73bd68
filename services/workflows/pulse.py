"""A sign of life for as long as an activity runs: when its process dies, somebody else takes the work up in seconds.

Without it the server waits for as long as the work may ever take, two minutes for a letter.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor


class Pulse(Interceptor):
    """For workers whose activities are given a heartbeat timeout."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the library's name
        """Beat around the activity."""
        return _Beating(next)


class _Beating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002, ANN401 - the library's signature
        allowed = activity.info().heartbeat_timeout
        if not allowed:
            return await super().execute_activity(input)
        beating = asyncio.create_task(_beat(allowed / 3))
        try:
            return await super().execute_activity(input)
        finally:
            beating.cancel()


async def _beat(every: timedelta) -> None:
    while True:
        await asyncio.sleep(every.total_seconds())
        activity.heartbeat()
