"""An advisor notes a call and writes down what a learner says; a mentor does the second, and sees no statement."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from services.records import cases
from services.rules.case import Stage
from services.rules.people import Role
from tests.api.kit import HERE, Api
from tests.records import attesting, makers, moving
from tests.records.moving import People


async def test_words_become_evidence_with_consent_alone_and_nothing_typed_is_lost(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    path, mine = f"/en/cases/{case_id}/heard", await api.as_(who.advisor)
    case = await api.http.get(f"/en/cases/{case_id}", headers=mine)
    assert f'href="{path}"' in case.text
    typed = {"words": "I <b>weld</b> every day.", "language": "fr"}
    typed["claims"] = str((await moving.claims_of(api.database, case_id))["first"].id)
    refused = await api.http.post(path, headers=mine, data=typed)
    assert refused.status_code == 409
    assert "I &lt;b&gt;weld&lt;/b&gt; every day." in refused.text
    assert (await api.get(f"/cases/{case_id}/evidence", who.learner)).json() == []
    kept = await api.http.post(path, headers=mine, data=typed | {"consent": "yes"})
    assert kept.status_code == 303
    assert len((await api.get(f"/cases/{case_id}/evidence", who.learner)).json()) == 1
    for person in (who.learner, who.lead):
        assert (await api.http.get(path, headers=await api.as_(person))).status_code == 403


async def test_a_recording_is_kept_with_what_is_said_in_it(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    path, mine = f"/en/cases/{case_id}/heard", await api.as_(who.advisor) | HERE
    claim = (await moving.claims_of(api.database, case_id))["first"].id
    voice = {"file": ("voice.mp3", b"ID3" + b"\0" * 500)}
    said = {f"claim-{claim}": "yes", "language": "atj", "transcript": "0:01 I weld\r\nevery day."}
    refused = await api.http.post(f"{path}/recording", headers=mine, data=said, files=voice)
    assert refused.status_code == 409
    odd = await api.http.post(f"{path}/recording", headers=mine, data=said | {"claim-x": "yes"}, files=voice)
    assert odd.status_code == 409
    assert (await api.get(f"/cases/{case_id}/evidence", who.learner)).json() == []
    kept = await api.http.post(f"{path}/recording", headers=mine, data=said | {"consent": "yes"}, files=voice)
    assert "Kept. The learner is told" in (await api.http.get(kept.headers["location"], headers=mine)).text
    (item,) = (await api.get(f"/cases/{case_id}/evidence", who.learner)).json()
    assert (item["kind"], item["transcript"]) == ("oral_statement", "0:01 I weld\nevery day.")
    assert [one["claim"] for one in item["pointers"]] == [str(claim)]


async def test_a_call_to_whoever_attested_is_noted_where_the_number_came_from(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    asked = await attesting.asked(api.database, case_id)
    await attesting.answer(api.database, asked)
    mine = await api.as_(who.advisor)
    page = await api.http.get(f"/fr/cases/{case_id}/heard", headers=mine)
    assert "Noter un appel à Sample Supervisor" in page.text
    api.clock.now += timedelta(minutes=5)
    noted = f"/en/cases/{case_id}/heard/{asked.request_id}"
    said = {"answered_by": "Sample Supervisor", "number_from": "The page of the day care", "confirmed": "yes"}
    later = await api.http.post(noted, headers=mine, data=said | {"called_at": "2100-01-01T09:00"})
    assert later.status_code == 409
    assert "The page of the day care" in later.text
    at = (makers.NOW + timedelta(minutes=3)).astimezone(ZoneInfo("America/Montreal")).strftime("%Y-%m-%dT%H:%M")
    assert (await api.http.post(noted, headers=mine, data=said | {"called_at": at})).status_code == 303
    page = await api.http.get(f"/en/cases/{case_id}/heard", headers=mine)
    assert "The statement was confirmed." in page.text


async def test_whoever_has_no_address_is_called_and_the_questions_are_read_out(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    async with moving.writing(api.database) as session:
        request = await attesting.ask(session, await cases.get(session, case_id), email="", phone="514 555-0100")
    path, mine = f"/en/cases/{case_id}/heard/{request.id}/call", await api.as_(who.advisor) | HERE
    assert f'href="{path}"' in (await api.http.get(f"/en/cases/{case_id}/heard", headers=mine)).text
    form = (await api.http.get(path, headers=mine)).text
    assert 'href="tel:5145550100"' in form
    assert 'name="seen-second"' in form
    for person in (who.learner, who.lead):
        assert (await api.http.get(path, headers=await api.as_(person))).status_code in {403, 404}
    empty = await api.http.post(path, headers=mine, data={"do": "keep", "name": "Sample <b>Supervisor</b>"})
    assert empty.status_code == 422
    assert 'href="#called_at"' in empty.text
    assert 'value="Sample &lt;b&gt;Supervisor&lt;/b&gt;"' in empty.text
    api.clock.now += timedelta(minutes=5)
    at = (api.clock.now - timedelta(minutes=1)).astimezone(ZoneInfo("America/Montreal")).strftime("%Y-%m-%dT%H:%M")
    call = {"answered_by": "Sample Supervisor", "number_from": "The page of the day care", "called_at": at}
    said = {"name": "Sample Supervisor", "position": "Foreman", "organisation": "Garderie", "relation": "supervisor"}
    said |= {"how_observed": "Every week.", "since": "2023-01-01", "declaration": "yes", "do": "keep"}
    said |= {f"seen-{one}": "seen_often" for one in ("first", "second")}
    lacking = await api.http.post(path, headers=mine, data=call | said)
    assert 'href="#consent"' in lacking.text
    lacking = await api.http.post(path, headers=mine, data=call | said | {"consent": "yes"})
    assert {'href="#example-first"', 'href="#example-second"'} <= set(re.findall(r'href="#[\w-]+"', lacking.text))
    whole = call | said | {"consent": "yes"} | {f"example-{one}": "x" * 40 for one in ("first", "second")}
    kept = await api.http.post(path, headers=mine, data=whole)
    assert kept.headers["location"].endswith("/heard?done=answered")
    shown = (await api.http.get(kept.headers["location"], headers=mine)).text
    assert "counts as if it had come by link" in shown
    assert f'href="{path}"' not in shown
    again = await api.http.post(path, headers=mine, data={"do": "no"})
    assert again.status_code == 409


async def test_a_call_may_end_without_an_answer(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    async with moving.writing(api.database) as session:
        request = await attesting.ask(session, await cases.get(session, case_id), email="", phone="514 555-0100")
    path, mine = f"/fr/cases/{case_id}/heard/{request.id}/call", await api.as_(who.advisor) | HERE
    noted = await api.http.post(path, headers=mine, data={"do": "unknown"})
    assert noted.headers["location"].endswith("/heard?done=noted")
    shown = (await api.http.get(noted.headers["location"], headers=mine)).text
    assert "peut nommer quelqu’un d’autre" in shown


async def test_what_a_knowledge_holder_says_is_about_the_skills_that_they_spoke_of(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    path, mine = f"/en/cases/{case_id}/heard/holder", await api.as_(who.advisor) | HERE
    assert f'href="{path}"' in (await api.http.get(f"/en/cases/{case_id}/heard", headers=mine)).text
    assert 'name="seen-second"' in (await api.http.get(path, headers=mine)).text
    for person in (who.learner, who.lead):
        assert (await api.http.get(path, headers=await api.as_(person))).status_code == 403
    said = {"name": "An <b>elder</b>", "position": "Elder", "organisation": "The community", "relation": "community"}
    said |= {"how_observed": "On the land, each autumn.", "since": "2019-01-01", "language": "fr"}
    lacking = await api.http.post(path, headers=mine, data=said)
    assert (lacking.status_code, 'href="#consent"' in lacking.text) == (422, True)
    assert 'value="An &lt;b&gt;elder&lt;/b&gt;"' in lacking.text
    lacking = await api.http.post(path, headers=mine, data=said | {"consent": "yes"})
    assert 'href="#seen-first"' in lacking.text
    spoken = said | {"consent": "yes", "seen-second": "seen_often"}
    lacking = await api.http.post(path, headers=mine, data=spoken)
    assert {'href="#example-second"', 'href="#declaration"'} <= set(re.findall(r'href="#[\w-]+"', lacking.text))
    assert 'href="#example-first"' not in lacking.text
    kept = await api.http.post(path, headers=mine, data=spoken | {"example-second": "x" * 40, "declaration": "yes"})
    assert kept.headers["location"].endswith("/heard?done=answered")
    (statement,) = (await api.get(f"/cases/{case_id}/attestations/statements", who.advisor)).json()
    assert (statement["name"], len(statement["claims"]), statement["spoken"]) == ("An <b>elder</b>", 1, True)


async def test_a_mentor_writes_words_down_and_reads_no_statement(api: Api, who: People) -> None:
    async with moving.writing(api.database) as session:
        mentor = await makers.staff(session, Role.MENTOR)
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE, mentor_id=mentor.id)
    asked = await attesting.asked(api.database, case_id)
    await attesting.answer(api.database, asked)
    page = await api.http.get(f"/en/cases/{case_id}/heard", headers=await api.as_(mentor))
    assert page.status_code == 200
    assert "Sample Supervisor" not in page.text
    assert "What the learner said" in page.text


async def test_an_advisor_who_writes_with_a_learner_finds_the_learners_forms(api: Api, who: People) -> None:
    alone = await moving.standing(api.database, who, Stage.DRAFT)
    mine = await api.as_(who.advisor)
    assert "/story" not in (await api.http.get(f"/en/cases/{alone}", headers=mine)).text
    case_id = await moving.standing(api.database, who, Stage.DRAFT, intake_by_id=who.advisor.id)
    page = await api.http.get(f"/en/cases/{case_id}", headers=mine)
    for form in ("self-check", "story", "evidence", "send"):
        assert f"/en/cases/{case_id}/{form}" in page.text
        assert (await api.http.get(f"/en/cases/{case_id}/{form}", headers=mine)).status_code == 200, form
