"""Who speaks with a learner about a case: those who guide them, in a thread for the advisor and one for the mentor.

Whoever judges or decides has no part in either, so that neither side can influence the other. Source: case design,
section 2.
"""

from enum import StrEnum

from services.rules.people import Role, Tie
from services.rules.refusals import Refused


class Thread(StrEnum):
    """A conversation of a case: with its advisor (and a lead who stands in), or with its mentor."""

    GUIDANCE = "guidance"
    MENTORING = "mentoring"


SPEAKERS: dict[Thread, dict[Tie, Role]] = {
    Thread.GUIDANCE: {Tie.LEARNER: Role.LEARNER, Tie.ADVISOR: Role.ADVISOR, Tie.LEAD: Role.LEAD},
    Thread.MENTORING: {Tie.LEARNER: Role.LEARNER, Tie.MENTOR: Role.MENTOR},
}
"""By thread, the ties that may write in it, strongest first, and the role in which each of them speaks."""


def readable(ties: frozenset[Tie]) -> tuple[Thread, ...]:
    """The threads that somebody with these ties reads; an auditor reads all and writes in none."""
    return tuple(thread for thread, speakers in SPEAKERS.items() if ties & {*speakers, Tie.AUDITOR})


def speaks_as(thread: Thread, ties: frozenset[Tie]) -> Role | None:
    """The role in which somebody with these ties writes in `thread`, or None where they do not."""
    return next((role for tie, role in SPEAKERS[thread].items() if tie in ties), None)


def chosen(thread: Thread | None, ties: frozenset[Tie]) -> Thread:
    """The thread that was asked for, or the first that these ties read. Raises `Refused('forbidden')`."""
    open_to = readable(ties)
    if not open_to or thread not in (None, *open_to):
        raise Refused("forbidden")
    return thread or open_to[0]


def speaker(thread: Thread, ties: frozenset[Tie]) -> Role:
    """The role in which these ties write in `thread`. Raises `Refused('forbidden')`."""
    role = speaks_as(thread, ties)
    if role is None:
        raise Refused("forbidden")
    return role


def answerer(thread: Thread, ties: frozenset[Tie]) -> Role:
    """The role in which these ties answer a learner in `thread`. Raises `Refused('forbidden')`, for a learner too."""
    role = speaker(thread, ties)
    if role is Role.LEARNER:
        raise Refused("forbidden")
    return role
