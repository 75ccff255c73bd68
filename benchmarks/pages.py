"""How heavy and how fast the pages are on a phone with a poor connection, and how long the server takes for one.

Real Chromium: 360 px, 1.6 Mbit/s, 150 ms, a quarter of this machine's speed, nothing kept from before, in French.
Beside each figure stands its limit (interface design, section 14). Then the pages of lists by the API process, 95th
percentile of answers. `python -m benchmarks.pages [cases]`
"""

import asyncio
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright
from sqlmodel import col, select

from benchmarks import serving
from benchmarks.loading import load
from services.documents.achievements import Issuer
from services.records.database import connect
from services.records.tables.cases import Case
from services.records.tables.people import Person
from services.rules.case import Stage
from services.rules.people import Caller, Membership, Role
from tests.api import kit
from tests.api.kit import Api
from tests.api.test_public import code_of
from tests.api.test_whole_case import decided, into_assessment
from tests.browser import chromium
from tests.browser.conftest import PHONE, Site, served
from tests.records import makers, moving
from tests.records.databases import SqliteTemplate

LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
"""1.6 Mbit/s in bytes a second."""

SLOWER = 4
SEATS_OF_ONE = 30
ANSWERS = 200
SERVER_P95 = 100.0

OBSERVE = """() => {
  window.seen = {lcp: 0, cls: 0, tbt: 0, inp: 0};
  const watch = (type, each, more) => new PerformanceObserver((list) => list.getEntries().forEach(each))
    .observe({type, buffered: true, ...more});
  watch("largest-contentful-paint", (one) => { seen.lcp = one.startTime; });
  watch("layout-shift", (one) => { if (!one.hadRecentInput) seen.cls += one.value; });
  watch("longtask", (one) => { seen.tbt += Math.max(0, one.duration - 50); });
  watch("event", (one) => { if (one.interactionId) seen.inp = Math.max(seen.inp, one.duration); },
    {durationThreshold: 16});
}"""
"""What the browser itself measures; a click that took less than 16 ms is reported as 0."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A page to measure: who opens it, and the bytes and requests that it may cost."""

    name: str
    path: str
    person: Person | None
    bytes: int = 80_000
    requests: int = 12


@dataclass(frozen=True, slots=True)
class Limited:
    """A figure beside the most that it may be."""

    name: str
    value: float
    limit: float
    unit: str

    def line(self) -> str:
        """The figure as one line."""
        verdict = "reached" if self.value <= self.limit else "WORSE THAN WANTED"
        return f"{self.name}: {self.value:.4g} {self.unit}, limit {self.limit:.4g} {verdict}".replace("  ", " ")


async def measured(site: Site, page: Opened) -> list[Limited]:
    """One page, opened once in a browser that has never been here, and clicked once."""
    context = await site.browser.new_context(viewport=PHONE)  # type: ignore[arg-type]  # two numbers
    if page.person:
        await site.sign_in(context, page.person)
    window = await context.new_page()
    devtools = await context.new_cdp_session(window)
    bytes_of: list[float] = []
    asked: list[str] = []
    devtools.on("Network.loadingFinished", lambda event: bytes_of.append(event["encodedDataLength"]))
    devtools.on("Network.requestWillBeSent", lambda event: asked.append(event["request"]["url"]))
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", LINE)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await window.add_init_script(f"({OBSERVE})()")
    answer = await window.goto(site.at(page.path), wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200, (page.path, answer.status)
    loaded: dict[str, Any] = await window.evaluate("() => ({...seen})")
    await window.locator("main summary:visible, main h1, h1").first.click()
    await window.wait_for_timeout(500)  # the browser reports an interaction a while after it
    clicked = await window.evaluate("() => seen.inp")
    await context.close()
    return [
        Limited(f"{page.name}, weight", sum(bytes_of) / 1000, page.bytes / 1000, "kB"),
        Limited(f"{page.name}, requests", len([one for one in asked if one.startswith("http")]), page.requests, ""),
        Limited(f"{page.name}, LCP", loaded["lcp"] / 1000, 2.0, "s"),
        Limited(f"{page.name}, CLS", loaded["cls"], 0.05, ""),
        Limited(f"{page.name}, TBT", loaded["tbt"], 300, "ms"),
        Limited(f"{page.name}, INP of a click", clicked, 200, "ms"),
    ]


async def prepared(api: Api) -> list[Opened]:
    """What is measured: a decided case for whoever checks, and one in assessment for everybody else."""
    api.clock.now = datetime.now(UTC)  # the clock of tests stands, and pages would say that the session ends
    who = await moving.people(api.database)
    code = await code_of(api, who, await decided(api, who))
    async with api.database.writing() as session:
        learner = await makers.person(session, name="Sample Learner", language="fr")
        sender = await makers.person(session, name="Sample Sender", language="fr")
    others = replace(who, learner=learner)
    draft_id = await moving.standing(api.database, replace(who, learner=sender), Stage.ELIGIBLE)
    case_id, _ = await into_assessment(api, others)
    return [
        Opened("welcome", "/fr", None),
        Opened("sign-in", "/fr/sign-in", None),
        Opened("verify", f"/fr/verify/{code}", None, bytes=50_000),
        Opened("portfolio", "/fr/portfolio", learner),
        Opened("evidence", f"/fr/cases/{draft_id}/evidence", sender),
        Opened("case page", f"/fr/cases/{case_id}", learner),
        Opened("queue", "/fr/queue", who.assessor),
        Opened("caseload", "/fr/cases", who.advisor),
        Opened("workbench", f"/fr/assess/{case_id}", who.assessor, bytes=120_000, requests=14),
    ]


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Site]:
    """The pages on a real port, and Chromium before them."""
    with socket.socket() as port, chromium.running(folder) as address:
        port.bind(("127.0.0.1", 0))
        base = f"http://localhost:{port.getsockname()[1]}"
        kit.BASE, kit.ISSUER = base, Issuer(f"did:web:localhost%3A{port.getsockname()[1]}", base)
        database = connect(SqliteTemplate(folder).make())
        async with kit.opened(database, folder) as api, served(api, port), async_playwright() as playwright:
            browser: Browser = await playwright.chromium.connect_over_cdp(address)
            yield Site(api, base, browser, chromium.Watch(base))
            await browser.close()
        await database.close()


async def in_the_browser(folder: Path) -> None:
    """Print the figures of every page."""
    async with opened(folder) as site:
        for page in await prepared(site.api):
            for figure in await measured(site, page):
                print(figure.line(), flush=True)


async def filled(url: str, *, number: int) -> dict[str, str]:
    """A database of so many cases; answers who is signed in, by the page that they open."""
    database = connect(url)
    loaded = await load(database, cases=number)
    async with database.writing() as session:
        assessor = await makers.staff(session, Role.ASSESSOR)
        asked = select(Case).where(col(Case.stage) == Stage.IN_ASSESSMENT).limit(SEATS_OF_ONE)
        for case in await session.exec(asked):
            await makers.seat(session, case, assessor, claimed=[], due_at=case.due_at)
    reader = Caller(str(assessor.id), "en", (Membership(Role.ASSESSOR, makers.INSTITUTION, None),))
    callers = {"/fr/queue": reader, "/fr/cases": loaded.advisor, "/fr/cases?show=overdue": loaded.lead}
    tokens = {path: await serving.signed_in(database, caller) for path, caller in callers.items()}
    await database.close()
    return tokens


def on_the_server(folder: Path, number: int) -> None:
    """Print how long the API process takes for pages of lists, one after the other on one connection."""
    url = SqliteTemplate(folder).make()
    tokens = asyncio.run(filled(url, number=number))
    with serving.api(folder, url) as (port, _):
        for path, token in tokens.items():
            with serving.Line(port, path, f"Authorization: {token}") as line:
                line.ask()
                took = []
                for _ in range(ANSWERS):
                    began = time.perf_counter()
                    line.ask()
                    took.append((time.perf_counter() - began) * 1000)
            p95 = statistics.quantiles(took, n=20)[-1]
            print(Limited(f"server, {path}, {number:,} cases, p95", p95, SERVER_P95, "ms").line(), flush=True)


def main(number: int = 10_000) -> None:
    """Print every figure."""
    with tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as folder:
        asyncio.run(in_the_browser(Path(folder)))
    with tempfile.TemporaryDirectory(prefix="acquis-benchmark-") as folder:
        on_the_server(Path(folder), number)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
