"""Calibration: anchors that were agreed in advance, read one by one; what was agreed on each of them is never told."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from services.api.access import Who
from services.api.house import Now, Reading, Writing
from services.api.pages.sent import TheForm
from services.api.pages.site import Page, ThePage
from services.api.routes import calibration
from services.api.routes.calibration import StandingView
from services.records import calibrations, programmes
from services.rules.claims import Recommendation
from services.rules.people import Action, Role
from services.rules.programmes import Programme


@get("/calibration", opt={"action": Action.CALIBRATE}, include_in_schema=False)
async def see(page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """Every programme that the reader assesses for, and how they stand in it."""
    rows = []
    for one in await programmes.published(reading):
        if not caller.holds(Role.ASSESSOR, one.institution, one.slug):
            continue
        programme = await programmes.read(reading, one.id)
        standing = await calibrations.standing(reading, programme, person=UUID(caller.id))
        rows.append((one.slug, programme.title, calibration.standing_of(standing, programme)))
    return page.show("assess/calibrations.html", rows=rows)


@get("/calibration/{slug:str}", opt={"action": Action.CALIBRATE}, include_in_schema=False)
async def read(slug: FromPath[str], page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """The next anchor to read, or how the last round ended."""
    programme = await calibration.programme_for(reading, slug, caller)
    standing = await calibrations.standing(reading, programme, person=UUID(caller.id))
    return _shown(page, slug, programme, calibration.standing_of(standing, programme))


def _shown(page: Page, slug: str, programme: Programme, standing: StandingView, *, wrong: str = "") -> Response[str]:
    anchor = standing.left[0] if standing.left else None
    return page.show(
        "assess/calibration.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        slug=slug,
        programme=programme,
        standing=standing,
        anchor=anchor,
        competency=programme.competency(anchor.competency) if anchor else None,
        choices=tuple(Recommendation),
        wrong=wrong,
    )


@post("/calibration/{slug:str}/anchors/{anchor:uuid}", opt={"action": Action.CALIBRATE}, include_in_schema=False)
async def answer(
    *,
    slug: FromPath[str],
    anchor: FromPath[UUID],
    page: ThePage,
    form: TheForm,
    caller: Who,
    writing: Writing,
    now: Now,
) -> Response[Any] | Redirect:
    """Keep one answer: it stays as it is given, and the last one ends the round."""
    programme = await calibration.programme_for(writing, slug, caller)
    said = form.one("recommendation")
    if said not in set(Recommendation):
        standing = await calibrations.standing(writing, programme, person=UUID(caller.id))
        wrong = page.say("Choose what you would recommend.")
        return _shown(page, slug, programme, calibration.standing_of(standing, programme), wrong=wrong)
    await calibrations.rate(
        writing, programme, anchor=anchor, person=UUID(caller.id), answer=Recommendation(said), now=now
    )
    return page.go(f"/calibration/{slug}")
