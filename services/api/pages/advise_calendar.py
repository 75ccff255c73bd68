"""The calendar of those who follow cases: a list of days, which a phone shows as it is, and the same as a file."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from litestar import Response, get
from sqlmodel.ext.asyncio.session import AsyncSession

from services.api import views
from services.api.access import Who
from services.api.house import Now, Reading, TheHouse
from services.api.pages.site import Page, ThePage
from services.documents import calendar_files
from services.documents.badge_wording import METHODS
from services.documents.calendar_files import Day, Entry
from services.records import calendar_days
from services.records.calendar_days import Kind
from services.rules import deadlines
from services.rules.case import Stage
from services.rules.people import Action, Caller, Role
from services.rules.programmes import Method
from services.rules.refusals import Refused

SPAN = timedelta(days=27)
"""Four weeks at a time."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a day in words; `at` is empty for a date that runs until the end of its day."""

    case_id: UUID
    number: str
    learner: str
    says: str
    at: str
    place: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One day of the list; `off`: nobody works."""

    on: date
    off: bool
    today: bool
    lines: list[Line]


def _check(caller: Caller) -> None:
    if not caller.roles & {Role.ADVISOR, Role.MENTOR, Role.LEAD, Role.AUDITOR}:
        raise Refused("forbidden")


def _first(page: Page, now: datetime) -> date:
    """The day with which the list begins: the one of the address, else today."""
    try:
        asked = date.fromisoformat(page.request.query_params.get("from", ""))
    except ValueError:
        return deadlines.local_day(now, page.words.zone)
    return min(max(asked, date(2000, 1, 1)), date(2200, 1, 1))


def _says(page: Page, entry: calendar_days.Entry) -> str:
    if entry.kind is Kind.APPOINTMENT:
        said = page.text(METHODS[Method(entry.about)])
        return said[:1].upper() + said[1:]
    if entry.kind is Kind.HEARING:
        return page.say("Hearing")
    stage = views.label(Stage(entry.about), terms=entry.terms)
    return page.say("Date runs out: %(stage)s", stage=page.text(stage))


async def _days(session: AsyncSession, page: Page, caller: Caller, first: date, today: date) -> list[Shown]:
    last = first + SPAN
    off = set(await calendar_days.days_off(session, caller=caller, first=first, last=last))
    entries = await calendar_days.between(session, caller=caller, first=first, last=last)
    days = sorted({entry.day for entry in entries} | off | ({today} if first <= today <= last else set()))
    found = []
    for day in days:
        lines = [
            Line(
                entry.case_id,
                entry.number,
                entry.learner,
                _says(page, entry),
                page.about(terms=page.words.terms, zone=entry.zone).words.clock(entry.at)
                if entry.kind is not Kind.DATE
                else "",
                entry.place,
            )
            for entry in entries
            if entry.day == day
        ]
        found.append(Shown(day, day in off, day == today, lines))
    return found


@get("/calendar", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def see(page: ThePage, caller: Who, reading: Reading, now: Now) -> Response[str]:
    """Four weeks from today, or from the day of the address."""
    _check(caller)
    first, today = _first(page, now), deadlines.local_day(now, page.words.zone)
    return page.show(
        "advise/calendar.html",
        days=await _days(reading, page, caller, first, today),
        first=first,
        last=first + SPAN,
        before=(first - SPAN - timedelta(days=1)).isoformat(),
        after=(first + SPAN + timedelta(days=1)).isoformat(),
        here=first == today,
    )


@get("/calendar.ics", opt={"action": Action.LIST_CASES}, include_in_schema=False)
async def export(page: ThePage, caller: Who, reading: Reading, house: TheHouse, now: Now) -> Response[bytes]:
    """The same four weeks as a calendar file, in which cases stand by their numbers and nobody by name."""
    _check(caller)
    first = _first(page, now)
    entries = await calendar_days.between(reading, caller=caller, first=first, last=first + SPAN)
    content = calendar_files.several(
        [_filed(page, one, base=house.base_url, now=now) for one in entries],
        page.language,
        domain=house.settings.mail_domain,
    )
    return Response(
        content,
        media_type=f"{calendar_files.MEDIA_TYPE}; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="cases.ics"', "Cache-Control": "private, no-store"},
    )


def _filed(page: Page, entry: calendar_days.Entry, *, base: str, now: datetime) -> Entry | Day:
    link = f"{base}{page.link(f'/cases/{entry.case_id}')}"
    if entry.kind is Kind.DATE or entry.ends is None:
        return Day(entry.case_id, entry.day, _says(page, entry), entry.number, link, now)
    return Entry(
        identity=entry.case_id,
        sequence=0,
        about=entry.about,
        starts=entry.at,
        ends=entry.ends,
        zone=entry.zone,
        place=entry.place,
        number=entry.number,
        link=link,
        written=now,
    )
