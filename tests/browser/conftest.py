"""Real pages in a real browser: the API on a real port of this machine, Chromium, and people who are signed in."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from services.api import access
from services.records.database import Database
from services.records.tables.people import Person
from tests.api import kit
from tests.api.conftest import who  # noqa: F401 - fixtures are asked for by name
from tests.api.kit import Api
from tests.browser import chromium
from tests.browser.chromium import Watch
from tests.records.conftest import (  # noqa: F401 - fixtures are asked for by name
    database,
    database_url,
    postgresql_template,
    readers,
    sqlite_database,
    sqlite_template,
    sqlite_url,
    template,
)

PATIENCE = 60_000
"""Milliseconds; what is waited for comes at once, unless a machine is very slow."""

expect.set_options(timeout=PATIENCE)

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def chromium_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The browser of this test process."""
    with chromium.running(tmp_path_factory.mktemp("browser")) as address:
        yield address


@dataclass(slots=True)
class Site:
    """The pages, served; `browser` opens them."""

    api: Api
    base: str
    browser: Browser
    watch: Watch
    evidence_origin: str = ""

    async def window(self, person: Person | None = None, *, size: dict[str, int] = DESK, **options: Any) -> Page:  # noqa: ANN401 - of Playwright
        """A new window, signed in as `person`."""
        context = await self.browser.new_context(viewport=size, **options)  # type: ignore[arg-type]  # two numbers
        context.set_default_timeout(PATIENCE)
        self.watch.over(context)
        if person is not None:
            await self.sign_in(context, person)
        return await context.new_page()

    async def sign_in(self, context: BrowserContext, person: Person) -> None:
        """Put the session of `person` where a browser keeps it."""
        bearer = (await self.api.as_(person))["Authorization"].removeprefix("Bearer ")
        name = access.cookie_name(self.api.app.state.house)
        await context.add_cookies([{"name": name, "value": bearer, "url": self.base}])

    def at(self, path: str) -> str:
        """The full address of a page."""
        return self.base + path


@asynccontextmanager
async def served(api: Api, port: socket.socket) -> AsyncIterator[None]:
    """The API on a real port, in this process."""
    config = uvicorn.Config(
        api.app, log_config=None, access_log=False, lifespan="on", ws="none", timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[assignment,method-assign]  # pytest handles them
    task = asyncio.create_task(server.serve(sockets=[port]))
    while not server.started:  # noqa: ASYNC110 - it tells nobody when it is up
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest.fixture(scope="session")
def port() -> Iterator[socket.socket]:
    """The one port of this process's pages: an application that knows its address can be used again."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        yield opened


@pytest.fixture
def second_origin() -> bool:
    """Whether files leave from a host of their own; a module of tests may say so."""
    return False


@pytest.fixture
async def site(
    sqlite_database: Database,  # noqa: F811 - fixtures are asked for by name
    tmp_path: Path,
    chromium_address: str,
    port: socket.socket,
    *,
    second_origin: bool,
) -> AsyncIterator[Site]:
    """The pages with a browser before them; whatever no page may do fails the test at its end."""
    number = port.getsockname()[1]
    base, there = f"http://localhost:{number}", f"http://127.0.0.1:{number}" if second_origin else ""
    async with (
        kit.opened(sqlite_database, tmp_path, base=base, evidence_origin=there) as api,
        served(api, port.dup()),
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.connect_over_cdp(chromium_address)
        watch = Watch(base, there)
        yield Site(api, base, browser, watch, there)
        for context in browser.contexts[1:]:
            await context.close()
        await browser.close()
        assert not watch.wrong
