"""Enquiries are kept without a name, led to the case that comes of them, and forgotten where none does."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from services.records import enquiries, people
from services.records.database import Database
from services.records.enquiries import Asked
from services.records.tables.enquiries import Enquiry, EnquiryCount
from services.records.tables.people import Institution, Person
from services.rules.agreement import Quarter
from services.rules.case import Stage
from services.rules.enquiries import KEPT, Way
from services.rules.people import Caller, Role
from services.rules.programmes import Language
from services.rules.progress import Measure, Step
from services.rules.refusals import Refused
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.test_progress import SLUG, numbers, rolled_up

TODAY = NOW.date()
ASKED = Asked(TODAY, Way.PHONE, Language.FR, SLUG)


async def caller(database: Database, person: Person) -> Caller:
    async with database.reading() as session:
        return await people.caller(session, person.id)


async def staff(database: Database, role: Role, *, programme: str | None = None) -> Caller:
    async with database.writing() as session:
        await makers.published(session)
        person = await makers.staff(session, role, programme=programme)
    return await caller(database, person)


async def recorded(database: Database, by: Caller, asked: Asked = ASKED) -> UUID:
    async with database.writing() as session:
        return (await enquiries.record(session, by, asked, now=NOW)).id


async def listed(database: Database, by: Caller) -> list[UUID]:
    async with database.reading() as session:
        return [one.id for one in await enquiries.listed(session, by)]


async def test_whoever_is_asked_writes_it_down_for_their_own_programmes_alone(database: Database) -> None:
    advisor, lead = await staff(database, Role.ADVISOR), await staff(database, Role.LEAD, programme=SLUG)
    elsewhere = await staff(database, Role.ADVISOR, programme="another-programme")
    known = await recorded(database, advisor)
    unknown = await recorded(database, lead, Asked(TODAY - timedelta(days=1), Way.VISIT, Language.EN))
    assert await listed(database, advisor) == await listed(database, lead) == [known, unknown]
    assert await listed(database, elsewhere) == [unknown]
    assert await listed(database, await staff(database, Role.ASSESSOR)) == []
    async with database.writing() as session:
        await makers.stored(session, Institution(id="other", name_en="Other", name_fr="Autre", created_at=NOW))
        both = await makers.staff(session, Role.ADVISOR)
        await makers.role(session, both, Role.ADVISOR, institution="other")
    for by, asked, code in (
        (advisor, Asked(TODAY + timedelta(days=1), Way.WEB, Language.EN, SLUG), "malformed"),
        (advisor, Asked(TODAY, Way.WEB, Language.EN, "none"), "programme_unknown"),
        (elsewhere, ASKED, "not_qualified"),
        (await caller(database, both), Asked(TODAY, Way.WEB, Language.EN), "malformed"),
    ):
        async with moving.nothing_changes(database, code):
            await recorded(database, by, asked)
    async with moving.nothing_changes(database, "not_found"), database.writing() as session:
        await enquiries.remove(session, elsewhere, known, now=NOW)
    async with database.writing() as session:
        await enquiries.remove(session, lead, known, now=NOW)
    assert await listed(database, advisor) == [unknown]


async def test_an_enquiry_leads_to_a_case_that_one_follows_and_that_came_later(database: Database) -> None:
    lead = await staff(database, Role.LEAD)
    async with database.writing() as session:
        case = await makers.case(session, stage=Stage.SUBMITTED, created_at=NOW, submitted_at=NOW)
        early = await makers.case(session, stage=Stage.SUBMITTED, created_at=NOW - timedelta(days=3), submitted_at=NOW)
    enquiry = await recorded(database, lead, Asked(TODAY, Way.EMAIL, Language.EN))

    async def link(number: str, by: Caller = lead, what: UUID = enquiry) -> None:
        async with database.writing() as session:
            await enquiries.link(session, by, what, number=number, now=NOW)

    stranger = await staff(database, Role.ADVISOR, programme="another-programme")
    for number, by, what, code in (
        (early.number, lead, enquiry, "case_before_enquiry"),
        ("S-0000-0000000", lead, enquiry, "not_found"),
        (case.number, stranger, enquiry, "not_found"),
        (case.number, lead, uuid4(), "not_found"),
    ):
        async with moving.nothing_changes(database, code):
            await link(number, by, what)
    await link(case.number.lower())
    assert await listed(database, lead) == []
    async with database.reading() as session:
        row = await session.get_one(Enquiry, enquiry)
        assert (row.case_id, row.programme) == (case.id, case.programme)


async def test_what_leads_to_no_case_is_forgotten_and_still_counted(database: Database) -> None:
    lead = await staff(database, Role.LEAD)
    for programme in (SLUG, SLUG, None):
        await recorded(database, lead, Asked(TODAY, Way.PHONE, Language.EN, programme))
    led = await recorded(database, lead)
    async with database.writing() as session:
        case = await makers.case(session, stage=Stage.SUBMITTED, created_at=NOW, submitted_at=NOW)
        await makers.case(session, stage=Stage.DRAFT, created_at=NOW, submitted_at=None)
        await enquiries.led_to(session, lead, await enquiries.get(session, lead, led), case=case, now=NOW)
    for later, gone in ((KEPT - timedelta(days=1), 0), (KEPT, 3), (KEPT, 0)):
        found = numbers(await rolled_up(database))
        assert (found[Measure.REACHED, Step.ENQUIRY], found[Measure.LED_ON, Step.ENQUIRY]) == (3, 1)
        assert (found[Measure.REACHED, Step.DRAFT], found[Measure.LED_ON, Step.DRAFT]) == (2, 1)
        async with database.writing() as session:
            assert await enquiries.forget(session, today=TODAY + later) == gone
    await recorded(database, lead)
    async with database.writing() as session:
        assert await enquiries.forget(session, today=TODAY + KEPT) == 1
    async with database.reading() as session:
        (kept,) = await session.exec(select(EnquiryCount))
        assert (kept.quarter, kept.number) == ("2026Q1", 3)
        assert await enquiries.by_quarter(session, SLUG, first=Quarter(2026, 2)) == []


async def test_a_day_is_that_of_the_programme_and_any_where_nobody_has_one(database: Database) -> None:
    lead, nobody = await staff(database, Role.LEAD), await staff(database, Role.LEAD, programme="another-programme")
    night = NOW.replace(hour=3)
    async with database.reading() as session:
        assert await enquiries.today(session, lead, now=night) == TODAY - timedelta(days=1)
        assert await enquiries.today(session, nobody, now=night) == TODAY
    with pytest.raises(Refused, match="malformed"):
        async with database.writing() as session:
            await enquiries.record(session, lead, ASKED, now=night)
