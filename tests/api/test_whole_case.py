"""A case can be led from its first click to letters, credentials and a withdrawal over HTTP alone."""

from typing import Any

import httpx
import pytest

from services.rules.conflicts import ConflictTie
from tests.api.kit import Api, led
from tests.records.moving import People, people

CLEAR = {"answers": {tie.value: False for tie in ConflictTie}, "signed": True}
REASONS = "What was seen shows the first steps well; a second occasion is not there yet and would be welcome."


def good(answer: httpx.Response, status: int = 200) -> Any:  # noqa: ANN401 - JSON
    """The answer's body, where it was the expected one."""
    assert answer.status_code == status, answer.text
    return answer.json()


def judgement(recommendation: str, evidence: str) -> dict[str, Any]:
    """What an assessor writes of the sample programme's competencies."""
    met = recommendation == "met"
    return {
        "ratings": [
            {"criterion": key, "rating": "met" if met or key == "c" else "not_yet", "note": REASONS}
            | ({"pointers": [evidence]} if met else {})
            for key in ("a", "b", "c")
        ],
        "rules": [{"rule": rule, "verdict": "ok"} for rule in ("valid", "sufficient", "authentic", "current")],
        "methods": ["portfolio"],
        "rationale": REASONS,
        "recommendation": recommendation,
        "confidence": "high",
        "supervision": "none",
        "identification": "document_seen",
        "learning_setting": "informal",
        "private_note": "A note of the assessor alone.",
    }


async def open_case(api: Api, who: People) -> str:
    opened = good(
        await api.write(
            "POST",
            "/cases",
            who.learner,
            {
                "programme": "sample-programme",
                "language": "en",
                "purpose": "upskill",
                "competencies": ["first"],
                "employers": [{"organisation": "Sample Works", "email": "office@sample-works.example"}],
            },
        ),
        201,
    )
    case_id: str = opened["id"]
    good(await api.write("PUT", f"/cases/{case_id}/claims/second", who.learner, {"self_assessment": "with_help"}))
    good(await api.write("PUT", f"/cases/{case_id}/answers", who.learner, {"answers": {"work": "Tout."}, "version": 0}))
    return case_id


async def show(api: Api, who: People, case_id: str) -> str:
    """A file that speaks to every claim; answers its id."""
    sent = await api.http.post(
        f"/api/v1/cases/{case_id}/evidence",
        headers=await api.as_(who.learner),
        data={"kind": "work_product", "title": "Sample"},
        files={"file": ("sample.txt", b"What I made, step by step.")},
    )
    item = good(sent, 201)
    for claim in good(await api.get(f"/cases/{case_id}", who.learner))["claims"]:
        path = f"/cases/{case_id}/evidence/{item['id']}/pointers"
        good(await api.write("POST", path, who.learner, {"claim": claim["id"]}), 201)
    return str(item["id"])


@led
async def into_assessment(api: Api, who: People) -> tuple[str, str]:
    """A case in assessment, and its file's id."""
    case_id = await open_case(api, who)
    good(await api.command(case_id, "submit", who.learner, {"declaration": "2026-1", "consents": ["holder_name"]}))
    good(await api.command(case_id, "accept_eligibility", who.advisor))
    evidence = await show(api, who, case_id)
    good(await api.command(case_id, "submit_portfolio", who.learner, {"authentic": True, "ai_use": "None."}))
    good(await api.command(case_id, "accept_portfolio", who.advisor))
    screen = good(await api.get(f"/cases/{case_id}/screen", who.assessor))
    assert screen["commands"] == ["accept_offer", "decline_offer", "declare_conflict"]
    good(
        await api.command(case_id, "accept_offer", who.assessor, {"assignment": screen["assignment"], "screen": CLEAR})
    )
    return case_id, evidence


async def judge(api: Api, who: People, case_id: str, evidence: str) -> None:
    seen = good(await api.get(f"/cases/{case_id}", who.assessor))
    for claim, recommendation in zip(seen["claims"], ("met", "not_yet"), strict=True):
        path = f"/cases/{case_id}/judgements/{claim['id']}"
        answer = await api.write("PUT", path, who.assessor, judgement(recommendation, evidence), **{"If-Match": '"0"'})
        saved = good(answer)
        assert answer.headers["etag"] == '"1"'
        assert recommendation in saved["allowed"]
    good(await api.command(case_id, "submit_judgements", who.assessor))


@led
async def decided(api: Api, who: People) -> str:
    """A case whose letters can be read: one competency granted, one not yet."""
    case_id, evidence = await into_assessment(api, who)
    await judge(api, who, case_id, evidence)
    good(await api.command(case_id, "decide", who.decider, {"capacity": "Registrar"}))
    return case_id


async def test_a_learner_gets_letters_and_a_credential_that_anybody_can_verify(either_api: Api) -> None:
    api, who = either_api, await people(either_api.database)
    case_id = await decided(api, who)
    mine = good(await api.get(f"/cases/{case_id}", who.learner))
    assert (mine["stage"]["stage"], mine["outcome"]) == ("decided", "granted_partial")
    assert {claim["competency"]: claim["state"] for claim in mine["claims"]} == {
        "first": "credentialed",
        "second": "not_yet",
    }
    letters = good(await api.get(f"/cases/{case_id}/letters", who.learner))
    assert [letter["language"] for letter in letters] == ["en", "fr"]
    letter = await api.http.get(letters[1]["url"], headers=await api.as_(who.learner))
    assert letter.content.startswith(b"%PDF-")
    assert letter.headers["content-disposition"].startswith("attachment")
    (credential,) = good(await api.get(f"/cases/{case_id}/credentials", who.learner))
    answered = good(await api.get(f"/verify/{credential['code'].lower()}"))
    assert answered["status"] == "valid"
    assert all(check["passed"] for check in answered["credentials"][0]["checks"])
    file = (await api.http.get(credential["url"], headers=await api.as_(who.learner))).content
    assert good(await api.http.post("/api/v1/verify", content=file))["status"] == "valid"


@pytest.mark.parametrize(("old", "new"), [(b"First competency", b"Third competency"), (b'"SAM-FIRST"', b'"SAM-THIRD"')])
async def test_a_changed_credential_is_called_changed(api: Api, who: People, old: bytes, new: bytes) -> None:
    case_id = await decided(api, who)
    (credential,) = good(await api.get(f"/cases/{case_id}/credentials", who.learner))
    file = (await api.http.get(credential["url"], headers=await api.as_(who.learner))).content
    assert old in file
    shown = await api.http.post("/api/v1/verify", content=file.replace(old, new, 1))
    assert good(shown)["status"] == "changed"


async def test_a_withdrawn_credential_is_called_withdrawn_at_once(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    (credential,) = good(await api.get(f"/cases/{case_id}/credentials", who.learner))
    claim = next(
        one["id"] for one in good(await api.get(f"/cases/{case_id}", who.decider))["claims"] if one["attempt"] == 1
    )
    body = {"claim": claim, "reason": "issued_in_error", "explanation": "A sample was mixed up."}
    good(await api.command(case_id, "revoke_grant", who.decider, body))
    answered = good(await api.get(f"/verify/{credential['code']}"))
    assert (answered["status"], answered["credentials"][0]["withdrawn_at"]) == (
        "withdrawn",
        "2026-03-02T15:00:00+00:00",
    )
    (shown,) = good(await api.get(f"/cases/{case_id}/credentials", who.learner))
    assert shown["state"] == "revoked"


async def test_an_assessor_asks_for_more_and_the_learner_answers(api: Api, who: People) -> None:
    case_id, evidence = await into_assessment(api, who)
    claim = good(await api.get(f"/cases/{case_id}", who.assessor))["claims"][0]["id"]
    target = {
        "claim": claim,
        "criterion": "a",
        "rule": "sufficient",
        "missing": "A second one",
        "acceptable": "A photo",
    }
    good(await api.command(case_id, "request_evidence", who.assessor, {"targets": [target]}))
    (asked,) = good(await api.get(f"/cases/{case_id}", who.learner))["requests"]
    answer = {"answers": [{"target": asked["targets"][0]["id"], "evidence": [evidence]}]}
    good(await api.command(case_id, "answer_request", who.learner, answer))
    (seen,) = good(await api.get(f"/cases/{case_id}", who.assessor))["requests"]
    assert seen["closed_as"] == "answered"
    assert seen["targets"][0]["evidence"] == [evidence]


async def test_the_timeline_tells_steps_and_hides_seats_from_the_learner(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    mine = [step["move"] for step in good(await api.get(f"/cases/{case_id}/timeline", who.learner))]
    leads = [step["move"] for step in good(await api.get(f"/cases/{case_id}/timeline", who.lead))]
    assert mine[0] == "submit"
    assert mine[-1] == "published"
    assert set(leads) - set(mine) == {"accept_offer"}


async def test_everybodys_pages_can_be_read_at_every_step(either_api: Api) -> None:
    api, who = either_api, await people(either_api.database)
    case_id, _ = await into_assessment(api, who)
    everybody = (who.learner, who.advisor, who.assessor, who.lead, who.decider)
    for person in everybody:
        for path in (
            "/cases",
            "/queue",
            f"/cases/{case_id}",
            f"/cases/{case_id}/timeline",
            f"/cases/{case_id}/answers",
        ):
            answer = await api.get(path, person)
            assert answer.status_code in {200, 403, 404}, (path, answer.text)


@pytest.mark.parametrize("path", ["/programmes/%00", "/programmes/a/versions/99999999999999999999", "/verify/%00"])
async def test_what_a_database_cannot_hold_is_refused_on_both(either_api: Api, path: str) -> None:
    assert (await either_api.get(path)).status_code in {404, 422}


async def test_words_that_a_database_cannot_hold_are_refused_on_both(either_api: Api) -> None:
    api, who = either_api, await people(either_api.database)
    case_id = await open_case(api, who)
    for method, path, body in (
        ("POST", "/cases", {"programme": "a\x00", "language": "en", "purpose": "access"}),
        ("PUT", f"/cases/{case_id}/claims/a%00", {}),
        ("DELETE", f"/cases/{case_id}/claims/a%00", None),
        ("PUT", f"/cases/{case_id}/answers", {"answers": {"a\x00": "x"}, "version": 1}),
        ("POST", f"/cases/{case_id}/submit", {"declaration": "2026-1", "consents": ["\x00"]}),
    ):
        answer = await api.write(method, path, who.learner, body, **{"If-Match": '"0"'})
        assert answer.status_code in {404, 422}, (path, answer.text)
