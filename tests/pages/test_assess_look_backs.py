"""The pages of readings after the fact: the screen first, then files and form; differences for leads alone."""

from uuid import UUID

import pytest

from services.rules.conflicts import ConflictTie
from tests.api.desks import DirectDesk
from tests.api.kit import Api
from tests.records import test_looking_back as quarters

NO_TIE = {f"tie-{tie.value}": "no" for tie in ConflictTie}


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The cases that were woken; what such a case of the rows has to sign is no business of these pages."""
    cases: list[UUID] = []

    async def wake(_: DirectDesk, case_id: UUID) -> bool:
        cases.append(case_id)
        return True

    monkeypatch.setattr(DirectDesk, "wake", wake)
    return cases


async def test_somebody_reads_again_and_the_lead_learns_where_it_differs(api: Api) -> None:
    quarter = await quarters.over(api.database)
    await quarters.seen_to(api.database)
    (row,) = await quarters.asked(api.database)
    reader = next(one for one in quarter.others if one.id == row.reader_id)
    other = next(one for one in quarter.others if one.id != row.reader_id)
    api.clock.now = quarters.AFTER
    path = f"/en/look-backs/{row.id}"
    listed = await api.http.get("/en/look-backs", headers=await api.as_(reader))
    assert f"/en/look-backs/{row.id}" in listed.text
    for person in (other, quarter.who.assessor):
        assert (await api.http.get(path, headers=await api.as_(person))).status_code == 404
    offer = await api.http.get(path, headers=await api.as_(reader))
    assert "I have no tie" in offer.text
    assert "/evidence/" not in offer.text
    unsigned = await api.http.post(path, headers=await api.as_(reader), data=NO_TIE | {"answer": "accept"})
    assert unsigned.status_code == 409
    taken = NO_TIE | {"answer": "accept", "signed": "yes"}
    assert (await api.http.post(path, headers=await api.as_(reader), data=taken)).status_code == 303
    view = (await api.get(f"/look-backs/{row.id}", reader)).json()
    page = await api.http.get(path, headers=await api.as_(reader))
    for claim in view["claims"]:
        assert claim["files"]
        assert f'name="recommendation-{claim["id"]}"' in page.text
    found = {"answer": "send", "claim": [claim["id"] for claim in view["claims"]]}
    for claim in view["claims"]:
        found |= {f"recommendation-{claim['id']}": "not_yet", f"rationale-{claim['id']}": quarters.LONG}
        found |= {f"rating-{claim['id']}-{key}": "not_yet" for key in claim["criteria"]}
    open_still = found | {f"recommendation-{view['claims'][0]['id']}": ""}
    refused = await api.http.post(path, headers=await api.as_(reader), data=open_still)
    assert (refused.status_code, "selected" in refused.text) == (409, True)
    short = found | {f"rationale-{view['claims'][0]['id']}": "Kept <b>words</b>"}
    refused = await api.http.post(path, headers=await api.as_(reader), data=short)
    assert refused.status_code == 409
    assert "Kept &lt;b&gt;words&lt;/b&gt;" in refused.text
    assert (await api.http.post(path, headers=await api.as_(reader), data=found)).status_code == 303
    thanks = await api.http.get(path, headers=await api.as_(reader))
    assert "Thank you" in thanks.text
    lead = await api.http.get("/en/look-backs", headers=await api.as_(quarter.who.lead))
    assert "Not yet demonstrated" in lead.text
    assert {one["again"] for one in (await api.get("/look-backs/differing", quarter.who.lead)).json()} == {"not_yet"}
    assert (await api.get("/look-backs/differing", reader)).status_code == 403
    assert (await api.http.get("/en/look-backs", headers=await api.as_(quarter.who.learner))).status_code == 403


async def test_who_declines_is_followed_at_once(api: Api, woken: list[UUID]) -> None:
    quarter = await quarters.over(api.database)
    await quarters.seen_to(api.database)
    (row,) = await quarters.asked(api.database)
    reader = next(one for one in quarter.others if one.id == row.reader_id)
    api.clock.now = quarters.AFTER
    sent = {"answer": "decline", "reason": "no_time"}
    answer = await api.http.post(f"/en/look-backs/{row.id}", headers=await api.as_(reader), data=sent)
    assert (answer.status_code, woken) == (303, [quarter.case_id])
    assert len(await quarters.told(api.database, "look_back_offered")) == 2
