"""What became of somebody: agreed to on one's own pages, asked by link without account, stopped by a click."""

import io
import json
import zipfile
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from services.records import surveys
from services.records.tables.surveys import SurveyCount, SurveyRound
from services.rules.case import Stage
from services.rules.claims import Outcome
from services.rules.surveys import Followed, Question
from tests.api.kit import HERE, Api
from tests.api.test_reports import SLUG, counted
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People
from tests.records.test_surveys import asked, invited


async def over(api: Api, who: People) -> UUID:
    return await moving.standing(api.database, who, Stage.DECIDED, outcome=Outcome.GRANTED_FULL, decided_at=api.clock())


async def linked(api: Api, who: People) -> str:
    """The learner agreed and was written to; answers the token."""
    case_id = await over(api, who)
    async with api.database.writing() as session:
        await surveys.agree(session, case_id, person=who.learner.id, now=api.clock())
        (consent,) = await surveys.agreed(session, after=UUID(int=0), limit=1)
    await invited(api.database, consent, now=api.clock())
    return await asked(api.database, now=api.clock())


@pytest.fixture
async def token(api: Api, who: People) -> str:
    return await linked(api, who)


async def sent(api: Api, token: str, rest: str = "", **fields: str) -> httpx.Response:
    return await api.http.post(f"/en/survey/{token}{rest}", headers=HERE, data=fields)


async def test_the_questions_open_in_both_languages_and_opening_them_changes_nothing(
    api: Api, who: People, token: str
) -> None:
    before = await moving.everything(api.database)
    for language, words in (("en", "How did things go?"), ("fr", "Que faites-vous maintenant")):
        shown = await api.http.get(f"/{language}/survey/{token}")
        assert (shown.status_code, words in shown.text) == (200, True)
        assert shown.text.count('type="radio"') == 21
        assert shown.headers["x-robots-tag"] == "noindex"
        assert "set-cookie" not in shown.headers
        assert who.learner.name not in shown.text
    assert await moving.everything(api.database) == before


async def test_answers_are_counted_and_the_link_is_spent(api: Api, token: str) -> None:
    empty = await sent(api, token)
    assert (empty.status_code, "Answer at least one question" in empty.text) == (422, True)
    odd = await sent(api, token, work="king")
    assert odd.status_code == 422
    done = await sent(api, token, work="in_field", recommend="yes")
    assert done.headers["location"] == "/en/surveyed?done=answered"
    assert "counted" in (await api.http.get("/en/surveyed?done=answered")).text
    async with api.database.reading() as session:
        assert set(await session.exec(select(SurveyCount.question))) == {Question.WORK, Question.RECOMMEND}
    gone = [await api.http.get(f"/en/survey/{one}") for one in (token, "never-a-link")]
    gone.append(await sent(api, token, work="in_field"))
    assert [one.status_code for one in gone] == [404] * 3
    bodies = {one.text.split("<h1")[1].split("</main>")[0] for one in gone}
    assert len(bodies) == 1


async def test_whoever_tries_many_links_has_to_wait(api: Api, token: str) -> None:
    for number in range(10):
        await api.http.get(f"/en/survey/never-{number}")
    assert (await api.http.get(f"/en/survey/{token}")).status_code == 429


async def test_one_click_stops_and_the_pages_of_the_account_say_so(api: Api, who: People, token: str) -> None:
    mine = await api.as_(who.learner)
    assert "you agreed on" in (await api.http.get("/en/account/privacy", headers=mine)).text
    stopped = await sent(api, token, "/stop")
    assert stopped.headers["location"] == "/en/surveyed?done=stopped"
    assert "will not be asked again" in (await api.http.get("/en/surveyed?done=stopped")).text
    assert (await sent(api, "never-a-link", "/stop")).status_code == 404
    page = (await api.http.get("/fr/account/privacy?saved=stopped", headers=mine)).text
    assert "Vous ne recevrez plus de questions" in page
    assert "Oui, vous pouvez m’interroger sur la suite" in page


async def test_a_learner_agrees_on_the_page_of_the_case_and_stops_on_the_account(api: Api, who: People) -> None:
    case_id = await over(api, who)
    mine = await api.as_(who.learner)
    assert "May we ask how things go?" in (await api.http.get(f"/en/cases/{case_id}", headers=mine)).text
    form = {"case": str(case_id), "from": "case"}
    agreed = await api.http.post("/en/account/surveys", headers=mine | HERE, data=form)
    assert agreed.headers["location"] == f"/en/cases/{case_id}?saved=survey"
    shown = (await api.http.get(f"/en/cases/{case_id}?saved=survey", headers=mine)).text
    assert "You agreed on" in shown
    assert "write to you now and then" in shown
    other = await api.http.post("/en/account/surveys", headers=await api.as_(who.advisor) | HERE, data=form)
    assert other.status_code == 404
    stopped = await api.http.post("/en/account/surveys/stop", headers=mine | HERE, data={})
    assert stopped.headers["location"] == "/en/account/privacy?saved=stopped"
    back = await api.http.post("/en/account/surveys", headers=mine | HERE, data={"case": str(case_id)})
    assert back.headers["location"] == "/en/account/privacy?saved=asked"
    assert "now and then" in (await api.http.get("/en/account/privacy?saved=asked", headers=mine)).text
    running = await moving.standing(api.database, who, Stage.IN_ASSESSMENT)
    assert "May we ask" not in (await api.http.get(f"/en/cases/{running}", headers=mine)).text


async def test_programs_do_the_same(api: Api, who: People) -> None:
    case_id = await over(api, who)
    (before,) = (await api.get("/me/surveys", who.learner)).json()
    assert (before["agreed_at"], before["open"]) == (None, True)
    assert (await api.write("PUT", "/me/surveys", who.learner, {"case": str(case_id)})).status_code == 204
    assert (await api.write("PUT", "/me/surveys", who.advisor, {"case": str(case_id)})).status_code == 404
    async with api.database.reading() as session:
        (consent,) = await surveys.agreed(session, after=UUID(int=0), limit=1)
    await invited(api.database, consent, now=api.clock())
    token = await asked(api.database, now=api.clock())
    opened = (await api.http.get(f"/api/v1/surveys/{token}")).json()
    assert (opened["months"], list(opened["questions"])) == (0, list(Question))
    said = await api.http.post(f"/api/v1/surveys/{token}", json={"answers": {"study": "no"}}, headers=HERE)
    assert said.status_code == 204
    assert (await api.http.get(f"/api/v1/surveys/{token}")).json()["code"] == "survey_ended"
    assert (await api.http.post(f"/api/v1/surveys/{token}/stop", headers=HERE)).status_code == 204
    assert (await api.write("DELETE", "/me/surveys", who.learner)).status_code == 204
    taken = await api.get("/me/export", who.learner)
    with zipfile.ZipFile(io.BytesIO(taken.content)) as everything:
        (told,) = json.loads(everything.read("surveys.json"))
        agreements = json.loads(everything.read("agreements.json"))
    assert (told["wave"], told["answered"]) == (0, True)
    assert "study" not in json.dumps(told)
    assert [(one["purpose"], bool(one["withdrawn_at"])) for one in agreements] == [("survey", True)]


async def told(api: Api, *, year: int = 2026) -> None:
    """A year in which people were asked."""
    async with api.database.writing() as session:
        where: dict[str, Any] = {"programme": SLUG, "year": year, "wave": 3, "institution_id": makers.INSTITUTION}
        for group, language, numbers in (
            (Followed.RECOGNISED, "en", (60, 40)),
            (Followed.RECOGNISED, "fr", (30, 16)),
            (Followed.NOT_COMPLETED, "en", (14, 3)),
        ):
            row = SurveyRound(**where, followed=group, language=language, invited=numbers[0], answered=numbers[1])
            await makers.stored(session, row)
        for word, number in (("in_field", 30), ("other_work", 13), ("looking", 13)):
            count = SurveyCount(
                **where, followed=Followed.RECOGNISED, question=Question.WORK, answer=word, number=number
            )
            await makers.stored(session, count)


async def test_staff_read_what_became_of_people_once_the_year_is_over(api: Api, who: People) -> None:
    await counted(api)
    assert "Nobody was asked" in (await api.http.get("/en/stats", headers=await api.as_(who.lead))).text
    assert (await api.get(f"/reports/{SLUG}/2026/outcomes", who.lead)).status_code == 404
    assert (await api.get(f"/reports/{SLUG}/2026/outcomes/export", who.lead)).status_code == 404
    await told(api)
    running = (await api.http.get("/en/stats", headers=await api.as_(who.lead))).text
    assert "shown once the year is over" in running
    assert "fewer than 10" in running
    assert "outcomes/export" not in running
    early = await api.get(f"/reports/{SLUG}/2026/outcomes/export", who.lead)
    assert early.json()["code"] == "period_running"
    api.clock.now = NOW.replace(year=2027)
    api.headers.clear()
    for language, words in (("en", "For comparison"), ("fr", "Pour comparer")):
        page = (await api.http.get(f"/{language}/stats", headers=await api.as_(who.lead))).text
        assert words in page
        assert "outcomes/export" in page
    shown = (await api.get(f"/reports/{SLUG}/2026/outcomes", who.lead)).json()
    recognised, compared = shown["groups"]
    assert recognised["said"]["work"]["answered"] == 56
    assert compared["asked"]["all"]["answered"] == "below_ten"
    table = (await api.get(f"/reports/{SLUG}/2026/outcomes/export", who.lead)).text
    assert f"{SLUG},2026,3,recognised,work,in_field,{30 / 56},,survey-1" in table
    assert f"{SLUG},2026,3,not_completed,answered,all,,below_ten,survey-1" in table
    assert (await api.get(f"/reports/{SLUG}/2026/outcomes", who.learner)).status_code == 403
