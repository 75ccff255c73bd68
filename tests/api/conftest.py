"""The API of these tests: in this process, on SQLite, with a desk that applies commands at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.records.database import Database
from tests.api.desks import ClosedDesk
from tests.api.kit import Api, opened
from tests.records.conftest import (  # noqa: F401 - the databases of the records' tests
    database,
    database_url,
    postgresql_template,
    readers,
    sqlite_database,
    sqlite_template,
    sqlite_url,
    template,
)
from tests.records.moving import People, people


@pytest.fixture
async def api(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Api]:  # noqa: F811 - fixtures are asked for by name
    """An API whose commands are applied at once."""
    async with opened(sqlite_database, tmp_path) as ready:
        yield ready


@pytest.fixture
async def waiting_api(sqlite_database: Database, tmp_path: Path) -> AsyncIterator[Api]:  # noqa: F811 - as above
    """An API while Temporal is down."""
    async with opened(sqlite_database, tmp_path / "waiting", desk=ClosedDesk()) as ready:
        yield ready


@pytest.fixture
async def who(sqlite_database: Database) -> People:  # noqa: F811 - as above
    """Everybody whom a case of the sample programme needs."""
    return await people(sqlite_database)


@pytest.fixture
async def either_api(database: Database, tmp_path: Path) -> AsyncIterator[Api]:  # noqa: F811 - as above
    """An API on SQLite, then on PostgreSQL."""
    async with opened(database, tmp_path) as ready:
        yield ready
