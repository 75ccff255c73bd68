"""Staff read how far their programme's cases come; a year that is over leaves the house and tells of nobody."""

import csv
import io
import re
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from services.records import courses
from services.records import progress as records
from services.records.tables.statistics import GroupYear, ProgressCount
from services.rules import groups, progress
from services.rules.case import SeatKind, Stage, WaitingOn
from services.rules.groups import NO_ANSWER, NOT_USED, SUPPORTS, Settled, Took, Walk
from services.rules.progress import ALL, Measure, Step
from services.rules.self_identification import Trait
from tests.api.kit import Api
from tests.api.test_reports import SLUG, counted
from tests.records import makers
from tests.records.makers import NOW
from tests.records.moving import People

NUMBERS: dict[tuple[Measure, str], int] = {
    (Measure.REACHED, Step.ENQUIRY): 60,
    (Measure.LED_ON, Step.ENQUIRY): 45,
    (Measure.REACHED, Step.DRAFT): 150,
    (Measure.LED_ON, Step.DRAFT): 110,
    (Measure.REACHED, Step.SUBMITTED): 120,
    (Measure.REACHED, Step.ELIGIBLE): 100,
    (Measure.REACHED, Step.DEPOSITED): 80,
    (Measure.REACHED, Step.ASSESSED): 77,
    (Measure.REACHED, Step.DECIDED): 60,
    (Measure.REACHED, Step.ISSUED): 48,
    (Measure.NEVER_PRESENTED, "closed"): 12,
    (Measure.OLD_ENOUGH, "90"): 120,
    (Measure.DECIDED_WITHIN, "90"): 50,
    (Measure.LEFT_IN, Stage.ELIGIBLE): 12,
    (Measure.LEFT_BECAUSE, "cost"): 11,
    (Measure.LEFT_BECAUSE, "health"): 1,
    (Measure.SEATS_DUE, SeatKind.FIRST): 90,
    (Measure.SEATS_LATE, SeatKind.FIRST): 9,
    (Measure.CLAIMS, "granted"): 140,
    (Measure.CLAIMS, "not_yet"): 60,
    (Measure.CLAIMS_GRANTED, "first"): 90,
    (Measure.CLAIMS_NOT_YET, "gone"): 3,
    (Measure.ASSESSED, "with_request"): 30,
    (Measure.ASSESSED, "without_request"): 47,
    (Measure.GRANTED_BY_METHOD, "interview"): 20,
    (Measure.NOT_YET_BY_ATTEMPT, "2"): 4,
    (Measure.POINTED, "all/2"): 100,
    (Measure.POINTED, "all/5"): 40,
    (Measure.POINTED, "direct/1"): 60,
    (Measure.ROUNDS, ALL): 39,
    (Measure.DECISIONS, ALL): 60,
    (Measure.CHANGED, "corrected"): 3,
    (Measure.LETTERS_CORRECTED, ALL): 3,
    (Measure.VOTES, "majority"): 9,
    (Measure.VOTES, "casting"): 1,
    (Measure.OFFERS_ANSWERED, "accepted"): 90,
    (Measure.OFFERS_ANSWERED, "conflict"): 10,
    (Measure.FEES, "file/CAD"): 600,
    (Measure.FEES_WAIVED, "file/CAD"): 150,
    (Measure.FEES_WAIVED, "reactivation/CAD"): 35,
    (Measure.MEETINGS, "interview"): 900,
    (Measure.SEALED, "first/on_file"): 90,
    (Measure.SEALED, "first/interview"): 12,
    (Measure.TIMED, "every_seat"): 25,
    (Measure.TIMED, "not_every_seat"): 35,
    (Measure.CHECKS, "first"): 44,
    (Measure.CHECKS, "second"): 4,
    (Measure.OPEN_FOR, "31_90"): 14,
    (Measure.OPEN_WAITING, WaitingOn.ASSESSOR): 14,
}
DAYS: dict[tuple[Measure, str], list[int]] = {
    (Measure.DAYS_TO_DECISION, ALL): list(range(60, 120)),
    (Measure.OUR_DAYS, ALL): list(range(20, 50)),
    (Measure.OUR_DAYS, Stage.IN_ASSESSMENT): list(range(5, 25)),
    (Measure.THEIR_DAYS, Stage.ELIGIBLE): [30],
    (Measure.MINUTES, "first/on_file"): list(range(30, 60)),
    (Measure.MINUTES, "first/interview"): [55, 60, 65],
    (Measure.COST, "CAD"): list(range(100, 125)),
}
GROUPS = {"en": (500, 400), "fr": (500, 280)}
"""People who became eligible, by language, and those with a portfolio: in French seven tenths of the English share."""


def walks() -> list[Walk]:
    """The people of `GROUPS`: none of them said anything of themselves or used any support."""
    others = (*[NO_ANSWER] * len(Trait), *[NOT_USED] * len(SUPPORTS))
    return [
        Walk((language, "upskill", *others), eligible=True, deposited=n < deposited, decided=False, granted=False,
             closed=False, within=None)
        for language, (eligible, deposited) in GROUPS.items()
        for n in range(eligible)
    ]  # fmt: skip


async def compared(api: Api, *, year: int = 2026) -> None:
    """What the night after a year left of its groups."""
    settled = [
        Settled(one.groups, {Took.DECISION: 40 + n % 60}, 2, n % 2, n % 20 == 0) for n, one in enumerate(walks())
    ]
    row = GroupYear(
        programme=SLUG,
        year=year,
        institution_id=makers.INSTITUTION,
        tables=[asdict(one) for one in groups.tables(walks(), settled)],
        definition=groups.DEFINITION,
        counted_at=NOW,
    )
    async with api.database.writing() as session:
        await makers.stored(session, row)


async def rolled_up(api: Api, *, quarter: str = "2026Q1") -> None:
    """What the nightly roll-up left of one quarter."""
    rows: list[tuple[tuple[Measure, str], int, list[int] | None]]
    rows = [(key, number, None) for key, number in NUMBERS.items()]
    rows += [(key, len(values), values) for key, values in DAYS.items()]
    async with api.database.writing() as session:
        await makers.published(session)
        for (measure, word), number, values in rows:
            row = ProgressCount(
                programme=SLUG,
                quarter=quarter,
                measure=measure,
                word=word,
                institution_id=makers.INSTITUTION,
                number=number,
                values=values,
                definition=progress.DEFINITION,
                rolled_up_at=NOW,
            )
            await makers.stored(session, row)


async def test_staff_read_a_quarter_and_a_year_of_their_own(api: Api, who: People) -> None:
    await rolled_up(api)
    await rolled_up(api, quarter="2026Q2")
    one = (await api.get(f"/reports/{SLUG}/2026Q1/progress", who.lead)).json()
    steps = {step["step"]: step for step in one["funnel"]}
    assert [step["step"] for step in one["funnel"]][:3] == ["enquiry", "draft", "submitted"]
    assert (steps["enquiry"]["number"], steps["enquiry"]["of_before"]) == (60, None)
    assert steps["draft"]["of_before"]["value"] == 45 / 60
    assert steps["submitted"]["of_before"]["value"] == 110 / 150
    assert steps["eligible"]["of_before"]["value"] == 100 / 120
    took = {(days["measure"], days["word"]): days for days in one["days"]}
    assert (took["days_to_decision", "all"]["median"], took["days_to_decision", "all"]["p90"]) == (89, 113)
    shares = {share["name"]: (share["part"], share["whole"]) for share in one["shares"]}
    assert shares["seats_late"] == (9, 90)
    assert shares["claims_granted"] == (140, 200)
    assert "decided_within_365" not in shares
    assert (shares["conflicts_of_offers"], shares["casting_votes"]) == ((10, 100), (1, 10))
    changed = {told["name"]: told["per_hundred"] for told in one["per_hundred"]}
    assert (changed["decisions_changed/corrected"], changed["letters_corrected"]) == (5, 5)
    assert {told["kind"]: told["median"] for told in one["pointed"]} == {
        "all": 2, "direct": 0, "indirect": 0, "third_party": 0, "self": 0,
    }  # fmt: skip
    assert one["rounds"] == 39 / 77
    assert one["fees"] == [
        {"service": "file", "currency": "CAD", "amount": 600, "waived": 150},
        {"service": "reactivation", "currency": "CAD", "amount": 0, "waived": 35},
    ]
    assert {(work["seat"], work["method"]): work for work in one["work"]} == {
        ("first", "on_file"): {
            "seat": "first", "method": "on_file", "sealed": 90, "counted": 30, "minutes": sum(range(30, 60)),
            "median": 44, "p90": 56,
        },
        ("first", "interview"): {
            "seat": "first", "method": "interview", "sealed": 12, "counted": 3, "minutes": "withheld",
            "median": "withheld", "p90": "withheld",
        },
    }  # fmt: skip
    assert one["costs"] == [{"currency": "CAD", "cases": 25, "median": 112, "p90": 122}]
    assert shares["time_stated"] == (25, 60)
    assert not {"minutes_of_seats", "cost_of_cases"} & {measure for measure, _ in took}
    assert one["checks"] == {"first": "withheld", "second": "below_ten", "all": 48}
    assert "checks_of_credentials" not in {count["measure"] for count in one["counts"]}
    assert one["hours_saved"] == 90 * makers.programme().competency("first").hours
    year = (await api.get(f"/reports/{SLUG}/2026/progress", who.lead)).json()
    numbers = {(count["measure"], count["word"]): count["number"] for count in year["counts"]}
    assert (numbers["reached", "submitted"], numbers["open_for", "31_90"]) == (240, 14)
    for path in (f"/reports/{SLUG}/2025/progress", f"/reports/{SLUG}/soon/progress", "/reports/none/2026/progress"):
        assert (await api.get(path, who.lead)).status_code == 404, path
    assert (await api.get(f"/reports/{SLUG}/2026Q1/progress", who.assessor)).status_code == 403
    book = (await api.get("/reports/codebook/progress", who.lead)).json()
    assert len(book) == len(Measure) + len(groups.CODEBOOK)


async def test_groups_are_compared_once_the_year_is_over_and_a_planted_disparity_is_flagged(
    api: Api, who: People
) -> None:
    await counted(api)
    await rolled_up(api)
    for path in ("groups", "progress/export"):
        missing = await api.get(f"/reports/{SLUG}/2025/{path}", who.lead)
        assert missing.status_code == 404
    assert (await api.get(f"/reports/{SLUG}/2026/groups", who.lead)).status_code == 404
    await compared(api)
    assert (await api.get(f"/reports/{SLUG}/2026/groups", who.assessor)).status_code == 403
    early = await api.get(f"/reports/{SLUG}/2026/progress/export", who.lead)
    assert early.json()["code"] == "period_running"
    api.clock.now = NOW.replace(year=2027)
    api.headers.clear()
    found = (await api.get(f"/reports/{SLUG}/2026/groups", who.lead)).json()
    told = next(one for one in found if one["dimension"] == "language")
    deposited = next(one for one in told["shares"] if one["indicator"] == "deposited_of_eligible")
    assert {one["group"]: one["flagged"] for one in deposited["groups"]} == {"en": False, "fr": True, "all": False}
    assert {one["unanswered"] for one in found if one["dimension"] == "gender"} == {"over_nine_tenths"}
    text = (await api.get(f"/reports/{SLUG}/2026/progress/export", who.lead)).text
    lines = {(row["figure"], row["word"]): (row["value"], row["withheld"]) for row in csv.DictReader(io.StringIO(text))}
    assert lines["reached", "assessed"] == ("", "withheld")
    assert lines["left_because", "health"] == ("", "below_ten")
    assert lines["left_because", "cost"] == ("", "withheld")
    assert float(lines["days_to_decision", "median"][0]) == 89
    assert (lines["cost_of_cases", "CAD/median"], lines["cases_timed", "every_seat"]) == (("112", ""), ("25", ""))
    assert lines["minutes_of_seats", "first/interview/median"] == ("", "withheld")
    assert lines["deposited_of_eligible", "language/fr"] == ("0.56", "")
    assert lines["unanswered", "gender"] == ("", "over_nine_tenths")
    page = (await api.http.get(f"/fr/stats?programme={SLUG}&period=2026", headers=await api.as_(who.lead))).text
    assert "Groupes comparés" in page
    assert "à examiner" in page
    assert "par langue" in page
    assert "selon le genre" not in page
    assert page.count('data-label="Jours du dépôt à la décision"') == len(GROUPS)


async def test_the_longest_waits_are_told_to_whoever_follows_them_and_to_nobody_who_is_barred(
    api: Api, who: People
) -> None:
    await counted(api)
    async with api.database.writing() as session:
        since = [NOW - timedelta(days=days) for days in (5, 50, 500)]
        open_: dict[str, Any] = {"stage": Stage.IN_ASSESSMENT, "learner": who.learner}
        *_, case = [await makers.case(session, submitted_at=at, created_at=at, **open_) for at in since]
        await makers.case(session, stage=Stage.DECIDED, learner=who.learner, submitted_at=NOW - timedelta(days=900))
        gathered = await courses.gather(session, SLUG, now=NOW)
        await records.store(session, gathered, [])
    await rolled_up(api)
    waits = (await api.get(f"/reports/{SLUG}/longest-waits", who.lead)).json()
    assert [one["days"] for one in waits] == [500, 50, 5]
    assert case.number in (await api.http.get("/en/stats", headers=await api.as_(who.lead))).text
    async with api.database.writing() as session:
        await makers.exclude(session, case, who.lead)
    barred = (await api.get(f"/reports/{SLUG}/longest-waits", who.lead)).json()
    assert [one["days"] for one in barred] == [50, 5]
    assert case.number not in (await api.http.get("/en/stats", headers=await api.as_(who.lead))).text
    assert (await api.get(f"/reports/{SLUG}/longest-waits", who.learner)).status_code == 403


async def test_the_page_draws_progress_in_both_languages(api: Api, who: People) -> None:
    await counted(api)
    await rolled_up(api)
    english = (
        "Half of the cases were decided within 89 days",
        "Decisions by method",
        "Minutes of meetings",
        "Half of them cost 112 CAD",
        "said how long their work took: 25 of 60 (41.7%)",
    )
    french = (
        "La moitié des dossiers ont été décidés en 89",
        "Lettres rectifiées",
        "Combien de fois les attestations",
        "Première évaluation · Entrevue",
    )
    for language, words in (("en", english), ("fr", french)):
        page = (await api.http.get(f"/{language}/stats", headers=await api.as_(who.lead))).text
        for one in words:
            assert one in page
        waived = re.findall(r'data-label="(?:Waived|Remis)">(\d+)&nbsp;CAD<', page)
        assert waived == ["150", "35"]
