"""The page on which whoever assesses begins: what they are asked to read, what they read, what waits, what is done."""

from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import QueryParameter
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Reading
from services.api.pages import next_steps
from services.api.pages.site import ThePage
from services.records import programmes, seats_held
from services.records.seats_held import Held, Pile
from services.rules.people import Action, Answer, Caller, by_role
from services.rules.programmes import Text

Said = Annotated[str, QueryParameter(name="done", required=False)]
After = Annotated[UUID | None, QueryParameter(name="after", required=False)]


async def _titles(session: AsyncSession, held: list[Held]) -> dict[UUID, Text]:
    versions = dict.fromkeys(one.programme_version for one in held)
    return {version: (await programmes.read(session, version)).title for version in versions}


def door(held: Held) -> str:
    """Where a seat leads: its screen, unclear reasons, what a chair signs, readings that differ, else the workbench."""
    if held.pile is Pile.OFFERED:
        return f"/cases/{held.case_id}/offer"
    if held.unclear:
        return f"/assess/{held.case_id}/reasons"
    if held.signs:
        return f"/cases/{held.case_id}"
    return f"/cases/{held.case_id}/compare" if held.confers else f"/assess/{held.case_id}"


async def next_of(session: AsyncSession, *, caller: Caller, after: UUID | None = None) -> Held | None:
    """What is due next for `caller`, beside the case `after`: what they read first, then what they are asked."""
    held = [one for one in await seats_held.of_person(session, caller=caller) if one.case_id != after]
    return next((one for pile in (Pile.MINE, Pile.OFFERED) for one in held if one.pile is pile), None)


@get("/queue", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def see(page: ThePage, caller: Who, reading: Reading, done: Said = "") -> Response[str]:
    """The four piles, due first."""
    held = await seats_held.of_person(reading, caller=caller)
    piles = {pile: [one for one in held if one.pile is pile] for pile in Pile}
    return page.show(
        "assess/queue.html",
        piles=piles,
        titles=await _titles(reading, held),
        door=door,
        expected=partial(next_steps.of_seat, page),
        first=await next_of(reading, caller=caller),
        done=done,
        calibrates=by_role(Action.CALIBRATE, caller) is Answer.ALLOWED,
    )


@get("/queue/next", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def follow(page: ThePage, caller: Who, reading: Reading, after: After = None) -> Redirect:
    """Lead to the next case; back to the list when nothing is left. Nothing of the next case is read before."""
    found = await next_of(reading, caller=caller, after=after)
    return page.go(door(found) if found else "/queue?done=nothing-left")
