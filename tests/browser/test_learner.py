"""A learner in a browser: from the first click to the sent portfolio by keyboard alone, and without JavaScript."""

from playwright.async_api import Page, expect

from tests.api.test_whole_case import open_case, show
from tests.browser import chromium
from tests.browser.conftest import PHONE, Site
from tests.records.moving import People


async def reach(page: Page, wanted: str) -> None:
    """Walk with the tabulator key until what has the focus says `wanted`; each stop is visible and in view."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(
            """() => {
                const one = document.activeElement, box = one.getBoundingClientRect();
                const label = one.labels?.[0]?.textContent ?? one.textContent;
                return {says: label.trim(), seen: box.bottom > 0 && box.top < innerHeight && box.width > 0};
            }"""
        )
        assert stop["seen"], stop
        if wanted in stop["says"]:
            return
    raise AssertionError(f"no stop says {wanted!r}")


async def heading(page: Page, says: str) -> None:
    await expect(page.locator("h1")).to_contain_text(says)


async def test_a_learner_applies_by_keyboard_alone(site: Site, who: People) -> None:
    page = await site.window(who.learner)
    await page.goto(site.at("/en/portfolio"))
    for stop, next_page in (
        ("Choose a programme", "Programmes"),
        ("Sample programme", "Sample programme"),
        ("Start with this programme", "Start with this programme"),
    ):
        await reach(page, stop)
        await page.keyboard.press("Enter")
        await heading(page, next_page)
    await reach(page, "To go further")
    await page.keyboard.press("Space")
    await reach(page, "First competency")
    await page.keyboard.press("Space")
    await reach(page, "Open my case")
    await page.keyboard.press("Enter")
    await heading(page, "Case R-")
    await reach(page, "Tell your story")
    await page.keyboard.press("Enter")
    await heading(page, "Your story")
    await reach(page, "Your work")
    await page.keyboard.type("I make samples.")
    await expect(page.get_by_role("status").filter(has_text="Saved 1")).to_be_visible()
    await reach(page, "Go to the tasks")
    await page.keyboard.press("Enter")
    await heading(page, "Case R-")
    await reach(page, "Check and send your application")
    await page.keyboard.press("Enter")
    await heading(page, "Check and send")
    await reach(page, "What I say in this case is true")
    await page.keyboard.press("Space")
    await reach(page, "Send my application")
    await page.keyboard.press("Enter")
    await heading(page, "Your receipt")
    await page.wait_for_function("() => !Object.keys(localStorage).length")


async def test_a_portfolio_is_sent_without_a_script(site: Site, who: People) -> None:
    case_id = await open_case(site.api, who)
    page = await site.window(who.learner, size=PHONE, java_script_enabled=False)
    await page.goto(site.at(f"/fr/cases/{case_id}/self-check"))
    await page.get_by_role("group", name="Troisième compétence").get_by_label("avec de l’aide").check()
    await page.get_by_role("button", name="Enregistrer et continuer").click()
    await page.get_by_role("link", name="Vérifier et déposer votre demande").click()
    await page.get_by_label("est vrai et me concerne").check()
    await page.get_by_role("button", name="Déposer ma demande").click()
    await heading(page, "Votre reçu")
    await site.api.command(case_id, "accept_eligibility", who.advisor)
    await show(site.api, who, case_id)
    await page.goto(site.at(f"/fr/cases/{case_id}/send"))
    await page.get_by_role("button", name="Envoyer mon dossier de preuves").click()
    await expect(page.get_by_role("alert")).to_contain_text("outils d’IA")
    await page.get_by_label("mon propre travail").check()
    await page.get_by_label("outils d’IA").fill("Aucun.")
    await page.get_by_role("button", name="Envoyer mon dossier de preuves").click()
    await heading(page, "Votre reçu")


async def test_two_texts_are_shown_and_none_is_lost(site: Site, who: People) -> None:
    case_id = await open_case(site.api, who)
    page = await site.window(who.learner)
    await page.goto(site.at(f"/en/cases/{case_id}/story"))
    await site.api.write(
        "PUT", f"/cases/{case_id}/answers", who.learner, {"answers": {"work": "Theirs."}, "version": 1}
    )
    await page.get_by_label("Your work").fill("Mine.")
    choice = page.get_by_role("region", name="There are two versions")
    await expect(choice).to_contain_text("Mine.")
    await expect(choice).to_contain_text("Theirs.")
    assert await chromium.accessible(page) == []
    assert "Mine." in await page.evaluate("() => JSON.stringify(localStorage)")
    await choice.get_by_role("button", name="Keep what I typed here").click()
    await expect(page.get_by_role("status").filter(has_text="Saved 1")).to_be_visible()
    # A text that the server never confirmed is found again.
    await page.evaluate(
        f"""() => localStorage.setItem("acquis:draft:story:{case_id}",
            JSON.stringify({{values: {{"answer-work": "Kept here."}}, version: "3"}}))"""
    )
    await page.reload()
    await expect(page.get_by_label("Your work")).to_have_value("Kept here.")
    await expect(page.get_by_role("status").filter(has_text="Saved 1")).to_be_visible()
    assert await page.evaluate("() => Object.keys(localStorage)") == []
    # The session ends while somebody types: the text stays, and is saved after signing in again.
    await page.context.clear_cookies()
    await page.get_by_label("Your work").fill("After the end.")
    await expect(page.get_by_role("status").filter(has_text="You are signed out")).to_be_visible()
    await site.sign_in(page.context, who.learner)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await expect(page.get_by_label("Your work")).to_have_value("After the end.")
    await page.wait_for_function("() => localStorage.length === 0")
    kept = await site.api.get(f"/cases/{case_id}/answers", who.learner)
    assert kept.json()["answers"] == {"work": "After the end."}
