"""Whoever meets a programme of France reads the French of France, on its pages, in lists and in refusals."""

from dataclasses import replace

from services.rules.case import Stage, WaitingOn
from services.rules.programmes import Programme
from tests.api.kit import Api
from tests.records import makers, moving
from tests.records.moving import People

FRANCE = {"Accept-Language": "fr"}


def vae() -> Programme:
    """The sample programme in the words of France."""
    sample = makers.with_policy(version=1, terms="fr-FR")
    return replace(sample, slug="vae-programme")


async def test_every_page_about_a_case_speaks_as_its_programme_does(api: Api, who: People) -> None:
    case_id = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW, sample=vae())
    for person, paths in (
        (who.learner, ("", "/story", "/self-check", "/evidence", "/do/ask-accommodation")),
        (who.advisor, ("", "/eligibility", "/do/ask-completion")),
        (who.lead, ("", "/seats")),
    ):
        for path in paths:
            page = await api.http.get(f"/fr/cases/{case_id}{path}", headers=await api.as_(person))
            assert (page.status_code, page.headers["content-language"]) == (200, "fr-FR"), path
    usual = await moving.standing(api.database, who, Stage.ELIGIBILITY_REVIEW)
    page = await api.http.get(f"/fr/cases/{usual}", headers=await api.as_(who.advisor))
    assert page.headers["content-language"] == "fr-CA"


async def test_lists_say_the_stage_of_each_case_in_its_own_words(api: Api, who: People) -> None:
    for sample in (vae(), None):
        await moving.standing(api.database, who, Stage.MODERATION, sample=sample)
    listed = (await api.get("/cases", who.lead)).json()["cases"]
    assert {row["stage"]["label"]["fr"] for row in listed} == {"Jury", "Modération"}
    page = await api.http.get("/fr/cases", headers=await api.as_(who.lead))
    assert "Jury" in page.text
    assert "Modération" in page.text
    sent = await moving.standing(
        api.database, who, Stage.PORTFOLIO_SUBMITTED, sample=vae(), waiting_on=WaitingOn.ADVISOR, due_at=makers.NOW
    )
    waiting = {row["case_id"]: row for row in (await api.get("/queue", who.advisor)).json()["waiting"]}
    assert waiting[str(sent)]["label"]["fr"] == "Dossier de validation déposé"


async def test_a_refusal_about_a_case_speaks_as_its_programme_does_and_to_a_stranger_as_ever(
    api: Api, who: People
) -> None:
    case_id = await moving.standing(api.database, who, Stage.PORTFOLIO_SUBMITTED, sample=vae())
    async with moving.writing(api.database) as session:
        stranger = await makers.person(session)
    written = {"answers": {"trade": "Machinist"}, "version": 1}
    refused = await api.write("PUT", f"/cases/{case_id}/answers", who.learner, written, **FRANCE)
    assert refused.json()["title"] == "Le dossier de validation a été envoyé et ne peut pas être modifié maintenant."
    page = await api.http.get(f"/fr/cases/{case_id}/do/decide", headers=await api.as_(stranger))
    assert (page.status_code, page.headers["content-language"]) == (404, "fr-CA")
    hidden = await api.http.get(f"/fr/cases/{case_id}/decision", headers=await api.as_(who.learner))
    assert (hidden.status_code, hidden.headers["content-language"]) == (403, "fr-FR")
