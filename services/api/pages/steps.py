"""What happened to a case in plain words: a sentence per move, from `locales/steps.toml`, and who made it."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources

from services.api.pages.site import Page
from services.records.timeline import Step as Moved
from services.rules.people import Role
from services.rules.programmes import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a timeline; `subject` is what it is about, `by_itself` whether no person made it."""

    at: datetime
    says: str
    by: str
    subject: str
    by_itself: bool


@cache
def _file() -> tuple[dict[str, Text], dict[str, tuple[str, Text]]]:
    content = resources.files("services").joinpath("locales", "steps.toml").read_text(encoding="utf-8")
    table = tomllib.loads(content)
    subjects = {name: Text(**said) for name, said in table["subjects"].items()}
    moves = {
        move: (subject, Text(**said)) for subject, said_of in table["steps"].items() for move, said in said_of.items()
    }
    return subjects, moves


def known() -> frozenset[str]:
    """Moves that have a sentence."""
    return frozenset(_file()[1])


def subjects() -> dict[str, Text]:
    """What steps and commands are about, in the order of a case's life."""
    return _file()[0]


def says(move: str) -> Text:
    """The sentence of a move. Raises `KeyError` for one without."""
    return _file()[1][move][1]


def subject_of(move: str) -> str:
    """What a move is about. Raises `KeyError` for one without a sentence."""
    return _file()[1][move][0]


def told(page: Page, moved: tuple[Moved, ...], *, learner: bool = False) -> list[Step]:
    """The steps, first to last, in the language of the page; `learner`: it is read by the case's own learner."""
    names, moves = people(page, learner=learner), _file()[1]
    return [
        Step(
            at=one.at,
            says=page.text(moves[one.move][1]),
            by=names[one.role],
            subject=moves[one.move][0],
            by_itself=one.role is Role.CLOCK,
        )
        for one in moved
    ]


def people(page: Page, *, learner: bool = False) -> dict[Role, str]:
    """Who made a step, by role; `learner`: as the case's own learner reads it."""
    return {
        Role.LEARNER: page.say("You") if learner else page.say("The learner"),
        Role.ADVISOR: page.say("Your advisor") if learner else page.say("The advisor"),
        Role.MENTOR: page.say("Your mentor") if learner else page.say("The mentor"),
        Role.ASSESSOR: page.say("An assessor"),
        Role.LEAD: page.say("A lead"),
        Role.PANEL: page.say("The panel"),
        Role.DECISION_MAKER: page.say("The person who decides"),
        Role.APPEAL_REVIEWER_1: page.say("The appeal body"),
        Role.APPEAL_REVIEWER_2: page.say("The appeal body, second level"),
        Role.THIRD_PARTY: page.say("A third party"),
        Role.PROGRAMME_ADMIN: page.say("An administrator"),
        Role.AUDITOR: page.say("An auditor"),
        Role.CLOCK: page.say("The system"),
    }
