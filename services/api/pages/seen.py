"""A case as one reader sees it on a page: what the pages of each view draw from, and what they offer."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.pages import command_words
from services.api.pages.command_choices import Setting
from services.api.pages.command_words import Said
from services.api.pages.site import Page
from services.api.views import CaseView
from services.rules.people import Caller, CaseFacts


@dataclass(frozen=True, slots=True)
class Offered:
    """A command that can be sent now: its address below the case, and its words."""

    command: str
    path: str
    said: Said


@dataclass(frozen=True, slots=True)
class Seen:
    """Who looks at which case, and in whose words; `done` is the command that was just applied, if it has words."""

    page: Page
    session: AsyncSession
    setting: Setting
    case: CaseView
    caller: Caller
    facts: CaseFacts
    now: datetime
    done: Said | None

    @property
    def offered(self) -> list[Offered]:
        """What its reader can do now, in the table's order; what a program sends and nobody chooses has no words."""
        return [offer(self.case, command) for command in self.case.commands if command in command_words.known()]


def offer(case: CaseView, command: str) -> Offered:
    """A command with the address of its page. Raises `KeyError` for one without words."""
    return Offered(command, f"/cases/{case.id}/do/{command.replace('_', '-')}", command_words.said(command))


def said_done(command: str) -> Said | None:
    """The words of the command that was just applied."""
    return command_words.said(command) if command in command_words.known() else None
