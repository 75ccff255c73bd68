"""A word without an end does not make a page scroll sideways on a phone."""

from sqlalchemy import update
from sqlmodel import col

from services.records import cases
from services.records.tables.people import Person
from tests.browser.conftest import PHONE, Site
from tests.pages import hostile
from tests.records import makers, moving
from tests.records.moving import People


async def test_a_word_of_two_hundred_letters_stays_on_a_phone(site: Site, who: People) -> None:
    api = site.api
    async with api.database.writing() as session:
        name = update(Person).where(col(Person.id) == who.learner.id).values(name=hostile.LONG)
        await session.exec(name)
    case_id = await moving.assessing(api.database, who)
    async with api.database.writing() as session:
        case = await cases.get(session, case_id)
        claims = await makers.claims(session, case)
        words = {"name": hostile.LONG[:150], "title": hostile.LONG, "description": hostile.LONG}
        await makers.evidence(session, case, *claims, **words)
    wide: list[str] = []
    for person, paths in (
        (who.learner, ("portfolio", f"cases/{case_id}")),
        (who.advisor, ("cases", f"cases/{case_id}")),
        (who.assessor, ("queue", f"assess/{case_id}")),
    ):
        window = await site.window(person, size=PHONE)
        for path in paths:
            answer = await window.goto(site.at(f"/fr/{path}"))
            assert answer is not None
            assert answer.status == 200, path
            width = await window.evaluate("() => document.documentElement.scrollWidth")
            if width > PHONE["width"]:
                wide.append(f"{path}: {width} px")
    assert wide == []
