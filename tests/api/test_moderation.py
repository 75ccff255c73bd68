"""In moderation two assessors see each other's readings, a panel sees all of them, and everybody else nothing of it."""

import json

from services.records import cases
from services.records.tables.people import Person
from services.rules.case import SeatState
from services.rules.people import Role
from tests.api.kit import Api
from tests.api.test_views import every_key, seen
from tests.records import makers, moderated, moving
from tests.records.moderated import MET, PARTIAL
from tests.records.moving import People


async def auditor(api: Api) -> Person:
    async with api.database.writing() as session:
        return await makers.staff(session, Role.AUDITOR)


async def test_two_who_confer_read_and_write_to_each_other_and_nobody_else_but_an_auditor_does(
    api: Api, who: People
) -> None:
    case = await moderated.differing(api.database, who, first=(MET, PARTIAL))
    path = f"/cases/{case.id}/conferral"
    said = await api.write("POST", f"{path}/messages", who.assessor, {"text": "I saw a second occasion."})
    assert said.status_code == 201, said.text
    view = await seen(api, path, case.second)
    assert [(one["text"], one["own"]) for one in view["messages"]] == [("I saw a second occasion.", False)]
    assert [(one["own"], one["judgement"]["recommendation"]) for one in view["readings"]] == [
        (False, "met"),
        (True, "partial"),
    ]
    assert "private_note" not in every_key(view)
    assert (view["signed"], bool(view["until"])) == ([], True)
    for other, status in ((who.learner, 403), (who.lead, 403), (who.advisor, 403), (who.decider, 404)):
        assert (await api.get(path, other)).status_code == status
        refused = await api.write("POST", f"{path}/messages", other, {"text": "Let me in"})
        assert refused.status_code == status
    checks = await auditor(api)
    assert len((await seen(api, path, checks))["messages"]) == 1
    assert (await api.write("POST", f"{path}/messages", checks, {"text": "Hello"})).status_code == 403
    claims = await moderated.unsettled(api.database, case.id)
    for author in (who.assessor, case.second):
        body = case.choice(who.assessor, claims)
        await moving.send(api.database, case.id, "settle_conferral", actor=author, role=Role.ASSESSOR, body=body)
    assert (await api.get(path, who.assessor)).status_code == 404
    assert len((await seen(api, path, checks))["signed"]) == 2


async def test_nobody_learns_from_the_page_of_a_conferral_that_another_reads(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    path = f"/cases/{case_id}/conferral"
    assert (await api.get(path, who.assessor)).status_code == 404
    assert (await api.write("POST", f"{path}/messages", who.assessor, {"text": "Anybody?"})).status_code == 404


async def test_a_panel_reads_originals_and_its_minutes_are_read_by_whoever_decides_and_not_by_the_learner(
    api: Api, who: People
) -> None:
    await moderated.panelists(api.database)
    case_id = await moderated.returned(api.database, who, first=PARTIAL)
    chair, *_ = await moderated.panel_seats(api.database, case_id, SeatState.OFFERED)
    async with api.database.reading() as session:
        asked = await session.get_one(Person, chair.person_id)
    screen = await seen(api, f"/cases/{case_id}/screen", asked)
    assert (screen["as_role"], screen["chair"]) == ("panel", True)
    for path in ("originals", "panel", "portfolio"):
        assert (await api.get(f"/cases/{case_id}/{path}", asked)).status_code == 404
    members = await moderated.seated(api.database, case_id)
    view = await seen(api, f"/cases/{case_id}", members[0])
    assert (view["view"], view["chair"], view["seat"]["state"]) == ("panel", True, "accepted")
    assert {"record_panel", "request_evidence"} <= set(view["commands"])
    assert "record_panel" not in (await seen(api, f"/cases/{case_id}", members[1]))["commands"]
    (listed,) = (await seen(api, "/queue", members[1]))["waiting"]
    assert (listed["as_role"], listed["case_id"]) == ("panel", str(case_id))
    (one,) = (await seen(api, "/cases", members[1]))["cases"]
    assert one["id"] == str(case_id)
    (original,) = await seen(api, f"/cases/{case_id}/originals", members[1])
    assert (original["own"], original["judgement"]["recommendation"]) == (False, "partial")
    assert not every_key(original) & {"private_note", "assessor", "name"}
    panel = await seen(api, f"/cases/{case_id}/panel", members[1])
    assert [one["reasons"] for one in panel["returned"]] == ["One occasion only."]
    assert sum(one["chair"] for one in panel["members"]) == 1
    claims = await moderated.unsettled(api.database, case_id)
    await moderated.form(api.database, case_id, members[0], first=MET)
    await moderated.record(api.database, case_id, members[0], moderated.minutes(members, claims))
    (kept,) = (await seen(api, f"/cases/{case_id}/panel", who.decider))["minutes"]
    assert [len(one["votes"]) for one in kept["findings"]] == [3]
    assert {one["name"] for one in kept["members"]} == {one.name for one in members}
    (found,) = await seen(api, f"/cases/{case_id}/recommendations", who.decider)
    assert found["recommendation"] == "met"
    assert (await seen(api, f"/cases/{case_id}", await auditor(api)))["seats"][0]["kind"] == "panel"
    await moving.decide(api.database, who, case_id)
    await moving.publish(api.database, case_id)
    (told,) = await seen(api, f"/cases/{case_id}/recommendations", who.learner)
    assert told["rationale"] == "x" * 80
    for path in ("originals", "panel"):
        assert (await api.get(f"/cases/{case_id}/{path}", who.learner)).status_code == 403
        assert (await api.get(f"/cases/{case_id}/{path}", who.lead)).status_code == 403
    timeline = json.dumps(await seen(api, f"/cases/{case_id}/timeline", who.learner))
    assert "compose_panel" not in timeline


async def test_a_chair_who_has_to_sign_finds_the_case_in_the_queue(api: Api, who: People) -> None:
    await moderated.panelists(api.database)
    case_id = await moderated.returned(api.database, who, first=PARTIAL)
    members = await moderated.seated(api.database, case_id)
    claims = await moderated.unsettled(api.database, case_id)
    await moderated.pinned(api.database, case_id, moderated.programme(decision_by="panel"))
    await moderated.form(api.database, case_id, members[0], first=MET)
    await moderated.record(api.database, case_id, members[0], moderated.minutes(members, claims))
    (waiting,) = (await seen(api, "/queue", members[0]))["waiting"]
    assert (waiting["case_id"], waiting["seat"]) == (str(case_id), "submitted")
    assert (await seen(api, "/queue", members[1]))["waiting"] == []
    assert "decide" in (await seen(api, f"/cases/{case_id}", members[0]))["commands"]
    assert (await seen(api, "/queue", who.decider))["waiting"] == []


async def test_a_panel_does_not_exist_for_whoever_is_barred(api: Api, who: People) -> None:
    await moderated.panelists(api.database)
    case_id = await moderated.returned(api.database, who, first=PARTIAL)
    members = await moderated.seated(api.database, case_id)
    async with api.database.writing() as session:
        await makers.exclude(session, await cases.get(session, case_id), members[1])
    for path in ("", "/panel", "/originals", "/portfolio"):
        assert (await api.get(f"/cases/{case_id}{path}", members[1])).status_code == 404
    assert (await seen(api, "/queue", members[1]))["waiting"] == []
    assert (await seen(api, "/cases", members[1]))["cases"] == []
