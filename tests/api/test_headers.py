"""Every answer of every route carries the headers that keep browsers and caches from doing harm with it."""

import json
import logging
from pathlib import Path
from uuid import UUID

import pytest

from services.records.database import Database
from services.rules.case import Stage
from tests.api import rights
from tests.api.kit import HERE, Api, opened
from tests.records import moving
from tests.records.moving import People

SAFE_SET = {
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=(), payment=()",
}
PUBLISHED = ("/.well-known/", "/status/", "/achievements/", "/profiles/", "/ims/")

MAY_BE_KEPT = {"/api/v1/openapi.json", "/static/{name:path}"}
"""What is the same for everybody."""

IDS = {"uuid": "0193a1f0-0000-7000-8000-000000000001", "int": "1", "str": "sample"}


def address(path: str) -> str:
    """A route's path with something in its places."""
    for kind, value in IDS.items():
        while f":{kind}}}" in path:
            start = path.rindex("{", 0, path.index(f":{kind}}}"))
            path = path[:start] + value + path[path.index("}", start) + 1 :]
    return path


async def test_every_answer_carries_the_whole_set(api: Api, who: People) -> None:
    asked = 0
    signed_in = await api.as_(who.learner)
    for method, path, _ in rights.routes(api):
        for headers in ({}, HERE, signed_in):
            answer = await api.http.request(method, address(path), headers=headers)
            asked += 1
            where = (method, path, answer.status_code)
            for name, value in SAFE_SET.items():
                assert answer.headers.get(name) == value, where
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, where
            assert answer.headers["referrer-policy"] in {"same-origin", "no-referrer"}, where
            assert UUID(answer.headers["x-request-id"]), where
            assert "server" not in answer.headers, where
            assert "x-powered-by" not in answer.headers, where
            if answer.headers.get("access-control-allow-origin"):
                assert path.startswith(PUBLISHED), where
                assert "set-cookie" not in answer.headers, where
            elif path not in MAY_BE_KEPT:
                assert "no-store" in answer.headers["cache-control"], where
            assert answer.status_code < 500, where
    assert asked > 200


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/cases/x", "/%2e%2e/etc/passwd"])
async def test_an_address_that_is_none_carries_it_too(api: Api, path: str) -> None:
    answer = await api.http.get(path)
    assert answer.status_code == 404
    for name, value in SAFE_SET.items():
        assert answer.headers[name] == value
    assert answer.headers["cache-control"] == "no-store"


async def test_transport_security_is_told_over_https_only(api: Api, sqlite_database: Database, tmp_path: Path) -> None:
    assert "strict-transport-security" not in (await api.http.get("/health")).headers
    async with opened(sqlite_database, tmp_path / "https", base_url="https://acquis.example.org") as safe:
        answer = await safe.http.get("/health")
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


async def test_the_access_log_has_ids_and_templates_and_nothing_that_anybody_wrote(
    api: Api, who: People, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="acquis")
    case_id = await moving.standing(api.database, who, Stage.DRAFT)
    await api.get(f"/cases/{case_id}?after=secret", who.learner)
    await api.http.get("/api/v1/verify/SECRETSECRET")
    lines = [json.loads(record.message) for record in caplog.records if record.name == "acquis.access"]
    (line,) = lines
    assert (line["route"], line["status"], line["caller"]) == ("/api/v1/cases/{case_id}", 200, str(who.learner.id))
    assert set(line) == {"method", "route", "status", "ms", "request", "caller"}
    assert "secret" not in json.dumps(line).lower()
    assert str(case_id) not in json.dumps(line)
