"""What a learner sees and sends on pages, from the first look at a programme to the decision."""

import re
from typing import Any
from uuid import UUID

import httpx

from services.records import cases
from services.records.tables.people import Person
from tests.api.kit import HERE, Api
from tests.api.test_whole_case import decided, into_assessment, open_case, show
from tests.records.moving import People


async def see(api: Api, path: str, person: Person | None = None, *, status: int = 200) -> str:
    """The page at `path`."""
    answer = await api.http.get(path, headers=await api.as_(person) if person else {})
    assert answer.status_code == status, answer.text
    return answer.text


async def send(
    api: Api,
    path: str,
    person: Person,
    fields: dict[str, Any],
    **headers: str,
) -> httpx.Response:
    """What is answered to a form."""
    return await api.http.post(path, headers=await api.as_(person) | HERE | headers, data=fields)


def hidden(html: str) -> dict[str, str]:
    """What a form carries without showing it."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


async def test_a_learner_goes_from_a_programme_to_a_sent_portfolio(api: Api, who: People) -> None:
    me = who.learner
    assert "Four steps" in await see(api, "/en/portfolio", me)
    assert "Sample programme" in await see(api, "/en/programmes?q=chose")
    assert "Nothing was found" in await see(api, "/en/programmes?q=astronaut")
    assert "First competency" in await see(api, "/en/programmes/sample-programme")
    start = "/en/programmes/sample-programme/start"
    assert "Première compétence" in await see(api, start.replace("en", "fr", 1), me)
    empty = await send(api, start, me, {"employers-0-referee": "Somebody", "employers-0-until": "soon"})
    assert empty.status_code == 422
    assert all(text in empty.text for text in ("Say what you want", "name of the organisation", "2024-06-30"))
    fields = {
        "purpose": "upskill",
        "language": "en",
        "competencies": ["first"],
        "employers-0-organisation": "Sample Works",
    }
    more = await send(api, start, me, fields | {"add": "employers"})
    assert more.text.count("Place of work") == 3
    opened = await send(api, start, me, fields)
    assert opened.status_code == 303
    case = opened.headers["location"].split("?")[0]
    assert "0 of 7" not in await see(api, "/en/portfolio", me)
    assert "Cannot start yet" not in await see(api, case, me)

    checked = await send(
        api, f"{case}/self-check", me, {"see-first": "alone", "see-second": "with_help", "see-third": "none"}
    )
    assert checked.headers["location"].endswith("saved=self_check")
    assert "You ask for 2 skills." in await see(api, case, me)
    kept = await send(
        api, f"{case}/story", me, {"version": "0", "answer-work": "Everything."}, Accept="application/json"
    )
    assert kept.json() == {"version": 1, "time": "10:00"}
    stale = await send(api, f"{case}/story", me, {"version": "0", "answer-work": "Other."}, Accept="application/json")
    assert (stale.status_code, stale.json()["theirs"]) == (409, {"answer-work": "Everything."})
    both = await send(api, f"{case}/story", me, {"version": "0", "answer-work": "Other."})
    assert both.status_code == 409
    assert "Everything." in both.text
    assert "Other." in both.text
    long = await send(api, f"{case}/story", me, {"version": "1", "answer-work": "x" * 20_001})
    assert long.status_code == 422

    page = await see(api, f"{case}/send", me)
    unsaid = await send(api, f"{case}/send", me, hidden(page))
    assert unsaid.status_code == 422
    assert "Declare that" in unsaid.text
    sent = await send(api, f"{case}/send", me, hidden(page) | {"declaration": "yes", "consents": "holder_name"})
    assert sent.headers["location"].endswith("/receipt")
    assert "Application sent on" in await see(api, sent.headers["location"], me)
    again = await send(api, f"{case}/send", me, hidden(page) | {"declaration": "yes"})
    assert again.status_code in {303, 409}


async def test_a_portfolio_is_sent_and_its_case_is_followed_to_the_decision(api: Api, who: People) -> None:
    me, case_id = who.learner, await open_case(api, who)
    case = f"/en/cases/{case_id}"
    await api.command(case_id, "submit", me, {"declaration": "2026-1", "consents": []})
    assert "cannot be changed now" in await see(api, f"{case}/story", me)
    await api.command(case_id, "accept_eligibility", who.advisor)
    lacking = await see(api, f"{case}/send", me)
    assert "2 things are missing" in lacking
    assert "Send my portfolio" not in lacking
    assert "None yet" in await see(api, f"{case}/skills", me)
    evidence = await show(api, who, case_id)
    assert "Enough to send" in await see(api, f"{case}/skills", me)
    page = await see(api, f"{case}/send", me)
    unsaid = await send(api, f"{case}/send", me, hidden(page) | {"ai_use": "None."})
    assert unsaid.status_code == 422
    assert "None." in unsaid.text
    sent = await send(api, f"{case}/send", me, hidden(page) | {"authentic": "yes", "ai_use": "None."})
    assert sent.headers["location"].endswith("/receipt")
    assert re.search(r"<code[^>]*>[0-9a-f]{64}</code>", await see(api, sent.headers["location"], me))
    late = await send(
        api, f"{case}/send", me, hidden(page) | {"command_id": case_id, "authentic": "yes", "ai_use": "No."}
    )
    assert late.status_code == 409
    assert evidence
    for path in ("", "/self-check", "/story", "/employers", "/skills", "/references", "/receipt"):
        for language in ("en", "fr"):
            await see(api, f"/{language}/cases/{case_id}{path}", me)
        if path not in {"", "/receipt"}:
            assert await see(api, case + path, who.assessor, status=404)
    await see(api, f"{case}/send", me, status=409)


async def test_the_decision_shows_what_was_found_and_what_one_can_do(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    page = await see(api, f"/en/cases/{case_id}", who.learner)
    for text in (
        "Recognised",
        "Not yet demonstrated",
        "Point by point",
        "You can appeal until",
        "(PDF)",
        "JSON",
        "Your plan",
    ):
        assert text in page
    assert "Non encore démontrée" in await see(api, f"/fr/cases/{case_id}", who.learner)
    assert "Decision made" in await see(api, "/en/portfolio", who.learner)
    # What was claimed stays part of the case once it is decided.
    said = await see(api, f"/en/cases/{case_id}/self-check", who.learner)
    assert "I do this with help" in said
    assert said.count("Not part of your case") == 1


async def test_questions_of_an_assessor_stand_on_the_page(api: Api, who: People) -> None:
    case_id, _ = await into_assessment(api, who)
    claim = (await api.get(f"/cases/{case_id}", who.assessor)).json()["claims"][0]["id"]
    target = {
        "claim": claim,
        "criterion": "a",
        "rule": "sufficient",
        "missing": "A second one",
        "acceptable": "A photo",
    }
    await api.command(case_id, "request_evidence", who.assessor, {"targets": [target]})
    page = await see(api, f"/en/cases/{case_id}", who.learner)
    for text in ("A second one", "A photo", "It is done.", "/do/answer-request"):
        assert text in page


async def test_somebody_is_asked_reminded_and_left_in_peace(api: Api, who: People) -> None:
    me, case_id = who.learner, await open_case(api, who)
    path = f"/en/cases/{case_id}/references"
    claim = (await api.get(f"/cases/{case_id}", me)).json()["claims"][0]["id"]
    unsaid = await send(api, path, me, {"name": "Sam Boss"})
    assert (unsaid.status_code, unsaid.text.count("govuk-error-message")) == (422, 6)
    fields = {"name": "Sam Boss", "organisation": "Sample Works", "relation": "supervisor", "language": "fr"}
    fields |= {"email": "sam.boss@sample-works.example", "claims": claim, "consent": "yes"}
    assert (await send(api, path, me, fields)).status_code == 303
    again = await send(api, path, me, fields)
    assert again.status_code == 409
    assert "Sam Boss" in again.text
    request = (await api.get(f"/cases/{case_id}/attestations", me)).json()[0]["id"]
    assert (await send(api, f"{path}/{request}/remind", me, {})).status_code == 409
    assert (await send(api, f"{path}/{request}/renew", me, {})).status_code == 303
    assert (await send(api, f"{path}/{request}/agree", me, {"consent": "yes"})).status_code == 409
    assert (await send(api, f"{path}/{request}/frighten", me, {})).status_code == 404
    assert (await send(api, f"{path}/{request}/cancel", me, {})).status_code == 303
    assert "Taken back" in await see(api, path, me)


async def test_an_account_shows_its_sessions_and_ends_them(api: Api, who: People) -> None:
    me = who.learner
    first = dict(await api.as_(me))
    api.headers.clear()
    page = await see(api, "/en/account", me)
    ends = re.findall(r'action="(/en/account/sessions/\w+/end)"', page)
    assert len(ends) == 1
    assert (await send(api, ends[0], me, {})).status_code == 303
    assert (await send(api, ends[0], me, {})).status_code == 404
    assert (await api.http.get("/api/v1/me", headers=first)).status_code == 401
    chosen = await send(api, "/en/account/language", me, {"language": "fr"})
    assert chosen.headers["location"] == "/fr/account?saved=language"
    assert (await send(api, "/en/account/language", me, {"language": "de"})).status_code == 422
    case_id = await open_case(api, who)
    assert case_id in await see(api, "/fr/account/privacy", me)
    gone = await send(api, "/en/account/sign-out-everywhere", me, {})
    assert "storage" in gone.headers["clear-site-data"]
    assert (await api.http.get("/en/account", headers=await api.as_(me))).status_code == 303


async def test_a_certificate_stands_in_for_an_assessment(api: Api, who: People) -> None:
    me, case_id = who.learner, await open_case(api, who)
    path = f"/en/cases/{case_id}/transfer/first"
    assert "First add" in await see(api, path, me)
    assert (await api.http.get(path.replace("first", "third"), headers=await api.as_(me))).status_code >= 400
    file = await show(api, who, case_id)
    unsaid = await send(api, path, me, {"awarded_on": "some day"})
    assert (unsaid.status_code, unsaid.text.count("govuk-error-message")) == (422, 4)
    fields = {"issuer": "Sample School", "title": "Sample Certificate", "awarded_on": "2024-06-30", "evidence": file}
    late = await send(api, path, me, fields | {"awarded_on": "2199-01-01"})
    assert late.status_code == 409
    assert "Sample School" in late.text
    assert (await send(api, path, me, fields)).status_code == 303
    assert "By certificate" in await see(api, f"/en/cases/{case_id}/skills", me)
    assert "Sample Certificate" in await see(api, path, me)
    assert (await send(api, f"{path}/take-back", me, {})).status_code == 303
    assert "By certificate" not in await see(api, f"/en/cases/{case_id}/skills", me)


async def test_a_learner_goes_on_alone_where_an_advisor_wrote(api: Api, who: People) -> None:
    case_id = await open_case(api, who)
    async with api.database.writing() as session:
        (await cases.get(session, UUID(case_id))).intake_by_id = who.advisor.id
    assert "I go on alone" in await see(api, f"/en/cases/{case_id}", who.learner)
    assert (await send(api, f"/en/cases/{case_id}/take-in-hand", who.learner, {})).status_code == 303
    assert "I go on alone" not in await see(api, f"/en/cases/{case_id}", who.learner)
