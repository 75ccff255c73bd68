"""The shell around every page: signing in by keyboard, switching the language, and no fault for axe to find."""

import pytest

from tests.browser import chromium
from tests.browser.conftest import PHONE, Site


@pytest.mark.parametrize("path", ["/en/", "/fr/", "/fr/sign-in", "/en/nothing-here"])
async def test_axe_finds_nothing_on_a_phone(site: Site, path: str) -> None:
    page = await site.window(size=PHONE)
    await page.goto(site.at(path))
    await chromium.picture(page, "shell" + path.replace("/", "-"))
    assert await chromium.accessible(page) == []
