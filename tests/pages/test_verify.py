"""Anybody can see on a page whether a credential holds: six answers, from our records, without cookie or account."""

import html
import re

import httpx
import pytest
from sqlmodel import select

from services.records.tables.credentials import Credential, CredentialState
from tests.api.kit import BASE, Api
from tests.api.test_public import code_of
from tests.api.test_whole_case import decided
from tests.records.moving import People


async def page(api: Api, code: str, *, language: str = "en") -> httpx.Response:
    return await api.http.get(f"/{language}/verify/{code}")


async def test_a_valid_credential_says_what_the_person_can_do_in_both_languages(api: Api, who: People) -> None:
    code = await code_of(api, who, await decided(api, who))
    english, french = await page(api, code), await page(api, code, language="fr")
    assert "Valid\n" in english.text.replace("</h1>", "\n")
    assert "Valide" in french.text
    for answer in (english, french):
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert answer.headers["x-robots-tag"] == "noindex"
        assert code in answer.text
    assert "What the person can do" in english.text
    assert "Ce que la personne sait faire" in french.text
    assert re.search(r'<p [^>]*lang="en">Assessed individually against 3 published criteria', english.text)
    assert re.search(r'<p [^>]*lang="fr">Évaluation individuelle selon 3\xa0critères publiés', french.text)
    assert "<strong>Portfolio de preuves</strong> – 1\xa0élément associé" in french.text


async def test_the_address_that_a_credential_names_leads_people_to_the_standard(api: Api, who: People) -> None:
    code = await code_of(api, who, await decided(api, who))
    signed = (await api.get(f"/credentials/{code}")).json()
    address = signed["credentialSubject"]["achievement"]["id"].removeprefix(BASE)
    assert (await api.http.get(address)).headers["content-type"] == "application/json"
    led = await api.http.get(address, headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert (led.status_code, led.headers["location"]) == (303, f"/fr{address.replace('/achievements', '/standards')}")
    data = await api.http.get(f"{address}/fr", headers={"Accept": "text/html"})
    assert data.headers["content-type"] == "application/json"
    shown = await api.http.get(led.headers["location"])
    assert (shown.status_code, "set-cookie" in shown.headers) == (200, False)
    for said in ("Première compétence", "C’est fait sans danger.", "Pleinement démontrée", f"{BASE}{address}"):
        assert said in html.unescape(shown.text), said
    assert led.headers["location"] in (await page(api, code, language="fr")).text
    for wrong in ("/v1x", "/v9", ".never/v1"):
        strange = led.headers["location"].removesuffix("/v1").removesuffix(".first") + wrong
        assert (await api.http.get(strange)).status_code == 404, wrong


async def test_a_withdrawn_credential_names_its_day_and_no_reason(api: Api, who: People) -> None:
    code = await code_of(api, who, await decided(api, who))
    async with api.database.writing() as session:
        row = (await session.exec(select(Credential))).one()
        row.state, row.revoked_at = CredentialState.REVOKED, api.clock()
    text = (await page(api, code)).text
    assert "Withdrawn on" in text
    assert "fraud" not in text.lower()


async def test_an_unknown_code_is_not_ours_and_a_mistyped_one_is_said_to_be_none(api: Api) -> None:
    assert "Not ours" in (await page(api, "0000-0000-0000")).text
    typed = await api.http.get("/en/verify", params={"code": "?<script>"})
    assert typed.status_code == 422
    assert "This is not a code of ours" in typed.text
    assert "<script>" not in typed.text


async def test_a_file_is_answered_from_our_records_and_a_changed_one_is_found(api: Api, who: People) -> None:
    code = await code_of(api, who, await decided(api, who))
    signed = (await api.http.get(f"/api/v1/credentials/{code}")).content
    good = await api.http.post("/fr/verify", files={"file": ("a.json", signed)})
    assert "Valide" in good.text
    changed = await api.http.post("/en/verify", files={"file": ("a.json", signed.replace(b"Sample", b"Simple"))})
    assert "Changed after issue" in changed.text
    nothing = await api.http.post("/en/verify", files={"file": ("a.txt", b"hello")})
    assert nothing.status_code == 422
    assert 'href="#file"' in nothing.text


@pytest.mark.parametrize(("accept", "place"), [("text/html", "/fr/verify/"), ("application/json", "/api/v1/verify/")])
async def test_the_short_address_leads_people_to_a_page_and_programs_to_data(
    api: Api, who: People, accept: str, place: str
) -> None:
    code = await code_of(api, who, await decided(api, who))
    answer = await api.http.get(f"/v/{code}", headers={"Accept": accept, "Accept-Language": "fr"})
    assert answer.headers["location"] == place + code


async def test_addresses_without_a_language_lead_to_the_readers_own(api: Api) -> None:
    for path in ("/", "/programmes", "/verify", "/cases/0193a1f0-0000-7000-8000-000000000001"):
        answer = await api.http.get(path, headers={"Accept-Language": "fr-CA"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/fr{path}")


async def test_whoever_checks_a_credential_is_not_logged(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="acquis.access"):
        await page(api, "0000-0000-0000")
        await api.http.get("/en/verify")
        await api.http.get("/en/help")
    said = [record.getMessage() for record in caplog.records if record.name == "acquis.access"]
    assert len(said) == 1
    assert "/en/help" in said[0]
