"""A year in groups: how far each came, how long it took, what was granted and contested, by what tells groups apart.

Every person counts once, by the first case of the year. A year is counted once, when it is over, and stays: of two
countings, the difference would tell of one person. Source: case design, section 13 (E1, E3, small cells).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from services.rules import equity, small_cells
from services.rules.equity import Beside, Rated
from services.rules.programmes import Text
from services.rules.self_identification import ANSWERS, Trait
from services.rules.small_cells import Bound, Printed, Quantile, Rate

DEFINITION = "groups-1"
"""The version of the definitions in this file; every counted year names the one that it was counted by."""

NO_ANSWER = "no_answer"
"""The group of whoever said nothing of themselves."""

USED, NOT_USED = "used", "not_used"


class Dimension(StrEnum):
    """By what groups are told apart: facts of the case, what people say of themselves, and support that was used."""

    LANGUAGE = "language"
    PURPOSE = "purpose"
    GENDER = Trait.GENDER
    AGE = Trait.AGE
    INDIGENOUS = Trait.INDIGENOUS
    NEWCOMER = Trait.NEWCOMER
    DISABILITY = Trait.DISABILITY
    FIRST_LANGUAGE = Trait.FIRST_LANGUAGE
    REGION = Trait.REGION
    EMPLOYMENT = Trait.EMPLOYMENT
    EDUCATION = Trait.EDUCATION
    ADVISOR_CONTACT = "advisor_contact"
    MENTOR = "mentor"
    ACCOMMODATION = "accommodation"
    INTERPRETER = "interpreter"


SUPPORTS = (Dimension.ADVISOR_CONTACT, Dimension.MENTOR, Dimension.ACCOMMODATION, Dimension.INTERPRETER)
"""Dimensions of support: a cross-tab that claims no effect, and so flags nothing."""

TRAITS = frozenset(Dimension(trait) for trait in Trait)
"""Dimensions of what people say of themselves."""

PLACES = {dimension: place for place, dimension in enumerate(Dimension)}
"""Where a dimension's group stands in `Walk.groups` and `Settled.groups`."""

ORDER: dict[Dimension, tuple[str, ...]] = {
    **{Dimension(trait): (*words, NO_ANSWER) for trait, words in ANSWERS.items()},
    **dict.fromkeys(SUPPORTS, (USED, NOT_USED)),
}
"""In which order groups stand; others by their names."""


class Indicator(StrEnum):
    """By what groups are compared."""

    ELIGIBLE = "eligible_of_submitted"
    DEPOSITED = "deposited_of_eligible"
    DECIDED = "decided_of_deposited"
    GRANTED = "granted_of_decided"
    NEVER_PRESENTED = "never_presented_of_eligible"
    WITHIN = "decided_within_180_of_old_enough"
    CLAIMS = "claims_granted_of_decided"
    APPEALED = "appealed_of_decided"


FUNNEL = (Indicator.ELIGIBLE, Indicator.DEPOSITED, Indicator.DECIDED, Indicator.GRANTED)
RANKED = frozenset({*FUNNEL, Indicator.WITHIN})
"""Shares of which more is better and that count each person once; others have no ratio and no flag."""

CODEBOOK: dict[Indicator, Text] = {
    Indicator.ELIGIBLE: Text(
        "People who sent a case in the year and became eligible by its end.",
        "Personnes qui ont déposé une demande dans l’année et sont devenues recevables avant sa fin.",
    ),
    Indicator.DEPOSITED: Text(
        "Of those who became eligible, those who sent a portfolio.",
        "Parmi les personnes recevables, celles qui ont déposé un dossier de preuves.",
    ),
    Indicator.DECIDED: Text(
        "Of those who sent a portfolio, those whose letter could be read.",
        "Parmi celles qui ont déposé un dossier de preuves, celles dont la lettre a pu être lue.",
    ),
    Indicator.GRANTED: Text(
        "Of those whose letter could be read, those to whom something was granted.",
        "Parmi celles dont la lettre a pu être lue, celles à qui quelque chose a été accordé.",
    ),
    Indicator.NEVER_PRESENTED: Text(
        "Of those who became eligible, those whose case was closed without a portfolio.",
        "Parmi les personnes recevables, celles dont le dossier a été fermé sans dossier de preuves.",
    ),
    Indicator.WITHIN: Text(
        "Of cases sent in the year 180 days ago or more, those with a letter within 180 days.",
        "Parmi les demandes déposées dans l’année il y a 180 jours ou plus, celles qui ont eu une lettre en 180 jours.",
    ),
    Indicator.CLAIMS: Text(
        "Skills granted, of skills decided on in cases whose letter could be read in the year; transfers left out.",
        "Compétences accordées, parmi celles qui ont été tranchées dans les dossiers dont la lettre a pu être lue dans "
        "l’année ; sans les transferts.",
    ),
    Indicator.APPEALED: Text(
        "People who appealed, of those whose letter could be read in the year.",
        "Personnes qui ont fait appel, parmi celles dont la lettre a pu être lue dans l’année.",
    ),
}
"""What each share means; they are of persons, and of the year until the night after it."""


class Took(StrEnum):
    """What is told in days, by median and ninth decile: see the figures of progress of the same names."""

    DECISION = "days_to_decision"
    OURS = "our_days"
    THEIRS = "their_days"


QUANTILES: dict[str, int] = {"median": 500, "p90": 900}

Groups = tuple[str, ...]
"""To which group somebody belongs, in the order of `Dimension`."""


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the first case came that somebody sent in the year; `within` is None for one that is too young."""

    groups: Groups
    eligible: bool
    deposited: bool
    decided: bool
    granted: bool
    closed: bool
    within: bool | None


@dataclass(frozen=True, slots=True)
class Settled:
    """The first case of somebody whose letter could be read in the year; claims without transfers."""

    groups: Groups
    days: Mapping[Took, int]
    granted: int
    not_yet: int
    appealed: bool


@dataclass(frozen=True, slots=True)
class Shares:
    """One indicator of every group, and of everybody."""

    indicator: Indicator
    groups: list[Beside]


@dataclass(frozen=True, slots=True)
class Days:
    """How long something took in each group: median and ninth decile, as far as they may be told."""

    took: Took
    groups: dict[str, dict[str, Printed]]


@dataclass(frozen=True, slots=True)
class Compared:
    """The groups of one dimension beside each other; `unanswered`: the share of whoever said nothing of themselves."""

    dimension: Dimension
    unanswered: Printed | None
    shares: list[Shares]
    days: list[Days]


One = TypeVar("One", Walk, Settled)


def tables(walks: Sequence[Walk], settled: Sequence[Settled]) -> list[Compared]:
    """Every dimension of a year that is over, as it may leave the house."""
    return [_compared(dimension, walks, settled) for dimension in Dimension]


def _compared(dimension: Dimension, walks: Sequence[Walk], settled: Sequence[Settled]) -> Compared:
    sent, told = _by_group(dimension, walks), _by_group(dimension, settled)
    indicators = FUNNEL if dimension in SUPPORTS else tuple(Indicator)
    unanswered: Printed | None = None
    if dimension in TRAITS:
        ((unanswered,),) = small_cells.printed([[Rate(len(sent.get(NO_ANSWER, ())), len(walks))]])
        unanswered = unanswered if isinstance(unanswered, Bound) else round(unanswered, 2)
    return Compared(
        dimension=dimension,
        unanswered=unanswered,
        shares=[
            Shares(
                one,
                equity.compared(
                    _rated(one, sent, told),
                    ranked=one in RANKED and dimension not in SUPPORTS,
                    counted=one is Indicator.ELIGIBLE,
                ),
            )
            for one in indicators
        ],
        days=[] if dimension in SUPPORTS else [_days(took, told) for took in Took],
    )


def _by_group(dimension: Dimension, every: Sequence[One]) -> dict[str, list[One]]:
    found: defaultdict[str, list[One]] = defaultdict(list)
    for one in every:
        found[one.groups[PLACES[dimension]]].append(one)
    order = ORDER.get(dimension, ())
    return dict(sorted(found.items(), key=lambda item: (order.index(item[0]) if item[0] in order else 0, item[0])))


def _rated(
    indicator: Indicator, sent: Mapping[str, Sequence[Walk]], told: Mapping[str, Sequence[Settled]]
) -> dict[str, Rated]:
    if indicator is Indicator.CLAIMS:
        return {
            group: Rated(
                sum(one.granted for one in some),
                sum(one.granted + one.not_yet for one in some),
                (sum(one.granted > 0 for one in some), sum(one.not_yet > 0 for one in some)),
            )
            for group, some in told.items()
        }
    if indicator is Indicator.APPEALED:
        return {group: Rated(sum(one.appealed for one in some), len(some)) for group, some in told.items()}
    return {group: _walked(indicator, some) for group, some in sent.items()}


def _walked(indicator: Indicator, walks: Sequence[Walk]) -> Rated:
    came = (
        len(walks),
        sum(one.eligible for one in walks),
        sum(one.deposited for one in walks),
        sum(one.decided for one in walks),
        sum(one.granted for one in walks),
    )
    if indicator is Indicator.NEVER_PRESENTED:
        return Rated(sum(one.eligible and one.closed and not one.deposited for one in walks), came[1])
    if indicator is Indicator.WITHIN:
        return Rated(sum(one.within is True for one in walks), sum(one.within is not None for one in walks))
    step = FUNNEL.index(indicator)
    return Rated(came[step + 1], came[step])


def _days(took: Took, told: Mapping[str, Sequence[Settled]]) -> Days:
    found = {}
    for group, some in told.items():
        values = tuple(float(one.days[took]) for one in some if took in one.days)
        cells = small_cells.printed([[Quantile(values, per_mille) for per_mille in QUANTILES.values()]])
        found[group] = dict(zip(QUANTILES, cells[0], strict=True))
    return Days(took, found)
