"""What anybody opens: light, without fault for axe, in both languages, on a phone and on a desk."""

from playwright.async_api import Response

from tests.api.test_public import code_of
from tests.api.test_whole_case import decided
from tests.browser import chromium
from tests.browser.conftest import DESK, PHONE, Site
from tests.records.moving import People

PAGES = ("", "verify", "verify/0000-0000-0000", "help", "privacy", "accessibility", "sign-in", "nothing-here")
HEAVIEST_VERIFY = 50_000
"""Bytes of the page for employers with all that it loads. Source: interface design, section 8."""


async def test_public_pages_have_no_fault_that_axe_can_find(site: Site, who: People) -> None:
    code = await code_of(site.api, who, await decided(site.api, who))
    for name, size in (("phone", PHONE), ("desk", DESK)):
        window = await site.window(size=size)
        for language in ("en", "fr"):
            for path in (*PAGES, f"verify/{code}"):
                await window.goto(site.at(f"/{language}/{path}"))
                kept = "valid" if path.endswith(code) else path.replace("/", "-") or "welcome"
                await chromium.picture(window, f"public-{kept}-{language}-{name}")
                assert await chromium.accessible(window) == [], (path, language, name)
                assert ("aq-verdict--valid" in await window.content()) == path.endswith(code)
                width = await window.evaluate("() => document.documentElement.scrollWidth")
                assert width <= size["width"], (path, language, "scrolls sideways")


async def test_the_page_for_employers_is_light_and_keeps_nothing(site: Site, who: People) -> None:
    code = await code_of(site.api, who, await decided(site.api, who))
    window = await site.window(size=PHONE)
    seen: list[Response] = []
    window.on("response", lambda response: seen.append(response))  # noqa: PLW0108 - a method of C cannot be marked by it
    await window.goto(site.at(f"/fr/verify/{code}"), wait_until="networkidle")
    sizes = [await response.request.sizes() for response in seen]
    weight = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
    assert 0 < weight <= HEAVIEST_VERIFY
    assert await window.context.cookies() == []


async def test_a_code_is_checked_by_keyboard_and_without_scripts(site: Site, who: People) -> None:
    code = await code_of(site.api, who, await decided(site.api, who))
    window = await site.window(java_script_enabled=False)
    await window.goto(site.at("/fr/verify"))
    await window.focus("#code")
    await window.keyboard.type(code.lower())
    await window.keyboard.press("Enter")
    await window.wait_for_url(f"**/fr/verify/{code}")
    assert "Valide" in await window.inner_text("h1")
