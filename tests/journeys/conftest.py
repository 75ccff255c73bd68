"""Journeys run through installations as an operator would have them: real processes, real ports, the HTTP API.

To start one takes five seconds of both cores, so tests share them: one on SQLite, one on PostgreSQL.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio

from services.records import migrating
from tests.journeys import installations, lives
from tests.journeys.installations import Installation
from tests.journeys.lives import Staff
from tests.journeys.mailbox import Mailbox
from tests.records.databases import PostgresqlTemplate, postgresql_server


@pytest.fixture(scope="package")
def mailbox() -> Iterator[Mailbox]:
    """The mail service of the town, up unless a test takes it down."""
    opened = Mailbox(installations.free_port())
    opened.open()
    yield opened
    opened.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def town(mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """One installation on SQLite; each test brings its own learners and cases."""
    chosen = installations.settings(tmp_path_factory.mktemp("town"), mail=f"smtp://127.0.0.1:{mailbox.port}")
    async with installations.running(chosen) as ready:
        yield ready


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def who(town: Installation) -> Staff:
    """Everybody who works on the cases of the town."""
    return await lives.staff(town)


@pytest.fixture(scope="package")
def postgresql() -> Iterator[str]:
    """The server's own database, from which others are ruled."""
    with postgresql_server() as url:
        yield url


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def town_on_postgresql(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """One installation on PostgreSQL, where the people of the demo's stories work."""
    template = PostgresqlTemplate(postgresql)
    url = template.empty()
    migrating.upgrade(url)
    chosen = replace(installations.settings(tmp_path_factory.mktemp("town")), database=url)
    async with installations.running(chosen) as ready:
        await ready.open_accounts()
        yield ready
    template.drop(url)
    template.close()
