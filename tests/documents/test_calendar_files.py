"""A calendar file keeps one identity through every change, says its hour in the case's zone, and names nobody."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from icalendar import Calendar, Event

from services.documents import calendar_files
from services.documents.calendar_files import Entry
from services.documents.notices import CalendarFile
from services.rules.appointments import DIRECT
from services.rules.programmes import Language, Method
from tests.documents.test_notices import ENVELOPE, mail

STARTS = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)


def entry(method: str = Method.INTERVIEW, *, sequence: int = 1) -> Entry:
    return Entry(
        identity=UUID(int=7),
        sequence=sequence,
        about=method,
        starts=STARTS,
        ends=STARTS + timedelta(minutes=45),
        zone="America/Montreal",
        place="Workshop 4; rue du Parc, Québec",
        number="S-2026-0000042",
        link="https://acquis.example.org/cases/7",
        written=datetime(2026, 3, 2, 15, 0, tzinfo=UTC),
    )


def file(one: Entry, does: str = "REQUEST", language: Language = Language.EN) -> bytes:
    addresses = {"organizer": "no-reply@college.example", "attendee": "sample.learner@example.org"}
    return calendar_files.made(one, language, does=does, domain="college.example", **addresses)


def read(content: bytes) -> tuple[Calendar, Event]:
    calendar = Calendar.from_ical(content)
    (event,) = calendar.events
    return calendar, event


def test_a_change_has_the_same_identity_and_a_higher_number() -> None:
    (first, before), (last, after) = read(file(entry())), read(file(entry(sequence=2), "CANCEL"))
    assert before["uid"] == after["uid"] == f"{UUID(int=7)}@college.example"
    assert (before["sequence"], after["sequence"]) == (1, 2)
    assert (first["method"], last["method"]) == ("REQUEST", "CANCEL")
    assert (before["status"], after["status"]) == ("CONFIRMED", "CANCELLED")


def test_the_hour_is_said_in_the_zone_of_the_case_which_the_file_explains() -> None:
    calendar, event = read(file(entry()))
    assert event.start == STARTS
    assert b"DTSTART;TZID=America/Montreal:20260311T110000" in file(entry())
    assert [zone.tz_name for zone in calendar.timezones] == ["America/Montreal"]
    assert (str(event["location"]), str(event["url"])) == (entry().place, entry().link)
    assert str(event["attendee"]) == "mailto:sample.learner@example.org"


@pytest.mark.parametrize("method", [*sorted(DIRECT), calendar_files.HEARING])
def test_the_summary_says_what_it_is_in_both_languages(method: str) -> None:
    said = {str(read(file(entry(method), language=language))[1]["summary"]) for language in Language}
    assert len(said) == len(Language)
    assert all(one.endswith("(S-2026-0000042)") and one[0].isupper() for one in said)


def test_the_same_entry_is_the_same_file_and_one_to_take_away_invites_nobody() -> None:
    assert file(entry()) == file(entry())
    plain = calendar_files.made(entry(), Language.EN, does=calendar_files.PUBLISH, domain="college.example")
    assert not {"ATTENDEE", "ORGANIZER"} & set(read(plain)[1])


def test_a_mail_carries_the_file_and_stays_the_same_mail() -> None:
    calendar = calendar_files.made(entry(), Language.FR, does="REQUEST", domain="college.example")
    made = [mail("appointment_booked", Language.FR, calendar=CalendarFile(calendar, "REQUEST")) for _ in range(2)]
    assert made[0].as_bytes() == made[1].as_bytes()
    (attached,) = made[0].iter_attachments()
    assert (attached.get_content_type(), attached.get_filename()) == ("text/calendar", "appointment.ics")
    assert attached.get_param("method") == "REQUEST"
    assert attached.get_payload(decode=True) == calendar
    assert made[0]["Message-ID"] == ENVELOPE.message_id
    assert made[0]["Content-Language"] == "fr"
    body = made[0].get_body(("plain",))
    assert body is not None
    assert "Workshop" not in body.get_content()
