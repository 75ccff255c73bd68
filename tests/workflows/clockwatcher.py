"""What a careless change would look like: a case that asks the machine what time it is.

Alone here, for the sandbox imports the module of a workflow anew.
"""

import time

from temporalio import workflow


@workflow.defn(name="RecognitionCase")
class Clockwatcher:
    """Answers differently at each replay."""

    @workflow.run
    async def run(self, case_id: str) -> str:
        """Ask."""
        return f"{case_id} {time.time()}"
