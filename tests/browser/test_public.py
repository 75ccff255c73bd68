"""What anybody opens: light, and by keyboard."""

from playwright.async_api import Response

from tests.api.test_public import code_of
from tests.api.test_whole_case import decided
from tests.browser.conftest import PHONE, Site
from tests.records.moving import People

HEAVIEST_VERIFY = 50_000
"""Bytes of the page for employers with all that it loads. Source: interface design, section 8."""


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
