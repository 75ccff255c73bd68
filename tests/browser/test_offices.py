"""What third parties, leads, administrators and auditors open: without fault for axe, on any screen."""

from playwright.async_api import Page

from services.records import audit
from services.rules.case import Stage
from services.rules.people import Role
from tests.api.test_reports import counted
from tests.browser import chromium
from tests.browser.conftest import DESK, PHONE, Site
from tests.records import attesting, makers, moving
from tests.records.makers import NOW
from tests.records.moving import People


async def faultless(window: Page, name: str, *, width: int) -> None:
    """Keep a picture, and hold the page as it stands against axe and the width of its screen."""
    await chromium.picture(window, name)
    assert await chromium.accessible(window) == [], name
    wide = await window.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= width, (name, "scrolls sideways")


async def test_the_form_of_third_parties_has_no_fault_that_axe_can_find(site: Site, who: People) -> None:
    case_id = await moving.standing(site.api.database, who, Stage.ELIGIBLE)
    asked = await attesting.asked(site.api.database, case_id, now=site.api.clock())
    places = {
        "form": f"attest/{asked.token}",
        "files": f"attest/{asked.token}/files",
        "decline": f"attest/{asked.token}/decline",
        "ended": "attest/never-a-link",
        "thanks": "attested?done=sent",
    }
    for name, size in (("phone", PHONE), ("desk", DESK)):
        window = await site.window(size=size)
        for language in ("en", "fr"):
            for what, path in places.items():
                await window.goto(site.at(f"/{language}/{path}"))
                await faultless(window, f"attest-{what}-{language}-{name}", width=size["width"])
            await window.goto(site.at(f"/{language}/{places['form']}"))
            await window.click("button[value=send]")
            await window.wait_for_selector(".govuk-error-summary")
            await faultless(window, f"attest-wrong-{language}-{name}", width=size["width"])


async def test_the_pages_of_leads_administrators_and_auditors_have_no_fault_either(site: Site, who: People) -> None:
    api = site.api
    case_id = await moving.standing(api.database, who, Stage.ELIGIBLE)
    await counted(api)
    async with api.database.writing() as session:
        admin = await makers.staff(session, Role.PROGRAMME_ADMIN)
        auditor = await makers.staff(session, Role.AUDITOR)
        await audit.log(session, stream=f"case:{case_id}", actor=str(who.advisor.id), action="case_opened", now=NOW)
    slug = makers.programme().slug
    places = (
        (who.lead, {"stats": "stats"}),
        (
            admin,
            {
                "admin": "admin",
                "programmes": "admin/programmes",
                "programme": f"admin/programmes/{slug}/1",
                "deadlines": f"admin/programmes/{slug}/1/deadlines",
                "people": "admin/people",
                "person": f"admin/people/{who.advisor.id}",
                "health": "admin/health",
            },
        ),
        (auditor, {"audit": "audit", "audit-case": "audit?case=NONE", "chain": "audit/chain"}),
    )
    for name, size in (("phone", PHONE), ("desk", DESK)):
        for person, pages in places:
            window = await site.window(person, size=size)
            for language in ("en", "fr"):
                for what, path in pages.items():
                    await window.goto(site.at(f"/{language}/{path}"))
                    await faultless(window, f"office-{what}-{language}-{name}", width=size["width"])
