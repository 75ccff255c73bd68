"""Every test of the records runs on both engines: ask for `database`, or for one of them by name."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.records.database import Database, connect
from tests.records.databases import PostgresqlTemplate, SqliteTemplate, Template, postgresql_server


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


@pytest.fixture(params=["sqlite", "postgresql"])
def template(request: pytest.FixtureRequest) -> Template:
    """The engine that the test runs on."""
    made: Template = request.getfixturevalue(f"{request.param}_template")
    return made


@pytest.fixture
def database_url(template: Template) -> Iterator[str]:
    """The address of a migrated database that is this test's own."""
    url = template.make()
    yield url
    template.drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database that is this test's own, on SQLite and then on PostgreSQL."""
    opened = connect(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_database(sqlite_template: SqliteTemplate) -> AsyncIterator[Database]:
    """A migrated SQLite database, for what is about SQLite alone."""
    url = sqlite_template.make()
    opened = connect(url)
    yield opened
    await opened.close()
    sqlite_template.drop(url)
