"""The calendar shows what its reader may know, day by day, and leaves as a file without anybody's name."""

from datetime import timedelta

from services.records.tables.cases import Case
from services.rules.case import Stage
from services.rules.people import Role
from tests.api.kit import Api
from tests.pages.reading import read
from tests.records import makers, meeting, moving
from tests.records.makers import NOW
from tests.records.moving import People


async def test_dates_and_days_off_stand_in_order(api: Api, who: People) -> None:
    case_id = await moving.standing(
        api.database, who, Stage.ELIGIBILITY_REVIEW, due_at=NOW + timedelta(days=3), number="S-DUE"
    )
    seen = await read(api, who.advisor, "/en/calendar")
    assert "Date runs out: Eligibility check" in seen
    assert f"/en/cases/{case_id}" in seen
    assert "1er janvier 2027 <strong" in await read(api, who.advisor, "/fr/calendar?from=2026-12-20")
    assert "S-DUE" not in await read(api, who.advisor, "/en/calendar?from=2027-05-01")
    assert "S-DUE" in await read(api, who.advisor, "/en/calendar?from=nonsense")
    filed = await read(api, who.lead, "/fr/calendar.ics")
    assert "S-DUE" in filed
    assert who.learner.name not in filed
    async with api.database.writing() as session:
        await makers.exclude(session, await session.get_one(Case, case_id), who.lead)
    assert "S-DUE" not in await read(api, who.lead, "/en/calendar")
    assert "S-DUE" not in await read(api, who.lead, "/en/calendar.ics")
    await read(api, who.decider, "/en/calendar", 403)


async def test_appointments_stand_for_those_who_arrange_them(api: Api, who: People) -> None:
    booked = await meeting.booked(api.database, who)
    async with api.database.writing() as session:
        mentor = await makers.staff(session, Role.MENTOR)
        (await session.get_one(Case, booked)).mentor_id = mentor.id
    row = await meeting.newest(api.database, booked)
    assert row.starts_at is not None
    path = f"/en/calendar?from={row.starts_at.date() - timedelta(days=1)}"
    assert row.place in await read(api, who.advisor, path)
    assert row.place not in await read(api, mentor, path)
    filed = await read(api, who.lead, path.replace("calendar", "calendar.ics"))
    assert "BEGIN:VTIMEZONE" in filed
