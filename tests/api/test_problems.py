"""Whatever cannot be done is told in the reader's language, in one form, and says nothing of our insides."""

import sqlite3
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import allowed_words, languages, problem_words
from services.api.routes import plans
from services.records import drafts
from services.records.database import Database, connect
from services.records.drafts import Purpose
from services.rules.case import Stage
from services.rules.conversations import Thread
from services.rules.gaps import Way
from tests.api.desks import ClosedDesk
from tests.api.kit import Api, opened
from tests.records import makers, moving
from tests.records.moving import People

FORM = {"type", "title", "status", "code", "instance"}


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:  # noqa: ANN401 - a response
    """The answer's problem, in the form of RFC 9457."""
    told = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert set(told) >= FORM
    assert told["type"] == f"urn:acquis:problem:{code}"
    assert told["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert told["title"]
    return cast("dict[str, Any]", told)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB, fr;q=0.5", "en"),
        ("de, fr;q=0.1", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("fr;q=much", None),
        ("*", None),
        ("", None),
        ("französisch", None),
    ],
)
def test_the_language_is_the_one_that_is_asked_for_first(header: str, language: str | None) -> None:
    assert languages.preferred(header) == language


@pytest.mark.parametrize(
    ("headers", "language", "title"),
    [
        ({"Accept-Language": "fr-CA"}, "fr", "Connectez-vous pour continuer."),
        ({"Accept-Language": "en"}, "en", "Sign in to go on."),
        ({}, "en", "Sign in to go on."),
    ],
)
async def test_a_problem_is_told_in_the_language_asked_for(
    api: Api, headers: dict[str, str], language: str, title: str
) -> None:
    answer = await api.http.get("/api/v1/me", headers=headers)
    assert problem(answer, 401, "sign_in_required")["title"] == title
    assert answer.headers["content-language"] == language


async def test_whoever_reads_french_is_told_in_french_without_asking(api: Api) -> None:
    async with api.database.writing() as session:
        reader = await makers.person(session, language="fr")
    answer = await api.get("/cases/0193a1f0-0000-7000-8000-000000000001", reader)
    assert problem(answer, 404, "not_found")["title"].startswith("Il n’y a rien ici")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/v1/cases/not-an-id", 404, "not_found"),
        ("GET", "/api/v1/sign-in", 405, "method_not_allowed"),
        ("GET", "/api/v1/programmes/unknown", 404, "programme_unknown"),
        ("GET", "/api/v1/programmes/%00", 404, "programme_unknown"),
        ("GET", "/status/revocation/99999999999999999999999", 422, "malformed"),
        ("GET", "/achievements/a/v1/de", 422, "malformed"),
        ("GET", "/achievements/a/v01", 404, "not_found"),
    ],
)
async def test_what_is_not_there_is_a_problem_too(api: Api, method: str, path: str, status: int, code: str) -> None:
    problem(await api.http.request(method, path), status, code)


async def test_a_number_that_nothing_can_hold_is_marked(api: Api) -> None:
    answer = await api.http.get("/status/revocation/99999999999999999999999", headers={"Accept-Language": "fr"})
    (fault,) = problem(answer, 422, "malformed")["errors"]
    assert (fault["code"], fault["detail"][:24]) == ("unbounded", "Quelque chose ici est pl")


@pytest.mark.parametrize("version", [f'"{"9" * 5000}"', '"99999999999999999999"', '"٣"', '"-1"', '""', "7", "*"])
async def test_a_version_that_is_none_is_marked(api: Api, who: People, version: str) -> None:
    case_id = await moving.standing(api.database, who, Stage.DRAFT)
    headers = httpx.Headers(await api.as_(who.learner), encoding="utf-8")
    headers["If-Match"] = version
    answer = await api.http.post(f"/api/v1/cases/{case_id}/withdraw", json={}, headers=headers)
    (fault,) = problem(answer, 422, "malformed")["errors"]
    assert (fault["at"], fault["code"]) == ("If-Match", "version")


async def test_a_method_that_is_not_taken_names_those_that_are(api: Api) -> None:
    answer = await api.http.get("/api/v1/sign-in")
    assert set(answer.headers["allow"].split(", ")) == {"OPTIONS", "POST"}


async def test_whoever_asks_what_a_route_takes_learns_its_methods_and_nothing_else(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.DRAFT)
    elsewhere = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answers = [
        await api.http.options(f"/api/v1/cases/{one}/submit", headers=headers)
        for one in (case_id, UUID(int=0))
        for headers in ({}, elsewhere, await api.as_(who.learner), await api.as_(who.assessor))
    ]
    assert {(one.status_code, one.headers["allow"], one.content) for one in answers} == {(204, "OPTIONS, POST", b"")}
    assert not any(name.startswith("access-control") for one in answers for name in one.headers)
    assert (await api.http.options("/api/v1/nothing-here")).status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_each_fault_of_a_body_has_its_place_and_a_sentence(api: Api, who: People, language: str) -> None:
    answer = await api.write(
        "POST", "/cases", who.learner, {"programme": 7, "purpose": "fun"}, **{"Accept-Language": language}
    )
    (fault,) = problem(answer, 422, "malformed")["errors"]
    assert (fault["at"], fault["code"]) == ("programme", "kind")
    assert (
        fault["detail"]
        == {
            "en": "This is not of the kind that is expected: str.",
            "fr": "Ce n’est pas du type attendu\u00a0: str.",
        }[language]
    )


async def test_a_word_that_is_not_known_is_answered_with_those_that_are(api: Api, who: People) -> None:
    body = {"programme": "sample-programme", "purpose": "fun", "language": "en"}
    answer = await api.write("POST", "/cases", who.learner, body, **{"Accept-Language": "fr"})
    (fault,) = problem(answer, 422, "malformed")["errors"]
    assert (fault["at"], fault["code"]) == ("purpose", "word")
    assert fault["detail"] == f"Ce n’est pas un des mots permis ici\u00a0: {', '.join(Purpose)}."
    case_id = await moving.standing(api.database, who, Stage.DRAFT)
    (fault,) = problem(await api.get(f"/cases/{case_id}/messages?thread=x", who.learner), 422, "malformed")["errors"]
    assert fault["detail"].endswith(f"allowed here: {', '.join(Thread)}.")


def test_the_words_of_a_list_within_a_body_are_found() -> None:
    assert allowed_words.at(plans.replace, "offers[0].way", in_body=True) == tuple(Way)
    assert allowed_words.at(plans.replace, "offers[0].key", in_body=True) == ()
    assert allowed_words.at(plans.replace, "nothing", in_body=False) == ()


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Object missing required field `a`", ("missing", "a")),
        ("Object contains unknown field `b`", ("unknown", "b")),
        ("Expected `str` of length >= 1", ("short", "")),
        ("Expected `array` of length <= 500", ("long", "")),
        ("Expected `int` >= 1", ("range", "")),
        ("Expected `int`, got `str`", ("kind", "")),
        ("Invalid enum value 'x'", ("word", "")),
        ("Invalid RFC3339 encoded date", ("date", "")),
        ("Invalid UUID", ("identifier", "")),
        ("Expected `str` matching regex '^x$'", ("form", "")),
        ("something new", ("form", "")),
    ],
)
def test_what_the_reader_of_bodies_says_becomes_a_code(message: str, told: tuple[str, str]) -> None:
    code, name, sentence = problem_words.read_fault(message, "fr")
    assert (code, name) == told
    assert sentence


def test_every_sentence_of_the_interface_exists_in_both_languages() -> None:
    content = resources.files("services").joinpath("locales", "problems.toml").read_text(encoding="utf-8")
    for table in tomllib.loads(content).values():
        for code, said in table.items():
            assert set(said) == {"en", "fr"}, code
            assert said["en"] != said["fr"]
            assert " :" not in said["fr"]


async def test_a_locked_database_is_unavailable_and_nothing_is_promised(
    sqlite_database: Database, sqlite_url: str, who: People, tmp_path: Path
) -> None:
    impatient = connect(sqlite_url)

    @sa.event.listens_for(impatient.engine.sync_engine, "connect")
    def hurry(connection: Any, _: object) -> None:  # noqa: ANN401 - the driver's connection
        connection.execute("PRAGMA busy_timeout=50")

    async with (
        opened(sqlite_database, tmp_path / "a") as api,
        opened(impatient, tmp_path / "b", desk=ClosedDesk()) as hurried,
    ):
        case_id = await moving.standing(api.database, who, Stage.DRAFT)
        hurried.headers = {who.learner.id: await api.as_(who.learner)}
        blocker = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        try:
            body = {"declaration": "2026-1", "consents": []}
            answer = await hurried.command(case_id, "submit", who.learner, body)
        finally:
            blocker.execute("ROLLBACK")
            blocker.close()
        problem(answer, 503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert (await hurried.get(f"/cases/{case_id}", who.learner)).json()["version"] == 0
    await impatient.close()


async def test_a_full_disk_is_unavailable(api: Api, who: People, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/var/lib/acquis/secret-place")

    monkeypatch.setattr(drafts, "open_case", full)
    body = {"programme": "sample-programme", "language": "fr", "purpose": "upskill"}
    answer = await api.write("POST", "/cases", who.learner, body)
    problem(answer, 503, "unavailable")
    assert "secret-place" not in answer.text


async def test_a_fault_of_ours_tells_nothing_and_its_log_has_no_words_of_people(
    api: Api, who: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("what the learner wrote")

    monkeypatch.setattr(drafts, "open_case", broken)
    body = {"programme": "sample-programme", "language": "fr", "purpose": "upskill"}
    answer = await api.write("POST", "/cases", who.learner, body)
    told = problem(answer, 500, "fault")
    assert "KeyError" not in answer.text
    assert "learner wrote" not in answer.text
    assert "learner wrote" not in caplog.text
    assert f"request={told['instance'].removeprefix('urn:uuid:')} kind=KeyError" in caplog.text


async def test_a_commit_that_fails_is_no_success(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.DRAFT)
    await api.as_(who.learner)

    def failing(_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    sa.event.listen(AsyncSession.sync_session_class, "before_commit", failing)
    try:
        path = f"/cases/{case_id}/claims/third"
        answer = await api.write("PUT", path, who.learner, {"self_assessment": "alone"})
    finally:
        sa.event.remove(AsyncSession.sync_session_class, "before_commit", failing)
    problem(answer, 503, "unavailable")
    view = (await api.get(f"/cases/{case_id}", who.learner)).json()
    assert "third" not in {claim["competency"] for claim in view["claims"]}
