"""A learner says something of themselves, or not, on a page of their own; nobody who works on the case learns it."""

import io
import json
import zipfile

from tests.api.kit import Api
from tests.api.test_whole_case import into_assessment
from tests.records.moving import People

SAID = {"gender": "non_binary", "employment": "looking"}


async def test_answers_are_given_changed_and_deleted_on_a_page_and_through_the_api(api: Api, who: People) -> None:
    path = "/me/self-identification"
    fresh = (await api.get(path, who.learner)).json()
    assert (fresh["answers"], len(fresh["questions"])) == (None, 9)
    headers = await api.as_(who.learner)
    sent = await api.http.post("/en/account/about-me", data=SAID | {"age": ""}, headers=headers)
    assert sent.headers["location"] == "/en/account/about-me?saved=kept"
    assert (await api.get(path, who.learner)).json()["answers"] == SAID
    for language, words in (("en", "Your answers are kept apart"), ("fr", "Vos réponses sont gardées à part")):
        page = (await api.http.get(f"/{language}/account/about-me?saved=kept", headers=headers)).text
        assert words in page
        assert page.count(" checked") == 9
    assert (await api.get(path, who.advisor)).json()["answers"] is None
    wrong = await api.write("PUT", path, who.learner, {"answers": {"gender": "none"}})
    assert (wrong.status_code, (await api.get(path, who.learner)).json()["answers"]) == (422, SAID)
    assert (await api.write("PUT", path, who.learner, {"answers": {"age": "25_34"}})).status_code == 204
    archive = zipfile.ZipFile(io.BytesIO((await api.get("/me/export", who.learner)).content))
    assert json.loads(archive.read("self-identification.json")) == {"age": "25_34"}
    gone = await api.http.post("/fr/account/about-me/delete", headers=await api.as_(who.learner))
    assert gone.headers["location"] == "/fr/account/about-me?saved=deleted"
    assert (await api.write("DELETE", path, who.learner)).status_code == 204
    assert (await api.get(path, who.learner)).json()["answers"] is None
    assert (await api.get(path)).status_code == 401


async def test_the_receipt_asks_its_learner_until_they_answered_and_tells_nobody_else(api: Api, who: People) -> None:
    case_id, _ = await into_assessment(api, who)
    receipt = f"/en/cases/{case_id}/receipt"

    async def asked(person: object) -> bool:
        return "/account/about-me" in (await api.http.get(receipt, headers=await api.as_(person))).text  # type: ignore[arg-type]  # a person

    assert (await asked(who.learner), await asked(who.advisor)) == (True, False)
    said = {"answers": {"gender": "woman"}}
    assert (await api.write("PUT", "/me/self-identification", who.learner, said)).status_code == 204
    assert (await asked(who.learner), await asked(who.advisor)) == (False, False)


async def test_the_receipt_asks_what_its_learner_does_until_the_decision(api: Api, who: People) -> None:
    case_id, _ = await into_assessment(api, who)
    receipt = f"/fr/cases/{case_id}/receipt"
    headers = await api.as_(who.learner)
    assert 'name="work"' in (await api.http.get(receipt, headers=headers)).text
    assert 'name="work"' not in (await api.http.get(receipt, headers=await api.as_(who.advisor))).text
    form = {"case": case_id, "work": "looking"}
    kept = await api.http.post("/fr/account/surveys/beginning", data=form, headers=headers)
    assert kept.headers["location"] == f"/fr/cases/{case_id}/receipt?saved=beginning"
    page = (await api.http.get(receipt + "?saved=beginning", headers=headers)).text
    assert 'value="looking" checked' in page
    archive = zipfile.ZipFile(io.BytesIO((await api.get("/me/export", who.learner)).content))
    assert [name for name in archive.namelist() if name.endswith("/beginning.json")]
    body = {"case": case_id, "work": None}
    assert (await api.write("PUT", "/me/surveys/beginning", who.advisor, body)).status_code == 404
    assert (await api.write("PUT", "/me/surveys/beginning", who.learner, body)).status_code == 204
    assert 'value="looking" checked' not in (await api.http.get(receipt, headers=headers)).text
