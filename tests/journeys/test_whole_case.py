"""A whole case over the public API alone, on both engines: from a draft to letters, and to a credential withdrawn."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from rich.console import Console

from services.demo import story, walk
from services.demo.telling import Teller
from services.demo.visitor import API, Visitor
from services.demo.walk import Decided, Walk
from services.documents import status_list
from services.records import migrating
from tests.journeys import installations
from tests.journeys.installations import Installation
from tests.records.databases import PostgresqlTemplate, postgresql_server

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def postgresql_url() -> Iterator[str]:
    """An empty database on a PostgreSQL server."""
    with postgresql_server() as url:
        template = PostgresqlTemplate(url)
        database = template.empty()
        yield database
        template.drop(database)
        template.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.second_engine)])
async def installation(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Installation]:
    """A whole installation on one engine, then on the other."""
    chosen = installations.settings(tmp_path)
    if request.param == "postgresql":
        chosen = replace(chosen, database=request.getfixturevalue("postgresql_url"))
        migrating.upgrade(chosen.database_url)
    async with installations.running(chosen) as ready:
        await ready.open_accounts()
        yield ready


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
