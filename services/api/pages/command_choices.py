"""What can be chosen in a command's form where the case decides it: its claims, its seats, who may be named."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.pages import command_words
from services.api.pages.words import Words
from services.records import dossier
from services.records.tables.cases import Case, Claim
from services.rules.people import Caller
from services.rules.programmes import Programme


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen; `row`: what a row about it is called."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Of which case, asked by whom, in which words."""

    session: AsyncSession
    case: Case
    programme: Programme
    claims: list[Claim]
    caller: Caller
    words: Words


Source = Callable[[Setting], Awaitable[list[Choice]]]


async def _claims(setting: Setting) -> list[Choice]:
    competency = setting.programme.competency
    return [Choice(str(claim.id), setting.words.text(competency(claim.competency).title)) for claim in setting.claims]


async def _seats(setting: Setting) -> list[Choice]:
    shown = await dossier.seats(setting.session, setting.case.id)
    return [Choice(str(one.seat.id), one.name) for one in shown]


SOURCES: dict[str, Source] = {
    "claim": _claims,
    "claims": _claims,
    "assignment": _seats,
}
"""Where the choices of a field come from: by `command.path`, or else by the last name of the path."""


async def of(setting: Setting, command: str, path: str) -> list[Choice] | None:
    """What can be chosen for a field; None where it is written freely."""
    asked = command_words.said(command).fields.get(path)
    if asked is not None and asked.words:
        listed = command_words.choices(asked.words)
        return [Choice(code, setting.words.text(text)) for code, text in listed.items()]
    source = SOURCES.get(f"{command}.{path}") or SOURCES.get(path.rpartition(".")[2])
    return await source(setting) if source else None


FREE_ROWS: frozenset[str] = frozenset({"request_evidence.targets"})
"""Lists (`command.path`) in which a thing of the case may come several times: their rows are empty and may grow."""
