"""A case's whole house for tests: a real Temporal server, a real database, real workers, a real mail server."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from services.documents.letter_processes import Renderer
from services.records.database import Database, connect
from services.workflows import desk
from services.workflows.discretion import CONVERTER
from tests import temporal_servers
from tests.records.conftest import (  # noqa: F401 - the databases of the records' tests
    database,
    database_url,
    postgresql_template,
    readers,
    sqlite_template,
    template,
)
from tests.records.databases import SqliteTemplate
from tests.workflows import house as houses
from tests.workflows import skipped_time
from tests.workflows.house import House


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    """The process that sets letters; it takes two seconds to warm up."""
    ready = Renderer()
    ready.start()
    yield ready
    ready.close()


@pytest.fixture
async def client(temporal_server: str) -> Client:
    """A connection to the dev server."""
    return (await desk.reach(temporal_server, namespace=temporal_servers.NAMESPACE)).client


@pytest.fixture
async def resting(
    sqlite_template: SqliteTemplate,  # noqa: F811 - fixtures are asked for by name
    client: Client,
    tmp_path: Path,
) -> AsyncIterator[House]:
    """A house on SQLite in which nobody works yet."""
    url = sqlite_template.make()
    opened = connect(url)
    async with houses.built(opened, url, client, folder=tmp_path) as built:
        yield built
    await opened.close()
    sqlite_template.drop(url)


@pytest.fixture
async def house(resting: House, renderer: Renderer) -> AsyncIterator[House]:
    """A house on SQLite whose workers run in this process."""
    async with resting.working(renderer):
        yield resting


@pytest.fixture
async def either_house(
    database: Database,  # noqa: F811 - as above
    database_url: str,  # noqa: F811 - as above
    client: Client,
    tmp_path: Path,
    renderer: Renderer,
) -> AsyncIterator[House]:
    """A working house on SQLite and then on PostgreSQL."""
    async with houses.built(database, database_url, client, folder=tmp_path) as built, built.working(renderer):
        yield built


@pytest.fixture
async def time_machine() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal server that skips time on request."""
    server = Path(sys.executable).with_name("temporal-test-server")
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=CONVERTER, test_server_existing_path=str(server), interceptors=[skipped_time.Telling()]
    ) as env:
        yield env


@pytest.fixture
async def years_resting(
    sqlite_template: SqliteTemplate,  # noqa: F811 - fixtures are asked for by name
    time_machine: WorkflowEnvironment,
    tmp_path: Path,
) -> AsyncIterator[House]:
    """A house that lives in the time of `time_machine`, and in which nobody works yet."""
    url = sqlite_template.make()
    opened = connect(url)
    now = time_machine.get_current_time
    async with houses.built(
        opened, url, time_machine.client, folder=tmp_path, clock=skipped_time.present, now=now
    ) as built:
        yield built
    await opened.close()
    sqlite_template.drop(url)


@pytest.fixture
async def years(years_resting: House, renderer: Renderer) -> AsyncIterator[House]:
    """A working house that lives in the time of `time_machine`."""
    async with years_resting.working(renderer):
        yield years_resting
