"""What a programme comes to, for its leads, administrators and auditors: stored counts as bars, tables and a file.

Nothing here counts over cases: every figure is one that the nightly roll-up stored (`routes/reports.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.api.pages import advise_words, command_words, stats_progress, stats_trend, survey, verify
from services.api.pages.sent import TheForm
from services.api.pages.site import Page, ThePage
from services.api.pages.stats_progress import Bar, Chart
from services.api.routes import outcomes, progress, reports, statistics
from services.api.routes import public_reports as routes
from services.api.routes.reports import ReportView
from services.api.routes.statistics import FigureView
from services.records import agreement_figures, people, programmes, public_reports, tallies
from services.records.tables.statistics import PublicReport
from services.rules.agreement import Quarter, Scope
from services.rules.appeals import Matter
from services.rules.people import Action, Answer, Caller, by_role
from services.rules.programmes import Programme, Text
from services.rules.reports import ALL, CODEBOOK, SECOND_LEVEL, TAKEN_BACK, WORDS, Indicator, Measure, Pace
from services.rules.second_reading import Trigger
from services.rules.small_cells import Bound
from services.rules.surveys import BASELINE, WAVES, Followed, Question

SEE = {"action": Action.SEE_REPORT}
Slug = Annotated[str, QueryParameter(name="programme", required=False)]
Period = Annotated[str, QueryParameter(name="period", required=False)]


@dataclass(frozen=True, slots=True)
class Public:
    """Whether a year is public, and whether the reader may make it so; `offered` only once it is over."""

    year: int
    offered: bool
    report: PublicReport | None


@post("/stats/publish", opt={"action": Action.PUBLISH_REPORT}, include_in_schema=False)
async def publish(page: ThePage, caller: Who, form: TheForm, *, writing: Writing, now: Now) -> Redirect:
    """Make a year public, once and for good."""
    slug, year = form.one("programme"), form.number("year")
    await routes.publish(writing, caller, slug, year, now=now)
    return page.go(f"/figures/{slug}/{year}")


@post("/stats/note", opt={"action": Action.PUBLISH_REPORT}, include_in_schema=False)
async def note(page: ThePage, caller: Who, form: TheForm, *, writing: Writing, now: Now) -> Redirect:
    """Say beside a public year what is wrong with it."""
    slug, year = form.one("programme"), form.number("year")
    row = await routes.own(writing, caller, slug, year)
    text = Text(form.one("en"), form.one("fr"))
    await public_reports.note(writing, row, text=text, by=UUID(caller.id), now=now)
    return page.go(f"/figures/{slug}/{year}")


@get("/stats", opt=SEE, include_in_schema=False)
async def see(
    page: ThePage, caller: Who, *, reading: Reading, now: Now, programme: Slug = "", period: Period = ""
) -> Response[str]:
    """The chosen programme and period, else the newest quarter of the first."""
    kept = await tallies.periods(reading, statistics.reach(caller, Action.SEE_REPORT))
    if not kept:
        return page.show("stats/nothing.html")
    slug = programme or next(iter(kept))
    chosen = period or kept.get(slug, ("",))[0]
    report = await reports.read(reading, caller, slug, chosen)
    version = await programmes.read(reading, (await programmes.last_published(reading, slug)).id)
    over = int(chosen[:4]) < await tallies.this_year(reading, slug, now=now)
    publishes = over and by_role(Action.PUBLISH_REPORT, caller) is Answer.ALLOWED
    public = Public(int(chosen[:4]), publishes, await public_reports.of_year(reading, slug, int(chosen[:4])))
    far = await progress.read(reading, caller, slug, chosen)
    beside = [] if "Q" in chosen else await progress.groups(reading, caller, slug, int(chosen))
    became = await outcomes.read(reading, caller, slug, int(chosen[:4]), now=now)
    figures = await _figures(reading, caller, slug, chosen)
    return page.show(
        "stats/stats.html",
        titles={one.slug: one.title for one in await programmes.every_version(reading) if one.slug in kept},
        slug=slug,
        period=chosen,
        periods=periods(kept.get(slug, ())),
        spoken=spoken(page, [*periods(kept.get(slug, ())), chosen]),
        report=report,
        charts=[*charts(page, report), *answer_charts(page, report)],
        trend=stats_trend.within_standard(
            page, await reports.standard_kept(reading, caller, slug, chosen, quarters=stats_trend.QUARTERS)
        ),
        shares=[(share_words(page)[one.indicator], one) for one in report.shares],
        appealed=Indicator.APPEALED,
        means=CODEBOOK,
        days=CODEBOOK[Measure.DAYS],
        drawn=stats_progress.drawn(page, version, far, beside) if far else None,
        waits=await progress.waits(reading, caller, slug, now=now),
        waiting=advise_words.waiting(page),
        stages=stats_progress.stage_words(page),
        steps=stats_progress.step_words(page),
        outcomes=became,
        waves=waves(page),
        followed=followed(page),
        asked={one: said for one, said in survey.question_words(page).items() if _is_told(became, one)},
        answers=survey.answer_words(page),
        figures=figures,
        subjects=await _subjects(reading, page, version, figures),
        coded=chosen[:4]
        if version.policy.export_avetmiss and by_role(Action.EXPORT_CODES, caller) is Answer.ALLOWED
        else "",
        public=public,
        exportable=int(chosen[:4]) if over else None,
    )


def _is_told(became: outcomes.OutcomesView, question: Question) -> bool:
    """Whether any share of an answer may be shown."""
    said = [group.said[question].shares.values() for group in became.groups if question in group.said]
    return any(not isinstance(share, Bound) for shares in said for share in shares)


def waves(page: Page) -> dict[int, str]:
    """When people were asked, in words."""
    after = {one: page.say("After %(months)s months", months=one) if one else page.say("At once") for one in WAVES}
    return {BASELINE: page.say("When they applied")} | after


def followed(page: Page) -> dict[Followed, str]:
    """Who was asked, in words."""
    return {
        Followed.RECOGNISED: page.say("Something was recognised"),
        Followed.NOT_YET: page.say("Not yet demonstrated"),
        Followed.NOT_COMPLETED: page.say("For comparison: eligible, ended without a decision"),
    }


def periods(quarters: tuple[str, ...]) -> list[str]:
    """What can be chosen: each quarter, and after its newest quarter the year."""
    years = dict.fromkeys(quarter[:4] for quarter in quarters)
    return [period for year in years for period in (year, *(one for one in quarters if one.startswith(year)))]


def spoken(page: Page, chosen: Iterable[str]) -> dict[str, str]:
    """Quarters and years in words."""
    parts = {one: one.partition("Q") for one in chosen}
    return {
        one: page.say("%(year)s, quarter %(number)s", year=year, number=number) if number else year
        for one, (year, _, number) in parts.items()
    }


async def _figures(session: AsyncSession, caller: Caller, slug: str, period: str) -> list[FigureView]:
    """Agreement in a quarter, for whoever may see it."""
    if by_role(Action.SEE_AGREEMENT, caller) is not Answer.ALLOWED or "Q" not in period:
        return []
    reach = statistics.reach(caller)
    rows = await agreement_figures.figures_of(session, reach, programme=slug, quarter=Quarter.parse(period))
    return [statistics.figure(row) for row in rows]


async def _subjects(
    session: AsyncSession, page: Page, programme: Programme, figures: list[FigureView]
) -> dict[str, str]:
    """What each figure is of, in words; a competency that the newest version no longer has keeps its key."""
    titles = {one.key: page.text(one.title) for one in programme.competencies}
    assessors = [one.subject for one in figures if one.scope is Scope.ASSESSOR]
    names = await people.names(session, assessors)
    found: dict[str, str] = {}
    for one in figures:
        if one.scope is Scope.PROGRAMME:
            found[one.subject] = page.say("The whole programme")
        elif one.scope is Scope.ASSESSOR:
            found[one.subject] = names.get(one.subject, one.subject)
        else:
            key, _, criterion = one.subject.partition("/")
            found[one.subject] = titles.get(key, key) + (f" – {criterion}" if criterion else "")
    return found


def share_words(page: Page) -> dict[Indicator, str]:
    return {
        Indicator.WITHIN_STANDARD: page.say("Decided within the service standard"),
        Indicator.READ_TWICE: page.say("Read twice"),
        Indicator.CHANGED: page.say("Decided otherwise than first assessed, of those assessed twice"),
        Indicator.APPEALED: page.say("Appeals per 100 decisions"),
        Indicator.UPHELD: page.say("Rulings for the learner"),
    }


def measure_titles(page: Page) -> dict[Measure, str]:
    """What each measure that is divided into words is called."""
    return {
        Measure.DECIDED: page.say("Decisions and the service standard"),
        Measure.READ_TWICE: page.say("Why claims were read twice"),
        Measure.SETTLED: page.say("What became of claims that were assessed twice"),
        Measure.LODGED: page.say("Appeals lodged"),
        Measure.GROUNDS: page.say("Grounds of appeals"),
        Measure.ENDED: page.say("How appeals ended"),
        Measure.CAUSES: page.say("What lay behind appeals"),
    }


def charts(page: Page, report: ReportView) -> list[Chart]:
    """Each measure that is divided into words; one of which nothing happened has no bars."""
    names = measure_titles(page)
    said = measure_words(page)
    found: dict[Measure, dict[str, int]] = {}
    for one in report.counts:
        found.setdefault(one.measure, {})[one.word] = one.number
    return [_chart(page, measure, name, said[measure], found.get(measure, {})) for measure, name in names.items()]


def _chart(page: Page, measure: Measure, title: str, said: Mapping[str, str], found: dict[str, int]) -> Chart:
    words = [word for word in WORDS[measure] if word != ALL]
    numbers = {word: found.get(word, 0) for word in words}
    most = max(numbers.values())
    bars = tuple(Bar(said[word], number, number * 1000 // most) for word, number in numbers.items()) if most else ()
    return Chart(measure.value, title, page.text(CODEBOOK[measure]), bars)


def answer_charts(page: Page, report: ReportView) -> list[Chart]:
    """What those who checked a credential answered; a question that nobody answered has no bars."""
    said, found = verify.answer_words(page), []
    means = page.say(
        "Answered by those who checked a credential. Nothing of them is kept, so one person may count twice. "
        "Numbers under ten, and what would tell them, are not shown."
    )
    for asked in verify.questions(page):
        told = report.answers.get(asked.key, {})
        numbers = {word: int(number) for word, number in told.items() if not isinstance(number, Bound)}
        most = max(numbers.values(), default=0)
        bars = tuple(Bar(said[word], number, number * 1000 // most) for word, number in numbers.items() if most)
        found.append(Chart(asked.key, asked.text, means, bars))
    return found


def measure_words(page: Page) -> dict[Measure, dict[str, str]]:
    """What each word of a measure is called."""
    listed = {
        name: {code: page.text(text) for code, text in command_words.choices(name).items()}
        for name in ("ground", "ruling", "cause")
    }
    return {
        Measure.DECIDED: {
            Pace.WITHIN: page.say("Within the standard"),
            Pace.BEYOND: page.say("Later than the standard"),
        },
        Measure.READ_TWICE: {
            Trigger.READERS: page.say("The programme always asks for two readers"),
            Trigger.HIGH_STAKES: page.say("Much depends on it"),
            Trigger.NEW_ASSESSOR: page.say("The assessor is new"),
            Trigger.SAMPLED: page.say("Drawn by chance"),
            Trigger.ALL_NOT_YET: page.say("Nothing was demonstrated yet"),
            Trigger.FULL_GRANT: page.say("The whole programme was granted"),
            Trigger.LOW_CONFIDENCE: page.say("The assessor was unsure"),
            Trigger.DOUBTED_AUTHORSHIP: page.say("It was in doubt whose work it is"),
        },
        Measure.SETTLED: {
            "as_first_read": page.say("Decided as first assessed"),
            "changed": page.say("Decided otherwise"),
        },
        Measure.LODGED: {
            Matter.RECOGNITION: page.say("Against a decision on recognition"),
            Matter.ELIGIBILITY: page.say("Against a refusal of eligibility"),
            Matter.REVOCATION: page.say("Against a withdrawal"),
            Matter.SUSPENSION: page.say("Against a suspension"),
            Matter.LAPSE: page.say("Against a lapse"),
            SECOND_LEVEL: page.say("Second level, against a ruling"),
        },
        Measure.GROUNDS: listed["ground"],
        Measure.ENDED: listed["ruling"] | {TAKEN_BACK: page.say("Taken back by the learner")},
        Measure.CAUSES: listed["cause"],
    }
