"""Before sending, a learner is told all that is missing at once, in the words of the refusals that would follow."""

from typing import Any

from sqlmodel import select

from services.records import cases, missing
from services.records.tables.programmes import ProgrammeVersion
from services.rules.case import Stage
from services.rules.evidence import EvidenceState
from tests.api.kit import Api
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People


async def told(api: Api, case_id: object, who: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a person, as the kit wants
    answer = await api.get(f"/cases/{case_id}/missing", who)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_an_empty_draft_lacks_its_claims_and_an_open_programme_and_no_other_case(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.DRAFT, competencies=())
    assert [one["code"] for one in await told(api, case_id, who.learner)] == ["claims_missing"]
    await moving.standing(api.database, who, Stage.ASSIGNING)
    async with api.database.writing() as session:
        for version in await session.exec(select(ProgrammeVersion)):
            version.retired_at = NOW
    codes = [one["code"] for one in await told(api, case_id, who.learner)]
    assert codes == ["claims_missing", "programme_closed", "case_already_open"]


async def test_every_claim_without_evidence_is_named_in_both_languages_and_so_is_an_unready_file(
    api: Api, who: People
) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    async with api.database.writing() as session:
        row = await cases.get(session, case_id)
        await makers.evidence(session, row, state=EvidenceState.RECEIVING, name="plan.pdf")
    found = await told(api, case_id, who.advisor)
    assert [one["code"] for one in found if one["code"] != "answers_required"] == [
        "evidence_unready",
        "pointer_missing",
        "pointer_missing",
    ]
    assert "plan.pdf" in next(one for one in found if one["code"] == "evidence_unready")["says"]["en"]
    first, second = (one for one in found if one["code"] == "pointer_missing")
    assert "First competency" in first["says"]["en"]
    assert first["says"]["en"] != first["says"]["fr"] != second["says"]["fr"]
    assert all(one["what_next"]["fr"] for one in found)


async def test_a_portfolio_that_lacks_nothing_can_be_sent(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    async with api.database.writing() as session:
        row = await cases.get(session, case_id)
        await makers.evidence(session, row, *await cases.claims_of(session, case_id))
    assert await told(api, case_id, who.learner) == []
    answer = await api.command(case_id, "submit_portfolio", who.learner, {"authentic": True, "ai_use": "None."})
    assert answer.status_code == 200, answer.text
    assert await told(api, case_id, who.learner) == []


async def test_what_is_missing_is_nobodys_business_but_the_learners_and_the_advisors(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    assert (await api.get(f"/cases/{case_id}/missing", who.lead)).status_code == 403
    assert (await api.get(f"/cases/{case_id}/missing", who.assessor)).status_code == 404


async def test_nothing_is_missing_where_nothing_is_sent(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ASSIGNING, competencies=())
    async with api.database.reading() as session:
        assert await missing.of_case(session, await cases.get(session, case_id), now=NOW) == []
