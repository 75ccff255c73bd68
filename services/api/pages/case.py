"""The page of one case: where it stands, what happens next, and what this reader can do."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Reading
from services.api.pages import command_pages, command_words
from services.api.pages.command_words import Said
from services.api.pages.site import ThePage
from services.rules.people import Action

Done = Annotated[str, QueryParameter(name="done", required=False)]


def offered(commands: list[str]) -> list[tuple[str, Said]]:
    """The commands that a page offers, each with its words, in the table's order."""
    return [(command, command_words.said(command)) for command in commands if command in command_words.known()]


def said_done(command: str) -> Said | None:
    """The words of the command that was just applied."""
    return command_words.said(command) if command in command_words.known() else None


@get("/cases/{case_id:uuid}", opt={"action": Action.SEE_CASE}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, facts: Facts, reading: Reading, done: Done = ""
) -> Response[str]:
    """The case as the strongest tie of its reader shows it."""
    about, _ = await command_pages.setting(reading, page, case_id, caller=caller)
    portrait = await portraits.of_case(reading, case_id, caller=caller, facts=facts)
    return about.show("case/case.html", case=portrait, offered=offered(portrait.commands), done=said_done(done))
