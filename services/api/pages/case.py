"""The page of one case: where it stands, what happens next, and what this reader can do; a page of its own per view."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import advise_case, assess_case, command_pages, learner_case, seen
from services.api.pages.seen import Seen
from services.api.pages.site import ThePage
from services.rules.people import Action

Done = Annotated[str, QueryParameter(name="done", required=False)]

Draw = Callable[[Seen], Awaitable[Response[str]]]

VIEWS: dict[str, Draw] = {
    "learner": learner_case.draw,
    "assessor": assess_case.assessor,
    "panel": assess_case.panel,
    "advisor": advise_case.draw,
    "mentor": advise_case.draw,
    "lead": advise_case.draw,
    "decision_maker": advise_case.draw,
    "appeal_reviewer": advise_case.draw,
    "auditor": advise_case.draw,
}
"""Who draws the case for which view (`portraits.PORTRAITS`); any other reader finds the plain page."""


@get("/cases/{case_id:uuid}", opt={"action": Action.SEE_CASE}, include_in_schema=False)
async def see(
    case_id: FromPath[UUID],
    *,
    page: ThePage,
    caller: Who,
    facts: Facts,
    reading: Reading,
    now: Now,
    done: Done = "",
) -> Response[str]:
    """The case as the strongest tie of its reader shows it."""
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    portrait = await portraits.of_case(reading, case_id, caller=caller, facts=facts, now=now)
    shown = Seen(about, reading, setting, portrait, caller, facts, now, seen.said_done(done))
    return await VIEWS.get(portrait.view, plain)(shown)


async def plain(shown: Seen) -> Response[str]:
    """Where the case stands and what can be done, for a view without a page of its own."""
    return shown.page.show("case/case.html", case=shown.case, offered=shown.offered, done=shown.done)
