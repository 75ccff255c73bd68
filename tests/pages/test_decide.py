"""Who decides reads recommendations and the letters as they would be, confirms or returns; a guide does not."""

from sqlmodel import select

from services.records.tables.cases import Case
from services.records.tables.decisions import Decision, Letter
from services.rules.case import Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.programmes import Language
from services.workflows import letter_preview, letter_writing
from services.workflows.letter_preview import Signing
from tests.api.kit import BASE, HERE, Api
from tests.pages.reading import read, sent
from tests.pages.test_advise_case import form
from tests.records import appealing, makers, moving
from tests.records.moving import People


async def test_a_decision_is_read_previewed_and_confirmed(api: Api, who: People) -> None:
    case_id = await moving.judged(api.database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    assert f"/fr/cases/{case_id}/decision" in await read(api, who.decider, "/fr/decisions")
    path = f"/en/cases/{case_id}/decision"
    seen = await read(api, who.decider, path)
    assert "partly demonstrated" in seen
    assert "xxxx" in seen
    assert "Only mine to read" not in seen
    before = await moving.everything(api.database)
    for tongue in ("en", "fr"):
        letter = await api.http.get(f"{path}/letters/{tongue}", headers=await api.as_(who.decider))
        assert letter.status_code == 200, letter.text
        assert letter.content.startswith(b"%PDF-")
        assert letter.headers["cache-control"] == "private, no-store"
    assert await moving.everything(api.database) == before
    await read(api, who.decider, f"{path}/letters/de", 404)
    for person, status in ((who.advisor, 403), (who.lead, 403), (who.assessor, 403), (who.learner, 403)):
        await read(api, person, path, status)
        await read(api, person, f"{path}/letters/en", status)
    confirmed = await sent(
        api, who.decider, f"/en/cases/{case_id}/do/decide", **form(seen, "decide"), capacity="Registrar", note=""
    )
    assert confirmed.status_code == 303, confirmed.text
    assert (await moving.case_of(api.database, case_id)).outcome == "granted_partial"
    assert str(case_id) not in await read(api, who.decider, "/en/decisions")
    await read(api, who.decider, f"{path}/letters/en", 404)
    async with api.database.reading() as session:
        assert len((await session.exec(select(Decision))).all()) == 1
        assert len((await session.exec(select(Letter))).all()) == 2


async def test_the_preview_says_what_the_letter_will_say_its_plan_and_its_note_too(api: Api, who: People) -> None:
    case_id = await moving.judged(api.database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    path = f"/en/cases/{case_id}/decision"
    seen = await read(api, who.decider, path)
    said = {"capacity": "Registrar of the college", "note": "The second one is nearly there."}
    headers, typed = await api.as_(who.decider) | HERE, form(seen, "decide") | said
    before = await moving.everything(api.database)
    shown = await api.http.post(f"{path}/letters/en", headers=headers, data=typed)
    assert shown.content.startswith(b"%PDF-")
    assert (await api.http.post(f"{path}/letters/de", headers=headers, data=typed)).status_code == 404
    async with api.database.reading() as session:
        case = await session.get_one(Case, case_id)
        foreseen = await letter_preview.of_decision(
            session,
            case,
            signing=Signing(who.decider.id, **said),
            language=Language.EN,
            base_url=BASE,
            now=api.clock(),
        )
    assert await moving.everything(api.database) == before
    assert (await sent(api, who.decider, f"/en/cases/{case_id}/do/decide", **form(seen, "decide"), **said)).is_redirect
    async with api.database.reading() as session:
        decision = (await session.exec(select(Decision))).one()
        facts = await letter_writing.facts_of(session, decision)
    written = letter_writing.compose(facts, language=Language.EN, number="L-1", base_url=BASE)
    assert foreseen.preview
    assert foreseen.plan
    for part in ("plan", "reasons", "signatory", "kind", "judged_by"):
        assert getattr(foreseen, part) == getattr(written, part), part


async def test_what_cannot_be_confirmed_goes_back_with_reasons(api: Api, who: People) -> None:
    case_id = await moving.judged(api.database, who, first=Recommendation.MET, second=Recommendation.MET)
    seen = await read(api, who.decider, f"/fr/cases/{case_id}/decision")
    fields = form(seen, "return-decision") | {"claims-0-reasons": "Un deuxième regard est nécessaire."}
    back = await sent(api, who.decider, f"/fr/cases/{case_id}/do/return-decision", **fields)
    assert back.status_code == 303, back.text
    assert (await moving.case_of(api.database, case_id)).stage is Stage.MODERATION
    assert "Rien n’attend votre signature" in await read(api, who.decider, "/fr/decisions")
    assert "aucune recommandation" not in await read(api, who.advisor, f"/fr/cases/{case_id}")


async def test_whoever_guided_or_is_in_conflict_finds_nothing_to_decide(api: Api, who: People) -> None:
    case_id = await moving.judged(api.database, who, first=Recommendation.MET)
    async with api.database.writing() as session:
        await makers.role(session, who.advisor, Role.DECISION_MAKER)
        other = await makers.staff(session, Role.DECISION_MAKER)
        await makers.exclude(session, await session.get_one(Case, case_id), other)
    for person, status in ((who.advisor, 403), (other, 404)):
        assert str(case_id) not in await read(api, person, "/en/decisions")
        await read(api, person, f"/en/cases/{case_id}/decision", status)
    await read(api, who.lead, "/en/decisions", 403)
    await read(api, who.advisor, "/en/appeals", 403)


async def test_whoever_hears_an_appeal_reads_the_grounds_and_a_lead_does_not(api: Api, who: People) -> None:
    await appealing.body(api.database)
    case_id = await appealing.decided(api.database, who)
    chair = await appealing.admitted(api.database, who, case_id)
    heard = await read(api, chair, "/en/appeals")
    assert f"/en/cases/{case_id}/appeals" in heard
    seen = await read(api, chair, f"/en/cases/{case_id}/appeals")
    assert appealing.WHY in seen
    assert "evidence was overlooked" in seen
    lead = await read(api, who.lead, f"/fr/cases/{case_id}/appeals")
    assert appealing.WHY not in lead
    assert "admise, comité en cours de nomination" in lead
    assert "name-appeal-panel" in lead
    assert "reject-appeal" not in lead
    async with api.database.writing() as session:
        await makers.exclude(session, await session.get_one(Case, case_id), who.lead)
    assert str(case_id) not in await read(api, who.lead, "/en/appeals")
    await read(api, who.lead, f"/en/cases/{case_id}/appeals", 404)
    await read(api, who.assessor, "/en/appeals", 403)
