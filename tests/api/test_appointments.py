"""Each side of an appointment sees its dates and takes them into a calendar; nobody reads ratings too early."""

import json
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from services.records import cases
from services.records.tables.people import Person
from services.rules.people import Role
from tests.api.kit import Api
from tests.records import makers, meeting, moving
from tests.records.moving import People


@pytest.fixture
async def who(api: Api) -> People:
    return await moving.people(api.database)


async def listed(api: Api, case_id: UUID, person: Person) -> list[dict[str, Any]]:
    answer = await api.get(f"/cases/{case_id}/appointments", person)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_an_appointment_is_arranged_held_and_written_down(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    claim = str((await moving.claims_of(api.database, case_id))["first"].id)
    order = {"method": "interview", "claims": [claim], "minutes": 45, "language": "fr", "about": "How work is planned"}
    assert (await api.command(case_id, "order_appointment", who.assessor, order)).status_code == 200
    slots = [{"starts_at": at.isoformat(), "mode": "on_site", "place": "Workshop 4"} for at in meeting.TIMES]
    naive = [slots[0] | {"starts_at": "2026-03-11T15:00:00"}, *slots[1:]]
    assert (await api.command(case_id, "offer_slots", who.assessor, {"slots": naive})).status_code == 422
    offered = await api.command(case_id, "offer_slots", who.assessor, {"slots": slots})
    assert offered.status_code == 200, offered.text
    (row,) = await listed(api, case_id, who.learner)
    assert [slot["place"] for slot in row["slots"]] == ["Workshop 4"] * 3
    page = (await api.get(f"/cases/{case_id}", who.learner)).json()
    assert {"book_slot", "propose_other_times", "cancel_appointment"} <= set(page["commands"])
    assert (page["stage"]["stage"], page["stage"]["waiting_on"]) == ("direct_assessment", "learner")
    booked = await api.command(case_id, "book_slot", who.learner, {"slot": row["slots"][0]["id"]})
    assert booked.status_code == 200, booked.text
    api.clock.now = meeting.HELD
    api.headers.clear()  # nobody stays signed in for so long
    sheet = {
        "lines": [{"claim": claim, "criterion": "a", "what": "How?", "seen": "Well", "rating": "met"}],
        "supervision": "on_site",
        "identification": "live",
        "present": ["The learner", "The assessor"],
    }
    less = {key: value for key, value in sheet.items() if key != "supervision"}
    assert (await api.command(case_id, "record_appointment", who.assessor, {"sheet": less})).status_code == 422
    refused = await api.command(case_id, "record_appointment", who.assessor, {"sheet": sheet | {"present": []}})
    assert (refused.status_code, refused.json()["code"]) == (409, "record_incomplete")
    kept = await api.command(case_id, "record_appointment", who.assessor, {"sheet": sheet})
    assert kept.status_code == 200, kept.text
    assert (await api.get(f"/cases/{case_id}", who.learner)).json()["stage"]["stage"] == "in_assessment"
    (row,) = await listed(api, case_id, who.assessor)
    assert (row["state"], row["records"][0]["sheet"]["lines"][0]["seen"]) == ("recorded", "Well")


async def test_both_sides_take_the_date_into_their_calendar_and_nobody_else_does(api: Api, who: People) -> None:
    case_id = await meeting.booked(api.database, who)
    files = []
    row: dict[str, Any] = {}
    for person in (who.learner, who.assessor):
        (row,) = await listed(api, case_id, person)
        answer = await api.get(row["calendar_url"].removeprefix("/api/v1"), person)
        assert answer.headers["content-type"].startswith("text/calendar")
        assert answer.headers["content-disposition"] == 'attachment; filename="appointment.ics"'
        files.append(Calendar.from_ical(answer.content).events[0])
    assert {str(event["uid"]) for event in files} == {f"{row['id']}@localhost"}
    assert files[0].start == meeting.SOON
    assert who.learner.name not in json.dumps([str(event["summary"]) for event in files])
    path = f"/cases/{case_id}/appointments/{row['id']}/calendar"
    for person in (who.advisor, who.lead):
        (seen,) = await listed(api, case_id, person)
        assert seen["calendar_url"] is None
        assert (await api.get(path, person)).status_code == 404
    assert (await api.get(path, who.decider)).status_code == 404
    other = f"/cases/{case_id}/appointments/{case_id}/calendar"
    assert (await api.get(other, who.learner)).status_code == 404


async def test_without_a_date_there_is_no_calendar_file(api: Api, who: People) -> None:
    case_id = await meeting.offered(api.database, who)
    (row,) = await listed(api, case_id, who.learner)
    assert row["calendar_url"] is None
    path = f"/cases/{case_id}/appointments/{row['id']}/calendar"
    assert (await api.get(path, who.learner)).status_code == 404


async def test_another_seat_finds_no_appointment(api: Api, who: People) -> None:
    case_id = await meeting.booked(api.database, who)
    async with api.database.writing() as session:
        other = await makers.staff(session, Role.ASSESSOR)
        await makers.seat(session, await cases.get(session, case_id), other)
    (row,) = await listed(api, case_id, who.learner)
    assert await listed(api, case_id, other) == []
    assert (await api.get(f"/cases/{case_id}/appointments/{row['id']}/calendar", other)).status_code == 404
    page = (await api.get(f"/cases/{case_id}", other)).json()
    assert not {"offer_slots", "change_place", "call_off", "cancel_appointment"} & set(page["commands"])


async def test_ratings_are_read_by_the_learner_after_the_decision_and_by_leads_never(api: Api, who: People) -> None:
    case_id = await meeting.recorded(api.database, who)
    for person in (who.learner, who.advisor, who.lead):
        (row,) = await listed(api, case_id, person)
        assert row["records"] == []
    await moving.write(api.database, case_id, who.assessor, first=moving.finding(), second=moving.finding())
    await moving.send(api.database, case_id, "submit_judgements", actor=who.assessor, role=Role.ASSESSOR)
    await moving.decide(api.database, who, case_id)
    await moving.publish(api.database, case_id)
    for person, read in ((who.learner, 1), (who.advisor, 1), (who.lead, 0)):
        (row,) = await listed(api, case_id, person)
        assert len(row["records"]) == read
    (row,) = await listed(api, case_id, who.lead)
    assert row["conducted_by"] == str(who.assessor.id)
    (row,) = await listed(api, case_id, who.learner)
    assert row["conducted_by"] is None


async def test_a_recording_is_kept_by_who_led_it_and_heard_by_who_may_read_the_record(api: Api, who: People) -> None:
    case_id = await meeting.booked(api.database, who)
    api.clock.now = meeting.HELD
    row = await meeting.newest(api.database, case_id)
    path = f"/cases/{case_id}/appointments/{row.id}/files"
    voice = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\x00" * 500
    fields = {"what": "recording", "present": "The learner\nThe assessor", "consenting": "The learner\n The assessor"}

    async def send(person: Person, **changes: str) -> Any:  # noqa: ANN401 - an answer
        said = {name: (None, text) for name, text in (fields | changes).items()}
        headers = await api.as_(person)
        return await api.http.post(f"/api/v1{path}", headers=headers, files=said | {"file": ("voice.mp3", voice)})

    assert (await send(who.assessor, what="film")).json()["code"] == "malformed"
    assert (await send(who.assessor, consenting="The learner")).json()["code"] == "recording_consent"
    assert (await send(who.advisor)).status_code == 403
    kept = await send(who.assessor)
    assert kept.status_code == 201, kept.text
    (shown,) = await listed(api, case_id, who.assessor)
    assert shown["files"] == [kept.json()]
    file = f"{path}/{kept.json()['id']}"
    part = await api.http.get(f"/api/v1{file}", headers=await api.as_(who.assessor) | {"Range": "bytes=0-2"})
    assert (part.status_code, part.content) == (206, b"ID3")
    for person in (who.learner, who.advisor, who.lead):
        (seen,) = await listed(api, case_id, person)
        assert seen["files"] == []
        assert (await api.get(file, person)).status_code == 404
    assert (await api.get(f"{path}/{row.id}", who.assessor)).status_code == 404
