"""Staff read what their programme came to; what they give away tells of nobody, and strangers find nothing."""

import csv
import io

from services.records import cases, independence
from services.records.tables.statistics import Tally
from services.rules import reports
from services.rules.appeals import Matter
from services.rules.case import Stage
from services.rules.claims import Recommendation
from services.rules.people import Role
from services.rules.reports import ALL, Measure, Pace
from tests.api.kit import Api
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

SLUG = makers.programme().slug


async def counted(api: Api, *, quarter: str = "2026Q1") -> None:
    """What the nightly roll-up left of one quarter."""
    numbers: dict[tuple[Measure, str], int] = {
        (Measure.DECIDED, Pace.WITHIN): 40,
        (Measure.DECIDED, Pace.BEYOND): 12,
        (Measure.DECISIONS, ALL): 50,
        (Measure.LODGED, Matter.RECOGNITION): 3,
        (Measure.DAYS, ALL): 3,
    }
    async with api.database.writing() as session:
        await makers.published(session)
        for (measure, word), number in numbers.items():
            row = Tally(
                programme=SLUG,
                quarter=quarter,
                measure=measure,
                word=word,
                institution_id=makers.INSTITUTION,
                number=number,
                values=[10, 12, 30] if measure is Measure.DAYS else None,
                definition=reports.DEFINITION,
                rolled_up_at=NOW,
            )
            await makers.stored(session, row)


async def test_staff_read_counts_and_shares_of_a_quarter_and_of_a_year(api: Api, who: People) -> None:
    await counted(api)
    await counted(api, quarter="2026Q2")
    found = (await api.get(f"/reports/{SLUG}/2026Q1", who.lead)).json()
    numbers = {(one["measure"], one["word"]): one["number"] for one in found["counts"]}
    assert numbers["decided", "within_standard"] == 40
    shares = {one["indicator"]: one for one in found["shares"]}
    appealed = shares["appeals_per_100_decisions"]
    assert (appealed["part"], appealed["whole"], appealed["share"]["value"]) == (3, 50, 0.06)
    assert (found["appeal_days"], found["definition"]) == ({"median": 12, "p90": 30}, "report-2")
    year = (await api.get(f"/reports/{SLUG}/2026", who.lead)).json()
    assert {(one["measure"], one["word"]): one["number"] for one in year["counts"]}["decided", "within_standard"] == 80


async def test_a_year_leaves_the_house_once_it_is_over_and_tells_of_nobody(api: Api, who: People) -> None:
    await counted(api)
    await counted(api, quarter="2025Q4")
    refused = await api.get(f"/reports/{SLUG}/2026/export", who.lead)
    assert (refused.status_code, refused.json()["code"]) == (409, "period_running")
    answer = await api.get(f"/reports/{SLUG}/2025/export", who.lead)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = {(row["figure"], row["word"]): row for row in csv.DictReader(io.StringIO(answer.text))}
    assert lines["decided", "within_standard"]["value"] == "40"
    assert (lines["appeals_lodged", "recognition"]["value"], lines["appeals_lodged", "recognition"]["withheld"]) == (
        "",
        "below_ten",
    )
    assert lines["appeal_days", "median"]["withheld"] == "withheld"
    entries = (await api.get("/reports/codebook", who.lead)).json()
    assert {figure for figure, _ in lines} <= {entry["figure"] for entry in entries}
    assert all(entry["en"] and entry["fr"] for entry in entries)


async def test_a_report_of_others_and_a_period_without_figures_do_not_exist(api: Api, who: People) -> None:
    await counted(api)
    async with api.database.writing() as session:
        elsewhere = await makers.staff(session, Role.LEAD, programme="another-programme")
    for person, path in (
        (elsewhere, f"{SLUG}/2026Q1"),
        (elsewhere, f"{SLUG}/2026/export"),
        (who.lead, f"{SLUG}/2025Q1"),
        (who.lead, f"{SLUG}/spring"),
    ):
        assert (await api.get(f"/reports/{path}", person)).status_code == 404, path
    for path in (f"{SLUG}/2026Q1", f"{SLUG}/2026/export", "codebook"):
        assert (await api.get(f"/reports/{path}", who.assessor)).status_code == 403, path


async def test_outcome_codes_are_for_leads_of_a_programme_that_reports_them_and_hide_what_is_barred(
    either_api: Api,
) -> None:
    api = either_api
    who = await moving.people(api.database)
    judged = await moving.judged(api.database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    path = f"/reports/{SLUG}/{NOW.year}/avetmiss"
    assert (await api.get(path, who.lead)).status_code == 404  # this policy reports none
    async with api.database.writing() as session:
        await makers.published(session, makers.with_policy(export_avetmiss=True))
        other = await makers.case(session, stage=Stage.CLOSED, submitted_at=NOW)
        (await cases.get(session, judged)).submitted_at = NOW
    answer = await api.get(path, who.lead)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    mine = (await moving.case_of(api.database, judged)).number
    assert {(one["case"], one["competency"], one["outcome"]) for one in lines} >= {
        (mine, "SAM-FIRST", "70"),
        (mine, "SAM-SECOND", "70"),
        (other.number, "SAM-FIRST", "40"),
    }
    async with api.database.writing() as session:
        barred = await cases.get(session, judged)
        await independence.exclude(
            session, case=barred, person=who.lead.id, tie="family_household", declared=True, now=NOW
        )
    assert {one["case"] for one in csv.DictReader(io.StringIO((await api.get(path, who.lead)).text))} == {other.number}
    for person, status in ((who.assessor, 403), (who.learner, 403), (who.advisor, 403)):
        assert (await api.get(path, person)).status_code == status
    assert (await api.get(f"/reports/{SLUG}/1/avetmiss", who.lead)).status_code == 404
