"""While PostgreSQL is held by somebody else, or gone, nobody waits for ever and nothing is promised."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from services.records import migrating
from tests.journeys import bodies, installations, lives
from tests.journeys.installations import Installation
from tests.records.databases import PostgresqlTemplate, postgresql_server

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The server's own database, from which others are ruled."""
    with postgresql_server() as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """An installation on PostgreSQL."""
    template = PostgresqlTemplate(server)
    url = template.empty()
    migrating.upgrade(url)
    chosen = replace(installations.settings(tmp_path_factory.mktemp("town")), database=url)
    async with installations.running(chosen) as ready:
        yield ready
    template.drop(url)
    template.close()


async def test_while_somebody_holds_the_case_a_command_is_answered_with_try_again_and_succeeds_afterwards(
    town: Installation,
) -> None:
    learner, case_id = await lives.drafted(town)
    key = str(uuid4())

    async with await psycopg.AsyncConnection.connect(town.settings.database_url) as other:
        await other.execute("LOCK TABLE cases, commands IN SHARE ROW EXCLUSIVE MODE")
        async with asyncio.timeout(15):
            refused = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
        await other.rollback()

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert await town.row(key) is None
    again = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
    assert await lives.outcome(learner, again) == "applied"


async def test_while_the_database_is_gone_nothing_is_promised_and_all_goes_on_when_it_is_back(
    town: Installation, server: str
) -> None:
    await lives.staff(town, each=1)
    learner, case_id = await lives.drafted(town)
    name, key = town.settings.database_url.rpartition("/")[2].partition("?")[0], str(uuid4())

    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as ruler:
        await ruler.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        await ruler.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            refused = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
            ready = await town.http.get("/health/ready")
        finally:
            await ruler.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    await town.database.close()  # this test's own connections were ended as well

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert (ready.status_code, ready.json()["database"]) == (503, "down")
    assert await town.row(key) is None
    again = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
    assert await lives.outcome(learner, again) == "applied"
    await lives.stage(learner, case_id, "eligibility_review")
    assert await town.broken() == []
