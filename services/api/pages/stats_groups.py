"""Groups beside each other, as tables of the statistics page: a dimension each, with a column for every share."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.api.pages import about_me
from services.api.pages.site import Page
from services.rules.equity import ALL, Beside
from services.rules.groups import NO_ANSWER, NOT_USED, SUPPORTS, USED, Compared, Dimension, Indicator, Took
from services.rules.small_cells import Bound, Printed


@dataclass(frozen=True, slots=True)
class Row:
    """One group: how many people, its share of each column, and how many days half of them needed, in columns too."""

    label: str
    persons: Printed
    shares: tuple[Beside, ...]
    days: tuple[tuple[Printed, Printed], ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups of one dimension; `columns` are what the shares are of, `took` what the days are of."""

    title: str
    support: bool
    unanswered: Printed | None
    columns: tuple[str, ...]
    took: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def flagged(self) -> bool:
        """Whether any group is marked."""
        return any(beside.flagged for row in self.rows for beside in row.shares)


def grouped(page: Page, every: Sequence[Compared]) -> list[Grouped]:
    """Every dimension of which two groups or more may be told: one alone stands beside nothing."""
    titles, indicators, took, labels = dimension_words(page), indicator_words(page), took_words(page), group_words(page)
    found = []
    for one in every:
        first = one.shares[0].groups
        if sum(not isinstance(line.persons, Bound) for line in first if line.group != ALL) < 2:  # noqa: PLR2004 - one beside another
            continue
        by_group = [{line.group: line for line in shares.groups} for shares in one.shares]
        nothing = Beside(ALL, Bound.WITHHELD, Bound.WITHHELD, None, False)  # noqa: FBT003 - a whole row
        rows = [
            Row(
                label=labels.get(f"{one.dimension}/{line.group}", labels.get(line.group, line.group)),
                persons=line.persons,
                shares=tuple(of.get(line.group, nothing) for of in by_group),
                days=tuple(
                    (said.get("median", Bound.WITHHELD), said.get("p90", Bound.WITHHELD))
                    for said in (days.groups.get(line.group, {}) for days in one.days)
                ),
            )
            for line in first
        ]
        found.append(
            Grouped(
                title=titles[one.dimension],
                support=one.dimension in SUPPORTS,
                unanswered=one.unanswered,
                columns=tuple(indicators[shares.indicator] for shares in one.shares),
                took=tuple(took[days.took] for days in one.days),
                rows=tuple(rows),
            )
        )
    return found


def dimension_words(page: Page) -> dict[Dimension, str]:
    """By what groups are told apart."""
    return {
        Dimension.LANGUAGE: page.say("by language"),
        Dimension.PURPOSE: page.say("by purpose"),
        **{Dimension(trait): said for trait, said in about_me.dimension_words(page).items()},
        Dimension.ADVISOR_CONTACT: page.say("by whether an advisor wrote to them"),
        Dimension.MENTOR: page.say("by whether a mentor was there"),
        Dimension.ACCOMMODATION: page.say("by whether something was arranged"),
        Dimension.INTERPRETER: page.say("by whether an interpreter was there"),
    }


def indicator_words(page: Page) -> dict[Indicator, str]:
    """By what groups are compared."""
    return {
        Indicator.ELIGIBLE: page.say("Eligible, of cases sent"),
        Indicator.DEPOSITED: page.say("Portfolio sent, of eligible cases"),
        Indicator.DECIDED: page.say("Decided, of portfolios sent"),
        Indicator.GRANTED: page.say("Something granted, of cases decided"),
        Indicator.NEVER_PRESENTED: page.say("Closed without a portfolio, of eligible cases"),
        Indicator.WITHIN: page.say("Decided within 180 days, of cases old enough"),
        Indicator.CLAIMS: page.say("Skills granted, of skills decided on"),
        Indicator.APPEALED: page.say("Appealed, of cases decided"),
    }


def took_words(page: Page) -> dict[Took, str]:
    """What is told in days."""
    return {
        Took.DECISION: page.say("Days from sending to the decision"),
        Took.OURS: page.say("Our business days"),
        Took.THEIRS: page.say("Days with the learner"),
    }


def group_words(page: Page) -> dict[str, str]:
    """What each group is called: by its word, or by its dimension and its word."""
    said = about_me.answer_words(page)
    return {
        "en": "English",
        "fr": "Français",
        "upskill": page.say("do better in the work they do"),
        "reskill": page.say("change to other work"),
        "access": page.say("enter a programme of study"),
        USED: page.say("yes"),
        NOT_USED: page.say("no"),
        NO_ANSWER: page.say("said nothing"),
        ALL: page.say("all"),
        **{f"{trait}/{word}": text for trait, words in said.items() for word, text in words.items()},
    }
