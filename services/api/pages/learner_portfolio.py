"""Where a learner begins: every case of theirs with what there is to do, or how to open the first one."""

from dataclasses import dataclass
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import views
from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.api.pages import command_pages, conversation, learner_tasks
from services.api.pages.conversation import New
from services.api.pages.learner_tasks import Building
from services.api.pages.site import Page, ThePage
from services.api.views import StageView
from services.records import cases, dossier, intake, messages
from services.records.dossier import Named
from services.records.tables.cases import Case
from services.rules.case import Stage
from services.rules.conversations import Thread
from services.rules.people import Action, Caller
from services.rules.programmes import Programme


@dataclass(frozen=True, slots=True)
class Mine:
    """One case of the learner: where it stands, by name who advises, and while it is being built, its tasks."""

    case: Case
    programme: Programme
    stage: StageView
    advisor: Named | None
    building: Building | None
    new: New
    page: Page


async def _mine(
    session: AsyncSession, page: Page, case: Case, *, caller: Caller, unread: dict[UUID, dict[Thread, int]], now: Now
) -> Mine:
    about, setting = await command_pages.setting(session, page, case.id, caller=caller)
    terms = setting.programme.policy.terms
    return Mine(
        case=case,
        programme=setting.programme,
        stage=views.stage_view(case.stage, case.waiting_on, case.due_at, terms=terms),
        advisor=await dossier.person(session, case.advisor_id),
        building=await learner_tasks.of_case(setting, now=now) if case.stage in learner_tasks.BUILDING else None,
        new=conversation.new_of(case.id, unread.get(case.id, {})),
        page=about,
    )


@post("/cases/{case_id:uuid}/take-in-hand", opt={"action": Action.END_INTAKE}, include_in_schema=False)
async def take_in_hand(case_id: FromPath[UUID], page: ThePage, caller: Who, writing: Writing, now: Now) -> Redirect:
    """From now on the learner writes alone; the advisor goes on accompanying the case."""
    await intake.hand_over(writing, case_id, person=UUID(caller.id), now=now)
    return page.go(f"/cases/{case_id}")


@get("/portfolio", opt={"action": Action.OWN_ACCOUNT}, include_in_schema=False)
async def see(page: ThePage, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """The cases that go on, newest first, with their tasks; below them those that are closed."""
    every = await cases.of_learner(reading, UUID(caller.id))
    unread = await messages.unread(reading, person=UUID(caller.id), case_ids=[one.id for one in every])
    drawn = [await _mine(reading, page, one, caller=caller, unread=unread, now=now) for one in every]
    mine = [one for one in drawn if one.case.stage is not Stage.CLOSED]
    closed = [one for one in drawn if one.case.stage is Stage.CLOSED]
    about = mine[0].page if len(mine) == 1 else page
    return about.show("learner/portfolio.html", mine=mine, closed=closed)
