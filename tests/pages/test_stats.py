"""Stored figures as pages: charts with the same numbers as a table, and nothing for whoever may not read them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.pages import stats_trend
from services.api.routes.reports import QuarterView
from services.records.tables.people import Institution, Person
from services.records.tables.sharing import CheckAnswers, Question
from services.records.tables.statistics import AgreementFigure
from services.rules.agreement import Quarter, Scope
from services.rules.people import Role
from tests.api.kit import Api
from tests.api.test_reports import SLUG, counted
from tests.pages.test_next_steps import PAGE
from tests.records import makers
from tests.records.makers import NOW
from tests.records.moving import People


async def elsewhere(session: AsyncSession, role: Role) -> Person:
    """Somebody with the same role at another institution."""
    if await session.get(Institution, "elsewhere") is None:
        await makers.stored(
            session, Institution(id="elsewhere", name_en="Elsewhere", name_fr="Ailleurs", created_at=NOW)
        )
    person = await makers.person(session)
    await makers.role(session, person, role, institution="elsewhere")
    return person


async def figure(api: Api, scope: Scope, subject: str, *, person: People | None = None) -> None:
    async with api.database.writing() as session:
        row = AgreementFigure(
            programme=SLUG,
            quarter="2026Q1",
            scope=scope,
            subject=subject,
            institution_id=makers.INSTITUTION,
            person_id=person.assessor.id if person else None,
            pairs=7,
            measures=None,
            drifting=person is not None,
            definition="agreement-1",
            rolled_up_at=NOW,
        )
        await makers.stored(session, row)


async def test_a_quarter_is_drawn_and_stands_as_a_table_too(api: Api, who: People) -> None:
    await counted(api)
    await figure(api, Scope.PROGRAMME, "")
    await figure(api, Scope.COMPETENCY, "first")
    await figure(api, Scope.ASSESSOR, str(who.assessor.id), person=who)
    for language in ("en", "fr"):
        shown = await api.http.get(f"/{language}/stats", headers=await api.as_(who.lead))
        assert shown.status_code == 200
        assert 'role="img"' in shown.text
        assert shown.text.count(">40<") == 2
        assert who.assessor.name in shown.text
    assert "below for two quarters" in (await api.http.get("/en/stats", headers=await api.as_(who.lead))).text
    year = await api.http.get(f"/en/stats?programme={SLUG}&period=2026", headers=await api.as_(who.lead))
    assert (year.status_code, "/export" in year.text) == (200, False)
    api.clock.pass_(days=370)
    api.headers.clear()
    over = await api.http.get(f"/en/stats?programme={SLUG}&period=2026", headers=await api.as_(who.lead))
    assert f"/api/v1/reports/{SLUG}/2026/export" in over.text
    for query in (f"programme={SLUG}&period=2025Q1", f"programme={SLUG}&period=soon", "programme=none"):
        unknown = await api.http.get(f"/en/stats?{query}", headers=await api.as_(who.lead))
        assert unknown.status_code == 404, query


async def test_the_service_standard_is_drawn_quarter_by_quarter(api: Api, who: People) -> None:
    await counted(api)
    assert 'id="trend-title"' not in (await api.http.get("/en/stats", headers=await api.as_(who.lead))).text
    await counted(api, quarter="2025Q3")
    await counted(api, quarter="2025Q4")
    shown = (await api.http.get("/en/stats", headers=await api.as_(who.lead))).text
    assert "2025, quarter 3 – 76.9%; 2025, quarter 4 – 76.9%; 2026, quarter 1 – 76.9%" in shown
    assert shown.count('class="aq-chart__line"') == 2
    told = [
        QuarterView(Quarter(2025, 1), 1, 2),
        QuarterView(Quarter(2025, 2), 0, 0),
        QuarterView(Quarter(2025, 3), 2, 2),
    ]
    trend = stats_trend.within_standard(PAGE, told)
    assert trend is not None
    assert [(one.x, one.y, one.year) for one in trend.points] == [(66, 90, "2025"), (338, 30, "")]
    assert trend.pieces == ()
    assert stats_trend.within_standard(PAGE, told[:2]) is None


async def test_figures_are_for_the_programmes_own_staff(api: Api, who: People) -> None:
    await counted(api)
    async with api.database.writing() as session:
        foreign = await elsewhere(session, Role.LEAD)
        admin = await makers.staff(session, Role.PROGRAMME_ADMIN)
    await figure(api, Scope.ASSESSOR, str(who.assessor.id), person=who)
    assert "no figures yet" in (await api.http.get("/en/stats", headers=await api.as_(foreign))).text
    assert who.assessor.name not in (await api.http.get("/en/stats", headers=await api.as_(admin))).text
    for person in (who.learner, who.assessor, who.decider):
        assert (await api.http.get("/en/stats", headers=await api.as_(person))).status_code == 403


async def test_what_those_who_checked_credentials_answered_is_shown_to_the_programmes_own_staff(
    api: Api, who: People
) -> None:
    await counted(api)
    async with api.database.writing() as session:
        for answer, number in (("yes", 31), ("no", 12)):
            where = {"programme": SLUG, "quarter": "2026Q1", "institution_id": makers.INSTITUTION}
            await makers.stored(session, CheckAnswers(**where, question=Question.CLEAR, answer=answer, number=number))
        away = await elsewhere(session, Role.LEAD)
    page = (await api.http.get("/fr/stats", headers=await api.as_(who.lead))).text
    assert "Voyez-vous clairement ce que la personne sait faire" in page
    assert ">31<" in page
    report = (await api.get(f"/reports/{SLUG}/2026", who.lead)).json()
    assert report["answers"] == {"clear": {"yes": 31, "partly": "below_ten", "no": "withheld"}}
    assert (await api.get(f"/reports/{SLUG}/2026", away)).status_code == 404
