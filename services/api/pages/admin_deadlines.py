"""The deadlines of a programme: how long everything may take, who is told on the way, and what a day would come to.

The dates are made by what makes those of cases; nothing is written. Values are changed in the file of the programme.
"""

import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from litestar import Response, get
from litestar.params import FromPath

from services.api.access import Who
from services.api.house import Now, Reading
from services.api.pages import admin_programmes, steps
from services.api.pages.site import Page, ThePage
from services.documents import notices
from services.records import calendars, due_dates
from services.records.due_dates import Foreseen
from services.rules import deadlines, stages
from services.rules.deadlines import Calendar, Span
from services.rules.ladders import Rung, To
from services.rules.programmes import Text

NUMBER = " ({number})"
"""The case number at the end of a mail's subject."""


YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens on the way: `to` whom a mail goes, empty for what the case does by itself."""

    on: date
    says: str
    to: str


@dataclass(frozen=True, slots=True)
class Line:
    """One limit; `learner`: it is the learner's time, `stops`: it stands still while the case waits elsewhere."""

    name: Text
    stages: tuple[Text, ...]
    span: Span
    due: datetime
    learner: bool
    stops: bool
    steps: tuple[Step, ...]


@cache
def names() -> dict[str, Text]:
    """What has to be done within each limit, by its key."""
    content = resources.files("services").joinpath("locales", "limits.toml").read_text(encoding="utf-8")
    return {key: Text(**said) for key, said in tomllib.loads(content).items()}


@get("/admin/programmes/{slug:str}/{version:int}/deadlines", opt=admin_programmes.KEEP, include_in_schema=False)
async def see(
    slug: FromPath[str], version: FromPath[int], *, page: ThePage, caller: Who, reading: Reading, now: Now
) -> Response[str]:
    """Every limit as if it began today, or on the day of the address (`from`)."""
    programme = await admin_programmes.kept(reading, caller, slug=slug, version=version)
    policy = programme.policy
    edition = await calendars.newest(reading, institution=programme.institution.slug, name=policy.calendar.name)
    if edition is not None:
        policy = replace(policy, calendar=await calendars.read(reading, edition.id))
    zone = policy.calendar.zone
    page = page.about(terms=policy.terms, zone=zone)
    first = _first(page, deadlines.local_day(now, zone))
    noon = datetime.combine(first, time(12), ZoneInfo(zone)).astimezone(UTC)
    return page.show(
        "admin/deadlines.html",
        programme=programme,
        policy=policy,
        first=first,
        lines=[_line(page, one, zone=zone) for one in due_dates.foreseen(policy, start=noon)],
        days_off=_days_off(policy.calendar, first),
    )


def _first(page: Page, today: date) -> date:
    try:
        asked = date.fromisoformat(page.request.query_params.get("from", ""))
    except ValueError:
        return today
    return min(max(asked, date(2000, 1, 1)), date(2200, 1, 1))


def _days_off(calendar: Calendar, first: date) -> list[date]:
    """Days on which nobody works in the twelve months from `first`, weekends aside."""
    days = deadlines.holidays(calendar, first.year) | deadlines.holidays(calendar, first.year + 1)
    return sorted(day for day in days if first <= day < first + YEAR)


def _line(page: Page, one: Foreseen, *, zone: str) -> Line:
    limit = one.limit
    return Line(
        name=names()[limit.key],
        stages=tuple(stages.STAGES[stage].label for stage in limit.stages),
        span=one.span,
        due=one.due,
        learner=limit.learner,
        stops=limit.stops,
        steps=tuple(_step(page, rung, deadlines.local_day(at, zone)) for at, rung in one.rungs),
    )


def _step(page: Page, rung: Rung, on: date) -> Step:
    if rung.becomes:
        return Step(on, page.text(steps.says(rung.becomes)), "")
    if not rung.notice:
        return Step(on, page.say("Whoever runs the installation is alerted."), "")
    subject = notices.templates()[rung.notice].subject
    told = people(page)
    return Step(on, page.text(subject).replace(NUMBER, ""), ", ".join(told[to] for to in rung.to))


def people(page: Page) -> dict[To, str]:
    """To whom a reminder goes."""
    return {
        To.LEARNER: page.say("to the learner"),
        To.ADVISOR: page.say("to the advisor"),
        To.SEAT: page.say("to whoever holds the seat"),
        To.LEAD: page.say("to the leads"),
        To.DECISION_MAKER: page.say("to whoever decides"),
        To.AUTHORS: page.say("to both assessors"),
        To.PANEL: page.say("to the panel"),
        To.RETURNED: page.say("to whoever is asked for clearer reasons"),
        To.CONDUCTOR: page.say("to whoever conducts the appointment"),
        To.WAITED_ON: page.say("to whoever the case waits for"),
    }
