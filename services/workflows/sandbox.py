"""The sandbox in which the code of workflows runs, entered for nothing but that code.

The library asks a workflow several times over, for each payload, in whose context that payload stands, and compiles and
runs a line inside the sandbox for every such question: a quarter of what a workflow costs our worker. Only a codec or a
store of payloads would look at the answer, and `discretion.CONVERTER` has neither: it is given here, and is none.
"""

from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info


class Sandbox(SandboxedWorkflowRunner):
    """The library's own, with each of its restrictions."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A workflow inside the sandbox."""
        return _Sandboxed(super().create_instance(det))


class _Sandboxed(WorkflowInstance):
    """One workflow, whose code runs inside."""

    def __init__(self, inside: WorkflowInstance) -> None:
        self._inside = inside

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._inside.activate(act)

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:  # noqa: ANN401, ARG002 - signature of temporalio
        return None

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ANN401, ARG002 - as above
        return _NOWHERE

    def get_info(self) -> Info:
        return self._inside.get_info()

    def get_thread_id(self) -> int | None:
        return self._inside.get_thread_id()


_NOWHERE = StorageDriverStoreContext(target=None)
