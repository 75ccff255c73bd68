"""Competencies beside the files that show them: where there is enough, where something is still missing."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from services.api.access import Who
from services.api.house import Now, Reading
from services.api.pages import command_pages, learner_tasks
from services.api.pages.site import ThePage
from services.rules.people import Action


@get("/cases/{case_id:uuid}/skills", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def see(case_id: FromPath[UUID], *, page: ThePage, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """Every competency that is claimed, with its files and the way to what is missing."""
    about, setting = await command_pages.setting(reading, page, case_id, caller=caller)
    building = await learner_tasks.of_case(setting, now=now)
    return about.show(
        "learner/skills.html",
        case=setting.case,
        programme=setting.programme,
        skills=building.skills,
        open=learner_tasks.with_learner(setting.case.stage),
    )
