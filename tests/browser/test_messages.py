"""What somebody writes appears at the other's open page by itself, and nothing that is typed there moves or is lost."""

from datetime import timedelta
from typing import Any

from playwright.async_api import expect

from services.rules import commands as bodies
from services.rules.case import Stage
from services.rules.people import Role
from tests.browser import chromium
from tests.browser.conftest import DESK, PHONE, Site
from tests.pages.reading import sent
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People

A_BEAT = 11_000
"""Milliseconds after which an open page has asked again."""


async def test_a_message_comes_to_an_open_page_and_what_is_typed_stays(site: Site, who: People) -> None:
    api = site.api
    review: dict[str, Any] = {"due_at": NOW + timedelta(days=9), "informed_on": NOW.date(), "language": "fr"}
    async with api.database.writing() as session:
        mentor = await makers.staff(session, Role.MENTOR)
    case_id = await moving.standing(
        api.database, who, Stage.ELIGIBILITY_REVIEW, mentor_id=mentor.id, mentor_since=NOW, **review
    )
    path = f"/cases/{case_id}/messages"
    tab = await site.window(who.learner, size=PHONE)
    await tab.clock.install()
    await tab.goto(site.at(f"/fr{path}"))
    await expect(tab.get_by_text("Rien pour l’instant")).to_be_visible()
    box = tab.get_by_label("Écrivez un message")
    await box.fill("Je voulais")
    await sent(api, who.advisor, f"/en{path}", text="Bonjour <img src=x onerror=alert(1)>")
    await tab.clock.fast_forward(A_BEAT)
    await expect(tab.get_by_text("Bonjour <img src=x onerror=alert(1)>")).to_be_visible()
    await expect(tab.get_by_text("Rien pour l’instant")).to_have_count(0)
    await expect(tab.get_by_role("status").filter(has_text="Nouveau message de")).to_have_count(1)
    await tab.keyboard.type(" demander")
    await expect(box).to_have_value("Je voulais demander")
    await expect(box).to_be_focused()
    await chromium.picture(tab, "messages-learner-fr-360")
    assert await chromium.accessible(tab) == []
    assert await tab.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    await tab.get_by_role("button", name="Envoyer").click()
    await expect(tab.get_by_role("listitem").filter(has_text="Je voulais demander")).to_be_visible()

    case = await site.window(who.learner)
    await case.clock.install()
    await case.goto(site.at(f"/en/cases/{case_id}"))
    await moving.send(
        api.database,
        case_id,
        "ask_completion",
        actor=who.advisor,
        role=Role.ADVISOR,
        body=bodies.AskCompletion((bodies.MissingItem("A résumé", "To see your years"),)),
    )
    await case.clock.fast_forward(A_BEAT)
    await expect(case.get_by_role("heading", name="Something is missing")).to_be_visible()
    await expect(case.locator("#steps").get_by_text("Something was found missing and asked for.")).to_have_count(1)
    await expect(case.get_by_text("Something happened in this case since you opened this page.")).to_be_visible()

    for size, tongue in ((PHONE, "fr"), (DESK, "en")):
        staff = await site.window(who.advisor, size=size)
        for name, address in (
            ("case", f"/cases/{case_id}"),
            ("messages", f"{path}?nudge=date_comes"),
            ("list", "/cases"),
        ):
            await staff.goto(site.at(f"/{tongue}{address}"))
            await chromium.picture(staff, f"messages-{name}-{tongue}-{size['width']}")
            assert await chromium.accessible(staff) == [], name
            assert await staff.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), name
