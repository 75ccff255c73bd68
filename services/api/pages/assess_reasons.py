"""Reasons that a lead could not follow: whoever wrote them reads what is unclear and says it again in other words."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from litestar import Response, get
from litestar.params import FromPath

from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import command_pages, command_words
from services.api.pages.site import ThePage
from services.api.routes import clarity as views
from services.api.routes.clarity import UnclearView
from services.records import clarity
from services.rules.people import Action
from services.rules.programmes import Competency

COMMAND = "clarify_judgement"


@dataclass(frozen=True, slots=True)
class Unclear:
    """One competency whose reasons are to be said anew, with the key under which they are sent."""

    asked: UnclearView
    competency: Competency
    notes: dict[str, str]
    key: UUID


@get("/assess/{case_id:uuid}/reasons", opt={"action": Action.JUDGE}, include_in_schema=False)
async def see(
    *, case_id: FromPath[UUID], page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[str]:
    """A form per competency with the words as they are; ratings and outcome are not asked for."""
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    waiting = await clarity.awaited(reading, case_id, author=UUID(caller.id))
    return about.show(
        "assess/reasons.html",
        case=await portraits.of_case(reading, case_id, caller=caller, facts=facts, now=now),
        rows=[
            Unclear(
                one, setting.programme.competency(one.competency), {n.criterion: n.note for n in one.notes}, uuid4()
            )
            for one in await views.shown(reading, case_id, waiting)
        ],
        said=command_words.said(COMMAND),
        minimum=setting.programme.policy.rationale_minimum,
    )
