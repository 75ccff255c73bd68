"""Advisors and leads write down who asked before there was a case; nobody else sees it."""

from sqlmodel import select

from services.records.tables.enquiries import Enquiry
from services.rules.case import Stage
from services.rules.people import Role
from tests.api.kit import Api
from tests.pages import test_stats
from tests.records import makers
from tests.records.makers import NOW
from tests.records.moving import People

FORM = {"day": "2026-03-02", "way": "visit", "language": "fr", "programme": "sample-programme"}


async def kept(api: Api) -> list[Enquiry]:
    async with api.database.reading() as session:
        return list(await session.exec(select(Enquiry)))


async def test_an_enquiry_is_written_down_linked_and_removed_on_one_page(api: Api, who: People) -> None:
    lead = await api.as_(who.lead)
    empty = await api.http.get("/fr/enquiries", headers=lead)
    assert "Il n’y en a pas" in empty.text
    cases = await api.http.get("/fr/cases", headers=lead)
    assert "Demandes de renseignements de personnes sans dossier" in cases.text
    for wrong in ({"day": "soon"}, {"day": "2027-01-01"}, {"way": "letter"}, {"language": "de"}):
        refused = await api.http.post("/en/enquiries", headers=lead, data=FORM | wrong)
        assert (refused.status_code, "There is a problem" in refused.text) == (422, True), wrong
    for data in (FORM, FORM | {"programme": "-", "way": "web"}):
        done = await api.http.post("/en/enquiries", headers=lead, data=data)
        assert done.headers["location"] == "/en/enquiries?done=recorded"
    page = (await api.http.get("/en/enquiries?done=recorded", headers=lead)).text
    assert ("Programme not known yet" in page, "Open a case for them" in page) == (True, False)
    first, second = await kept(api)
    async with api.database.writing() as session:
        case = await makers.case(session, stage=Stage.SUBMITTED, created_at=NOW, submitted_at=NOW)
        away = await test_stats.elsewhere(session, Role.LEAD)
    path = f"/en/enquiries/{first.id}/case"
    unknown = await api.http.post(path, headers=lead, data={"number": "S-1"})
    assert (unknown.status_code, "You follow no case of this number" in unknown.text) == (422, True)
    assert (await api.http.post(path, headers=await api.as_(away), data={"number": case.number})).status_code == 404
    linked = await api.http.post(path, headers=lead, data={"number": case.number})
    assert linked.headers["location"] == "/en/enquiries?done=linked"
    gone = await api.http.post(f"/en/enquiries/{second.id}/remove", headers=lead)
    assert gone.headers["location"] == "/en/enquiries?done=removed"
    assert [one.case_id for one in await kept(api)] == [case.id]


async def test_a_case_is_opened_for_whoever_asked(api: Api, who: People) -> None:
    advisor = await api.as_(who.advisor)
    await api.http.post("/en/enquiries", headers=advisor, data=FORM)
    (asked,) = await kept(api)
    form = await api.http.get(f"/en/intake?enquiry={asked.id}", headers=advisor)
    assert f'name="enquiry" value="{asked.id}"' in form.text
    assert '<option value="fr" selected>' in form.text
    data = {"name": "Ana Sample", "email": "ana@example.org", "language": "fr", "programme": "sample-programme"}
    data |= {"purpose": "upskill", "form": "spoken", "agreed": "yes", "enquiry": str(asked.id)}
    opened = await api.http.post("/en/intake", headers=advisor, data=data)
    (row,) = await kept(api)
    assert opened.headers["location"] == f"/en/cases/{row.case_id}"
    missing = await api.http.get("/en/intake?enquiry=00000000-0000-0000-0000-000000000000", headers=advisor)
    assert missing.status_code == 404


async def test_programs_keep_enquiries_too(api: Api, who: People) -> None:
    said = {"day": "2026-03-01", "way": "phone", "language": "en", "programme": None}
    made = await api.http.post("/api/v1/enquiries", headers=await api.as_(who.lead), json=said)
    assert (made.status_code, made.json()) == (201, said | {"id": made.json()["id"]})
    path = f"/api/v1/enquiries/{made.json()['id']}"
    assert (await api.get("/enquiries", who.advisor)).json() == [made.json()]
    unknown = await api.http.put(f"{path}/case", headers=await api.as_(who.lead), json={"number": "S-1"})
    assert unknown.status_code == 404
    consent = {"text_version": "2026-1", "form": "spoken"}
    learner = {"name": "Ana Sample", "email": "ana@example.org", "language": "en"}
    intake = {"learner": learner, "consent": consent, "programme": "sample-programme", "purpose": "upskill"}
    opened = await api.http.post(
        "/api/v1/intakes", headers=await api.as_(who.advisor), json=intake | {"enquiry": made.json()["id"]}
    )
    assert opened.status_code == 201
    assert [str(one.case_id) for one in await kept(api)] == [opened.json()["id"]]
    number = {"number": opened.json()["number"]}
    again = await api.http.put(f"{path}/case", headers=await api.as_(who.advisor), json=number)
    assert again.status_code == 204
    assert (await api.http.delete(path, headers=await api.as_(who.lead))).status_code == 204
    for person in (who.learner, who.assessor):
        assert (await api.get("/enquiries", person)).status_code == 403
