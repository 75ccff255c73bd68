"""What a move reads and writes beside the stage: a check when it is asked, and what it carries when it is applied."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.records.tables.cases import Case
from services.records.tables.decisions import Decision
from services.rules.case import ClosedAs, Command, Stage
from services.rules.programmes import Programme


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that a move's content may look at; `body` is the command's typed body, none before it is sent."""

    session: AsyncSession
    case: Case
    programme: Programme
    command: Command
    body: Any
    now: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A mail that follows from the content, beside those that the table of moves names."""

    notice: str
    person: UUID
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a move did: the answer to its sender, who else is told, and the decision its effects carry.

    `leads_to`: the stage, where only what was written tells; one of those that the move's target can reach.
    `closed_as`: why a move that closes the case closes it, where its content tells; `due_at_least`: before when the
    stage that the case enters is not due. `spares`: nothing of what the table has carried out is called for here.
    """

    result: dict[str, Any] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    decision: Decision | None = None
    logged: dict[str, Any] = field(default_factory=dict)
    leads_to: Stage | None = None
    closed_as: ClosedAs | None = None
    due_at_least: datetime | None = None
    spares: bool = False


Check = Callable[[Setting], Awaitable[None]]
"""Raises `Refused`; run when the command is accepted, and again in the transaction that applies it."""

Carry = Callable[[Setting], Awaitable[Outcome]]
"""Writes the content in force; stage, version, limits and effects are not its business."""


async def nothing_against(_: Setting) -> None:
    """The check of a move that needs no words."""


async def carries_nothing(_: Setting) -> Outcome:
    """The content of a move that only moves."""
    return Outcome()


@dataclass(frozen=True, slots=True)
class Content:
    """A move's check and what it carries.

    `beforehand` looks at the case alone, without a word of its sender: what it refuses is not even offered. What the
    sender can still complete (a rationale, an answer, a file) is no reason to hide a command: the page on which it is
    sent says what is missing, and `check` refuses.
    """

    check: Check = nothing_against
    carry: Carry = carries_nothing
    beforehand: Check = nothing_against

    async def hold(self, setting: Setting) -> None:
        """Raises `Refused`: for what was said, which says it closest, then for what could be known before."""
        await self.check(setting)
        await self.beforehand(setting)
