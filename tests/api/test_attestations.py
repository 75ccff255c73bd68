"""Somebody without an account answers by a link; strangers, scanners and guessers learn nothing from it."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from sqlmodel import select

from services.records import attestations, cases, invariants
from services.records.tables.attestations import AttestationRequest
from services.rules.attestations import LIFE, RequestState
from services.rules.case import Stage
from tests.api.kit import HERE, Api
from tests.records import attesting, makers, moving
from tests.records.moving import People

STATEMENT: dict[str, Any] = msgspec.to_builtins(attesting.statement("first"))


async def ask(api: Api, who: People, case_id: UUID, **changes: object) -> httpx.Response:
    claims = await moving.claims_of(api.database, case_id)
    body = {
        "name": "Sample Supervisor",
        "organisation": "Garderie Soleil",
        "relation": "supervisor",
        "email": "boss@garderiesoleil.example",
        "language": "fr",
        "claims": [str(claim.id) for claim in claims.values()],
        "consent": "2026-1",
    }
    return await api.write("POST", f"/cases/{case_id}/attestations", who.learner, body | changes)


async def token_of(api: Api, request_id: str) -> str:
    """The link as its mail holds it."""
    async with api.database.writing() as session:
        request = await session.get_one(AttestationRequest, UUID(request_id))
        return await attesting.link(session, request, now=api.clock())


async def form(api: Api, token: str, method: str = "GET", path: str = "", body: object = None, **headers: str) -> Any:  # noqa: ANN401 - a response
    """What the holder of a link is answered."""
    return await api.http.request(method, f"/api/v1/attestations/{token}{path}", headers=HERE | headers, json=body)


@pytest.fixture
async def case_id(api: Api, who: People) -> UUID:
    return await moving.standing(api.database, who, Stage.ELIGIBLE)


@pytest.fixture
async def token(api: Api, who: People, case_id: UUID) -> str:
    asked = await ask(api, who, case_id)
    assert asked.status_code == 201, asked.text
    return await token_of(api, asked.json()["id"])


def told(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    """An answer without what names this very answer."""
    body = {key: value for key, value in json.loads(answer.content).items() if key != "instance"}
    return answer.status_code, body, {k: v for k, v in answer.headers.items() if k != "x-request-id"}


async def test_the_address_is_never_read_back(api: Api, who: People, case_id: UUID, token: str) -> None:
    assert token
    for person in (who.learner, who.advisor):
        listed = await api.get(f"/cases/{case_id}/attestations", person)
        assert [one["state"] for one in listed.json()] == ["open"]
        assert "boss@" not in listed.text
    shown = await form(api, token)
    assert "boss@" not in shown.text


async def test_the_form_shows_the_learner_and_the_competencies_and_a_scanner_may_look_at_it(
    api: Api, who: People, token: str
) -> None:
    before = await moving.everything(api.database)
    *_, answer = [await form(api, token) for _ in range(3)]
    assert answer.status_code == 200
    assert await moving.everything(api.database) == before
    shown = answer.json()
    assert (shown["learner"], shown["name"]) == (who.learner.name, "Sample Supervisor")
    assert [one["key"] for one in shown["competencies"]] == ["first", "second"]
    assert {"evidence", "answers_to_form", "case", "number"}.isdisjoint(shown)
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_a_draft_is_kept_and_the_form_sent_once(api: Api, who: People, case_id: UUID, token: str) -> None:
    kept = await form(api, token, "PUT", "/draft", {"name": "Half"}, **{"If-Match": '"0"'})
    assert (kept.status_code, kept.json()["version"], kept.headers["etag"]) == (200, 1, '"1"')
    slow = await form(api, token, "PUT", "/draft", {"name": "Other"}, **{"If-Match": '"0"'})
    assert (slow.status_code, slow.json()["code"]) == (409, "stale_version")
    assert (await form(api, token, "PUT", "/draft", {"name": "Half"})).status_code == 428
    part = await form(api, token, "POST", "/submit", {"name": "Half"})
    assert (part.status_code, part.json()["code"]) == (409, "statement_incomplete")
    sent = await form(api, token, "POST", "/submit", STATEMENT)
    assert sent.status_code == 200, sent.text
    again = await form(api, token, "POST", "/submit", STATEMENT)
    assert (again.status_code, again.json()["code"]) == (404, "link_ended")
    listed = (await api.get(f"/cases/{case_id}/attestations", who.learner)).json()
    assert [(one["state"], one["renewable"]) for one in listed] == [("submitted", False)]
    async with api.database.reading() as session:
        assert {one.number for one in await invariants.broken(session, now=api.clock())} <= {27}


async def test_two_browsers_that_race_send_one_statement(either_api: Api) -> None:
    who = await moving.people(either_api.database)
    case_id = await moving.standing(either_api.database, who, Stage.ELIGIBLE)
    asked = await ask(either_api, who, case_id)
    token = await token_of(either_api, asked.json()["id"])
    answers = await asyncio.gather(*(form(either_api, token, "POST", "/submit", STATEMENT) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404]


async def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(api: Api, who: People, case_id: UUID) -> None:
    links = {}
    for name in ("spent", "declined", "cancelled", "renewed", "ended"):
        asked = await ask(api, who, case_id, email=f"{name}@example.org")
        links[name] = (asked.json()["id"], await token_of(api, asked.json()["id"]))
    await form(api, links["spent"][1], "POST", "/submit", STATEMENT)
    declined = await form(api, links["declined"][1], "POST", "/decline", {"unknown_person": True})
    assert declined.status_code == 204
    for name, step in (("cancelled", "cancel"), ("renewed", "renew")):
        done = await api.write("POST", f"/cases/{case_id}/attestations/{links[name][0]}/{step}", who.learner)
        assert done.status_code == 200, done.text
    async with api.database.writing() as session:
        row = await session.get_one(AttestationRequest, UUID(links["ended"][0]))
        row.expires_at = api.clock()
    wrong = told(await form(api, "x" * 43))
    assert (wrong[0], wrong[1]["code"]) == (404, "link_ended")
    for _, token in links.values():
        assert told(await form(api, token)) == wrong


async def test_an_address_that_guesses_has_to_wait_and_its_guesses_tell_it_nothing(api: Api, token: str) -> None:
    for number in range(10):
        assert (await form(api, f"guess{number}")).status_code == 404
    for tried in ("guess", token):
        answer = await form(api, tried)
        assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
        assert 0 < int(answer.headers["retry-after"]) <= 3600
    refused = await form(api, token, "POST", "/submit", STATEMENT)
    assert refused.status_code == 429
    api.clock.pass_(hours=1)
    assert (await form(api, token)).status_code == 200


async def test_a_link_is_never_logged(api: Api, token: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await form(api, token)
    await form(api, "wrong-token-of-a-guesser")
    await form(api, token, "POST", "/submit", {"name": "Half"})
    await form(api, token, "POST", "/submit", STATEMENT)
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))
    assert "/api/v1/attestations/{token}/submit" in ours
    assert token not in ours
    assert "wrong-token" not in ours


async def test_another_site_sends_nothing_by_a_link(api: Api, token: str) -> None:
    foreign = await api.http.post(
        f"/api/v1/attestations/{token}/decline", headers={"Origin": "https://elsewhere.example"}, json={}
    )
    assert (foreign.status_code, foreign.json()["code"]) == (403, "cross_origin")
    assert (await form(api, token)).status_code == 200


async def test_a_name_is_corrected_and_files_come_with_the_form(
    api: Api, who: People, case_id: UUID, token: str
) -> None:
    assert (await form(api, token, "PUT", "/name", {"name": "Right Name"})).status_code == 204
    path = f"/api/v1/attestations/{token}/files"
    for status in (201, 200):
        sent = await api.http.post(path, headers=HERE, files={"file": ("floor.txt", b"What I saw on the floor.")})
        assert sent.status_code == status, sent.text
    spoilt = await api.http.post(path, headers=HERE, files={"file": ("a.exe", b"MZ")})
    assert spoilt.json()["code"] == "kind_not_accepted"
    taken_out = await api.http.post(path, headers=HERE, files={"file": ("other.txt", b"Not this one.")})
    gone = await form(api, token, "DELETE", f"/files/{taken_out.json()['id']}")
    assert gone.status_code == 204
    shown = (await form(api, token)).json()
    assert (shown["name"], [file["name"] for file in shown["files"]]) == ("Right Name", ["floor.txt"])
    assert (await api.get(f"/cases/{case_id}/evidence", who.learner)).json() == []
    await form(api, token, "POST", "/submit", STATEMENT)
    items = (await api.get(f"/cases/{case_id}/evidence", who.learner)).json()
    assert [item["name"] for item in items] == ["statement.txt", "floor.txt"]


async def test_the_learner_reads_a_statement_only_after_the_decision(
    api: Api, who: People, case_id: UUID, token: str
) -> None:
    await form(api, token, "POST", "/submit", STATEMENT)
    (item,) = (await api.get(f"/cases/{case_id}/evidence", who.learner)).json()
    path = f"/cases/{case_id}/evidence/{item['id']}"
    sealed = await api.get(f"{path}/file", who.learner)
    assert (sealed.status_code, sealed.json()["code"]) == (403, "statement_sealed")
    read = await api.get(f"{path}/file", who.advisor)
    assert read.status_code == 200
    assert "Sample Supervisor" in read.text
    assert who.learner.name not in read.text
    mine = await api.write("PATCH", path, who.learner, {"title": "Mine"})
    assert (mine.status_code, mine.json()["code"]) == (409, "evidence_of_others")


async def test_assessors_are_told_what_speaks_against_knowing_the_author(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    asked = await ask(api, who, case_id, email="boss@gmail.com")
    token = await token_of(api, asked.json()["id"])
    await api.as_(who.learner)
    cookie = api.headers[who.learner.id]["Authorization"].removeprefix("Bearer ")
    sent = await form(api, token, "POST", "/submit", STATEMENT, Cookie=f"acquis={cookie}")
    assert sent.status_code == 200
    await moving.write(api.database, case_id, who.assessor, first=moving.finding(), second=moving.finding())
    (shown,) = (await api.get(f"/cases/{case_id}/attestations/statements", who.assessor)).json()
    codes = ["same_device", "public_domain", "not_called_back"]
    assert [doubt["code"] for doubt in shown["doubts"]] == codes
    assert (shown["level"], shown["call_back"], shown["phone"], shown["calls"]) == ("public_domain", "wanted", None, [])
    drafts = {one["competency"]: one for one in (await api.get(f"/cases/{case_id}/judgements", who.assessor)).json()}
    assert [(one["rule"], one["code"]) for one in drafts["first"]["warnings"]] == [("authentic", one) for one in codes]
    assert drafts["second"]["warnings"] == []
    called = {
        "answered_by": "Sample Supervisor",
        "number_from": "Web page of the organisation",
        "called_at": api.clock().isoformat(),
        "confirmed": True,
    }
    path = f"/cases/{case_id}/attestations/{shown['request']}/calls"
    zoneless = await api.write("POST", path, who.advisor, called | {"called_at": "2026-03-02T15:00:00"})
    assert zoneless.status_code == 422
    assert (await api.write("POST", path, who.advisor, called)).status_code == 204
    (after,) = (await api.get(f"/cases/{case_id}/attestations/statements", who.advisor)).json()
    assert (after["level"], after["call_back"], len(after["calls"])) == ("called_back", "done", 1)
    assert [doubt["code"] for doubt in after["doubts"]] == ["same_device"]


async def test_another_browser_of_somebody_else_is_no_sign(api: Api, who: People, case_id: UUID, token: str) -> None:
    other = await api.as_(who.lead)
    cookie = other["Authorization"].removeprefix("Bearer ")
    await form(api, token, "POST", "/submit", STATEMENT, Cookie=f"acquis={cookie}")
    (shown,) = (await api.get(f"/cases/{case_id}/attestations/statements", who.advisor)).json()
    assert "same_device" not in [doubt["code"] for doubt in shown["doubts"]]


async def test_an_assessor_proposes_and_the_learner_agrees(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    claims = await moving.claims_of(api.database, case_id)
    body = {
        "name": "Sample Supervisor",
        "organisation": "Garderie Soleil",
        "relation": "supervisor",
        "language": "en",
        "claims": [str(claims["first"].id)],
    }
    proposed = await api.write("POST", f"/cases/{case_id}/attestations/proposals", who.assessor, body)
    assert (proposed.status_code, proposed.content) == (204, b"")
    (waiting,) = (await api.get(f"/cases/{case_id}/attestations", who.learner)).json()
    assert (waiting["state"], waiting["expires_at"]) == ("proposed", None)
    assert str(who.assessor.id) not in json.dumps(waiting)
    path = f"/cases/{case_id}/attestations/{waiting['id']}/agree"
    agreed = await api.write("POST", path, who.learner, {"consent": "2026-1", "email": "boss@example.org"})
    assert (agreed.status_code, agreed.json()["state"]) == (200, "open")


async def test_reminding_and_prolonging_are_the_learners(api: Api, who: People, case_id: UUID) -> None:
    asked = (await ask(api, who, case_id)).json()
    path = f"/cases/{case_id}/attestations/{asked['id']}"
    early = await api.write("POST", f"{path}/remind", who.learner)
    assert (early.status_code, early.json()["code"]) == (409, "reminded_lately")
    api.clock.pass_(days=7)
    api.headers.clear()
    assert (await api.write("POST", f"{path}/remind", who.learner)).status_code == 200
    api.clock.pass_(days=24)
    api.headers.clear()
    async with api.database.writing() as session:
        await attestations.look_after(session, case_id=case_id, request_id=UUID(asked["id"]), now=api.clock())
    renewed = (await api.write("POST", f"{path}/renew", who.learner)).json()
    assert (renewed["state"], renewed["renewable"]) == ("open", False)
    assert renewed["expires_at"] == (api.clock() + LIFE).isoformat().replace("+00:00", "Z")
    unknown = await api.write("POST", f"/cases/{case_id}/attestations/{uuid4()}/cancel", who.learner)
    assert unknown.status_code == 404


async def test_a_question_is_kept_while_nobody_can_carry_it_out(waiting_api: Api, who: People) -> None:
    case_id = await moving.standing(waiting_api.database, who, Stage.DRAFT)
    asked = await ask(waiting_api, who, case_id)
    assert asked.status_code == 201
    async with waiting_api.database.reading() as session:
        (row,) = await session.exec(select(AttestationRequest))
        assert row.state is RequestState.OPEN
        assert len((await cases.state(session, await cases.get(session, case_id))).effects) == 1


async def test_an_advisor_writes_down_what_a_learner_said(api: Api, who: People, case_id: UUID) -> None:
    claims = await moving.claims_of(api.database, case_id)
    path = f"/cases/{case_id}/attestations/oral-statements/learner"
    body = {"words": "I ran the floor.", "claims": [str(claims["first"].id)], "language": "fr", "consent": "2026-1"}
    for code, changes in (("consent_missing", {"consent": ""}), ("malformed", {"words": " "})):
        refused = await api.write("POST", path, who.advisor, body | changes)
        assert refused.json()["code"] == code
    kept = await api.write("POST", path, who.advisor, body)
    assert kept.status_code == 201, kept.text
    (item,) = (await api.get(f"/cases/{case_id}/evidence", who.learner)).json()
    assert (item["kind"], item["learner_authored"], item["id"]) == ("oral_statement", True, kept.json()["id"])
    read = await api.get(f"/cases/{case_id}/evidence/{item['id']}/file", who.learner)
    assert read.text == "I ran the floor."


async def test_a_recording_counts_as_what_is_written_down(api: Api, who: People, case_id: UUID) -> None:
    claims = await moving.claims_of(api.database, case_id)
    path = f"/api/v1/cases/{case_id}/attestations/oral-statements/recording"
    fields = {"claims": str(claims["first"].id), "language": "atj", "consent": "2026-1"}
    voice = ("voice.mp3", b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\x00" * 500)

    async def send(**changes: str) -> httpx.Response:
        said = {name: (None, text) for name, text in (fields | changes).items()}
        return await api.http.post(path, headers=await api.as_(who.advisor), files=said | {"file": voice})

    for code, changes in (
        ("consent_missing", {"consent": ""}),
        ("malformed", {"claims": "none"}),
        ("claim_unknown", {"claims": str(uuid4())}),
    ):
        await api.as_(who.advisor)
        before = await moving.everything(api.database)
        assert (await send(**changes)).json()["code"] == code
        assert await moving.everything(api.database) == before
    kept = await send()
    assert kept.status_code == 201, kept.text
    (item,) = (await api.get(f"/cases/{case_id}/evidence", who.learner)).json()
    assert (item["name"], item["kind"], item["file_kind"]) == ("voice.mp3", "oral_statement", "mp3")
    assert [pointer["claim"] for pointer in item["pointers"]] == [str(claims["first"].id)]


async def test_an_advisor_writes_down_what_a_knowledge_holder_said(api: Api, who: People, case_id: UUID) -> None:
    claims = await moving.claims_of(api.database, case_id)
    said = STATEMENT | {"relation": "community", "observations": STATEMENT["observations"][:1]}
    body = {"statement": said, "claims": [str(claims["first"].id)], "language": "fr", "consent": "2026-1"}
    path = f"/cases/{case_id}/attestations/oral-statements/knowledge-holder"
    kept = await api.write("POST", path, who.advisor, body)
    assert kept.status_code == 201, kept.text
    (shown,) = (await api.get(f"/cases/{case_id}/attestations/statements", who.advisor)).json()
    assert (shown["level"], shown["spoken"], shown["doubts"]) == ("called_back", True, [])
    (item,) = (await api.get(f"/cases/{case_id}/evidence", who.advisor)).json()
    assert item["kind"] == "community_attestation"
    text = (await api.get(f"/cases/{case_id}/evidence/{item['id']}/file", who.advisor)).text
    assert "consignées" in text


async def test_a_stranger_learns_nothing_of_who_was_asked(api: Api, case_id: UUID, token: str) -> None:
    assert token
    async with api.database.writing() as session:
        stranger = await makers.person(session)
    found = await api.get(f"/cases/{case_id}/attestations", stranger)
    missing = await api.get(f"/cases/{uuid4()}/attestations", stranger)
    assert told(found) == told(missing)


async def test_an_advisor_calls_who_has_no_address_and_nobody_else_is_given_the_number(
    api: Api, who: People, case_id: UUID
) -> None:
    claims = [str(claim.id) for claim in (await moving.claims_of(api.database, case_id)).values()]
    person = {"name": "Sample Supervisor", "organisation": "Garderie Soleil", "relation": "supervisor"}
    body = person | {"phone": "514 555-0100", "language": "fr", "claims": claims, "consent": "2026-1"}
    asked = await api.write("POST", f"/cases/{case_id}/attestations", who.learner, body)
    assert asked.status_code == 201, asked.text
    assert "555" not in asked.text
    path = f"/cases/{case_id}/attestations/{asked.json()['id']}/telephone"
    assert (await api.get(path, who.learner)).status_code == 403
    form = (await api.get(path, who.advisor)).json()
    assert (form["phone"], len(form["competencies"])) == ("5145550100", 2)
    said = {
        "name": "Sample Supervisor",
        "position": "Foreman",
        "organisation": "Garderie Soleil",
        "relation": "supervisor",
        "how_observed": "Every week, on the floor.",
        "since": "2023-01-01",
        "observations": [
            {"competency": one["key"], "seen": "seen_often", "example": "x" * 40} for one in form["competencies"]
        ],
        "declaration": form["declaration"],
    }
    call = {
        "statement": said,
        "consent": form["consent"],
        "answered_by": "Sample Supervisor",
        "number_from": "The centre's own page",
        "called_at": api.clock.now.isoformat(),
        "looked_up": True,
    }
    naive = await api.write("POST", path, who.advisor, call | {"called_at": "2026-03-02T15:00:00"})
    assert naive.json()["code"] == "malformed"
    assert (await api.write("POST", path, who.learner, call)).status_code == 403
    kept = await api.write("POST", path, who.advisor, call)
    assert kept.status_code == 201, kept.text
    (shown,) = (await api.get(f"/cases/{case_id}/attestations/statements", who.advisor)).json()
    assert (shown["level"], shown["spoken"]) == ("called_back", True)
    assert [one["number_from"] for one in shown["calls"]] == ["The centre's own page"]
    no = await api.write("POST", f"{path}/decline", who.advisor, {"unknown_person": False})
    assert (no.status_code, no.json()["code"]) == (409, "request_settled")
