"""A lead reads the reasons before the decision and asks for clearer ones; their author answers."""

from services.rules import commands as bodies
from services.rules.claims import Recommendation
from services.rules.people import Role
from tests.api.kit import Api
from tests.pages.reading import read, sent
from tests.pages.test_advise_case import form
from tests.records import moving
from tests.records.moving import People

ANEW = "You showed how a wall is squared; how you check that it holds is still to be seen, on any site you like."


async def test_reasons_are_asked_for_and_said_again(api: Api, who: People) -> None:
    case_id = await moving.judged(api.database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    claim = str((await moving.claims_of(api.database, case_id))["second"].id)
    path, mine = f"/en/cases/{case_id}/reasons", f"/en/assess/{case_id}/reasons"
    assert path in await read(api, who.lead, f"/en/cases/{case_id}")
    seen = await read(api, who.lead, path)
    assert "x" * 80 in seen
    assert "Only mine to read" not in seen
    for person, status in ((who.learner, 403), (who.advisor, 403), (who.decider, 403), (who.assessor, 403)):
        await read(api, person, path, status)
    asked = await sent(
        api, who.lead, f"/en/cases/{case_id}/do/return-judgement", **form(seen, "return-judgement") | {"claim": claim},
        note="Which of the two?",
    )  # fmt: skip
    assert asked.status_code == 303, asked.text
    assert "Clearer reasons are asked for" in await read(api, who.lead, path)
    assert "say their reasons more clearly" in await read(api, who.decider, f"/en/cases/{case_id}/decision")
    assert f"/fr/assess/{case_id}/reasons" in await read(api, who.assessor, "/fr/queue")
    assert mine in await read(api, who.assessor, f"/en/cases/{case_id}")
    page = await read(api, who.assessor, mine)
    assert "Which of the two?" in page
    (listed,) = (await api.get(f"/cases/{case_id}/unclear-reasons", who.assessor)).json()
    (returned,) = (await api.get(f"/cases/{case_id}/returned-reasons", who.lead)).json()
    assert listed == returned
    assert (listed["claim"], listed["note"]) == (claim, "Which of the two?")
    assert (await api.get(f"/cases/{case_id}/returned-reasons", who.assessor)).status_code == 403
    said = await sent(
        api, who.assessor, f"/en/cases/{case_id}/do/clarify-judgement", **form(page, "clarify-judgement"),
        rationale=ANEW,
    )  # fmt: skip
    assert said.status_code == 303, said.text
    assert ANEW in await read(api, who.lead, path)
    assert ANEW in await read(api, who.decider, f"/en/cases/{case_id}/decision")
    assert "Nothing waits here" in await read(api, who.assessor, mine)
    (_, second) = (await api.get(f"/cases/{case_id}/recommendations", who.lead)).json()
    assert (second["rationale"], second["recommendation"]) == (ANEW, "partial")


async def test_a_lead_reads_no_judgement_that_does_not_stand_yet(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who, ("first",))
    await moving.write(api.database, case_id, who.assessor, first=moving.finding())
    assert (await api.get(f"/cases/{case_id}/recommendations", who.lead)).json() == []
    assert "No assessment stands yet" in await read(api, who.lead, f"/en/cases/{case_id}/reasons")


async def test_a_page_offers_to_take_the_question_back(api: Api, who: People) -> None:
    case_id = await moving.judged(api.database, who, first=Recommendation.PARTIAL)
    claim = str((await moving.claims_of(api.database, case_id))["first"].id)
    body = bodies.ReturnJudgement(claim, "Which one?")
    await moving.send(api.database, case_id, "return_judgement", actor=who.lead, role=Role.LEAD, body=body)
    page = await read(api, who.lead, f"/en/cases/{case_id}/reasons")
    back = await sent(api, who.lead, f"/en/cases/{case_id}/do/take-back-return", **form(page, "take-back-return"))
    assert back.status_code == 303, back.text
    assert "Clearer reasons are asked for" not in await read(api, who.lead, f"/en/cases/{case_id}/reasons")
