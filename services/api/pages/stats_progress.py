"""How far a programme's cases come and how long that takes, as charts and tables of the statistics page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.api.pages import advise_words, command_words, stats_groups
from services.api.pages.site import Page
from services.api.pages.stats_groups import Grouped
from services.api.routes.progress import DaysView, PartView, ProgressView
from services.rules import stages
from services.rules.groups import Compared
from services.rules.programmes import Programme
from services.rules.progress import ALL, CODEBOOK, WITHIN, WORDS, Measure, Step


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart and of its table; `of_most` is its length in thousandths of the longest."""

    label: str
    number: int
    of_most: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Counts that stand side by side; `means` is what is counted."""

    key: str
    title: str
    means: str
    bars: tuple[Bar, ...]


def chart(key: str, title: str, means: str, numbers: Mapping[str, int]) -> Chart:
    """Bars by label, from nought; none where all are nought."""
    most = max(numbers.values(), default=0)
    bars = tuple(Bar(label, number, number * 1000 // most) for label, number in numbers.items() if most)
    return Chart(key, title, means, bars)


@dataclass(frozen=True, slots=True)
class Took:
    """One row of the table of days."""

    label: str
    ours: DaysView | None
    theirs: DaysView | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the page shows of progress."""

    progress: ProgressView
    charts: list[Chart]
    whole: DaysView | None
    took: list[Took]
    shares: list[tuple[str, PartView]]
    competencies: list[tuple[str, int, int]]
    groups: list[Grouped]


def drawn(page: Page, programme: Programme, found: ProgressView, groups: Sequence[Compared]) -> Drawn:
    """The figures in words."""
    said = stage_words(page)
    days = {(one.measure, one.word): one for one in found.days}
    numbers = {(one.measure, one.word): one.number for one in found.counts}
    took = [
        Took(label, days.get((Measure.OUR_DAYS, word)), days.get((Measure.THEIR_DAYS, word)))
        for word, label in ((ALL, page.say("The whole way")), *said.items())
    ]
    return Drawn(
        progress=found,
        charts=_charts(page, found, numbers),
        whole=days.get((Measure.DAYS_TO_DECISION, ALL)),
        took=[one for one in took if one.ours or one.theirs],
        shares=[(_shares(page)[one.name], one) for one in found.shares],
        competencies=_competencies(page, programme, numbers),
        groups=stats_groups.grouped(page, groups),
    )


def stage_words(page: Page) -> dict[str, str]:
    """What each stage is called."""
    return {stage.value: page.text(facts.label) for stage, facts in stages.STAGES.items()}


def _charts(page: Page, found: ProgressView, numbers: Mapping[tuple[Measure, str], int]) -> list[Chart]:
    said, steps = measure_words(page), step_words(page)

    def of(measure: Measure, title: str) -> Chart:
        listed = {said[measure][word]: numbers.get((measure, word), 0) for word in WORDS[measure]}
        some = {label: number for label, number in listed.items() if number}
        return chart(measure.value, title, page.text(CODEBOOK[measure]), some)

    funnel = {steps[one.step]: one.number for one in found.funnel}
    titles = measure_titles(page)
    return [
        chart("funnel", titles[Measure.REACHED], page.text(CODEBOOK[Measure.REACHED]), funnel),
        *(of(measure, titles[measure]) for measure in DRAWN),
    ]


DRAWN = (
    Measure.LEFT_IN,
    Measure.LEFT_BECAUSE,
    Measure.OFFERS_ANSWERED,
    Measure.BARRED,
    Measure.CHANGED,
    Measure.OPEN_FOR,
    Measure.OPEN_WAITING,
)
"""Measures that have a chart of their own, in the order of the page."""


def measure_titles(page: Page) -> dict[Measure, str]:
    """What each measure that is divided into words is called."""
    return {
        Measure.REACHED: page.say("How far cases came"),
        Measure.LEFT_IN: page.say("Where cases were left"),
        Measure.LEFT_BECAUSE: page.say("Why cases were left"),
        Measure.OFFERS_ANSWERED: page.say("How offers of a seat were answered"),
        Measure.BARRED: page.say("Who was barred from a case by a tie"),
        Measure.CHANGED: page.say("Decisions that change an earlier one"),
        Measure.OPEN_FOR: page.say("How long open cases have been open"),
        Measure.OPEN_WAITING: page.say("Whom open cases wait for"),
        Measure.CLAIMS: page.say("What came of skills"),
        Measure.ASSESSED: page.say("Whether more evidence was asked for"),
        Measure.DAYS_TO_DECISION: page.say("Days from sending to the decision"),
        Measure.OUR_DAYS: page.say("Our business days"),
        Measure.THEIR_DAYS: page.say("Days with the learner"),
    }


def measure_words(page: Page) -> dict[Measure, dict[str, str]]:
    """What each word of a measure is called."""
    days = {"median": page.say("Half took so many or fewer"), "p90": page.say("Nine in ten took so many or fewer")}
    return {
        Measure.REACHED: {step.value: said for step, said in step_words(page).items()},
        Measure.LEFT_IN: stage_words(page),
        Measure.LEFT_BECAUSE: {code: page.text(text) for code, text in command_words.choices("leaving_reason").items()},
        Measure.OFFERS_ANSWERED: {
            "accepted": page.say("Accepted"),
            "declined": page.say("Declined"),
            "conflict": page.say("Conflict declared"),
            "conflict_late": page.say("Conflict declared after the seat was taken"),
        },
        Measure.BARRED: {"declared": page.say("They declared it"), "detected": page.say("The system found it")},
        Measure.CHANGED: {
            "corrected": page.say("Corrected"),
            "revocation": page.say("Withdrawn"),
            "suspension": page.say("Suspended"),
            "reinstatement": page.say("Given back"),
        },
        Measure.OPEN_FOR: {
            "0_30": page.say("Up to 30 days"),
            "31_90": page.say("31 to 90 days"),
            "91_180": page.say("91 to 180 days"),
            "181_365": page.say("181 to 365 days"),
            "over_365": page.say("Over a year"),
        },
        Measure.OPEN_WAITING: {word.value: said for word, said in advise_words.waiting(page).items()},
        Measure.CLAIMS: {
            "granted": page.say("Granted"),
            "granted_by_transfer": page.say("Recognised by transfer"),
            "not_yet": page.say("Not yet demonstrated"),
            "withdrawn": page.say("Taken out"),
        },
        Measure.ASSESSED: {"with_request": page.say("Yes"), "without_request": page.say("No")},
        Measure.DAYS_TO_DECISION: days,
        Measure.OUR_DAYS: days,
        Measure.THEIR_DAYS: days,
    }


def step_words(page: Page) -> dict[Step, str]:
    """How far a case came, in words."""
    return {
        Step.DRAFT: page.say("Begun"),
        Step.SUBMITTED: page.say("Request sent"),
        Step.ELIGIBLE: page.say("Eligible"),
        Step.DEPOSITED: page.say("Portfolio sent"),
        Step.ASSESSED: page.say("Assessed"),
        Step.DECIDED: page.say("Decided"),
        Step.GRANTED_FULL: page.say("All granted"),
        Step.GRANTED_PARTIAL: page.say("Granted in part"),
        Step.NOT_GRANTED: page.say("Nothing granted yet"),
        Step.ISSUED: page.say("Credential issued"),
        Step.OPENED: page.say("Letter opened"),
        Step.APPEALED: page.say("Appealed"),
    }


def _shares(page: Page) -> dict[str, str]:
    within = {
        f"decided_within_{days}": page.say("Decided within %(days)s days, of cases old enough", days=days)
        for days in WITHIN
    }
    return within | {
        "never_presented": page.say("Eligible, and closed without a portfolio"),
        "seats_late": page.say("Assessments that came late"),
        "claims_granted": page.say("Skills granted, transfers left out"),
        "assessed_with_request": page.say("Cases for which more evidence was asked"),
    }


def _competencies(
    page: Page, programme: Programme, numbers: Mapping[tuple[Measure, str], int]
) -> list[tuple[str, int, int]]:
    """Granted and not yet demonstrated, by competency; one that the newest version no longer has keeps its key."""
    titles = {one.key: page.text(one.title) for one in programme.competencies}
    measures = (Measure.CLAIMS_GRANTED, Measure.CLAIMS_NOT_YET)
    keys: Iterable[str] = dict.fromkeys(word for measure, word in sorted(numbers) if measure in measures)
    granted, not_yet = measures
    return [(titles.get(key, key), numbers.get((granted, key), 0), numbers.get((not_yet, key), 0)) for key in keys]
