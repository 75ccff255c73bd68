"""Staff pages in a real browser: filters survive, a decision is confirmed by keyboard, and axe finds nothing."""

import re
from datetime import timedelta

from playwright.async_api import expect

from services.records.tables.cases import Case
from services.rules.case import Stage
from services.rules.claims import Recommendation
from tests.browser.conftest import Site
from tests.records import makers, moving
from tests.records.makers import NOW
from tests.records.moving import People


async def late(site: Site, who: People) -> Case:
    """A case whose eligibility is overdue, of somebody with a long name."""
    async with site.api.database.writing() as session:
        return await makers.case(
            session,
            stage=Stage.ELIGIBILITY_REVIEW,
            learner=await makers.person(session, name='<img src=x onerror="alert(1)"> Élodie-Constance Vandenbroucke'),
            advisor=who.advisor,
            due_at=NOW - timedelta(days=4),
        )


async def test_filters_and_views_survive_a_reload_and_a_switch_of_language(site: Site, who: People) -> None:
    await late(site, who)
    tab = await site.window(who.advisor)
    await tab.goto(site.at("/en/cases?show=overdue"))
    await tab.get_by_text("Filter and sort").focus()
    await tab.get_by_label("Stage").select_option("eligibility_review")
    await tab.get_by_role("button", name="Apply").press("Enter")
    await expect(tab.get_by_role("link", name="Stage: Eligibility check remove this filter")).to_be_visible()
    await tab.reload()
    await expect(tab.get_by_role("link", name="Overdue remove this filter")).to_be_visible()
    await expect(tab.get_by_role("link", name="Stage: Eligibility check remove this filter")).to_be_visible()
    await tab.get_by_text("Save or remove views").click()
    await tab.get_by_label("Save this list as").fill("Late checks")
    await tab.get_by_role("button", name="Save view").click()
    await tab.get_by_role("link", name="Français").click()
    await expect(tab.get_by_role("link", name="En retard retirer ce filtre")).to_be_visible()
    await expect(tab.get_by_role("link", name="Late checks")).to_have_attribute("aria-current", "true")
    await tab.get_by_role("link", name="Tout effacer").click()
    await tab.get_by_role("link", name="Late checks").click()
    await expect(tab).to_have_url(re.compile("show=overdue"))
    await expect(tab.get_by_text("4 jours de retard")).to_be_visible()


async def test_a_decision_is_confirmed_by_keyboard_alone(site: Site, who: People) -> None:
    case_id = await moving.judged(site.api.database, who, first=Recommendation.MET, second=Recommendation.PARTIAL)
    tab = await site.window(who.decider)
    await tab.goto(site.at(f"/en/cases/{case_id}/decision"))
    for _ in range(60):
        await tab.keyboard.press("Tab")
        if await tab.evaluate("() => document.activeElement.id") == "note":
            break
    await tab.keyboard.type("Well done.")
    for _ in range(2):
        await tab.keyboard.press("Tab")
        assert "Preview" in await tab.evaluate("() => document.activeElement.textContent")
    async with tab.expect_download() as preview:
        await tab.keyboard.press("Enter")
    assert (await preview.value).suggested_filename.endswith("-fr.pdf")
    await tab.keyboard.press("Tab")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("alert")).to_be_visible()
    assert (await moving.case_of(site.api.database, case_id)).outcome == "granted_partial"
