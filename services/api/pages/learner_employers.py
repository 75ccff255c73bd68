"""Whom somebody worked for and who can speak for them, so that nobody tied to them is asked to assess."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages import command_pages
from services.api.pages.command_fields import Wrong
from services.api.pages.sent import Sent, TheForm
from services.api.pages.site import Page, ThePage
from services.records import dossier, drafts
from services.records.drafts import NAMEABLE, NamedEmployer
from services.rules.people import Action, Caller

SPARE = 2
"""Empty rows below those that are filled in; "Add another" gives more."""

MOST = 50
NAMES = ("organisation", "referee", "email", "until")


@dataclass(frozen=True, slots=True)
class Row:
    """One employer as typed: `until` is a day as the browser writes it, empty for "still"."""

    number: int
    organisation: str = ""
    referee: str = ""
    email: str = ""
    until: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was filled in."""
        return not (self.organisation or self.referee or self.email or self.until)


class Rows:
    """The rows of the form: what was typed, or what is kept, with room for more."""

    @staticmethod
    def typed(sent: Sent) -> list[Row]:
        """As they were sent, none lost."""
        numbers = sent.rows("employers")[:MOST]
        rows = [Row(n, *(sent.one(f"employers-{n}-{name}") for name in NAMES)) for n in numbers]
        spare = SPARE if sent.one("add") or not rows else 0
        return Rows._roomy(rows, spare)

    @staticmethod
    def kept(employers: Sequence[dossier.ListedEmployer]) -> list[Row]:
        """As they were named."""
        rows = [
            Row(n, one.organisation, one.referee or "", one.email or "", one.until.isoformat() if one.until else "")
            for n, one in enumerate(employers)
        ]
        return Rows._roomy(rows, 1 if rows else SPARE)

    @staticmethod
    def _roomy(rows: list[Row], spare: int) -> list[Row]:
        last = max((row.number for row in rows), default=-1)
        return rows + [Row(last + 1 + n) for n in range(min(spare, MOST - len(rows)))]


def employers_sent(page: Page, form: Sent) -> tuple[list[NamedEmployer], tuple[Wrong, ...]]:
    """The employers that a form names, and what cannot be taken as it was typed; empty rows do not count."""
    named: list[NamedEmployer] = []
    wrong: list[Wrong] = []
    for row in Rows.typed(form):
        if row.empty:
            continue
        at = f"employers-{row.number}"
        if not row.organisation:
            wrong.append(Wrong(f"{at}-organisation", page.say("Write the name of the organisation.")))
        try:
            until = date.fromisoformat(row.until) if row.until else None
        except ValueError:
            until = None
            wrong.append(Wrong(f"{at}-until", page.say("Write the day as year, month and day, such as 2024-06-30.")))
        if until is not None and until.year not in drafts.YEARS:
            wrong.append(Wrong(f"{at}-until", page.say("Write the day as year, month and day, such as 2024-06-30.")))
        named.append(NamedEmployer(row.organisation, row.email or None, row.referee or None, until))
    return named, tuple(wrong)


async def _show(
    session: AsyncSession, page: Page, case_id: UUID, *, caller: Caller, sent: Sent | None, wrong: tuple[Wrong, ...]
) -> Response[str]:
    about, setting = await command_pages.setting(session, page, case_id, caller=caller)
    kept = await dossier.employers(session, case_id)
    return about.show(
        "learner/employers.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        case=setting.case,
        kept=kept,
        employers=Rows.typed(sent) if sent else Rows.kept(kept),
        open=setting.case.stage in NAMEABLE,
        wrong=wrong,
        said={one.at: one.says for one in wrong},
    )


@get("/cases/{case_id:uuid}/employers", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def see(case_id: FromPath[UUID], page: ThePage, caller: Who, reading: Reading) -> Response[str]:
    """Whom one named so far; while it may change, with the form."""
    return await _show(reading, page, case_id, caller=caller, sent=None, wrong=())


@post("/cases/{case_id:uuid}/employers", opt={"action": Action.EDIT_PORTFOLIO}, include_in_schema=False)
async def name(
    case_id: FromPath[UUID], *, page: ThePage, caller: Who, form: TheForm, house: TheHouse, now: Now
) -> Response[Any]:
    """Keep who was named, in the place of those named before."""
    employers, wrong = employers_sent(page, form)
    if form.one("add") or wrong:
        async with house.database.reading() as session:
            shown = () if form.one("add") else wrong
            return await _show(session, page, case_id, caller=caller, sent=form, wrong=shown)
    async with house.database.writing() as session:
        await drafts.name_employers(session, case_id=case_id, employers=employers, now=now, person=UUID(caller.id))
    return page.go(f"/cases/{case_id}?saved=employers")
