"""A case's whole house for tests: a real Temporal server, a real database, real workers, a real mail server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.documents.letters import Renderer
from services.records.database import Database
from tests.records.conftest import (  # noqa: F401 - the databases of the records' tests
    database,
    database_url,
    postgresql_template,
    sqlite_template,
    template,
)
from tests.workflows.house import House, opened


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    """The process that sets letters."""
    async with Renderer() as ready:
        yield ready


@pytest.fixture
async def house(  # noqa: PLR0917 - fixtures are asked for by name
    database: Database,  # noqa: F811 - as above
    database_url: str,  # noqa: F811 - as above
    temporal_server: str,
    worker_id: str,
    tmp_path: Path,
    renderer: Renderer,
) -> AsyncIterator[House]:
    """A house whose workers run in this process, on SQLite and then on PostgreSQL."""
    async with opened(
        database, database_url, temporal_server, namespace=worker_id, folder=tmp_path, renderer=renderer
    ) as ready:
        yield ready
