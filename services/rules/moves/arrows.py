"""What a row of the table of moves is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from services.rules.case import CaseState, Command, Lane, Stage
from services.rules.guards import Guard
from services.rules.ladders import To
from services.rules.people import Role


@dataclass(frozen=True, slots=True)
class Work:
    """An effect that a move queues: the activity that carries it out, and its lane."""

    activity: str
    lane: Lane = Lane.ISSUE


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail that a move queues."""

    kind: str
    to: To


@dataclass(frozen=True, slots=True)
class Nothing:
    """A command that needs no words."""


Target = Stage | Callable[[CaseState, Command], Stage]


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow: who may send `command` from where, what must hold, where it leads and what follows.

    `by_itself`: the case makes this move as soon as its guards allow it. `body`: what its sender says with it;
    `subject`: the field of the body that names what the command is about, where that is not the case itself.
    """

    command: str
    sources: tuple[Stage, ...]
    target: Target
    roles: tuple[Role, ...]
    guards: tuple[Guard, ...] = ()
    effects: tuple[Work, ...] = ()
    notices: tuple[Notice, ...] = ()
    by_itself: bool = False
    body: type = Nothing
    subject: str = ""
