"""A learner and those who guide them write to each other; whoever judges or decides is told nothing of it."""

from uuid import uuid4

from services.records.tables.cases import Case
from services.rules.case import Stage
from services.rules.people import Role
from tests.api.kit import Api
from tests.api.test_whole_case import good
from tests.records import makers, moving
from tests.records.moving import People


async def test_a_conversation_is_read_and_written_by_its_own_people(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    path, key = f"/cases/{case_id}/messages", str(uuid4())
    once = {"Idempotency-Key": key}
    sent = good(await api.write("POST", path, who.learner, {"text": "Which file?"}, **once), 201)
    assert good(await api.write("POST", path, who.learner, {"text": "Which file?"}, **once), 201) == sent
    other = await api.write("POST", path, who.learner, {"text": "Another"}, **once)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    seen = good(await api.get(path, who.advisor))
    assert [(one["id"], one["text"], one["own"]) for one in seen["messages"]] == [(sent["id"], "Which file?", False)]
    assert (seen["read_to"], seen["threads"], seen["next"]) == (None, ["guidance"], None)
    assert seen["waiting_since"]
    marked = await api.write("PUT", f"{path}/read", who.advisor, {"read_to": sent["id"]})
    assert marked.status_code == 204
    assert good(await api.get(path, who.advisor))["read_to"] == sent["id"]
    settled = await api.write("POST", f"{path}/settled", who.learner, {})
    assert settled.status_code == 403
    assert (await api.write("POST", f"{path}/settled", who.lead, {})).status_code == 204
    assert good(await api.get(path, who.advisor))["waiting_since"] is None
    good(await api.write("POST", path, who.lead, {"text": "The second one"}), 201)
    after = good(await api.get(f"{path}?after={sent['id']}", who.learner))
    assert [(one["role"], one["own"]) for one in after["messages"]] == [("lead", False)]


async def test_whoever_judges_or_decides_finds_no_conversation_and_no_remark(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    async with api.database.writing() as session:
        tied = await makers.staff(session, Role.LEAD)
        await makers.exclude(session, await session.get_one(Case, case_id), tied)
        stranger = await makers.person(session)
    for part in ("messages", "remarks"):
        for person, status in ((who.assessor, 403), (who.decider, 404), (tied, 404), (stranger, 404)):
            assert (await api.get(f"/cases/{case_id}/{part}", person)).status_code == status
            written = await api.write("POST", f"/cases/{case_id}/{part}", person, {"text": "x"})
            assert written.status_code == status
    assert (await api.get(f"/cases/{case_id}/remarks", who.learner)).status_code == 403
    for text in ("", "x" * 5001):
        assert (await api.write("POST", f"/cases/{case_id}/remarks", who.lead, {"text": text})).status_code == 422
    kept = good(await api.write("POST", f"/cases/{case_id}/remarks", who.lead, {"text": "Ask for a call"}), 201)
    (read,) = good(await api.get(f"/cases/{case_id}/remarks", who.advisor))
    assert (read["id"], read["text"], read["role"]) == (kept["id"], "Ask for a call", "lead")


async def test_a_mentor_has_a_thread_of_their_own(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    path = f"/cases/{case_id}/messages"
    nobody = await api.write("POST", path, who.learner, {"text": "Hello", "thread": "mentoring"})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "mentor_missing")
    async with api.database.writing() as session:
        mentor = await makers.staff(session, Role.MENTOR)
    good(await api.command(case_id, "name_mentor", who.lead, {"mentor": str(mentor.id)}))
    good(await api.write("POST", path, who.learner, {"text": "Hello", "thread": "mentoring"}), 201)
    (said,) = good(await api.get(path, mentor))["messages"]
    assert said["text"] == "Hello"
    assert good(await api.get(path, who.advisor))["messages"] == []
    assert (await api.get(f"{path}?thread=mentoring", who.advisor)).status_code == 403
    assert (await api.write("POST", path, mentor, {"text": "x", "thread": "guidance"})).status_code == 403
