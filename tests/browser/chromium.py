"""The browser of these tests: Debian's Chromium, started once a test process, and what a page may never do in it."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page

QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    # Of each window Chromium draws, before anybody asks, two popups of an address line that nobody sees: half its work.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup",
)
"""A browser that asks nobody but us."""

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
"""Where pictures of the pages are kept, for people to look at; git-ignored."""

WANTED = "ACQUIS_TEST_PICTURES"
"""The variable of the environment that asks for pictures: to draw one takes as long as to look at a page with axe."""

AXE = Path(__file__).parents[2] / "build" / "axe" / "axe.min.js"


def program() -> str:
    """Where Chromium is. A test that cannot find it fails: a page that nobody opened was not tested."""
    found = os.environ.get("ACQUIS_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "no Chromium found: sudo apt-get install chromium (or set ACQUIS_TEST_CHROMIUM)"
    return found


@contextmanager
def running(home: Path) -> Iterator[str]:
    """A browser with a new profile; gives the address at which Playwright speaks to it."""
    profile = home / "chromium"
    browser = subprocess.Popen(
        [program(), *QUIET, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield _address(profile, browser)
    finally:
        browser.terminate()
        try:
            browser.wait(10)
        except subprocess.TimeoutExpired:
            browser.kill()
            browser.wait()


def _address(profile: Path, browser: "subprocess.Popen[bytes]") -> str:
    says, until = profile / "DevToolsActivePort", time.monotonic() + 30
    while time.monotonic() < until:
        assert browser.poll() is None, "Chromium ended as it started"
        if says.is_file() and (lines := says.read_text().splitlines()):
            return f"http://127.0.0.1:{lines[0]}"
        time.sleep(0.05)  # a file that appears gives no event to wait for
    raise TimeoutError("Chromium did not start within 30 s")


@dataclass
class Watch:
    """What a page did that no page may do: errors on its console, breaches of its policy, calls to other hosts."""

    base: str
    also: str = ""
    wrong: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of `context`."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.wrong.append(f"fault: {error.error}"))
        context.on("request", self._request)

    def _console(self, message: Any) -> None:  # noqa: ANN401 - of Playwright
        # What the browser itself says of an answer with 4xx is our answer, not a fault of the page.
        if message.type == "error" and not re.search(r"status of (4\d\d|503)", message.text):
            self.wrong.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:  # noqa: ANN401 - of Playwright
        if not request.url.startswith((self.base, self.also or self.base, "data:", "blob:", "about:")):
            self.wrong.append(f"other host: {request.url}")


RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""What axe looks for: WCAG 2.2 A and AA, and what is good practice."""


async def axe(page: Page) -> tuple[list[str], list[str]]:
    """What axe finds wrong on the page as it stands, and what it could not settle there, and why."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8") + "; undefined")
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations", "incomplete"]}
    found = await page.evaluate("(options) => axe.run(document, {...options, preload: false})", options)
    wrong = [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
    return wrong, sorted({_why(one["id"], node) for one in found["incomplete"] for node in one["nodes"]})


def _why(rule: str, node: dict[str, Any]) -> str:
    """A rule that could not be settled, and axe's word for the reason."""
    told = [check.get("data") or {} for check in (*node["any"], *node["all"], *node["none"])]
    words = [str(data["messageKey"]) for data in told if isinstance(data, dict) and data.get("messageKey")]
    return f"{rule} ({words[0]})" if words else rule


async def accessible(page: Page) -> list[str]:
    """What axe finds wrong on the page as it stands."""
    wrong, _ = await axe(page)
    return wrong


async def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, where somebody asked for pictures."""
    if not os.environ.get(WANTED):
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
