"""A programme's offers are kept by whoever administers it; a case's people see its plan once the letter can be read."""

from uuid import UUID

import pytest

from services.records.tables.people import Person
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.api.kit import Api
from tests.records import makers, moving
from tests.records.moving import People

OFFER = {
    "key": "safe-work",
    "provider": "Example College",
    "title": {"en": "Safe work", "fr": "Travailler en sécurité"},
    "way": "course",
    "covers": [{"competency": "second", "criterion": "b"}],
    "cost": 9000,
    "currency": "CAD",
    "hours": 12,
    "mode": "online",
    "language": "en",
}
PATH = "/programmes/sample-programme/offers"
KEPT_AT = "/catalogues/sample-programme/offers"


@pytest.fixture
async def keeper(api: Api) -> Person:
    async with api.database.writing() as session:
        return await makers.staff(session, Role.PROGRAMME_ADMIN)


async def decided(api: Api, who: People) -> UUID:
    case_id = await moving.judged(api.database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    await moving.decide(api.database, who, case_id)
    return case_id


async def test_offers_are_replaced_by_their_keeper_and_read_by_anybody(api: Api, keeper: Person, who: People) -> None:
    assert (await api.write("PUT", KEPT_AT, who.lead, {"offers": [OFFER]})).status_code == 403
    kept = await api.write("PUT", KEPT_AT, keeper, {"offers": [OFFER]})
    assert kept.status_code == 200
    assert (await api.get(PATH)).json() == kept.json()
    assert kept.json()[0]["starts_on"] is None
    unknown = await api.write("PUT", KEPT_AT, keeper, {"offers": [OFFER | {"covers": [{"competency": "none"}]}]})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "malformed")
    async with api.database.writing() as session:
        elsewhere = await makers.staff(session, Role.PROGRAMME_ADMIN, programme="another-programme")
    assert (await api.write("PUT", KEPT_AT, elsewhere, {"offers": []})).status_code == 404
    assert (await api.write("PUT", "/catalogues/none/offers", keeper, {"offers": []})).status_code == 404


async def test_the_plan_is_shown_with_the_letter_and_not_before(api: Api, keeper: Person, who: People) -> None:
    await api.write("PUT", KEPT_AT, keeper, {"offers": [OFFER]})
    case_id = await decided(api, who)
    before = (await api.get(f"/cases/{case_id}", who.learner)).json()
    assert (before["plan"], before["hours_saved"]) == (None, 0)
    assert (await api.get(f"/cases/{case_id}/offers", who.learner)).status_code == 403
    await moving.publish(api.database, case_id)
    for person in (who.learner, who.advisor):
        shown = (await api.get(f"/cases/{case_id}", person)).json()
        assert (shown["hours_saved"], shown["plan"]["hours"], shown["plan"]["made_by"]) == (45, 12, "clock")
        [row] = shown["plan"]["rows"]
        assert (row["criterion"], row["text"]["en"], row["offer"]["key"]) == ("b", "It is done safely.", "safe-work")
        [offer] = (await api.get(f"/cases/{case_id}/offers", person)).json()
        assert offer["reason"]["en"] == "Covers 1 of 1 missing; 90.00 CAD; 12 h"
    asked = (await api.get(f"/cases/{case_id}", who.learner)).json()
    assert {"plan_gaps", "accept_plan", "decline_plan"} <= set(asked["commands"])
    assert (await api.get(f"/cases/{case_id}/offers", who.assessor)).status_code in (403, 404)


async def test_equivalences_are_replaced_and_read_by_their_keeper_alone(api: Api, keeper: Person, who: People) -> None:
    path = "/catalogues/sample-programme/equivalences"
    pair = {"competency": "first", "equals": "sample-programme/second", "source": "Agreement of 2026"}
    kept = await api.write("PUT", path, keeper, {"equivalences": [pair]})
    assert kept.status_code == 200
    assert pair in kept.json()
    assert (await api.get(path, keeper)).json() == kept.json()
    assert (await api.get(path, who.lead)).status_code == 403


async def test_a_transfer_is_stated_and_taken_back_by_its_learner(api: Api, who: People) -> None:
    async with api.database.writing() as session:
        case = await makers.case(session, learner=who.learner)
        item = await makers.evidence(session, case, kind="earlier_credential")
    path = f"/cases/{case.id}/claims/first/transfer"
    said = {"issuer": "Another college", "title": "Certificate", "awarded_on": "2024-06-14", "evidence": str(item.id)}
    assert (await api.write("PUT", path, who.learner, said)).json()["kind"] == "transfer"
    [stated] = (await api.get(f"/cases/{case.id}", who.learner)).json()["transfers"]
    assert (stated["issuer"], stated["check"]) == ("Another college", None)
    assert (await api.write("DELETE", path, who.learner)).status_code == 204
    assert (await api.get(f"/cases/{case.id}", who.learner)).json()["transfers"] == []
