"""Whoever hears an appeal sees the whole case; everybody else its state and dates, and strangers nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

from icalendar import Calendar

from services.records import cases
from services.rules.case import SeatState
from services.rules.moves.appeals import CallHearing
from services.rules.people import Role
from tests.api.kit import Api
from tests.records import appealing, makers, moving
from tests.records.appealing import LODGE
from tests.records.makers import NOW
from tests.records.moving import People

R1 = Role.APPEAL_REVIEWER_1


async def test_the_panel_reads_everything_and_the_others_how_far_it_is(api: Api, who: People) -> None:
    body = await appealing.body(api.database)
    case_id = await appealing.decided(api.database, who)
    bench = await appealing.convened(api.database, who, body, case_id, replace(LODGE, representative="A union"))
    seen = (await api.get(f"/cases/{case_id}", bench.chair)).json()
    assert (seen["view"], seen["stage"]["stage"]) == ("appeal_reviewer", "under_review")
    assert {"rule_appeal", "call_hearing"} <= set(seen["commands"])
    assert "rule_appeal" not in (await api.get(f"/cases/{case_id}", bench.other)).json()["commands"]
    for path in ("evidence", "recommendations", "letters", "timeline"):
        assert (await api.get(f"/cases/{case_id}/{path}", bench.chair)).status_code == 200, path
    (mine,) = (await api.get(f"/cases/{case_id}/appeals", bench.chair)).json()
    assert mine["words"] == {
        "grounds": ["evidence_overlooked"],
        "text": appealing.WHY,
        "representative": "A union",
        "late_cause": "",
    }
    assert {(one["person"], one["chair"]) for one in mine["record"]["members"]} == {
        (str(bench.chair.id), True),
        (str(bench.other.id), False),
    }
    (own,) = (await api.get(f"/cases/{case_id}/appeals", who.learner)).json()
    assert (own["state"], own["record"], own["words"]["text"]) == ("panel_named", None, appealing.WHY)
    for other in (who.advisor, who.lead):
        (theirs,) = (await api.get(f"/cases/{case_id}/appeals", other)).json()
        assert (theirs["words"], theirs["record"], theirs["level"]) == (None, None, 1)


async def test_a_hearing_is_taken_into_the_calendars_of_those_who_come(api: Api, who: People) -> None:
    body = await appealing.body(api.database)
    case_id = await appealing.decided(api.database, who)
    bench = await appealing.convened(api.database, who, body, case_id)
    (before,) = (await api.get(f"/cases/{case_id}/appeals", who.learner)).json()
    path = f"/cases/{case_id}/appeals/{before['id']}/hearing/calendar"
    assert before["hearing"] is None
    assert (await api.get(path, who.learner)).status_code == 404
    said = CallHearing((NOW + timedelta(days=14)).date(), "10:00", "Room 12", "Sign language")
    await moving.send(api.database, case_id, "call_hearing", actor=bench.chair, role=R1, body=said)
    for person in (who.learner, bench.other):
        (seen,) = (await api.get(f"/cases/{case_id}/appeals", person)).json()
        assert seen["hearing"]["calendar_url"] == f"/api/v1{path}"
        answer = await api.get(path, person)
        assert answer.headers["content-disposition"] == 'attachment; filename="hearing.ics"'
        (event,) = Calendar.from_ical(answer.content).events
        assert (str(event["uid"]), event["sequence"]) == (f"{seen['id']}@localhost", 1)
        assert event.start == datetime.fromisoformat(seen["hearing"]["at"])
        assert event.end == datetime.fromisoformat(seen["hearing"]["ends_at"])
        assert who.learner.name.encode() not in answer.content
    (other,) = (await api.get(f"/cases/{case_id}/appeals", who.lead)).json()
    assert (other["hearing"]["place"], other["hearing"]["calendar_url"]) == ("Room 12", None)
    assert (await api.get(path, who.lead)).status_code == 404
    assert (await api.get(path.replace(before["id"], str(case_id)), who.learner)).status_code == 404


async def test_somebody_of_the_body_without_a_seat_and_everybody_barred_finds_nothing(api: Api, who: People) -> None:
    body = await appealing.body(api.database)
    case_id = await appealing.decided(api.database, who)
    chair = await appealing.admitted(api.database, who, case_id)
    for stranger in (*(one for one in body.first if one.id != chair.id), *body.second):
        for path in ("", "/appeals", "/evidence"):
            assert (await api.get(f"/cases/{case_id}{path}", stranger)).status_code == 404
        assert (await api.get("/cases", stranger)).json()["cases"] == []
        assert (await api.get("/queue", stranger)).json()["waiting"] == []
    (listed,) = (await api.get("/cases", chair)).json()["cases"]
    assert listed["stage"]["stage"] == "under_review"
    (waiting,) = (await api.get("/queue", chair)).json()["waiting"]
    assert (waiting["as_role"], waiting["case_id"]) == (R1.value, str(case_id))
    async with api.database.writing() as session:
        await makers.exclude(session, await cases.get(session, case_id), chair)
    assert (await api.get(f"/cases/{case_id}/appeals", chair)).status_code == 404


async def test_an_offer_shows_the_screen_and_nothing_of_the_appeal(api: Api, who: People) -> None:
    await appealing.body(api.database)
    case_id = await appealing.decided(api.database, who)
    await appealing.lodge(api.database, who, case_id)
    (seat,) = await appealing.seats(api.database, case_id, SeatState.OFFERED)
    asked = await appealing.person_of(api.database, seat)
    screen = (await api.get(f"/cases/{case_id}/screen", asked)).json()
    assert screen["assignment"] == str(seat.id)
    assert {"accept_offer", "decline_offer"} <= set(screen["commands"])
    for path in ("", "/appeals", "/evidence"):
        assert (await api.get(f"/cases/{case_id}{path}", asked)).status_code == 404


async def test_the_outcome_is_told_with_its_letter(api: Api, who: People) -> None:
    body = await appealing.body(api.database)
    case_id = await appealing.decided(api.database, who)
    bench = await appealing.convened(api.database, who, body, case_id)
    await appealing.rule(api.database, bench, "dismissed")
    (own,) = (await api.get(f"/cases/{case_id}/appeals", who.learner)).json()
    assert (own["state"], own["outcome"]) == ("ruled", None)
    await appealing.told(api.database, case_id)
    (own,) = (await api.get(f"/cases/{case_id}/appeals", who.learner)).json()
    assert own["outcome"] == "dismissed"


async def test_the_chair_writes_on_the_form_and_the_learner_has_the_letter_of_what_is_varied(
    api: Api, who: People
) -> None:
    body = await appealing.body(api.database)
    case_id = await appealing.decided(api.database, who)
    bench = await appealing.convened(api.database, who, body, case_id)
    drafts = await api.get(f"/cases/{case_id}/judgements", bench.chair)
    assert (drafts.status_code, drafts.json()) == (200, [])
    await appealing.varied(api.database, bench)
    await moving.publish(api.database, case_id)
    (own,) = (await api.get(f"/cases/{case_id}/appeals", who.learner)).json()
    assert own["outcome"] == "varied"
    seen = (await api.get(f"/cases/{case_id}", who.learner)).json()
    assert {claim["state"] for claim in seen["claims"]} == {"credentialed"}
