"""What people are answered when requests repeat, race or come late, and while a part of the house fails.

Database, disk, Temporal, worker: nothing that was acknowledged is lost, nothing happens twice, and what was not kept
was not promised.
"""

import asyncio
import os
import resource
import signal
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio

from services.demo.visitor import API
from tests.journeys import bodies, lives
from tests.journeys.installations import Installation
from tests.journeys.lives import Staff

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def nothing_broken(town: Installation, who: Staff) -> AsyncIterator[None]:
    """After each fault, everything that must always hold does."""
    assert who.advisor, "somebody follows the cases of every test"
    yield
    assert await town.broken() == []


# the same again, and at the same time


async def test_the_same_command_again_gets_the_first_answer_and_says_so(town: Installation) -> None:
    learner, case_id = await lives.drafted(town)
    key = str(uuid4())

    first = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
    again = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)

    assert await lives.outcome(learner, first) == await lives.outcome(learner, again) == "applied"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    moves = [step["move"] for step in await learner.get(f"/cases/{case_id}/timeline")]
    assert moves.count("submit") == 1


async def test_a_key_that_carried_another_command_is_refused(town: Installation) -> None:
    learner, case_id = await lives.drafted(town)
    key = str(uuid4())
    await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)

    other = await lives.send(learner, case_id, "withdraw", bodies.WITHDRAW, version=0, key=key)

    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert (await learner.case(case_id))["stage"]["stage"] != "closed"


async def test_of_eight_requests_with_one_key_at_once_one_is_carried_out_and_all_get_its_answer(
    town: Installation,
) -> None:
    learner, case_id = await lives.drafted(town)
    key = str(uuid4())

    answers = await asyncio.gather(
        *(lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key) for _ in range(8))
    )

    assert {await lives.outcome(learner, answer) for answer in answers} == {"applied"}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    moves = [step["move"] for step in await learner.get(f"/cases/{case_id}/timeline")]
    assert moves.count("submit") == 1


async def test_of_eight_assessors_who_accept_one_offer_only_the_one_who_was_asked_sits_down(
    town: Installation, who: Staff
) -> None:
    learner, case_id, asked, seat = await lives.offered(town, who)
    version = (await learner.case(case_id))["version"]

    answers = await asyncio.gather(
        *(
            lives.send(one, case_id, "accept-offer", bodies.screen(seat), version=version, key=str(uuid4()))
            for one in who.assessors
        )
    )

    outcomes = {
        one.person: (answer.status_code, await lives.outcome(one, answer))
        for one, answer in zip(who.assessors, answers, strict=True)
    }
    status, became = outcomes.pop(asked.person)
    assert status in {200, 202}
    assert became == "applied"
    assert set(outcomes.values()) == {(404, "not_found")}, "for everybody else the case does not exist"


async def test_of_eight_windows_in_which_one_assessor_accepts_one_wins(town: Installation, who: Staff) -> None:
    _, case_id, asked, seat = await lives.offered(town, who)
    version = (await asked.get(f"/cases/{case_id}/screen"))["version"]

    answers = await asyncio.gather(
        *(
            lives.send(asked, case_id, "accept-offer", bodies.screen(seat), version=version, key=str(uuid4()))
            for _ in range(8)
        )
    )

    counted = Counter([await lives.outcome(asked, answer) for answer in answers])
    assert counted["applied"] == 1
    assert {answer.status_code for answer in answers} <= {200, 202, 409}
    assert set(counted) - {"applied"} <= {"stale_version", "illegal_transition", "offer_ended"}


async def test_of_eight_who_decide_at_once_one_decides(town: Installation, who: Staff) -> None:
    learner, case_id = await lives.judged(town, who)
    version = (await learner.case(case_id))["version"]

    answers = await asyncio.gather(
        *(lives.send(one, case_id, "decide", bodies.DECIDE, version=version, key=str(uuid4())) for one in who.deciders)
    )

    outcomes = [await lives.outcome(one, answer) for one, answer in zip(who.deciders, answers, strict=True)]
    assert outcomes.count("applied") == 1, outcomes
    await lives.stage(learner, case_id, "decided")
    letters = await learner.get(f"/cases/{case_id}/letters")
    assert sorted(letter["language"] for letter in letters) == ["en", "fr"]
    assert len(await learner.get(f"/cases/{case_id}/credentials")) == 1


async def test_a_command_made_for_an_older_version_is_refused_and_told_the_present_one(
    town: Installation, who: Staff
) -> None:
    learner, case_id = await lives.reviewed(town)
    seen = (await learner.case(case_id))["version"]
    await who.advisor.command(case_id, "ask-completion", bodies.ASK_COMPLETION)

    late = await lives.send(who.advisor, case_id, "accept-eligibility", version=seen, key=str(uuid4()))
    withdrawn = await lives.send(learner, case_id, "withdraw", bodies.WITHDRAW, version=seen, key=str(uuid4()))

    assert late.status_code == 409
    problem = withdrawn.json()
    assert (withdrawn.status_code, problem["code"], problem["version"]) == (409, "stale_version", seen + 1)
    assert problem["reasons"]["en"] != problem["reasons"]["fr"]
    assert (await learner.case(case_id))["stage"]["stage"] == "incomplete"


# database and disk


@contextmanager
def locked(town: Installation) -> Iterator[None]:
    """Somebody else holds the database: nobody can write."""
    path = town.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


async def test_while_the_database_is_locked_nothing_is_promised_and_the_same_key_succeeds_afterwards(
    town: Installation,
) -> None:
    learner, case_id = await lives.drafted(town)
    key = str(uuid4())

    with locked(town):
        refused = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert int(refused.headers["Retry-After"]) > 0
        assert await town.row(key) is None

    again = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
    assert await lives.outcome(learner, again) == "applied"
    assert "Idempotency-Replayed" not in again.headers


@contextmanager
def full_disk(pid: int, *, left: int = 0) -> Iterator[None]:
    """No file of the process `pid` may grow beyond `left` bytes: every write of it fails as on a full disk."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (left, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


async def test_while_the_disk_is_full_a_command_is_not_acknowledged_and_succeeds_afterwards(
    town: Installation,
) -> None:
    learner, case_id = await lives.drafted(town)
    api, key = town.child("api").process, str(uuid4())
    assert api is not None

    with full_disk(api.pid):
        refused = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert await town.row(key) is None

    again = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
    assert await lives.outcome(learner, again) == "applied"


async def test_a_file_that_the_disk_has_no_room_for_is_not_acknowledged_and_leaves_nothing(
    town: Installation,
) -> None:
    learner, case_id = await lives.drafted(town)
    api, blobs = town.child("api").process, Path(town.settings.blob_place)
    assert api is not None
    before, kept = await learner.get(f"/cases/{case_id}/evidence"), stored(blobs)
    content = bodies.file("Large") + b"\n%" + b"x" * 3_000_000

    with full_disk(api.pid, left=1_000_000):
        refused = await learner.http.post(
            f"{API}/cases/{case_id}/evidence", files={"file": ("large.pdf", content)}, headers=learner.headers
        )

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert await learner.get(f"/cases/{case_id}/evidence") == before
    assert stored(blobs) == kept
    item = await learner.send_file(case_id, "large.pdf", content, lambda _: None)
    assert await learner.read(f"{API}/cases/{case_id}/evidence/{item['id']}/file") == content


def stored(blobs: Path) -> set[Path]:
    """Every file of the store, also what is half received."""
    return {path for path in blobs.rglob("*") if path.is_file()}


# Temporal and the workers


async def test_while_temporal_is_down_a_command_is_kept_and_applied_when_it_is_back(town: Installation) -> None:
    learner, case_id = await lives.reviewed(town)
    version, key = (await learner.case(case_id))["version"], str(uuid4())
    await town.stop("temporal")

    kept = await lives.send(learner, case_id, "withdraw", bodies.WITHDRAW, version=version, key=key)
    ready = await town.http.get("/health/ready")

    assert (kept.status_code, kept.json()["status"]) == (202, "pending")
    assert kept.headers["Location"] == f"{API}/commands/{key}"
    assert kept.headers["Retry-After"] == "2"
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert (await learner.case(case_id))["version"] == version, "nothing is applied past the workflow"
    await town.start_again("temporal")
    assert await lives.outcome(learner, kept) == "applied"
    assert (await lives.stage(learner, case_id, "closed"))["version"] == version + 1


async def test_a_temporal_server_that_hangs_does_not_hold_up_the_answer(town: Installation) -> None:
    learner, case_id = await lives.reviewed(town)
    version = (await learner.case(case_id))["version"]
    server = town.child("temporal").process
    assert server is not None
    server.send_signal(signal.SIGSTOP)
    # Until every thread of it stands still, it may answer.
    await asyncio.to_thread(os.waitid, os.P_PID, server.pid, os.WSTOPPED)
    try:
        async with asyncio.timeout(60):
            kept = await lives.send(learner, case_id, "withdraw", bodies.WITHDRAW, version=version, key=str(uuid4()))
    finally:
        server.send_signal(signal.SIGCONT)

    assert kept.status_code == 202
    assert await lives.outcome(learner, kept) == "applied"


async def test_while_no_worker_runs_a_command_is_kept_and_applied_when_one_is_back(
    town: Installation, who: Staff
) -> None:
    _, case_id = await lives.reviewed(town)
    version = (await who.advisor.case(case_id))["version"]
    await town.stop("case")

    kept = await lives.send(who.advisor, case_id, "accept-eligibility", version=version, key=str(uuid4()))

    assert (kept.status_code, kept.json()["status"]) == (202, "pending")
    await town.start_again("case")
    assert await lives.outcome(who.advisor, kept) == "applied"
    assert (await who.advisor.case(case_id))["version"] == version + 1


async def test_a_letter_whose_worker_dies_is_set_by_the_next_one_within_a_minute(
    town: Installation, who: Staff
) -> None:
    learner, case_id = await lives.judged(town, who)
    await who.deciders[0].command(case_id, "decide", bodies.DECIDE)
    await learner.until(lambda: town.under_way(case_id), lambda activity: activity == "render_letter")
    worker = town.child("effects")
    assert worker.process is not None

    os.killpg(worker.process.pid, signal.SIGKILL)

    await lives.stage(learner, case_id, "decided")
    assert len(await learner.get(f"/cases/{case_id}/letters")) == 2
    assert worker.starts == 2
