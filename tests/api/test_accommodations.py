"""Everybody who meets the learner sees what is arranged; what was asked is for learner, advisor and lead."""

from uuid import UUID

from services.records import cases
from services.records.database import Database
from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.people import Role
from tests.api.kit import Api
from tests.records import makers, moving
from tests.records.moving import People
from tests.records.test_limits import incomplete, ladder

NOTE = "Sign language, please"


async def arranged(database: Database, who: People, case_id: UUID) -> None:
    asked = bodies.AskAccommodation(("extra_time", "interpreter"), extra_time=150, note=NOTE)
    result = await moving.send(database, case_id, "ask_accommodation", actor=who.learner, role=Role.LEARNER, body=asked)
    body = bodies.AnswerAccommodation(str(result["accommodation"]), granted=True, extra_time=150)
    await moving.send(database, case_id, "answer_accommodation", actor=who.advisor, role=Role.ADVISOR, body=body)


async def test_each_sees_of_it_what_they_need(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.IN_ASSESSMENT)
    await arranged(api.database, who, case_id)
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.seat(session, case, who.assessor)
    path = f"/cases/{case_id}/accommodations"
    for person in (who.learner, who.advisor, who.lead):
        found = (await api.get(path, person)).json()
        assert [one["note"] for one in found["requests"]] == [NOTE]
    found = (await api.get(path, who.assessor)).json()
    assert found == {"arrangements": ["extra_time", "interpreter"], "extra_time": 150, "requests": []}
    async with api.database.writing() as session:
        stranger = await makers.staff(session, Role.ASSESSOR)
        await makers.exclude(session, case, who.lead)
    for person in (stranger, who.lead):
        assert (await api.get(path, person)).status_code == 404


async def test_the_page_shows_the_date_of_the_timer(api: Api, who: People) -> None:
    case_id = await incomplete(api.database, who)
    await arranged(api.database, who, case_id)
    due = (await ladder(api.database, case_id, "completion")).due_at
    page = (await api.get(f"/cases/{case_id}", who.learner)).json()
    assert [one["limit"] for one in page["dates"]] == ["completion"]
    shown = {page["stage"]["due_at"], page["dates"][0]["due_at"]}
    assert shown == {due.isoformat().replace("+00:00", "Z")}
    assert (await moving.rung(api.database, case_id, "completion/lapse")).at == due
