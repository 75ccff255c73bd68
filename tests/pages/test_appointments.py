"""Appointments on a page: whoever led one keeps its recording there, and only whoever may read it finds it."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.records import recordings
from services.records.tables.people import Person
from tests.api.kit import HERE, Api
from tests.records import meeting, moving
from tests.records.moving import People

VOICE = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\x00" * 500


async def page(api: Api, path: str, person: Person) -> httpx.Response:
    return await api.http.get(path, headers=await api.as_(person))


@pytest.fixture
async def case_id(api: Api, who: People) -> UUID:
    """A case whose appointment is under way."""
    case_id = await meeting.booked(api.database, who)
    api.clock.now = meeting.HELD
    return case_id


async def test_each_side_finds_when_and_where_it_is(api: Api, who: People, case_id: UUID) -> None:
    path = f"/cases/{case_id}/appointments"
    for person in (who.assessor, who.learner):
        shown = await page(api, f"/en{path}", person)
        assert "booked" in shown.text
        assert f"/api/v1{path}" in shown.text
    overseen = await page(api, f"/fr{path}", who.lead)
    assert overseen.status_code == 200
    assert "calendar" not in overseen.text
    assert f"{path}#a-" in (await page(api, f"/en/cases/{case_id}", who.assessor)).text
    assert path in (await page(api, f"/en/cases/{case_id}", who.advisor)).text
    assert (await page(api, f"/en{path}", who.decider)).status_code == 404


async def test_a_recording_is_kept_with_everybodys_consent_and_found_by_who_led_it(
    api: Api, who: People, case_id: UUID
) -> None:
    here = f"/en/cases/{case_id}/appointments"
    row = await meeting.newest(api.database, case_id)
    for person, offered in ((who.assessor, True), (who.learner, False), (who.advisor, False)):
        assert ('enctype="multipart/form-data"' in (await page(api, here, person)).text) == offered

    async def send(person: Person, **said: str) -> httpx.Response:
        form: dict[str, Any] = {name: (None, text) for name, text in said.items()} | {"file": ("voice.mp3", VOICE)}
        return await api.http.post(f"{here}/{row.id}/files", headers=await api.as_(person) | HERE, files=form)

    said = {"what": "recording", "present": "The learner\nThe assessor", "consenting": "The learner"}
    assert (await send(who.advisor, **said)).status_code == 403
    before = await moving.everything(api.database)
    alone = await send(who.assessor, **said)
    assert alone.status_code == 409
    assert "A recording needs the consent of everybody present." in alone.text
    assert f'href="#consenting-{row.id}"' in alone.text
    assert "The learner\nThe assessor</textarea>" in alone.text
    assert re.search(r'value="recording" checked', alone.text)
    assert await moving.everything(api.database) == before
    kept = await send(who.assessor, **said | {"consenting": said["present"]})
    assert kept.headers["location"] == f"{here}?saved={row.id}#a-{row.id}"
    async with api.database.reading() as session:
        (file,) = await recordings.of_appointment(session, row.id)
    address = f"/api/v1/cases/{case_id}/appointments/{row.id}/files/{file.id}"
    assert address in (await page(api, here, who.assessor)).text
    assert (await page(api, address, who.assessor)).content == VOICE
    for person in (who.learner, who.advisor):
        assert address not in (await page(api, here, person)).text


async def test_a_case_without_an_appointment_says_so(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    assert "No appointment is known" in (await page(api, f"/en/cases/{case_id}/appointments", who.assessor)).text
