"""The page on which an assessor begins, and the offer: taken, given back, or closed by a tie."""

from uuid import UUID, uuid4

import httpx

from services.records import cases
from services.records.tables.people import Person
from services.rules.case import SeatState
from services.rules.conflicts import ConflictTie
from services.rules.people import Role
from tests.api.kit import HERE, Api
from tests.records import makers, moving
from tests.records.moving import People


async def page(api: Api, path: str, person: Person) -> httpx.Response:
    return await api.http.get(path, headers=await api.as_(person))


async def sent(api: Api, path: str, person: Person, **fields: str) -> httpx.Response:
    return await api.http.post(path, headers=await api.as_(person) | HERE, data=fields)


async def offer(api: Api, case_id: UUID) -> dict[str, str]:
    """What the form of the offer holds by itself, with every question answered by no."""
    (seat,) = await moving.seats_of(api.database, case_id, SeatState.OFFERED)
    clear = {f"tie-{tie}": "no" for tie in ConflictTie}
    return clear | {"assignment": str(seat.id), "version": "4", "signed": "yes"}


async def version(api: Api, case_id: UUID, person: Person) -> str:
    """The version of the case that the offer's page holds."""
    return str((await api.get(f"/cases/{case_id}/screen", person)).json()["version"])


async def test_an_offer_stands_in_the_list_and_is_taken_after_the_screen(api: Api, who: People) -> None:
    case_id = await moving.assigning(api.database, who)
    listed = await page(api, "/en/queue", who.assessor)
    assert f"/en/cases/{case_id}/offer" in listed.text
    follow = await page(api, "/en/queue/next", who.assessor)
    assert (follow.status_code, follow.headers["location"]) == (303, f"/en/cases/{case_id}/offer")
    shown = await page(api, f"/fr/cases/{case_id}/offer", who.assessor)
    assert "Sample Learner" in shown.text
    assert "sample.pdf" not in shown.text
    fields = await offer(api, case_id) | {"version": await version(api, case_id, who.assessor)}
    unsigned = await sent(
        api, f"/en/cases/{case_id}/offer", who.assessor, **fields | {"answer": "accept", "signed": ""}
    )
    assert unsigned.status_code == 422
    assert "#signed" in unsigned.text
    tied = await sent(
        api, f"/en/cases/{case_id}/offer", who.assessor, **fields | {"answer": "accept", "tie-financial": "yes"}
    )
    assert tied.status_code == 409
    assert [one.state for one in await moving.seats_of(api.database, case_id)] == [SeatState.OFFERED]
    taken = await sent(api, f"/en/cases/{case_id}/offer", who.assessor, **fields | {"answer": "accept"})
    assert (taken.status_code, taken.headers["location"]) == (303, f"/en/assess/{case_id}")
    assert [one.state for one in await moving.seats_of(api.database, case_id)] == [SeatState.ACCEPTED]
    assert f"/en/assess/{case_id}" in (await page(api, "/en/queue", who.assessor)).text


async def test_an_offer_is_given_back_with_a_reason(api: Api, who: People) -> None:
    case_id = await moving.assigning(api.database, who)
    fields = await offer(api, case_id) | {"version": await version(api, case_id, who.assessor), "answer": "decline"}
    silent = await sent(api, f"/en/cases/{case_id}/offer", who.assessor, **fields)
    assert silent.status_code == 422
    assert "#reason" in silent.text
    said = await sent(api, f"/en/cases/{case_id}/offer", who.assessor, **fields | {"reason": "no_time"})
    assert said.headers["location"] == "/en/queue?done=declined"
    assert str(case_id) not in (await page(api, "/en/queue", who.assessor)).text
    assert (await page(api, f"/en/cases/{case_id}/offer", who.assessor)).status_code == 404


async def test_whoever_declares_a_tie_finds_nothing_of_the_case_any_more(api: Api, who: People) -> None:
    case_id = await moving.assigning(api.database, who)
    number = (await moving.case_of(api.database, case_id)).number
    fields = await offer(api, case_id) | {"version": await version(api, case_id, who.assessor)}
    said = await sent(
        api,
        f"/en/cases/{case_id}/offer",
        who.assessor,
        **fields | {"answer": "declare", "tie-family_household": "yes", "note": "A cousin"},
    )
    assert said.headers["location"] == "/en/queue?done=conflict"
    for path in (f"/en/cases/{case_id}/offer", f"/en/assess/{case_id}", f"/en/cases/{case_id}"):
        assert (await page(api, path, who.assessor)).status_code == 404
    assert number not in (await page(api, "/en/queue", who.assessor)).text


async def test_nothing_of_a_case_is_listed_for_the_barred_and_nobody_else_opens_an_offer(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        other = await makers.staff(session, Role.ASSESSOR)
        await makers.exclude(session, case, who.assessor)
    assert case.number not in (await page(api, "/en/queue", who.assessor)).text
    assert (await page(api, "/en/queue/next", who.assessor)).headers["location"] == "/en/queue?done=nothing-left"
    for stranger in (who.assessor, other):
        assert (await page(api, f"/en/cases/{case_id}/offer", stranger)).status_code == 404


async def test_an_assessor_proposes_somebody_and_only_the_learner_decides(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    here = f"/en/assess/{case_id}/proposal"
    claim = (await moving.claims_of(api.database, case_id))["first"]
    assert here in (await api.http.get(f"/en/cases/{case_id}", headers=await api.as_(who.assessor))).text
    said = {"name": "Ana Sample", "organisation": "Sample Works", "relation": "client", "language": "fr"}
    said |= {"claims": str(claim.id), "email": ""}
    for person in (who.advisor, who.learner, who.lead):
        assert (await api.http.get(here, headers=await api.as_(person))).status_code == 403
    headers = await api.as_(who.assessor) | HERE
    before = await moving.everything(api.database)
    for name in ("name", "organisation", "relation", "language", "claims"):
        empty = await api.http.post(here, headers=headers, data=said | {name: ""})
        assert (empty.status_code, f'href="#{name}"' in empty.text) == (422, True), name
    strange = await api.http.post(here, headers=headers, data=said | {"claims": str(uuid4())})
    assert strange.status_code >= 400
    assert await moving.everything(api.database) == before
    done = await api.http.post(here, headers=headers, data=said)
    assert done.headers["location"] == f"{here}?done=proposed"
    asked = await api.http.get(f"/en/cases/{case_id}/references", headers=await api.as_(who.learner))
    assert "Ana Sample" in asked.text
    assert "Ana Sample" not in (await api.http.get(here, headers=await api.as_(who.assessor))).text
