"""The caseload page: counters are links to what they count, filters stand in the address, and conflicts hide a case."""

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest

from services.records.tables.cases import Case
from services.rules.case import Stage
from tests.api.kit import Api
from tests.pages.reading import read, sent
from tests.records import makers
from tests.records.makers import NOW
from tests.records.moving import People


@pytest.fixture
async def cases(api: Api, who: People) -> dict[str, UUID]:
    """One late case that waits for the advisor, one that waits for its learner."""
    async with api.database.writing() as session:
        late = await makers.case(
            session,
            stage=Stage.ELIGIBILITY_REVIEW,
            learner=who.learner,
            advisor=who.advisor,
            number="S-LATE",
            due_at=NOW - timedelta(days=4),
        )
        waits = await makers.case(
            session,
            stage=Stage.INCOMPLETE,
            learner=await makers.person(session, name="=cmd|' /C calc'!A0"),
            advisor=who.advisor,
            number="S-WAITS",
            due_at=NOW + timedelta(days=30),
        )
    return {"late": late.id, "waits": waits.id}


async def test_a_row_says_what_an_advisor_needs_in_both_languages(
    api: Api, who: People, cases: dict[str, UUID]
) -> None:
    english, french = [await read(api, who.advisor, f"/{tongue}/cases") for tongue in ("en", "fr")]
    assert "4 days late" in english
    assert "4 jours de retard" in french
    assert "our time is running" in english
    assert "Eligibility check" in english
    assert f"/en/cases/{cases['late']}" in english
    assert "S-LATE" not in await read(api, who.advisor, "/en/cases?show=waiting_on_learner")
    assert "S-WAITS" not in await read(api, who.advisor, "/en/cases?show=needs_me")
    narrowed = await read(api, who.advisor, "/fr/cases?show=overdue&stage=eligibility_review")
    assert "/fr/cases?stage=eligibility_review" in narrowed
    assert "/en/cases?show=overdue&amp;stage=eligibility_review" in narrowed
    assert "Retirez-en un" in await read(api, who.advisor, "/fr/cases?show=at_risk&waiting=panel")
    assert "S-LATE" in await read(api, who.advisor, "/en/cases?stage=nonsense&advisor=x&after=x")


@pytest.mark.usefixtures("cases")
async def test_the_file_holds_the_same_rows_and_no_formula(api: Api, who: People) -> None:
    answer = await api.http.get("/fr/cases.csv?waiting=learner", headers=await api.as_(who.advisor))
    (head, row) = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head[0] == "Numéro de dossier"
    assert row[0] == "S-WAITS"
    assert row[1].startswith("'=cmd")
    assert row[7] == "30"
    assert (head[-1], row[-1]) == ("Prochaine étape", "Répondre à ce qui manque.")


async def test_a_conflicted_lead_and_strangers_find_nothing(api: Api, who: People, cases: dict[str, UUID]) -> None:
    assert "S-LATE" in await read(api, who.lead, "/en/cases")
    async with api.database.writing() as session:
        await makers.exclude(session, await session.get_one(Case, cases["late"]), who.lead)
    for path in ("/en/cases", "/en/cases?show=overdue", "/en/cases.csv"):
        assert "S-LATE" not in await read(api, who.lead, path)
    found = await sent(api, who.lead, "/en/cases/find", text="S-LATE")
    assert f"/en/cases/{cases['late']}" not in found.text
    for person in (who.learner, who.assessor, who.decider):
        await read(api, person, "/en/cases", 403)
        await read(api, person, "/en/cases.csv", 403)
    assert (await sent(api, who.advisor, "/en/cases/find", text="s-late")).text.count("S-LATE") == 1


@pytest.mark.usefixtures("cases")
async def test_views_are_kept_and_removed(api: Api, who: People) -> None:
    kept = await sent(api, who.advisor, "/fr/cases/views", name="Vue du matin", show="overdue", stage="x", sort="name")
    assert (kept.status_code, kept.headers["location"]) == (303, "/fr/cases?show=overdue&sort=name")
    page = await read(api, who.advisor, "/fr/cases")
    assert 'href="/fr/cases?show=overdue&amp;sort=name">Vue du matin' in page
    assert "Vue du matin</a>" not in await read(api, who.lead, "/fr/cases?closed=1")
    (view,) = re.findall("/fr/cases/views/([0-9a-f-]{36})/remove", page)
    assert (await sent(api, who.lead, f"/fr/cases/views/{view}/remove")).status_code == 404
    assert (await sent(api, who.advisor, f"/fr/cases/views/{view}/remove")).status_code == 303
    assert view not in await read(api, who.advisor, "/fr/cases")
    assert (await sent(api, who.advisor, "/en/cases/views", name=" ")).status_code == 422
