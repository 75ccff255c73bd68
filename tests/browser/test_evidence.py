"""The pages of evidence in a browser: without fault for axe, on a phone and on a desk, in both languages."""

from services.records.tables.cases import Case
from services.rules.case import Stage
from tests.browser import chromium
from tests.browser.conftest import DESK, PHONE, Site
from tests.records import makers, moving
from tests.records.moving import People


async def test_the_pages_of_evidence_have_no_fault_that_axe_can_find(site: Site, who: People) -> None:
    case_id = await moving.standing(site.api.database, who, Stage.ELIGIBLE)
    address = f"/cases/{case_id}/evidence"
    window = await site.window(who.learner, size=PHONE)
    await window.goto(site.at(f"/en{address}"))
    await chromium.picture(window, "evidence-empty-en-phone")
    assert await chromium.accessible(window) == []
    async with site.api.database.writing() as session:
        case = await session.get_one(Case, case_id)
        item = await makers.evidence(session, case, *await makers.claims(session, case))
    for size, language, path, name in (
        (PHONE, "fr", address, "list"),
        (PHONE, "en", f"{address}/{item.id}?saved=words", "one"),
        (DESK, "fr", f"{address}/{item.id}", "one"),
        (DESK, "en", address, "list"),
    ):
        await window.set_viewport_size(size)  # type: ignore[arg-type]  # two numbers
        await window.goto(site.at(f"/{language}{path}"))
        await chromium.picture(window, f"evidence-{name}-{language}-{size['width']}")
        assert await chromium.accessible(window) == [], (path, language, size)
        width = await window.evaluate("() => document.documentElement.scrollWidth")
        assert width <= size["width"], (path, language, "scrolls sideways")
