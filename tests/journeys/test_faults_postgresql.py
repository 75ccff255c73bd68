"""While PostgreSQL is held by somebody else, or gone, nobody waits for ever and nothing is promised."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from tests.journeys import bodies, lives
from tests.journeys.installations import Installation

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_while_somebody_holds_the_case_a_command_is_answered_with_try_again_and_succeeds_afterwards(
    town_on_postgresql: Installation,
) -> None:
    learner, case_id = await lives.drafted(town_on_postgresql)
    key = str(uuid4())

    async with await psycopg.AsyncConnection.connect(town_on_postgresql.settings.database_url) as other:
        await other.execute("LOCK TABLE cases, commands IN SHARE ROW EXCLUSIVE MODE")
        async with asyncio.timeout(60):
            refused = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
        await other.rollback()

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert await town_on_postgresql.row(key) is None
    again = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
    assert await lives.outcome(learner, again) == "applied"


async def test_while_the_database_is_gone_nothing_is_promised_and_all_goes_on_when_it_is_back(
    town_on_postgresql: Installation, postgresql: str
) -> None:
    learner, case_id = await lives.drafted(town_on_postgresql)
    name, key = town_on_postgresql.settings.database_url.rpartition("/")[2].partition("?")[0], str(uuid4())

    async with await psycopg.AsyncConnection.connect(postgresql, autocommit=True) as ruler:
        await ruler.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        await ruler.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            refused = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
            ready = await town_on_postgresql.http.get("/health/ready")
        finally:
            await ruler.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    await town_on_postgresql.database.close()  # this test's own connections were ended as well

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert (ready.status_code, ready.json()["database"]) == (503, "down")
    assert await town_on_postgresql.row(key) is None
    again = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
    assert await lives.outcome(learner, again) == "applied"
    await lives.stage(learner, case_id, "eligibility_review")
    assert await town_on_postgresql.broken() == []
