"""Every test of the records runs on both engines: ask for `database`, or for one of them by name."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from services.records.database import Database
from tests.records import prepared
from tests.records.databases import PostgresqlTemplate, Reader, SqliteTemplate, Template, postgresql_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """One migrated SQLite file a run."""
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[PostgresqlTemplate]:
    """One PostgreSQL server a run (a worker), with a migrated template."""
    with postgresql_server() as url:
        template = PostgresqlTemplate(url)
        yield template
        template.close()


@pytest.fixture(scope="session")
def readers() -> dict[str, Reader]:
    """By fixture and engine, what opens its databases."""
    return defaultdict(Reader)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.second_engine)])
def template(request: pytest.FixtureRequest) -> Template:
    """The engine that the test runs on."""
    made: Template = request.getfixturevalue(f"{request.param}_template")
    return made


def watched(request: pytest.FixtureRequest, database: Database, url: str) -> AbstractContextManager[None]:
    """Let the test begin where another one was before, unless it replaces parts of what leads there."""
    return nullcontext() if "monkeypatch" in request.fixturenames else prepared.watched(database, url)


@pytest.fixture
def database_url(template: Template) -> Iterator[str]:
    """The address of a migrated database that is this test's own."""
    url = template.make()
    yield url
    template.drop(url)


@pytest.fixture
async def database(
    database_url: str, readers: dict[str, Reader], request: pytest.FixtureRequest
) -> AsyncIterator[Database]:
    """A migrated database that is this test's own, on SQLite and then on PostgreSQL."""
    async with readers[database_url.partition(":")[0]].opened(database_url) as opened:
        with watched(request, opened, database_url):
            yield opened


@pytest.fixture
def sqlite_url(sqlite_template: SqliteTemplate) -> Iterator[str]:
    """The address of a migrated SQLite database, for what is about SQLite alone."""
    url = sqlite_template.make()
    yield url
    sqlite_template.drop(url)


@pytest.fixture
async def sqlite_database(
    sqlite_url: str, readers: dict[str, Reader], request: pytest.FixtureRequest
) -> AsyncIterator[Database]:
    """A migrated SQLite database, for what is about SQLite alone."""
    async with readers["alone"].opened(sqlite_url) as opened:
        with watched(request, opened, sqlite_url):
            yield opened
