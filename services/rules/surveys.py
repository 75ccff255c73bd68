"""What becomes of people after a decision: whom we ask, when, the five questions, and what may be told of the answers.

Whoever agreed is asked five times in two years. Answers are counted and kept with nobody's name: what is stored is how
often each question was answered with each word. Source: case design, section 13 (G1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.rules import deadlines, small_cells
from services.rules.case import ClosedAs, Stage
from services.rules.claims import Outcome
from services.rules.programmes import Text
from services.rules.small_cells import Bound, Printed, Rate

DEFINITION = "survey-1"
"""The version of the questions and of how they are counted."""

PURPOSE, TEXT = "survey", "survey-2026-1"
"""What a consent to be asked is for, and the version of the words that one agrees to."""

WAVES = (0, 3, 6, 12, 24)
"""Months after the decision, or after the end of a case without one, at which somebody is asked."""

BASELINE = -1
"""The wave of what somebody did when they applied; told before, counted with the first wave in which they are asked."""

BEFORE = frozenset(Stage) - {Stage.DRAFT, Stage.CLOSED, Stage.DECIDED, Stage.GAP_TRAINING, Stage.UNDER_REVIEW}
"""Stages in which a learner can say what they do: an application was sent, and nothing is decided."""

LIFE = timedelta(days=60)
"""How long a link can be answered. Source: security design, section 7 ("link without account")."""


class Question(StrEnum):
    """What is asked, in the order of the page."""

    WORK = "work"
    CHANGE = "change"
    STUDY = "study"
    CREDENTIAL = "credential"
    RECOMMEND = "recommend"


ANSWERS: dict[Question, tuple[str, ...]] = {
    Question.WORK: ("in_field", "other_work", "looking", "not_looking"),
    Question.CHANGE: ("new_job", "promotion", "raise_under_5", "raise_5_to_15", "raise_over_15", "none"),
    Question.STUDY: ("counted", "studying", "planned", "no"),
    Question.CREDENTIAL: ("asked_for", "shown", "not_used", "has_none"),
    Question.RECOMMEND: ("yes", "unsure", "no"),
}
"""The words that each question can be answered with; no question has to be answered."""

CODEBOOK: dict[Question, Text] = {
    Question.WORK: Text(
        "What people do now: paid work in the field of the programme, other paid work, looking for work, or none of "
        "these.",
        "Ce que les personnes font maintenant : travail rémunéré dans le domaine du programme, autre travail "
        "rémunéré, recherche d’emploi, ou rien de cela.",
    ),
    Question.CHANGE: Text(
        "What changed most at work in the last months: a new job, a promotion, a raise of under 5 %, of 5 to 15 %, of "
        "more than 15 %, or nothing.",
        "Ce qui a le plus changé au travail ces derniers mois : nouvel emploi, promotion, augmentation de moins de "
        "5 %, de 5 à 15 %, de plus de 15 %, ou rien.",
    ),
    Question.STUDY: Text(
        "Whether people study: where what was recognised counts, elsewhere, not yet but planned, or no.",
        "Si les personnes étudient : là où ce qui est reconnu compte, ailleurs, pas encore mais c’est prévu, ou non.",
    ),
    Question.CREDENTIAL: Text(
        "Whether somebody asked for a credential, whether it was shown unasked, not used, or there is none.",
        "Si quelqu’un a demandé une attestation, si elle a été montrée sans être demandée, n’a pas servi, ou s’il n’y "
        "en a pas.",
    ),
    Question.RECOMMEND: Text(
        "Whether people would advise others to do the same.",
        "Si les personnes conseilleraient à d’autres de faire de même.",
    ),
}
"""What each question is about, for the reader of the figures."""


class Followed(StrEnum):
    """Who is asked: by what came of the case. The last is the group to compare with."""

    RECOGNISED = "recognised"
    NOT_YET = "not_yet"
    NOT_COMPLETED = "not_completed"


SETTLED = frozenset({Stage.DECIDED, Stage.GAP_TRAINING, Stage.UNDER_REVIEW, Stage.CLOSED})
"""Stages of a case whose decision its learner has read."""

LEFT = frozenset({ClosedAs.WITHDRAWN, ClosedAs.EXPIRED, ClosedAs.REORIENTED})
"""How a case ends that its learner did not carry to a decision."""


def followed(*, stage: Stage, outcome: str | None, closed_as: ClosedAs | None, eligible: bool) -> Followed | None:
    """To which group a case belongs; None while it runs, and where it never was eligible (`eligible`).

    A case that was decided and then left belongs where its decision put it.
    """
    if outcome is not None:
        if stage not in SETTLED:
            return None
        return Followed.NOT_YET if outcome == Outcome.NOT_GRANTED else Followed.RECOGNISED
    return Followed.NOT_COMPLETED if stage is Stage.CLOSED and closed_as in LEFT and eligible else None


def wave(since: date, today: date) -> int | None:
    """The wave in whose time `today` lies, of somebody whose case ended on `since`; None between waves and after."""
    for months in WAVES:
        begins = deadlines.months_later(since, months)
        if begins <= today < begins + LIFE:
            return months
    return None


def over(since: date, today: date) -> bool:
    """Whether nobody whose case ended on `since` is asked any more."""
    return today >= deadlines.months_later(since, WAVES[-1]) + LIFE


def asked_in(wave: int) -> tuple[Question, ...]:
    """What is asked in a wave; at the beginning, only what people do."""
    return (Question.WORK,) if wave == BASELINE else tuple(Question)


EVERYBODY = small_cells.ALL
"""The name of all languages together."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How many were asked, how many of them answered, and the share of those, as far as it may be told."""

    asked: Printed
    answered: Printed
    share: Printed


@dataclass(frozen=True, slots=True)
class Said:
    """How a question was answered: by how many, and the share of each word, as far as it may be told."""

    answered: Printed
    shares: Mapping[str, Printed]


def asked(by_language: Mapping[str, tuple[int, int]]) -> dict[str, Asked]:
    """Whoever answered beside whoever did not, by language and for `EVERYBODY`; each is asked and answered.

    One table with its totals, so that no line of it can be found from the others.
    """
    lines = dict(by_language) | {
        EVERYBODY: (sum(one for one, _ in by_language.values()), sum(one for _, one in by_language.values()))
    }
    counts = small_cells.crossed([[n, of - n] for of, n in by_language.values()] or [[0, 0]])
    found = {}
    for (language, (of, n)), (answered, _, whole) in zip(lines.items(), counts[-len(lines) :], strict=True):
        ((rate,),) = small_cells.printed([[Rate(n, of)]])
        found[language] = Asked(whole, answered, answered if isinstance(answered, Bound) else rate)
    return found


def said(question: Question, counts: Mapping[str, int]) -> Said:
    """How a question was answered; `counts` by word."""
    words = ANSWERS[question]
    told, whole = small_cells.shares([counts.get(word, 0) for word in words])
    return Said(whole, dict(zip(words, told, strict=True)))
