"""What happens to people on the way: a session ends, a click is doubled, an answer takes its time, keys alone lead."""

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import expect
from sqlmodel import select

from services.records.tables.commands import CommandRow
from services.rules.case import Stage
from services.rules.people import Role
from services.workflows import relay
from services.workflows.desk import Desk
from tests.api.desks import ClosedDesk
from tests.browser.conftest import PHONE, Site
from tests.browser.test_assess import reading
from tests.records import moving
from tests.records.moving import People

WHY = "Work of the last five years is missing."

STOP = """() => {
    const one = document.activeElement;
    if (one === document.body) return null;
    // The first of its lines: the middle of a link on two lines may lie beside both.
    const box = one.getClientRects()[0] ?? one.getBoundingClientRect();
    const label = one.labels?.[0]?.getBoundingClientRect();
    const at = label && !box.width ? label : box;
    const x = Math.min(Math.max(at.left + at.width / 2, 0), innerWidth - 1), y = at.top + Math.min(at.height / 2, 12);
    const top = document.elementFromPoint(x, y);
    const mine = [one, ...(one.labels ?? [])];
    const bare = top && (top.contains(one) || mine.some((its) => its.contains(top)));
    return {
        what: one.outerHTML.slice(0, 160), bare: Boolean(bare),
        seen: at.bottom > 0 && at.top < innerHeight && at.right > 0 && at.left < innerWidth,
    };
}"""


async def stops(tab: Tab) -> int:
    """Walk once round the page with the tabulator key: each stop is in view, and nothing lies over it."""
    await tab.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    for number in range(400):
        await tab.keyboard.press("Tab")
        stop = await tab.evaluate(STOP)
        if stop is None:
            return number
        assert stop["seen"], (tab.url, stop)
        assert stop["bare"], (tab.url, stop)
    raise AssertionError("the keyboard never leaves the page")


@pytest.mark.gate
@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 700}])
async def test_each_stop_of_the_keyboard_is_in_view_and_bare(site: Site, who: People, size: dict[str, int]) -> None:
    bench = await reading(site.api, who)
    offered = await moving.assigning(site.api.database, who)
    eligible = await moving.standing(site.api.database, who, Stage.ELIGIBLE)
    for person, paths in (
        (who.assessor, ("queue", f"assess/{bench}", f"assess/{bench}/check", f"cases/{offered}/offer")),
        (who.learner, ("portfolio", f"cases/{eligible}", f"cases/{eligible}/story", f"cases/{eligible}/send")),
        (who.advisor, ("cases", f"cases/{eligible}")),
    ):
        tab = await site.window(person, size=size)
        for path in paths:
            await tab.goto(site.at(f"/fr/{path}"))
            assert await stops(tab) > 8, path


async def proposing(site: Site, who: People) -> Tab:
    """An advisor types why a case should be refused."""
    case_id = await moving.standing(site.api.database, who, Stage.ELIGIBILITY_REVIEW)
    tab = await site.window(who.advisor)
    await tab.goto(site.at(f"/en/cases/{case_id}/do/propose-refusal"))
    await tab.locator("textarea").fill(WHY)
    return tab


async def sent(site: Site) -> list[CommandRow]:
    async with site.api.database.reading() as session:
        return list(await session.exec(select(CommandRow).where(CommandRow.actor != Role.CLOCK)))


async def test_what_was_typed_survives_the_end_of_the_session_and_signing_in_again(site: Site, who: People) -> None:
    tab = await proposing(site, who)
    here = tab.url
    await tab.context.clear_cookies()
    await tab.locator(".govuk-button[type=submit], main form[novalidate] button").last.click()
    await expect(tab.locator("h1")).to_have_text("Sign in")
    assert await sent(site) == []
    await site.sign_in(tab.context, who.advisor)
    await tab.goto(site.at(await tab.locator("input[name=next]").input_value()))
    assert tab.url == here
    await expect(tab.locator("textarea")).to_have_value(WHY)
    await expect(tab.get_by_role("status").filter(has_text="is here again")).to_be_visible()
    # Whoever else signs in here finds nothing of it, and neither does this person on the next page.
    await tab.goto(site.at("/en/cases"))
    assert await tab.evaluate("() => sessionStorage.length") == 0
    await tab.goto(here)
    await expect(tab.locator("textarea")).to_have_value("")


async def test_a_second_click_asks_nothing_twice(site: Site, who: People) -> None:
    tab = await proposing(site, who)
    await tab.locator("main form[novalidate] button").last.dblclick()
    await expect(tab.get_by_role("alert")).to_be_visible()
    assert [row.kind for row in await sent(site)] == ["propose_refusal"]


def at_the_desk(site: Site, desk: Desk) -> None:
    """Commands are handed to this desk from now on."""
    object.__setattr__(site.api.app.state.house, "desk", desk)


async def test_what_is_not_applied_at_once_says_when_it_is_and_when_it_takes_long(site: Site, who: People) -> None:
    at_the_desk(site, ClosedDesk())
    tab = await proposing(site, who)
    await tab.locator("main form[novalidate] button").last.click()
    await expect(tab.locator("h1")).to_have_text("Saved, being applied")
    (row,) = await sent(site)
    link = tab.get_by_role("link", name="Go to the case")
    await link.focus()
    site.api.clock.pass_(minutes=2)
    await expect(tab.locator("#state")).to_contain_text("longer than usual")
    await expect(link).to_be_focused()
    assert await tab.locator("[hx-get]").count() == 0
    at_the_desk(site, site.api.desk)
    async with site.api.database.reading() as session:
        kept = await session.get_one(CommandRow, row.id)
    await relay.deliver(site.api.database, site.api.desk, kept)
    await tab.get_by_role("link", name="Check again").click()
    await expect(tab.get_by_role("alert")).to_be_visible()
