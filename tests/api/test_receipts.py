"""The receipt as PDF: what stands in it, in whose language, and who may have it."""

from datetime import timedelta
from uuid import UUID

from services.api import receipts
from services.records import cases
from services.rules.programmes import Language
from tests.api.kit import Api
from tests.api.test_whole_case import into_assessment
from tests.records.makers import NOW
from tests.records.moving import People


async def test_the_receipt_is_made_in_the_language_of_whoever_it_is_for(api: Api, who: People) -> None:
    case_id, _ = await into_assessment(api, who)
    async with api.database.reading() as session:
        case = await cases.get(session, UUID(case_id))
        number = case.number
        own = await receipts.of_case(session, case.id, language=None, now=NOW)
        french = await receipts.of_case(session, case.id, language=Language.FR, now=NOW)
    async with api.database.writing() as session:
        case = await cases.get(session, UUID(case_id))
        case.paused_until = NOW + timedelta(days=30)
        paused = await receipts.of_case(session, case.id, language=Language.EN, now=NOW)
    assert (own.language, own.case_number, own.sent) == (Language(who.learner.language), number, True)
    assert {len(one.sha256) for one in own.files} == {len(one.sha256) for one in own.versions} == {64}
    assert (french.next.turn, french.next.due_name) == ("Une personne évaluatrice", "D’ici quand")
    assert french.next.due
    assert own.contact.name == who.advisor.name
    assert (paused.next.stands, paused.next.turn, paused.next.due_name) == ("Your case is paused", "", "Paused until")


async def test_the_receipt_is_a_file_for_its_learner_and_advisor(api: Api, who: People) -> None:
    case_id, _ = await into_assessment(api, who)
    path = f"/cases/{case_id}/evidence/receipt/file"
    file = await api.get(f"{path}?language=fr", who.learner)
    assert (file.headers["content-type"], file.content[:5]) == ("application/pdf", b"%PDF-")
    assert file.headers["content-disposition"].endswith('-fr.pdf"')
    assert file.headers["cache-control"] == "private, no-store"
    assert (await api.get(f"{path}?language=de", who.advisor)).status_code == 422
    assert (await api.get(path, who.assessor)).status_code == 403
    page = await api.http.get(f"/en/cases/{case_id}/receipt", headers=await api.as_(who.learner))
    assert f"/api/v1{path}?language=en" in page.text
