"""Records the histories of the replay corpus: `python -m tests.workflows.record`, once for each release.

A history that was once released is never recorded again: cases with such histories are alive somewhere.
"""

import asyncio
import base64
import json
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any
from uuid import UUID

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from services.documents.letter_processes import Renderer
from services.records.database import connect
from services.workflows import desk
from services.workflows.discretion import CONVERTER
from tests import temporal_servers
from tests.records import moving
from tests.records.databases import SqliteTemplate
from tests.workflows import house as houses
from tests.workflows import lives, paths, skipped_time
from tests.workflows.house import House

HISTORIES = Path(__file__).parents[1] / "histories"
RELEASE = tomllib.loads((HISTORIES.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]["version"]

MACHINE = frozenset({"identity", "stackTrace", "workerVersion", "binaryChecksum"})
"""What a history says of the machine that recorded it."""


def scrubbed(told: Any) -> Any:  # noqa: ANN401 - JSON
    """A history without what it says of this machine."""
    if isinstance(told, dict):
        return {key: scrubbed(value) for key, value in told.items() if key not in MACHINE}
    return [scrubbed(one) for one in told] if isinstance(told, list) else told


def readable(told: Any) -> Any:  # noqa: ANN401 - JSON
    """A history with its payloads as text: what an operator can read of it."""
    if isinstance(told, dict):
        if isinstance(told.get("data"), str):
            return base64.b64decode(told["data"]).decode()
        return {key: readable(value) for key, value in told.items()}
    return [readable(one) for one in told] if isinstance(told, list) else told


async def led(house: House, path: paths.Path) -> str:
    """Lead a case along `path`; answers the history of the run that it names, otherwise of the last one."""
    who = await moving.people(house.database)
    case_id = await lives.drafted(house.database, who)
    run = await path(house, who, case_id)
    handle = house.desk.client.get_workflow_handle(f"case/{case_id}", run_id=run)
    history = json.loads((await handle.fetch_history()).to_json())
    return json.dumps(scrubbed(history), separators=(",", ":"))


def kept(name: str) -> Path:
    return HISTORIES / name / f"{RELEASE}.json"


async def in_a_house(
    template: SqliteTemplate,
    client: Client,
    name: str,
    path: paths.Path,
    **time: Any,  # noqa: ANN401 - the clock and the present of `houses.built`
) -> None:
    """Record one path in a house of its own."""
    url = template.make()
    database = connect(url)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Renderer() as renderer,
            houses.built(database, url, client, folder=Path(folder), **time) as house,
            house.working(renderer),
        ):
            history = await led(house, path)
    await database.close()
    kept(name).parent.mkdir(parents=True, exist_ok=True)
    kept(name).write_text(history + "\n")
    sys.stdout.write(f"{name}\n")


async def record(folder: Path) -> None:
    """Record every path that this release does not have yet."""
    template = SqliteTemplate(folder)
    with temporal_servers.running(folder / "server.log") as address:
        client = (await desk.reach(address, namespace=temporal_servers.NAMESPACE)).client
        for name, path in paths.PATHS.items():
            if not kept(name).exists():
                await in_a_house(template, client, name, path)
    server = str(Path(sys.executable).with_name("temporal-test-server"))
    for name, slow in paths.SKIPPING.items():
        if kept(name).exists():
            continue
        async with await WorkflowEnvironment.start_time_skipping(
            data_converter=CONVERTER, test_server_existing_path=server, interceptors=[skipped_time.Telling()]
        ) as machine:

            async def skipping(house: House, who: moving.People, case_id: UUID) -> None:
                await slow(house, who, case_id, machine)  # noqa: B023 - awaited within this turn of the loop

            await in_a_house(
                template, machine.client, name, skipping, clock=skipped_time.present, now=machine.get_current_time
            )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(record(Path(made)))
