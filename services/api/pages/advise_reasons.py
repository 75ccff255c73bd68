"""The reasons that a learner is going to read, before the decision is signed: a lead may ask for clearer ones.

What was found is shown as it stands; no evidence, and nothing that an author noted for themselves.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from litestar import Response, get
from litestar.params import FromPath

from services.api import portraits
from services.api.access import Facts, Who
from services.api.house import Now, Reading
from services.api.pages import command_pages, command_words
from services.api.pages.site import ThePage
from services.api.routes import clarity as views
from services.api.routes.judgements import JudgementView, shown
from services.records import clarity, judgements
from services.rules.people import Action
from services.rules.programmes import Competency


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands on one competency, and what is asked about it: until when, or nothing."""

    found: JudgementView
    competency: Competency
    asked: str
    due_at: datetime | None
    key: UUID


@get("/cases/{case_id:uuid}/reasons", opt={"action": Action.SEE_SEATS}, include_in_schema=False)
async def see(
    *, case_id: FromPath[UUID], page: ThePage, caller: Who, facts: Facts, reading: Reading, now: Now
) -> Response[str]:
    """Every reading that stands, with its reasons, and a form to ask for clearer ones."""
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    portrait = await portraits.of_case(reading, case_id, caller=caller, facts=facts, now=now)
    waiting = {one.claim: one for one in await views.shown(reading, case_id, await clarity.awaited(reading, case_id))}
    rows = []
    for found in await judgements.of_case(reading, case_id):
        asked = waiting.get(found.claim_id)
        rows.append(
            Standing(
                shown(found),
                setting.programme.competency(found.competency),
                asked.note if asked else "",
                asked.due_at if asked else None,
                uuid4(),
            )
        )
    return about.show(
        "advise/reasons.html",
        case=portrait,
        rows=rows,
        asks="return_judgement" in portrait.commands,
        takes_back="take_back_return" in portrait.commands,
        ask=command_words.said("return_judgement"),
        take_back=command_words.said("take_back_return"),
    )
