"""Journeys run through installations as an operator would have them: real processes, real ports, the HTTP API."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.journeys import installations
from tests.journeys.installations import Installation


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """One installation on SQLite for all the tests of a module; each brings its own people and cases."""
    async with installations.running(installations.settings(tmp_path_factory.mktemp("town"))) as ready:
        yield ready
