"""What waits for those who decide, due first, and the appeals of those who hear or lead them."""

from dataclasses import dataclass

from litestar import Response, get

from services.api import views
from services.api.access import Who
from services.api.house import Now, Reading
from services.api.pages import advise_words, decide_appeals
from services.api.pages.advise_words import Due
from services.api.pages.site import ThePage
from services.records import programmes, waiting_lists
from services.records.waiting_lists import Lodged, ToDecide
from services.rules.people import Action, Role
from services.rules.programmes import Text
from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for a signature, as the page writes it."""

    row: ToDecide
    stage: Text
    due: Due | None
    path: str


@dataclass(frozen=True, slots=True)
class Heard:
    """An appeal, as the page writes it."""

    row: Lodged
    due: Due | None


@get("/decisions", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def decisions(page: ThePage, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """Everything that waits for one's signature. Raises `Refused('forbidden')` for whoever decides nothing."""
    if Role.DECISION_MAKER not in caller.roles:
        raise Refused("forbidden")
    rows = await waiting_lists.to_decide(reading, caller=caller)
    terms = await programmes.terms(reading)
    return page.show(
        "decide/decisions.html",
        waiting=[
            Waiting(
                row,
                views.label(row.stage, terms=terms[row.programme]),
                advise_words.due(row.due_at, zone=row.zone, now=now),
                f"/cases/{row.id}" if row.refusal else f"/cases/{row.id}/decision",
            )
            for row in rows
        ],
    )


@get("/appeals", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def appeals(page: ThePage, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """The appeals under way that one hears or leads. Raises `Refused('forbidden')` for anybody else."""
    if not caller.roles & waiting_lists.REVIEWING:
        raise Refused("forbidden")
    rows = await waiting_lists.open_appeals(reading, caller=caller)
    return page.show(
        "decide/appeals.html",
        appeals=[Heard(row, advise_words.due(row.due_at, zone=row.zone, now=now)) for row in rows],
        matters=decide_appeals.matters(page),
        states=decide_appeals.states(page),
        hears=bool(caller.roles & {Role.APPEAL_REVIEWER_1, Role.APPEAL_REVIEWER_2}),
    )
