"""Nobody gets in without a session, nobody keeps one that ended, and no other site speaks for a browser."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import HttpMethod, Litestar, get, route
from litestar.exceptions import ImproperlyConfiguredException
from sqlmodel import col, select

from services.api import access
from services.records import people
from services.records.database import Database
from services.records.tables.audit import AuditLine
from services.records.tables.people import Person
from services.rules.case import Stage
from services.rules.people import Action, Role
from tests.api.kit import BASE, HERE, Api, opened
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

PASSWORD = "sample words in a row"
SIGN_IN = "/api/v1/sign-in"


@pytest.fixture
async def learner(api: Api) -> Person:
    """Somebody with a password."""
    async with api.database.writing() as session:
        return await people.add(
            session,
            name="Sample Learner",
            email="sample.learner@college-exemple.example",
            language="fr",
            password_hash=await api.hashing.hash(PASSWORD),
            organisation=None,
            now=NOW,
        )


def words(
    password: str = PASSWORD, *, email: str = "sample.learner@college-exemple.example", as_cookie: bool = False
) -> dict[str, object]:
    return {"email": email, "password": password, "as_cookie": as_cookie}


@pytest.mark.usefixtures("learner")
async def test_a_password_gives_a_token_that_names_its_owner(api: Api) -> None:
    answer = await api.http.post(SIGN_IN, json=words(email=" Sample.Learner@College-Exemple.example "), headers=HERE)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    me = await api.http.get("/api/v1/me", headers={"Authorization": f"Bearer {answer.json()['token']}"})
    assert (me.json()["name"], me.json()["language"]) == ("Sample Learner", "fr")


@pytest.mark.usefixtures("learner")
async def test_a_browser_keeps_its_session_where_no_script_reads_it(api: Api) -> None:
    answer = await api.http.post(SIGN_IN, json=words(as_cookie=True), headers=HERE)
    assert answer.json()["token"] is None
    kept = answer.headers["set-cookie"]
    assert kept.startswith("acquis=acq_")
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert "Path=/" in kept
    assert "Domain" not in kept
    assert (await api.http.get("/api/v1/me")).status_code == 200


async def test_over_https_the_cookie_is_bound_to_the_host_and_the_connection(
    sqlite_database: Database, tmp_path: Path
) -> None:
    base = "https://acquis.example.org"
    async with opened(sqlite_database, tmp_path, base_url=base) as api:
        async with api.database.writing() as session:
            await people.add(
                session,
                name="Sample",
                email="s@example.org",
                language="en",
                password_hash=await api.hashing.hash(PASSWORD),
                organisation=None,
                now=NOW,
            )
        body = words(email="s@example.org", as_cookie=True)
        answer = await api.http.post(SIGN_IN, json=body, headers={"Origin": base})
        kept = answer.headers["set-cookie"]
        assert kept.startswith("__Host-acquis=acq_")
        assert "Secure" in kept
        assert "strict-transport-security" in answer.headers


@pytest.mark.usefixtures("learner")
async def test_an_unknown_address_and_a_wrong_password_are_answered_alike(api: Api) -> None:
    wrong = await api.http.post(SIGN_IN, json=words("another sample here"), headers=HERE)
    unknown = await api.http.post(SIGN_IN, json=words(email="nobody@example.org"), headers=HERE)
    told = [{k: v for k, v in json.loads(a.content).items() if k != "instance"} for a in (wrong, unknown)]
    assert told[0] == told[1]
    assert [a.status_code for a in (wrong, unknown)] == [401, 401]
    left_out = {"x-request-id"}
    assert {k: v for k, v in wrong.headers.items() if k not in left_out} == {
        k: v for k, v in unknown.headers.items() if k not in left_out
    }


async def test_an_unknown_address_costs_as_many_hashes_as_a_known_one(api: Api, learner: Person) -> None:
    seen: list[str | None] = []
    verify = type(api.hashing)._matches  # noqa: SLF001 - where the time goes

    def counting(self: Any, password: str, stored: str | None) -> bool:  # noqa: ANN401 - the class under test
        seen.append(stored)
        return verify(self, password, stored)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(api.hashing), "_matches", counting)
        for email in (learner.email, "nobody@example.org"):
            await api.http.post(SIGN_IN, json=words("wrong sample words", email=email), headers=HERE)
    assert [stored is None for stored in seen] == [False, True]


@pytest.mark.usefixtures("learner")
async def test_signing_in_never_adopts_a_token_that_the_client_chose(api: Api) -> None:
    api.http.cookies.set("acquis", "acq_chosen-by-somebody-else")
    answer = await api.http.post(SIGN_IN, json=words(as_cookie=True), headers=HERE)
    assert answer.status_code == 200
    assert "chosen-by-somebody-else" not in answer.headers["set-cookie"]
    api.http.cookies.clear()
    stolen = await api.http.get("/api/v1/me", headers={"Cookie": "acquis=acq_chosen-by-somebody-else"})
    assert stolen.status_code == 401


async def test_signing_in_ends_the_session_that_the_browser_had(api: Api, learner: Person) -> None:
    old = await api.as_(learner)
    await api.http.post(SIGN_IN, json=words(), headers=HERE | old)
    assert (await api.http.get("/api/v1/me", headers=old)).status_code == 401


@pytest.mark.usefixtures("learner")
async def test_the_sixth_try_has_to_wait_even_with_the_right_password(api: Api) -> None:
    for _ in range(5):
        answer = await api.http.post(SIGN_IN, json=words("a wrong sample word"), headers=HERE)
        assert answer.status_code == 401
    answer = await api.http.post(SIGN_IN, json=words(), headers=HERE)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 0 < int(answer.headers["retry-after"]) <= 900 + 1
    api.clock.pass_(minutes=16)
    assert (await api.http.post(SIGN_IN, json=words(), headers=HERE)).status_code == 200


async def test_signing_out_ends_the_session_and_clears_the_browser(api: Api, learner: Person) -> None:
    header = await api.as_(learner)
    answer = await api.http.post("/api/v1/sign-out", headers=header)
    assert answer.status_code == 204
    assert "cookies" in answer.headers["clear-site-data"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await api.http.get("/api/v1/me", headers=header)).status_code == 401


async def test_signing_out_everywhere_ends_every_session(api: Api, learner: Person) -> None:
    first = await api.as_(learner)
    api.headers.clear()
    second = await api.as_(learner)
    await api.http.post("/api/v1/sign-out?everywhere=true", headers=first)
    assert (await api.http.get("/api/v1/me", headers=second)).status_code == 401


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (61, 401)])
async def test_a_session_that_nobody_uses_ends(api: Api, learner: Person, minutes: int, status: int) -> None:
    header = await api.as_(learner)
    api.clock.pass_(minutes=minutes)
    assert (await api.http.get("/api/v1/me", headers=header)).status_code == status


async def test_a_session_that_is_used_goes_on_until_its_day_is_over(api: Api, learner: Person) -> None:
    header = await api.as_(learner)
    began = api.clock()
    while api.clock() - began < timedelta(hours=24) - timedelta(minutes=50):
        api.clock.pass_(minutes=50)
        assert (await api.http.get("/api/v1/me", headers=header)).status_code == 200
    api.clock.pass_(minutes=50)
    assert (await api.http.get("/api/v1/me", headers=header)).status_code == 401


async def test_a_role_that_was_taken_away_is_gone_on_the_next_request(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    assert (await api.get(f"/cases/{case_id}", who.lead)).status_code == 200
    async with api.database.writing() as session:
        await people.end_role(session, who.lead.id, role=Role.LEAD, institution=makers.INSTITUTION, now=NOW)
    assert (await api.get(f"/cases/{case_id}", who.lead)).status_code == 401
    api.headers.clear()
    assert (await api.get(f"/cases/{case_id}", who.lead)).status_code == 404


async def test_a_closed_account_is_out_at_once(api: Api, learner: Person) -> None:
    header = await api.as_(learner)
    async with api.database.writing() as session:
        await people.deactivate(session, learner.id, now=NOW)
    assert (await api.http.get("/api/v1/me", headers=header)).status_code == 401
    assert (await api.http.post(SIGN_IN, json=words(), headers=HERE)).status_code == 401


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": BASE + ".evil.example"}, False),
        ({"Origin": BASE}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": BASE}, False),
    ],
)
async def test_another_site_cannot_use_the_cookie(
    api: Api,
    learner: Person,
    headers: dict[str, str],
    passes: bool,  # noqa: FBT001 - a column of the table
) -> None:
    token = (await api.as_(learner))["Authorization"].removeprefix("Bearer ")
    answer = await api.http.patch(
        "/api/v1/me", json={"language": "en"}, headers=headers | {"Cookie": f"acquis={token}"}
    )
    assert (answer.status_code == 200) == passes
    if not passes:
        assert answer.json()["code"] == "cross_origin"


async def test_another_site_is_refused_before_its_body_is_read(api: Api) -> None:
    answers: list[int] = []

    async def receive() -> Any:  # noqa: ANN401 - a message
        pytest.fail("the body was read")

    async def send(message: Any) -> None:  # noqa: ANN401 - a message
        if message["type"] == "http.response.start":
            answers.append(message["status"])

    headers = [(b"origin", b"https://evil.example"), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": SIGN_IN,
        "raw_path": SIGN_IN.encode(),
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 8000),
        "scheme": "http",
    }
    await api.app(scope, receive, send)  # type: ignore[arg-type]  # as a server hands it over
    assert answers == [403]


async def test_a_bearer_header_needs_no_origin(api: Api, learner: Person) -> None:
    answer = await api.write("PATCH", "/me", learner, {"language": "en"})
    assert answer.json()["language"] == "en"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "Basic YTpi", "Bearer acq_", "Bearer acq_x y"])
async def test_a_token_that_is_none_is_nobody(api: Api, header: str) -> None:
    assert (await api.http.get("/api/v1/me", headers={"Authorization": header})).status_code == 401


async def test_a_refused_request_is_in_the_log_of_whoever_sent_it(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    await api.get(f"/cases/{case_id}/evidence", who.lead)
    async with api.database.reading() as session:
        lines = await session.exec(
            select(AuditLine).where(
                col(AuditLine.stream) == f"person:{who.lead.id}", col(AuditLine.action) == "access_refused"
            )
        )
        (line,) = lines.all()
    assert (line.subject, line.details) == (str(case_id), {"action": "see_evidence"})


async def test_a_failed_sign_in_is_in_the_log_of_the_account(api: Api, learner: Person) -> None:
    await api.http.post(SIGN_IN, json=words("a wrong sample word"), headers=HERE)
    async with api.database.reading() as session:
        rows = await session.exec(select(AuditLine.action).where(col(AuditLine.stream) == f"person:{learner.id}"))
        assert "sign_in_failed" in rows.all()


@get("/open", sync_to_thread=False)
def forgotten() -> str:
    """Whoever wrote this forgot to say what it does."""
    return ""


@get("/case", sync_to_thread=False, opt={"action": Action.SEE_CASE})
def placeless() -> str:
    """Says what it does to a case, of which its address knows nothing."""
    return ""


@route("/asked", http_method=HttpMethod.OPTIONS, sync_to_thread=False)
def methodless() -> None:
    """Answers for the framework, and forgot as well to say who may ask."""


@pytest.mark.parametrize("handler", [forgotten, placeless, methodless])
def test_a_handler_that_does_not_say_what_it_does_keeps_the_server_from_starting(handler: Any) -> None:  # noqa: ANN401 - a handler
    app = Litestar([handler], openapi_config=None)
    with pytest.raises(ImproperlyConfiguredException, match=handler.fn.__name__):
        access.declared(app, closed="/schema")


async def test_the_frameworks_own_pages_stay_closed(api: Api, learner: Person) -> None:
    for path in ("/schema", "/schema/openapi.json", "/schema/swagger"):
        assert (await api.http.get(path, headers=await api.as_(learner))).status_code in {403, 404}


async def test_an_address_behind_a_trusted_proxy_is_the_one_that_is_throttled(
    sqlite_database: Database, tmp_path: Path
) -> None:
    async with opened(sqlite_database, tmp_path, trusted_proxies="127.0.0.1/32") as api:
        for miss in range(31):
            answer = await api.http.get("/api/v1/verify/0000", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"})
            assert answer.status_code == (404 if miss < 30 else 429)
        other = await api.http.get("/api/v1/verify/0000", headers={"X-Forwarded-For": "203.0.113.7, 203.0.113.8"})
        assert other.status_code == 404


async def test_a_forwarded_address_is_not_believed_from_anybody(api: Api) -> None:
    answers = [
        await api.http.get("/api/v1/verify/0000", headers={"X-Forwarded-For": f"203.0.113.{miss}"})
        for miss in range(31)
    ]
    assert answers[-1].status_code == 429
