"""An assessor's notes at a page, a part of one, or a second, on the workbench: each leads back to its place."""

import re
from uuid import UUID

from litestar import post
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Redirect

from services.api import numerals
from services.api.pages import assess_sending
from services.api.pages.assess_sending import TheVisit, Visit
from services.api.pages.sent import Sent
from services.api.routes import reading_notes as routes
from services.records import reading_notes
from services.records.reading_notes import Place
from services.rules.people import Action
from services.rules.rectangles import CORNERS, Rectangle
from services.rules.refusals import Refused

TIME = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})")
"""Minutes and seconds as players show them, with hours where there are any."""


def place(evidence: UUID, at: str, part: Rectangle | None = None) -> Place:
    """Where a note is: `at` is a page ("2"), a time ("1:30") or nothing. Raises `Refused('malformed')`."""
    if not at:
        return Place(evidence, rectangle=part)
    if (page := numerals.read(at)) is not None and page <= reading_notes.FARTHEST:
        return Place(evidence, page=page, rectangle=part)
    time = TIME.fullmatch(at)
    if time is None:
        raise Refused("malformed", field="at")
    hours, minutes, seconds = (int(part or 0) for part in time.groups())
    return Place(evidence, seconds=(hours * 60 + minutes) * 60 + seconds, rectangle=part)


def rectangle(form: Sent) -> Rectangle | None:
    """The part of the page that four fields name in percent; none where all are empty. Raises `Refused`: malformed."""
    said = [form.one(name) for name in CORNERS]
    if not any(said):
        return None
    try:
        return Rectangle(*(float(one.replace(",", ".")) / 100 for one in said))
    except ValueError:
        raise Refused("malformed", field="rectangle") from None


@post(
    "/assess/{case_id:uuid}/notes",
    opt={"action": Action.JUDGE},
    include_in_schema=False,
    dependencies={"visit": Provide(assess_sending.provide)},
)
async def keep(visit: TheVisit) -> Redirect:
    """Keep a note at the piece that is open."""
    form = visit.form
    where = place(form.id("evidence"), form.one("at"), rectangle(form))
    async with visit.house.database.writing() as session:
        await routes.kept(
            session,
            visit.case_id,
            caller=visit.caller,
            facts=visit.facts,
            place=where,
            text=form.one("text"),
            now=visit.now,
        )
    return _back(visit, where.evidence)


@post(
    "/assess/{case_id:uuid}/notes/{note_id:uuid}",
    opt={"action": Action.JUDGE},
    include_in_schema=False,
    dependencies={"visit": Provide(assess_sending.provide)},
)
async def change(note_id: FromPath[UUID], visit: TheVisit) -> Redirect:
    """Change a note, or take it away."""
    form, case_id, person = visit.form, visit.case_id, visit.person
    async with visit.house.database.writing() as session:
        if form.one("act") == "remove":
            await reading_notes.remove(session, case_id=case_id, person=person, note=note_id, now=visit.now)
        else:
            await reading_notes.change(
                session,
                case_id=case_id,
                person=person,
                note=note_id,
                text=form.one("text"),
                expected_version=form.number("version"),
                now=visit.now,
            )
    return _back(visit, form.id("evidence"))


def _back(visit: Visit, evidence: UUID) -> Redirect:
    return visit.page.go(f"/assess/{visit.case_id}?shown={evidence}#notes")
