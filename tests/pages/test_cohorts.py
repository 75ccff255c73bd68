"""Leads keep agreements and take in lists on pages; learners choose there what their sponsor is told."""

import re
from datetime import timedelta
from uuid import UUID

import httpx
from sqlmodel import select

from services.records import cases
from services.records.tables.cohorts import CohortEmployment
from services.records.tables.people import Person
from services.rules.people import Role
from tests.api.kit import HERE, Api
from tests.api.test_whole_case import decided
from tests.pages import hostile
from tests.pages.test_survey import over
from tests.records import makers, sponsored
from tests.records.moving import People
from tests.records.sponsored import SPONSOR
from tests.records.test_surveys import agreed, asked, invited

NEW = {
    "sponsor": hostile.TOGETHER[:200],
    "reference": hostile.TOGETHER[:64],
    "programme": "sample-programme",
    "purpose": "upskill",
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
}
HEAD = "email,name,language,reference\n"


async def sent(api: Api, path: str, who: Person, **fields: str) -> httpx.Response:
    return await api.http.post(path, headers=await api.as_(who) | HERE, data=fields)


async def listed(api: Api, path: str, who: Person, content: str, **fields: str) -> httpx.Response:
    files = {"file": ("people.csv", content.encode())}
    return await api.http.post(f"{path}/people", headers=await api.as_(who) | HERE, data=fields, files=files)


async def shown(api: Api, path: str, who: Person) -> str:
    answer = await api.http.get(path, headers=await api.as_(who))
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_lead_makes_an_agreement_and_takes_in_a_list(api: Api, who: People) -> None:
    async with api.database.writing() as session:
        await makers.published(session)
        elsewhere = await makers.person(session)
        await makers.role(session, elsewhere, Role.LEAD, programme="another")
    assert "There is no agreement yet" in await shown(api, "/en/agreements", who.lead)
    assert "None of your programmes takes new cases" in await shown(api, "/en/agreements", elsewhere)
    for fields, says in (({}, "Donnez une référence"), (NEW | {"ends_on": "2025-01-01"}, "dernier jour")):
        wrong = await sent(api, "/fr/agreements", who.lead, **fields)
        assert (wrong.status_code, says in wrong.text) == (422, True)
    made = await sent(api, "/en/agreements", who.lead, **NEW)
    path = made.headers["location"].partition("?")[0]
    assert (await sent(api, "/en/agreements", who.lead, **NEW | {"programme": "none"})).status_code == 404
    again = await sent(api, "/en/agreements", who.lead, **NEW)
    assert (again.status_code, "Another agreement has this reference" in again.text) == (422, True)
    assert "Nobody has joined yet" in await shown(api, made.headers["location"], who.lead)
    empty = await listed(api, path, who.lead, "")
    for says in ("Choose the file", "Say how everybody", "Tick that everybody"):
        assert says in empty.text
    consent = {"form": "written", "agreed": "yes"}
    lines = f'ana@example.org,"{hostile.TOGETHER[:200].replace(chr(34), chr(34) * 2)}",fr,=E-7\n'
    wrong = await listed(api, path, who.lead, f"{HEAD}{lines}nobody,,en,\n", **consent)
    assert wrong.status_code == 422
    assert "Line 3, column e-mail: This is not an e-mail address" in wrong.text
    assert "Line 3, column name: This is empty" in wrong.text
    for content, says in (
        ("x\n", "Line 1, column 1: There is no such column"),
        (HEAD, "There is nobody in the file"),
        (f"{HEAD}ana@example.org\n", "Line 2: The number of cells (1)"),
    ):
        assert says in (await listed(api, path, who.lead, content, **consent)).text
    joined = await listed(api, path, who.lead, HEAD + lines, **consent)
    assert joined.headers["location"] == f"{path}?done=joined&added=1&known=0"
    page = await shown(api, joined.headers["location"], who.lead)
    assert "1 person joined and gets a mail" in page
    assert not re.search(r"<script>|<img src=x|onerror=[^&]*>", page.partition("<main")[2])
    assert "Not agreed" in page
    again = await listed(api, path.replace("/en/", "/fr/"), who.lead, HEAD + lines, **consent)
    assert "Déjà ajoutées auparavant" in await shown(api, again.headers["location"], who.lead)
    assert "<dd>1</dd>" in await shown(api, "/fr/agreements", who.lead)
    for stranger, status in ((elsewhere, 404), (who.assessor, 403), (who.decider, 403)):
        headers = await api.as_(stranger)
        assert (await api.http.get(path, headers=headers)).status_code == status
        assert "/agreements" not in (await api.http.get("/en/account", headers=headers)).text or stranger is elsewhere
    api.clock.now += timedelta(days=400)
    api.headers.clear()
    assert "The agreement is over" in await shown(api, path, who.lead)
    assert (await listed(api, path, who.lead, HEAD + lines, **consent)).status_code == 409


async def test_a_learner_reads_who_pays_and_decides_what_they_are_told(api: Api, who: People) -> None:
    case_id = await decided(api, who)
    agreement = await sponsored.agreement(api.database, who.lead)
    async with api.database.writing() as session:
        await sponsored.join(session, await cases.get(session, UUID(case_id)), agreement)
    path = f"/en/cases/{case_id}"
    page = await shown(api, path, who.learner)
    assert SPONSOR in page
    assert "They are told nothing of you, unless you agree" in page
    chosen = await sent(api, "/en/account/sponsors", who.learner, case=case_id, tell="yes")
    assert chosen.headers["location"] == f"{path}?saved=sponsor"
    page = await shown(api, chosen.headers["location"], who.learner)
    assert "Your choice is saved" in page
    assert "Tell them nothing any more" in page
    page = await shown(api, f"/en/agreements/{agreement}", who.lead)
    for words in ("Eligible, ", "Portfolio sent, ", "Something recognised, "):
        assert words in page
    for reader in (who.advisor, who.assessor, who.decider):
        assert SPONSOR not in (await api.http.get(path, headers=await api.as_(reader))).text
        assert (await sent(api, "/en/account/sponsors", reader, case=case_id, tell="no")).status_code == 404
    await sent(api, "/en/account/sponsors", who.learner, case=case_id, tell="no")
    assert "They are told nothing of you" in await shown(api, path, who.learner)


async def test_whoever_has_work_may_tick_in_the_survey_that_the_sponsor_knows(api: Api, who: People) -> None:
    case_id = await over(api, who)
    agreement = await sponsored.agreement(api.database, who.lead)
    async with api.database.writing() as session:
        await sponsored.join(session, await cases.get(session, case_id), agreement)
    await sent(api, "/en/account/sponsors", who.learner, case=str(case_id), tell="yes")
    api.clock.now += timedelta(days=100)
    await invited(api.database, await agreed(api.database, who, case_id, now=api.clock()), now=api.clock())
    token = await asked(api.database, now=api.clock())
    page = (await api.http.get(f"/fr/survey/{token}")).text
    assert f"Dire à {SPONSOR}, qui a payé pour mon dossier, que j’ai un emploi" in page
    fields = {"work": "in_field", "tell_sponsor": "yes"}
    done = await api.http.post(f"/en/survey/{token}", headers=HERE, data=fields)
    assert done.headers["location"] == "/en/surveyed?done=answered"
    async with api.database.reading() as session:
        assert [one.wave for one in await session.exec(select(CohortEmployment))] == [3]
    assert "At work after 3 months" in await shown(api, f"/en/agreements/{agreement}", who.lead)
