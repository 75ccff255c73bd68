"""How far a programme's cases come and how long that takes, as charts and tables of the statistics page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.api.pages import advise_words, command_words, stats_groups
from services.api.pages.site import Page
from services.api.pages.stats_groups import Grouped
from services.api.progress_views import (
    CostView,
    DaysView,
    FeeView,
    PartView,
    PerHundredView,
    PointedView,
    ProgressView,
    WorkView,
)
from services.rules import stages
from services.rules.case import SeatKind
from services.rules.evidence import EvidenceClass
from services.rules.fees import Service
from services.rules.groups import Compared
from services.rules.programmes import Method, Programme
from services.rules.progress import ALL, ATTEMPTS, ON_FILE, WITHIN, WORDS, Measure, Step
from services.rules.progress_codebook import CODEBOOK
from services.rules.small_cells import Printed


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
class Decided:
    """How many skills were granted and not yet demonstrated, of one kind."""

    label: str
    granted: int
    not_yet: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the page shows of progress."""

    progress: ProgressView
    charts: list[Chart]
    whole: DaysView | None
    took: list[Took]
    shares: list[tuple[str, PartView]]
    competencies: list[Decided]
    methods: list[Decided]
    attempts: list[Decided]
    seats: list[tuple[str, int, int]]
    changes: list[tuple[str, PerHundredView]]
    pointed: list[tuple[str, PointedView]]
    fees: list[tuple[str, FeeView]]
    work: list[tuple[str, WorkView]]
    costs: tuple[CostView, ...]
    checks: list[tuple[str, Printed]]
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
        methods=_decided(method_words(page), numbers, Measure.GRANTED_BY_METHOD, Measure.NOT_YET_BY_METHOD),
        attempts=_decided(attempt_words(page), numbers, Measure.GRANTED_BY_ATTEMPT, Measure.NOT_YET_BY_ATTEMPT),
        seats=[
            (label, numbers.get((Measure.SEATS_DUE, seat), 0), numbers.get((Measure.SEATS_LATE, seat), 0))
            for seat, label in seat_words(page).items()
            if numbers.get((Measure.SEATS_DUE, seat), 0)
        ],
        changes=[(change_words(page)[one.name], one) for one in found.per_hundred],
        pointed=[(class_words(page)[one.kind], one) for one in found.pointed],
        fees=[(service_words(page)[one.service], one) for one in found.fees],
        work=[(work_words(page, one), one) for one in found.work],
        costs=found.costs,
        checks=_checks(page, programme, found),
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
    Measure.MEETINGS,
    Measure.OPEN_FOR,
    Measure.OPEN_WAITING,
)
"""Measures that have a chart of their own, in the order of the page."""


def measure_titles(page: Page) -> dict[Measure, str]:
    """What each measure that is divided into words is called."""
    return {
        Measure.REACHED: page.say("How far cases came"),
        Measure.LED_ON: page.say("What led on"),
        Measure.LEFT_IN: page.say("Where cases were left"),
        Measure.LEFT_BECAUSE: page.say("Why cases were left"),
        Measure.OFFERS_ANSWERED: page.say("How offers of a seat were answered"),
        Measure.BARRED: page.say("Who was barred from a case by a tie"),
        Measure.CHANGED: page.say("Decisions that change an earlier one"),
        Measure.MEETINGS: page.say("Minutes of meetings"),
        Measure.OPEN_FOR: page.say("How long open cases have been open"),
        Measure.OPEN_WAITING: page.say("Whom open cases wait for"),
        Measure.CLAIMS: page.say("What came of skills"),
        Measure.ASSESSED: page.say("Whether more evidence was asked for"),
        Measure.TIMED: page.say("Cases of which it is known how long the work took"),
        Measure.MINUTES: page.say("Minutes that the work took"),
        Measure.COST: page.say("Cost of a case"),
        Measure.DAYS_TO_DECISION: page.say("Days from sending to the decision"),
        Measure.OUR_DAYS: page.say("Our business days"),
        Measure.THEIR_DAYS: page.say("Days with the learner"),
    }


def measure_words(page: Page) -> dict[Measure, dict[str, str]]:
    """What each word of a measure is called."""
    days = {"median": page.say("Half took so many or fewer"), "p90": page.say("Nine in ten took so many or fewer")}
    return {
        Measure.REACHED: {step.value: said for step, said in step_words(page).items()},
        Measure.LED_ON: {
            Step.ENQUIRY: page.say("Enquiries that led to a case"),
            Step.DRAFT: page.say("Begun cases that were sent"),
        },
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
        Measure.MEETINGS: method_words(page),
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
        Measure.TIMED: {
            "every_seat": page.say("Everybody said how long it took"),
            "not_every_seat": page.say("Not everybody said so"),
        },
        Measure.MINUTES: {str(seat): said for seat, said in seat_words(page).items()} | method_words(page),
        Measure.COST: {
            "median": page.say("Half cost so much or less"),
            "p90": page.say("Nine in ten cost so much or less"),
        },
        Measure.DAYS_TO_DECISION: days,
        Measure.OUR_DAYS: days,
        Measure.THEIR_DAYS: days,
    }


def step_words(page: Page) -> dict[Step, str]:
    """How far a case came, in words."""
    return {
        Step.ENQUIRY: page.say("Enquiry"),
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
        "led_on_enquiry": page.say("Enquiries that led to a case"),
        "led_on_draft": page.say("Begun cases that were sent"),
        "never_presented": page.say("Eligible, and closed without a portfolio"),
        "seats_late": page.say("Assessments that came late"),
        "conflicts_of_offers": page.say("Offers answered with a conflict"),
        "casting_votes": page.say("Panel decisions by the chair’s casting vote"),
        "claims_granted": page.say("Skills granted, transfers left out"),
        "time_stated": page.say("Cases in which everybody said how long their work took"),
        "assessed_with_request": page.say("Cases for which more evidence was asked"),
    }


def _competencies(page: Page, programme: Programme, numbers: Mapping[tuple[Measure, str], int]) -> list[Decided]:
    """By competency; one that the newest version no longer has keeps its key."""
    titles = {one.key: page.text(one.title) for one in programme.competencies}
    measures = (Measure.CLAIMS_GRANTED, Measure.CLAIMS_NOT_YET)
    keys: Iterable[str] = dict.fromkeys(word for measure, word in sorted(numbers) if measure in measures)
    return _decided({key: titles.get(key, key) for key in keys}, numbers, *measures)


def _checks(page: Page, programme: Programme, found: ProgressView) -> list[tuple[str, Printed]]:
    """How often credentials were checked, by competency and in all, where there were any checks at all."""
    titles = {one.key: page.text(one.title) for one in programme.competencies} | {ALL: page.say("all")}
    return [(titles.get(key, key), number) for key, number in found.checks.items()] if len(found.checks) > 1 else []


def _decided(
    labels: Mapping[str, str], numbers: Mapping[tuple[Measure, str], int], granted: Measure, not_yet: Measure
) -> list[Decided]:
    found = [
        Decided(label, numbers.get((granted, word), 0), numbers.get((not_yet, word), 0))
        for word, label in labels.items()
    ]
    return [one for one in found if one.granted or one.not_yet]


def method_words(page: Page) -> dict[str, str]:
    """What each method is called, and what was judged without a meeting."""
    return {
        ON_FILE: page.say("On the evidence alone"),
        Method.INTERVIEW: page.say("Interview"),
        Method.CHALLENGE_TEST: page.say("Challenge test"),
        Method.OBSERVATION: page.say("Observation"),
        Method.SIMULATION: page.say("Simulation"),
    }


def attempt_words(page: Page) -> dict[str, str]:
    """Which attempt it was."""
    words = (page.say("First attempt"), page.say("Second attempt"), page.say("Third attempt or later"))
    return dict(zip(ATTEMPTS, words, strict=True))


def seat_words(page: Page) -> dict[SeatKind, str]:
    """What each seat is for."""
    return {
        SeatKind.FIRST: page.say("First assessment"),
        SeatKind.SECOND: page.say("Second assessment"),
        SeatKind.THIRD: page.say("Third assessment"),
        SeatKind.INTERVIEW: page.say("Interview"),
        SeatKind.PANEL: page.say("Panel"),
        SeatKind.APPEAL_1: page.say("Appeal, first level"),
        SeatKind.APPEAL_2: page.say("Appeal, second level"),
    }


def work_words(page: Page, one: WorkView) -> str:
    """Work of which kind of seat, and by which method where a seat has several."""
    seats = {str(seat): said for seat, said in seat_words(page).items()}
    if (one.seat, one.method) in {(SeatKind.PANEL, ON_FILE), (SeatKind.INTERVIEW, Method.INTERVIEW)}:
        return seats[one.seat]
    return f"{seats[one.seat]} · {method_words(page)[one.method]}"


def change_words(page: Page) -> dict[str, str]:
    """What is told for a hundred decisions."""
    changed = measure_words(page)[Measure.CHANGED]
    return {f"{Measure.CHANGED}/{word}": said for word, said in changed.items()} | {
        Measure.LETTERS_CORRECTED: page.say("Corrected letters"),
        Measure.RETURNED: page.say("Recommendations sent back by whoever decides"),
    }


def class_words(page: Page) -> dict[str, str]:
    """What each class of evidence is called."""
    return {
        ALL: page.say("All pieces of evidence"),
        EvidenceClass.DIRECT: page.say("Work itself, in files, pictures or film"),
        EvidenceClass.INDIRECT: page.say("Records and earlier credentials"),
        EvidenceClass.THIRD_PARTY: page.say("What others attest"),
        EvidenceClass.SELF_: page.say("What learners say themselves"),
    }


def service_words(page: Page) -> dict[str, str]:
    """What is charged for."""
    return {
        Service.FILE: page.say("Opening of the file"),
        Service.COMPETENCIES: page.say("Assessment of competencies"),
        Service.REACTIVATION: page.say("A file that is taken up again"),
    }
