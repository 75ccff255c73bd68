"""Evidence of long ago is pointed out to both sides, under the rule "current", and never set aside."""

from datetime import date

from services.records import cases, likeness
from services.rules.case import Stage
from tests.api.kit import Api
from tests.records import makers, moving
from tests.records.moving import People


async def test_learner_and_assessor_are_told_of_old_evidence_and_of_nothing_else(api: Api, who: People) -> None:
    case_id = await moving.assessing(api.database, who)
    first = (await moving.claims_of(api.database, case_id))["first"]
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        old = await makers.evidence(session, case, first, period_end=date(2019, 6, 1), sha256="1" * 64)
        new = await makers.evidence(session, case, first, period_end=date(2025, 6, 1), sha256="2" * 64)
    await moving.write(api.database, case_id, who.assessor, first=moving.finding(), second=moving.finding())
    for person in (who.learner, who.assessor):
        listed = {one["id"]: one for one in (await api.get(f"/cases/{case_id}/evidence", person)).json()}
        assert "5 years" in listed[str(old.id)]["currency_warning"]["en"]
        assert "plus de 5 ans" in listed[str(old.id)]["currency_warning"]["fr"]
        assert listed[str(new.id)]["currency_warning"] is None
    drafts = {one["competency"]: one for one in (await api.get(f"/cases/{case_id}/judgements", who.assessor)).json()}
    assert [(one["rule"], one["code"], one["evidence"]) for one in drafts["first"]["warnings"]] == [
        ("current", "old", str(old.id))
    ]
    assert "met" in drafts["first"]["allowed"]
    assert drafts["second"]["warnings"] == []


async def test_a_programme_that_asks_for_no_date_warns_nobody(api: Api, who: People) -> None:
    sample = makers.with_policy(currency_warn_years=0)
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE, sample=sample)
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        await makers.evidence(session, case, *await makers.claims(session, case), period_end=date(1999, 1, 1))
    (one,) = (await api.get(f"/cases/{case_id}/evidence", who.learner)).json()
    assert one["currency_warning"] is None


async def test_an_assessor_is_told_of_one_source_and_of_a_file_that_lies_elsewhere_too(
    either_api: Api,
) -> None:
    api = either_api
    who = await moving.people(api.database)
    case_id = await moving.assessing(api.database, who)
    first = (await moving.claims_of(api.database, case_id))["first"]
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        mine = await makers.evidence(session, case, first, kind="photo_of_work", sha256="1" * 64)
        same = await makers.case(session, stage=Stage.ELIGIBLE, learner=who.learner)  # the learner's own
        await makers.evidence(session, same, sha256=mine.sha256)
    await moving.write(api.database, case_id, who.assessor, first=moving.finding(), second=moving.finding())

    async def signs() -> set[tuple[str, str, str | None]]:
        drafts = (await api.get(f"/cases/{case_id}/judgements", who.assessor)).json()
        return {(one["competency"], sign["sign"], sign["evidence"]) for one in drafts for sign in one["help"]}

    assert await signs() == {("second", "one_source", None)}
    async with api.database.writing() as session:
        other = await makers.case(session, stage=Stage.ELIGIBLE)
        await makers.evidence(session, other, sha256=mine.sha256)
    assert await signs() == {("second", "one_source", None), ("first", "same_file_elsewhere", str(mine.id))}
    bench = await api.http.get(f"/en/assess/{case_id}", headers=await api.as_(who.assessor))
    assert "very same content" in bench.text
    assert "What the learner says of AI tools" in bench.text
    assert str(other.id) not in bench.text
    async with api.database.writing() as session:
        retold = await makers.evidence(session, other, sha256="3" * 64)
        for item in (mine, retold):
            await likeness.keep(session, item.id, range(64), now=makers.NOW)
    assert ("first", "near_text_elsewhere", str(mine.id)) in await signs()
    bench = await api.http.get(f"/fr/assess/{case_id}", headers=await api.as_(who.assessor))
    assert "texte presque identique" in bench.text
    assert str(other.id) not in bench.text
