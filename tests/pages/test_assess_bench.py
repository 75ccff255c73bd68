"""The workbench, the check before sending in, and the bytes that a viewer gets."""

import re
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from services.records import cases, judgements
from services.records.tables.audit import AuditLine
from services.records.tables.evidence import EvidenceItem
from services.records.tables.people import Person
from services.rules.case import SeatKind, SeatState
from services.rules.claims import Choice, Rule
from services.rules.people import Role
from tests.api.kit import HERE, Api
from tests.pages.test_assess_offers import page, sent
from tests.records import makers, moving
from tests.records.moving import People

HOSTILE = "<img src=x onerror=alert(1)>\u202efdp.exe"

WHOLE = (
    {f"rating-{key}": "met" for key in "abc"}
    | {f"rule-{rule}": "ok" for rule in Rule}
    | {
        "level": "3",
        "method": "portfolio",
        "recommendation": "met",
        "confidence": "high",
        "supervision": "none",
        "identification": "none",
        "learning_setting": "informal",
        "rationale": "",
        "private_note": HOSTILE,
    }
)
"""Everything that a form of the sample programme needs."""


async def claim_ids(api: Api, case_id: UUID) -> dict[str, UUID]:
    return {key: claim.id for key, claim in (await moving.claims_of(api.database, case_id)).items()}


async def written(api: Api, case_id: UUID, person: Person) -> dict[str, judgements.Found]:
    async with api.database.reading() as session:
        found = await judgements.drafts_of(session, case_id=case_id, assessor=person.id)
        return {one.competency: one for one in found}


async def test_a_draft_keeps_what_is_chosen_and_what_is_not_and_is_sent_in_when_complete(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who, ("first", "second"))
    claims = await claim_ids(api, case_id)
    path = f"/en/assess/{case_id}/claims/{claims['first']}"
    kept = await sent(api, path, who.assessor, version="0", level="2", **{"rating-a": "met"})
    assert (kept.status_code, kept.headers["location"]) == (303, f"/en/assess/{case_id}#c-{claims['first']}")
    draft = (await written(api, case_id, who.assessor))["first"].content
    assert draft.level == 2
    assert set(draft.undecided) == set(Choice) - {Choice.LEVEL}
    checked = await page(api, f"/en/assess/{case_id}/check", who.assessor)
    assert "Send in and lock" not in checked.text
    assert checked.text.count("not chosen yet") > 3
    version = (await api.get(f"/cases/{case_id}", who.assessor)).json()["version"]
    early = await sent(api, f"/en/assess/{case_id}/check", who.assessor, version=str(version))
    assert early.status_code == 409
    for key, before in (("first", "1"), ("second", "0")):
        whole = WHOLE | {"version": before}
        assert (await sent(api, f"/en/assess/{case_id}/claims/{claims[key]}", who.assessor, **whole)).status_code == 303
    bench = (await page(api, f"/fr/assess/{case_id}", who.assessor)).text
    assert "<img src=x" not in bench
    assert "&lt;img src=x" in bench
    assert "Send in and lock" in (await page(api, f"/en/assess/{case_id}/check", who.assessor)).text
    checking = f"/en/assess/{case_id}/check"
    odd = await sent(api, checking, who.assessor, version=str(version), worked_minutes="all day")
    assert (odd.status_code, "lies between 1 and 6000 minutes" in odd.text) == (409, True)
    assert 'value="all day"' in odd.text
    done = await sent(api, checking, who.assessor, version=str(version), worked_minutes="95")
    assert done.headers["location"] == "/en/queue?done=submitted"
    assert [one.state for one in await moving.seats_of(api.database, case_id)] == [SeatState.SUBMITTED]
    assert (await sent(api, path, who.assessor, **WHOLE | {"version": "2"})).status_code == 409


async def test_a_form_that_is_older_than_what_is_kept_changes_nothing_and_shows_both(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who, ("first",))
    claim = (await claim_ids(api, case_id))["first"]
    path = f"/en/assess/{case_id}/claims/{claim}"
    await sent(api, path, who.assessor, version="0", rationale="Written in the other window")
    stale = await sent(api, path, who.assessor, version="0", rationale="Written here")
    assert stale.status_code == 409
    assert "Written in the other window" in stale.text
    assert "Written here" in stale.text
    headers = await api.as_(who.assessor) | HERE | {"Accept": "application/json"}
    told = await api.http.post(path, headers=headers, data={"version": "0", "rationale": "Written here"})
    assert told.status_code == 409
    assert ["rationale", "Written in the other window"] in told.json()["fields"]
    kept = await api.http.post(
        path, headers=headers, data={"version": str(told.json()["version"]), "rationale": "Written here"}
    )
    assert (kept.status_code, kept.json()["version"]) == (200, 2)
    assert (await written(api, case_id, who.assessor))["first"].content.rationale == "Written here"


async def test_a_second_reading_looks_the_same_and_tells_nothing_of_the_first(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who, ("first",))
    claim = (await claim_ids(api, case_id))["first"]
    first = f"/en/assess/{case_id}"
    before = (await page(api, first, who.assessor)).text
    async with api.database.writing() as session:
        second = await makers.staff(session, Role.ASSESSOR)
        await makers.seat(session, await cases.get(session, case_id), second, kind=SeatKind.SECOND)
    await sent(api, f"{first}/claims/{claim}", who.assessor, version="0", rationale="Only mine", level="4")
    theirs = (await page(api, first, second)).text
    assert "Only mine" not in theirs
    assert not re.search(rf"{who.assessor.name}\b", theirs)
    shape = re.compile(r'id="[^"]*"|name="[^"]*"')
    assert shape.findall(theirs) == shape.findall(before)


async def test_nobody_else_opens_the_workbench(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who, ("first",))
    claim = (await claim_ids(api, case_id))["first"]
    async with api.database.writing() as session:
        stranger = await makers.staff(session, Role.ASSESSOR)
        await makers.exclude(session, await cases.get(session, case_id), stranger)
    for person, status in ((who.learner, 403), (who.advisor, 403), (who.lead, 403), (stranger, 404)):
        for path in (f"/en/assess/{case_id}", f"/en/assess/{case_id}/check"):
            assert (await page(api, path, person)).status_code == status
        answer = await sent(api, f"/en/assess/{case_id}/claims/{claim}", person, version="0")
        assert answer.status_code == status


async def file(api: Api, case_id: UUID, content: bytes, **fields: str) -> EvidenceItem:
    """A file whose bytes are kept, pointed at every claim of the case."""
    async with api.blobs.incoming() as incoming:
        await incoming.write(content)
        stored = await incoming.keep()
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        return await makers.evidence(
            session, case, *await makers.claims(session, case), sha256=stored.sha256, size=stored.size, **fields
        )


async def test_a_viewer_gets_what_is_safe_and_each_opening_is_noted_once(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who, ("first",))
    film = await file(
        api, case_id, b"0123456789", name="film.mp4", file_kind="mp4", media_type="video/mp4", title=HOSTILE
    )
    text = await file(api, case_id, b"<script>", name="page.txt", file_kind="txt", media_type="text/plain")
    path = f"/api/v1/cases/{case_id}/evidence/{film.id}/view"
    headers = await api.as_(who.assessor)
    whole = await api.http.get(path, headers=headers)
    assert whole.headers["content-disposition"] == "inline"
    assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = await api.http.get(path, headers=headers | {"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert await openings(api, film.id) == 1
    api.clock.pass_(minutes=16)
    assert (await api.http.get(path, headers=headers | {"Range": "bytes=5-"})).content == b"56789"
    assert await openings(api, film.id) == 2
    other = f"/api/v1/cases/{case_id}/evidence/{text.id}/view"
    assert (await api.http.get(other, headers=headers)).status_code == 404
    assert (await api.http.get(path, headers=await api.as_(who.lead))).status_code == 403
    bench = (await page(api, f"/en/assess/{case_id}?shown={film.id}", who.assessor)).text
    assert f'src="{path}"' in bench
    assert "<img src=x" not in bench


async def openings(api: Api, evidence_id: UUID) -> int:
    async with api.database.reading() as session:
        counted = await session.exec(
            select(sa.func.count()).where(
                col(AuditLine.action) == "evidence_read", col(AuditLine.subject) == str(evidence_id)
            )
        )
        return counted.one()
