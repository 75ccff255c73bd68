"""A whole case over the public API alone, on both engines: from a draft to letters, and to a credential withdrawn.

On SQLite it is led in front of `acquis serve`, whose parts are then killed: whatever was acknowledged stays.
"""

import asyncio
import contextlib
import io
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from rich.console import Console

from services.demo import appeal_story, story, walk
from services.demo.telling import Teller
from services.demo.visitor import API, Visitor
from services.demo.walk import Decided, Walk
from services.documents import status_list
from services.workflows import means
from tests.journeys import bodies, installations, lives
from tests.journeys.installations import Installation

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


@dataclass(frozen=True, slots=True)
class Machine:
    """An installation of one machine, and the process that keeps its parts alive."""

    installation: Installation
    supervisor: asyncio.subprocess.Process


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def machine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Machine]:
    """`acquis serve`, on SQLite."""
    chosen = installations.settings(tmp_path_factory.mktemp("machine"))
    async with installations.served(chosen) as supervisor, installations.line(chosen) as http:
        opened = means.open_database(chosen)
        ready = Installation(chosen, [], opened, http)
        await ready.open_accounts()
        yield Machine(ready, supervisor)
        await opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest) -> Installation:
    """A whole installation on one engine, then on the other."""
    if request.param == "sqlite":
        machine: Machine = request.getfixturevalue("machine")
        return machine.installation
    town: Installation = request.getfixturevalue("town_on_postgresql")
    return town


async def bit(installation: Installation, credential: dict[str, Any]) -> bool:
    """Whether the published status list marks this credential as withdrawn."""
    entry = credential["credentialStatus"]
    listed = await installation.http.get(urlsplit(entry["statusListCredential"]).path)
    assert listed.status_code == 200
    bits = status_list.decode(listed.json()["credentialSubject"]["encodedList"])
    return status_list.is_set(bits, int(entry["statusListIndex"]))


async def verdict(installation: Installation, code: str) -> str:
    """What the public page answers for a code, without an account."""
    return str((await installation.http.get(f"{API}/verify/{code}")).json()["status"])


async def verdict_on(installation: Installation, content: bytes) -> dict[str, Any]:
    """What the public page answers for a file, without an account."""
    answer: dict[str, Any] = (await installation.http.post(f"{API}/verify", content=content)).json()
    return answer


async def test_a_case_ends_in_letters_and_credentials_and_a_withdrawal_is_seen_within_a_minute(
    installation: Installation, tmp_path: Path
) -> None:
    told = Walk(installation.enter, Teller("en", console=Console(file=io.StringIO())), tmp_path)

    decided = await walk.whole_case(told)

    assert {letter["language"] for letter in decided.letters} == {"en", "fr"}
    assert len(decided.credentials) == 3
    for letter in decided.letters:
        content = await decided.learner.read(letter["url"])
        assert content.startswith(b"%PDF-")
        by_letter = await verdict_on(installation, content)
        assert (by_letter["status"], by_letter["letter"]) == ("valid", True)
        assert len(by_letter["credentials"]) == 3
    documents = {one["code"]: await decided.learner.read(urlsplit(one["url"]).path) for one in decided.credentials}
    for code, document in documents.items():
        assert await verdict(installation, code) == "valid"
        assert (await verdict_on(installation, document))["status"] == "valid"
        changed = document.replace(b"Exemple", b"Example", 1)
        assert (await verdict_on(installation, changed))["status"] != "valid"

    withdrawn, kept = await withdraw_one(installation, decided)

    assert (await verdict_on(installation, documents[withdrawn]))["status"] == "withdrawn"
    assert await verdict(installation, kept) == "valid"
    letters = await letters_of_the_withdrawal(decided)
    assert {letter["language"] for letter in letters} == {"en", "fr"}
    await decided.learner.until(installation.settled, bool)
    assert await installation.broken() == []
    outbox = list(Path(installation.settings.mail_place).glob("*.eml"))
    assert outbox, "people are told by mail"


async def withdraw_one(installation: Installation, decided: Decided) -> tuple[str, str]:
    """The registrar withdraws the first credential; answers its code and that of one which stays.

    `Visitor.until` looks for a minute, which is how long a withdrawal may take to be public.
    """
    first, second, *_ = decided.credentials
    document = json.loads(await decided.learner.read(urlsplit(first["url"]).path))
    assert not await bit(installation, document)
    registrar = await installation.enter(story.REGISTRAR)
    claims = {claim["competency"]: claim["id"] for claim in (await registrar.case(decided.case_id))["claims"]}
    why = {"claim": claims[first["competency"]], "reason": "issued_in_error", "explanation": "A sample withdrawal."}

    await registrar.command(decided.case_id, "revoke-grant", why)

    await registrar.until(lambda: bit(installation, document), bool)
    await registrar.until(lambda: verdict(installation, first["code"]), lambda status: status == "withdrawn")
    return first["code"], second["code"]


async def letters_of_the_withdrawal(decided: Decided) -> list[dict[str, Any]]:
    """Both letters that tell the learner of it."""

    async def told(learner: Visitor) -> list[dict[str, Any]]:
        known = {letter["id"] for letter in decided.letters}
        letters = await learner.get(f"/cases/{decided.case_id}/letters")
        return [letter for letter in letters if letter["id"] not in known]

    found: list[dict[str, Any]] = await decided.learner.until(
        lambda: told(decided.learner), lambda letters: len(letters) == 2
    )
    return found


async def test_an_appeal_varies_a_decision_and_what_it_changed_is_in_a_second_letter(
    machine: Machine, tmp_path: Path
) -> None:
    """The longest of the demo's other stories, told to nobody."""
    told = Walk(machine.installation.enter, Teller("en", console=Console(file=io.StringIO())), tmp_path)

    decided = await appeal_story.tell(told)

    codes = {one["competency"]: one["code"] for one in decided.credentials}
    assert await verdict(machine.installation, codes[appeal_story.CONTESTED]) == "valid"
    assert sorted(letter["language"] for letter in decided.letters) == ["en", "en", "fr", "fr"]
    await decided.learner.until(machine.installation.settled, bool)
    assert await machine.installation.broken() == []


async def test_what_was_acknowledged_outlives_every_part_and_the_system_ends_when_asked(machine: Machine) -> None:
    town, before = machine.installation, installations.pids(machine.installation.settings)
    learner, case_id = await lives.drafted(town)
    (item,) = await learner.get(f"/cases/{case_id}/evidence")
    key = str(uuid4())
    told = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
    for name in ("api", "temporal", "case", "effects"):
        os.killpg(before[name], signal.SIGKILL)

    after = await _up_again(town, before)

    assert told.status_code in {200, 202}
    assert await learner.read(f"{API}/cases/{case_id}/evidence/{item['id']}/file") == bodies.file("Sheets")
    again = await lives.send(learner, case_id, "submit", bodies.SUBMIT, version=0, key=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await lives.outcome(learner, again) == "applied"
    await lives.stage(learner, case_id, "eligibility_review")
    moves = [step["move"] for step in await learner.get(f"/cases/{case_id}/timeline")]
    assert moves.count("submit") == 1
    await learner.until(town.settled, bool)
    assert await town.broken() == []
    machine.supervisor.terminate()
    async with asyncio.timeout(60):
        assert await machine.supervisor.wait() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in after.values())


async def _up_again(town: Installation, before: dict[str, int]) -> dict[str, int]:
    """The processes, once every one that was is another and the system answers. Raises `TimeoutError`."""
    async with asyncio.timeout(60):
        while True:
            after = installations.pids(town.settings)
            if set(after.values()).isdisjoint(before.values()):
                with contextlib.suppress(httpx.TransportError):
                    if (await town.http.get("/health/ready")).is_success:
                        return after
            await asyncio.sleep(0.05)
