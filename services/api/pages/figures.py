"""A year of a programme for everybody: plain tables with what each figure means, and the same as an open table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from services.api.house import Reading
from services.api.pages import stats, stats_groups, stats_progress, survey
from services.api.pages.site import Page, ThePage
from services.api.routes import public_reports as routes
from services.api.routes.public_reports import LineView, PublicView
from services.rules import groups, progress, progress_codebook, reports, surveys
from services.rules.people import Action
from services.rules.programmes import Text

OPEN: dict[str, Any] = {"action": Action.PUBLIC, "knows_session": True}
CODEBOOKS: tuple[Mapping[Any, Text], ...] = (
    progress_codebook.CODEBOOK,
    groups.CODEBOOK,
    reports.CODEBOOK,
    surveys.CODEBOOK,
)


@dataclass(frozen=True, slots=True)
class Told:
    """One figure with its lines in words, and whether each is a share; `means` is what is counted."""

    title: str
    means: str
    lines: tuple[tuple[str, bool, LineView], ...]


@get("/figures", opt=OPEN, include_in_schema=False)
async def see_all(page: ThePage, reading: Reading) -> Response[str]:
    """Every year that is public."""
    return page.show("public/figures.html", years=await routes.listed(reading))


@get("/figures/{slug:str}/{year:int}", opt=OPEN, include_in_schema=False)
async def see(slug: FromPath[str], year: FromPath[int], page: ThePage, reading: Reading) -> Response[str]:
    """One year as it was published."""
    found = await routes.read(reading, slug, year)
    listed = told(page, found)
    open_ = [one for one in listed if any(line.withheld == "" for _, _, line in one.lines)]
    few = [one.title for one in listed if one not in open_]
    return page.show("public/figures-year.html", found=found, slug=slug, told=open_, few=few)


def told(page: Page, found: PublicView) -> list[Told]:
    """The figures in words, each once."""
    by_figure: dict[str, list[LineView]] = {}
    for line in found.lines:
        by_figure.setdefault(line.figure, []).append(line)
    titles, words = _titles(page), _words(page)
    means = {str(key): page.text(text) for book in CODEBOOKS for key, text in book.items()}
    return [
        Told(
            titles.get(figure, figure),
            means.get(figure, ""),
            tuple((_said(page, words.get(figure, {}), line.word), _is_share(page, line), line) for line in lines),
        )
        for figure, lines in by_figure.items()
        if figure in titles
    ]


def _titles(page: Page) -> dict[str, str]:
    listed: tuple[Mapping[Any, str], ...] = (
        stats_progress.measure_titles(page),
        stats.measure_titles(page),
        stats.share_words(page),
        survey.question_words(page),
        stats_groups.indicator_words(page),
        {f"{took}_in_groups": said for took, said in stats_groups.took_words(page).items()},
        _answering(page),
    )
    return {str(key): said for one in listed for key, said in one.items()}


def _answering(page: Page) -> dict[str, str]:
    return {
        "asked": page.say("Asked afterwards"),
        "answered": page.say("Answered"),
        "share_answered": page.say("Share who answered"),
        "unanswered": page.say("Share of those who said nothing of themselves"),
    }


def _is_share(page: Page, line: LineView) -> bool:
    """Whether a value is a share of one, said in percent; appeals are said per hundred decisions as they are."""
    if line.figure in set(surveys.Question):
        return not line.word.endswith(surveys.EVERYBODY)
    shares = {*stats.share_words(page), *stats_groups.indicator_words(page), "share_answered", "unanswered"}
    return line.figure in shares - {reports.Indicator.APPEALED}


def _words(page: Page) -> dict[str, Mapping[str, str]]:
    listed: tuple[Mapping[Any, Mapping[str, str]], ...] = (
        stats_progress.measure_words(page),
        stats.measure_words(page),
        survey.answer_words(page),
    )
    return {str(key): said for one in listed for key, said in one.items()}


def _said(page: Page, words: Mapping[str, str], word: str) -> str:
    """A word, or words between strokes: by what groups are told apart or after how long, which group, which answer."""
    followed = {str(key): said for key, said in stats.followed(page).items()}
    everybody = {progress.ALL: page.say("In all")} | followed
    labels, dimensions = stats_groups.group_words(page), stats_groups.dimension_words(page)
    days = stats_progress.measure_words(page)[progress.Measure.DAYS_TO_DECISION]
    known = labels | everybody | days | dict(words)
    first, *rest = word.split("/")
    if first in set(groups.Dimension) and word not in words:  # somebody may leave because of the language
        of = [labels.get(f"{first}/{piece}", known.get(piece, piece)) for piece in rest]
        return " · ".join([dimensions[groups.Dimension(first)], *of])
    waves = {str(key): said for key, said in stats.waves(page).items()}
    pieces = [waves.get(first, first), *rest] if rest else [first]
    return " · ".join(known.get(piece, piece) for piece in pieces)
