"""The desk: hands a kept command to the case's workflow and waits a little for the answer.

Whatever happens here, the command's row in the database is what counts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from services.rules import stages
from services.rules.case import Command, Stage
from services.rules.refusals import REFUSALS, Refused
from services.workflows.case import CASE_QUEUE, RecognitionCase
from services.workflows.discretion import CONVERTER

PATIENCE = timedelta(seconds=5)
"""How long a person waits for the workflow before "saved, being applied"."""

log = logging.getLogger("acquis.desk")

NO_ANSWER = (WorkflowUpdateRPCTimeoutOrCancelledError, RuntimeError)
"""Nobody can say yet. A lazy client that finds no server to connect to says so by a bare `RuntimeError`."""

Question = Callable[[], Awaitable[bool]]

LIVES_AGAIN = frozenset(move.command for move in stages.MOVES if Stage.CLOSED in move.sources)
"""Commands that may wake the workflow of a closed case."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A connection to the Temporal server, made at the first command and kept."""

    client: Client

    async def send(self, command: Command, *, case_open: Question) -> bool:
        """Send `command` and answer whether it was applied; False: nobody can say yet, the relay goes on trying.

        `case_open` is asked where the case's workflow has ended or was lost: whether it may be started again.

        Raises `Refused` when the workflow or the records refused it.
        """
        starts = command.kind == "submit"
        try:
            if starts:
                await self._with_start(command)
            else:
                await self._update(command)
        except WorkflowUpdateFailedError as failed:
            raise _refusal(failed) from failed
        except NO_ANSWER:
            return False
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND or starts:
                return False
            return await self._wake(command, case_open=case_open)
        return True

    async def _wake(self, command: Command, *, case_open: Question) -> bool:
        """The workflow ended or was lost: start it from the row, where the case may live."""
        if command.kind not in LIVES_AGAIN and not await case_open():
            raise Refused("illegal_transition", stage=Stage.CLOSED.value, command=command.kind)
        try:
            await self._with_start(command)
        except WorkflowUpdateFailedError as failed:
            raise _refusal(failed) from failed
        except (*NO_ANSWER, RPCError):
            return False
        return True

    async def _update(self, command: Command) -> None:
        handle = self.client.get_workflow_handle_for(RecognitionCase.run, f"case/{command.case_id}")
        await handle.execute_update("command", command, id=command.id, rpc_timeout=PATIENCE)

    async def _with_start(self, command: Command) -> None:
        start = WithStartWorkflowOperation(
            RecognitionCase.run,
            command.case_id,
            id=f"case/{command.case_id}",
            task_queue=CASE_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
        try:
            await self.client.execute_update_with_start_workflow(
                "command", command, start_workflow_operation=start, id=command.id, rpc_timeout=PATIENCE
            )
        except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError):
            # The library keeps the error a second time, and complains in the log unless somebody asks for it.
            await asyncio.gather(start.workflow_handle(), return_exceptions=True)
            raise

    async def start(self, case_id: UUID) -> bool:
        """Start the workflow of an open case from its row; answers False when the server cannot be reached."""
        try:
            await self.client.start_workflow(
                RecognitionCase.run,
                str(case_id),
                id=f"case/{case_id}",
                task_queue=CASE_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                rpc_timeout=PATIENCE,
            )
        except (RPCError, RuntimeError):
            return False
        return True

    async def wake(self, case_id: UUID) -> bool:
        """Have the case read its rows again, for a mail was queued without a command; one that rests is started.

        Answers False when the server cannot be reached: the hourly reconciliation finds what waits.
        """
        try:
            await self.client.start_workflow(
                RecognitionCase.run,
                str(case_id),
                id=f"case/{case_id}",
                task_queue=CASE_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal="look_again",
                rpc_timeout=PATIENCE,
            )
        except (RPCError, RuntimeError):
            return False
        return True

    async def renew(self, case_id: UUID) -> bool:
        """Ask the workflow to begin a new run on the present code; answers False when it does not run."""
        handle = self.client.get_workflow_handle_for(RecognitionCase.run, f"case/{case_id}")
        try:
            await handle.signal("renew", rpc_timeout=PATIENCE)
        except (RPCError, RuntimeError):
            return False
        return True

    async def healthy(self) -> bool:
        """Whether the Temporal server answers for our namespace."""
        try:
            await self.client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=self.client.namespace), timeout=timedelta(seconds=2)
            )
        except (RPCError, RuntimeError):
            return False
        return True


def _refusal(failed: WorkflowUpdateFailedError) -> Refused:
    cause = failed.cause
    code = cause.type if isinstance(cause, ApplicationError) else None
    if code not in REFUSALS:
        return Refused("unavailable")
    facts = cause.details[0] if isinstance(cause, ApplicationError) and cause.details else {}
    return Refused(str(code), **{key: str(value) for key, value in dict(facts).items()})


async def connect(address: str, *, namespace: str) -> Desk:
    """A desk at the Temporal server of `address` (host:port); connects when it is first used."""
    return Desk(await Client.connect(address, namespace=namespace, data_converter=CONVERTER, lazy=True))


async def reach(address: str, *, namespace: str) -> Desk:
    """A desk that is connected, as a worker needs it; waits until the server answers for the namespace."""
    while True:
        try:
            reached = Desk(await Client.connect(address, namespace=namespace, data_converter=CONVERTER))
        except RuntimeError:  # what the client says when nobody listens
            log.warning("temporal unreachable address=%s", address)
        else:
            if await reached.healthy():
                return reached
        await asyncio.sleep(0.3)
