"""A walk through every page of `catalogue.py`: in which language, on which screen, and what is wrong there.

A whole walk looks at each page in both languages and on both screens; the other one looks at each page once, with
languages and screens taking turns.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Page as Tab

from services.api.pages import command_pages
from services.records.tables.people import Person
from tests.browser import acts, catalogue, chromium, looking
from tests.browser.catalogue import Row
from tests.browser.conftest import DESK, PHONE, Site
from tests.browser.houses import House
from tests.records import makers

LANGUAGES = ("en", "fr")
SCREENS = (DESK, PHONE)
SIDE_BY_SIDE = 2
"""Windows at a time: one page is drawn while the server makes another."""


@dataclass(slots=True)
class Walk:
    """Where we walk, and what was found: faults, what axe could not settle, and which page bears which title."""

    site: Site
    house: House
    pictures: bool
    faults: list[str] = field(default_factory=list)
    unsettled: dict[str, int] = field(default_factory=dict)
    titles: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    seen: int = 0
    free: list[Tab] = field(default_factory=list)

    async def through(self, rows: Iterable[Row], *, whole: bool) -> None:
        """Look at these pages: wholly, or each once."""
        rows = list(rows)
        steps = [
            (row, language, SCREENS if whole else (SCREENS[number // 2 % 2],))
            for number, row in enumerate(rows)
            for language in (LANGUAGES if whole else (LANGUAGES[number % 2],))
        ]
        # Acts that take something from the house happen while nobody else is in it.
        waiting = iter([step for step in steps if not step[0].act])
        await asyncio.gather(*(self._some(waiting) for _ in range(SIDE_BY_SIDE)))
        for row, language, screens in steps:
            if row.act:
                await self._page(row, language, screens)
        for (language, title), where in self.titles.items():
            if len(where) > 1:
                self.faults.append(f"{language}: {sorted(where)} have the same title {title!r}")

    async def _some(self, waiting: Iterable[tuple[Row, str, tuple[dict[str, int], ...]]]) -> None:
        for row, language, screens in waiting:
            await self._page(row, language, screens)

    @asynccontextmanager
    async def _window(self, who: str) -> AsyncIterator[Tab]:
        """A window in which `who` is signed in, and in which nothing is left of whoever sat there before."""
        tab = self.free.pop() if self.free else await self._opened()
        await tab.context.clear_cookies()
        if person := self._person(who):
            await self.site.sign_in(tab.context, person)
        yield tab
        await tab.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.free.append(tab)

    async def _opened(self) -> Tab:
        tab = await self.site.window()
        await tab.context.add_init_script(path=chromium.AXE)
        # The house has a clock of its own; by the browser's, every session would end at once.
        await tab.clock.set_fixed_time(makers.NOW)
        return tab

    def _person(self, who: str) -> Person | None:
        return self.house.people[who] if who else None

    async def _page(self, row: Row, language: str, screens: tuple[dict[str, int], ...]) -> None:
        path = row.path.format(**self.house.places)
        async with self._window(row.who) as tab:
            await tab.set_viewport_size(screens[0])  # type: ignore[arg-type]  # two numbers
            scene = acts.Scene(self.house, tab, self.site.at(f"/{language}{path}"))
            answer = await acts.ACTS[row.act](scene)
            found = [] if row.act or answer.status == row.status else [f"answers {answer.status}"]
            if row.status == 500:
                self.site.watch.wrong = [one for one in self.site.watch.wrong if "status of 500" not in one]
            faults, title = await looking.shell(tab, language=language)
            found += faults
            # A form that comes back is the same page under the same title.
            if not row.act:
                self.titles.setdefault((language, title), set()).add(self._route(row))
            for screen in screens:
                await tab.set_viewport_size(screen)  # type: ignore[arg-type]  # as above
                if self.pictures:
                    await chromium.picture(tab, f"{row.name}-{language}-{screen['width']}")
                await looking.open_all(tab)
                violations, unsettled = await chromium.axe(tab)
                found += violations + await looking.wide(tab) + await looking.large(tab)
                for rule in unsettled:
                    self.unsettled[rule] = self.unsettled.get(rule, 0) + 1
                self.seen += 1
            found += await looking.narrow(tab) + await looking.other_eyes(tab)
            self.faults += [f"{row.name} ({language} {path} as {row.who or 'nobody'}): {one}" for one in found]

    def _route(self, row: Row) -> str:
        if row.status >= 400:
            return f"refusal {row.status}"
        return row.path if "/do/" in row.path else catalogue.route(row.path)


async def commands(house: House) -> list[Row]:
    """The form of every command that somebody may send in a case of the house, once; not what has another page."""
    found: dict[str, Row] = {}
    for name, place in house.places.items():
        learner = f"learner_{name}" if f"learner_{name}" in house.people else "learner"
        sitting = ("assessor", "second_reader", "chair", "reviewer_lodged", "reviewer_admitted", "reviewer_convened")
        for who in (learner, "advisor", "lead", "decider", "admin", *sitting):
            seen = await house.api.get(f"/cases/{place}", house.people[who]) if place.count("-") == 4 else None
            if seen is None or seen.status_code != 200:
                continue
            for command in set(seen.json().get("commands", ())) - command_pages.DONE_ON.keys():
                spelled = command.replace("_", "-")
                found.setdefault(command, Row(f"do-{spelled}", who, f"/cases/{{{name}}}/do/{spelled}"))
    return [found[command] for command in sorted(found)]
