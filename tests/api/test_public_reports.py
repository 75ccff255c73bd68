"""A year that is over is made public once by whoever administers the programme, and stays as it was published."""

import pytest
import sqlalchemy as sa
from sqlmodel import select

from services.records.tables.audit import AuditLine
from services.records.tables.people import Person
from services.rules.people import Role
from tests.api.kit import HERE, Api
from tests.api.test_progress import compared, rolled_up
from tests.api.test_reports import SLUG, counted
from tests.pages.test_stats import elsewhere
from tests.pages.test_survey import told
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

PATH = f"/reports/{SLUG}/2026/publication"
NOTE = {"en": "Two cases were counted twice.", "fr": "Deux dossiers ont été comptés deux fois."}


async def over(api: Api) -> Person:
    """Who administers a programme whose year, with figures of every kind, is over."""
    await counted(api)
    await rolled_up(api)
    await compared(api)
    await told(api)
    api.clock.now = NOW.replace(year=2027)
    async with api.database.writing() as session:
        return await makers.staff(session, Role.PROGRAMME_ADMIN)


async def test_a_year_is_published_once_for_good_and_a_note_stands_above_it(api: Api, who: People) -> None:
    admin = await over(api)
    async with api.database.writing() as session:
        stranger = await elsewhere(session, Role.PROGRAMME_ADMIN)
    assert (await api.http.get("/api/v1/public/reports")).json() == []
    before = await moving.everything(api.database)
    for person, status in ((who.lead, 403), (who.learner, 403), (stranger, 404)):
        assert (await api.write("POST", PATH, person)).status_code == status
    assert (await api.write("PUT", f"{PATH}/note", admin, NOTE)).status_code == 404
    after = await moving.everything(api.database)
    assert before["public_reports"] == after["public_reports"] == []
    assert (await api.write("POST", PATH, admin)).status_code == 204
    assert (await api.write("POST", PATH, admin)).json()["code"] == "already_public"
    public = (await api.http.get(f"/api/v1/public/reports/{SLUG}/2026")).json()
    lines = {(line["figure"], line["word"]): (line["value"], line["withheld"]) for line in public["lines"]}
    assert lines["reached", "submitted"] == (120, "")
    assert lines["reached", "assessed"] == (None, "withheld")
    assert lines["deposited_of_eligible", "language/fr"] == (0.56, "")
    assert lines["work", "3/recognised/in_field"] == (30 / 56, "")
    small = {key: value for key, (value, _) in lines.items() if value is not None and 1 <= value < 10}
    assert set(small) <= {("appeals_per_100_decisions", "all")}
    async with api.database.writing() as session:
        await session.exec(sa.text("UPDATE progress_counts SET number = 1"))  # type: ignore[call-overload]  # a statement as text
    again = (await api.http.get(f"/api/v1/public/reports/{SLUG}/2026")).json()
    assert again["lines"] == public["lines"]
    for body, status in (({"en": "x", "fr": " "}, 422), (NOTE, 204)):
        assert (await api.write("PUT", f"{PATH}/note", admin, body)).status_code == status
    assert (await api.write("PUT", f"{PATH}/note", stranger, NOTE)).status_code == 404
    assert (await api.http.get(f"/api/v1/public/reports/{SLUG}/2026")).json()["note"] == NOTE
    table = (await api.http.get(f"/api/v1/public/reports/{SLUG}/2026/table")).text
    assert f"{SLUG},2026,reached,assessed,,withheld,progress-4" in table
    async with api.database.reading() as session:
        actions = list(await session.exec(select(AuditLine.action).where(AuditLine.subject == SLUG)))
    assert actions == ["report_published", "report_noted"]
    with pytest.raises(sa.exc.DBAPIError):
        async with api.database.writing() as session:
            await session.exec(sa.text("UPDATE public_reports SET lines = '[]'"))  # type: ignore[call-overload]  # as above


async def test_a_year_that_runs_or_that_nobody_knows_is_not_published(api: Api) -> None:
    admin = await over(api)
    api.clock.now = NOW
    assert (await api.write("POST", PATH, admin)).json()["code"] == "period_running"
    assert (await api.write("POST", f"/reports/{SLUG}/2025/publication", admin)).status_code == 404
    assert (await api.http.get(f"/api/v1/public/reports/{SLUG}/2026")).status_code == 404
    assert (await api.http.get(f"/en/figures/{SLUG}/2026")).status_code == 404


async def test_the_pages_publish_and_everybody_reads(api: Api, who: People) -> None:
    admin = await over(api)
    assert "No year is public yet" in (await api.http.get("/en/figures")).text
    mine = await api.as_(admin)
    stats = f"/en/stats?programme={SLUG}&period=2026"
    assert "Make the year 2026 public" in (await api.http.get(stats, headers=mine)).text
    assert "Make the year" not in (await api.http.get(stats, headers=await api.as_(who.lead))).text
    form = {"programme": SLUG, "year": "2026"}
    sent = await api.http.post("/en/stats/publish", headers=mine | HERE, data=form)
    assert sent.headers["location"] == f"/en/figures/{SLUG}/2026"
    noted = await api.http.post("/en/stats/note", headers=mine | HERE, data=form | NOTE)
    assert noted.headers["location"] == f"/en/figures/{SLUG}/2026"
    assert "is public" in (await api.http.get(stats, headers=await api.as_(who.lead))).text
    assert f"/fr/figures/{SLUG}/2026" in (await api.http.get("/fr/figures")).text
    for language, words in (
        (
            "en",
            ("How far cases came", "What do you do now?", "After 3 months", "The language", NOTE["en"], "56%"),
        ),
        ("fr", ("Jusqu’où les dossiers sont allés", "Que faites-vous maintenant", NOTE["fr"], "moins de\u00a010")),
    ):
        page = await api.http.get(f"/{language}/figures/{SLUG}/2026")
        assert page.status_code == 200
        for one in words:
            assert one in page.text, one
