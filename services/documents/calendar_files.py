"""The calendar file of an appointment or a hearing: puts it into a calendar, changes it there, takes it out again.

It holds time and place and nobody's name, so that a calendar that others see says nothing of a learner.
Source: RFC 5545 (the file), RFC 5546 (what its method does); case design, section 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from services.documents import badge_wording
from services.rules.programmes import Language, Text

MEDIA_TYPE = "text/calendar"

PUBLISH, CANCEL = "PUBLISH", "CANCEL"
"""A file to take away, and one that takes the entry out; mails invite with `REQUEST`."""


HEARING = "hearing"
"""What an entry is about when a learner is heard on an appeal; otherwise it is a method of assessment."""

NAMES: Mapping[str, Text] = {HEARING: Text("hearing", "audition")} | badge_wording.METHODS
"""What each entry is called."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One date at one point of its life; `sequence` counts its changes, `written` is when this one was made.

    `identity`: the appointment, or the appeal that is heard; `about`: `HEARING` or a method. `zone` is the IANA name of
    the time zone in which its hour is said.
    """

    identity: UUID
    sequence: int
    about: str
    starts: datetime
    ends: datetime
    zone: str
    place: str
    number: str
    link: str
    written: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day on which a date of a case runs out; `says` is what happens then."""

    identity: UUID
    on: date
    says: str
    number: str
    link: str
    written: datetime


def several(entries: Sequence[Entry | Day], language: Language, *, domain: str) -> bytes:
    """Return one file with all `entries`, to take into a calendar of one's own; it invites nobody."""
    calendar = Calendar()
    calendar.add("prodid", f"-//Acquis//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", PUBLISH)
    for one in entries:
        if isinstance(one, Day):
            calendar.add_component(_day(one, domain=domain))
        else:
            calendar.add_component(_event(one, language, cancelled=False, domain=domain))
    if years := [one.starts.year for one in entries if isinstance(one, Entry)]:
        calendar.add_missing_timezones(first_date=date(min(years) - 1, 1, 1), last_date=date(max(years) + 2, 1, 1))
    content: bytes = calendar.to_ical()
    return content


def _day(day: Day, *, domain: str) -> Event:
    event = Event()
    event.add("uid", f"{day.identity}-{day.on:%Y%m%d}@{domain}")
    event.add("dtstamp", day.written.astimezone(UTC))
    event.add("dtstart", day.on)
    event.add("summary", vText(f"{day.says} ({day.number})"))
    event.add("description", vText(day.link))
    event.add("url", day.link)
    event.add("transp", "TRANSPARENT")
    return event


def made(entry: Entry, language: Language, *, does: str, domain: str, organizer: str = "", attendee: str = "") -> bytes:
    """Return the file in `language`; the same input gives the same bytes.

    `does` is the method of RFC 5546; `domain` ends the entry's lasting identity; `organizer` and `attendee` are the
    addresses of an invitation.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//Acquis//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", does)
    calendar.add_component(_event(entry, language, cancelled=does == CANCEL, domain=domain))
    for name, address in (("organizer", organizer), ("attendee", attendee)):
        if address:
            calendar.events[0].add(name, vCalAddress(f"mailto:{address}"))
    year = entry.starts.year
    calendar.add_missing_timezones(first_date=date(year - 1, 1, 1), last_date=date(year + 2, 1, 1))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: Entry, language: Language, *, cancelled: bool, domain: str) -> Event:
    zone = ZoneInfo(entry.zone)
    what = NAMES[entry.about].in_(language)
    event = Event()
    event.add("uid", f"{entry.identity}@{domain}")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.written.astimezone(UTC))
    event.add("dtstart", entry.starts.astimezone(zone))
    event.add("dtend", entry.ends.astimezone(zone))
    event.add("summary", vText(f"{what[:1].upper()}{what[1:]} ({entry.number})"))
    event.add("location", vText(entry.place))
    event.add("description", vText(entry.link))
    event.add("url", entry.link)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    return event
