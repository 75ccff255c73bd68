"""How a page comes into a state that its address alone does not show; each act opens the page and leads there.

An act that takes something away from the house gives it back.
"""

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import sqlalchemy as sa
from playwright.async_api import Page as Tab
from playwright.async_api import Response as Answer
from playwright.async_api import expect
from sqlalchemy.exc import OperationalError

from services.records import programmes
from services.records.tables.people import Throttle
from tests.api.desks import DirectDesk
from tests.browser.houses import House
from tests.records import makers

FORM = "main form[novalidate] button:not([type=button])"
"""What sends the main form of a page."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where it happens: the house, the window, and the full address of the page."""

    house: House
    tab: Tab
    address: str

    async def opened(self) -> Answer:
        """The page's answer."""
        answer = await self.tab.goto(self.address, wait_until="load")
        assert answer is not None, self.address
        return answer

    async def pressed(self, button: str) -> Answer:
        """What the server answers when this button is pressed."""
        async with self.tab.expect_navigation() as going:
            await self.tab.locator(button).last.press("Enter")
        answer = await going.value
        assert answer is not None, self.address
        return answer


Act = Callable[[Scene], Awaitable[Answer]]


async def look(scene: Scene) -> Answer:
    """Nothing but opening it."""
    return await scene.opened()


async def sent_empty(scene: Scene) -> Answer:
    """The form comes back and says what is missing."""
    await scene.opened()
    answer = await scene.pressed(FORM)
    assert answer.status in {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT, HTTPStatus.UNAUTHORIZED}, (
        scene.address,
        answer.status,
    )
    return answer


async def sent_empty_statement(scene: Scene) -> Answer:
    """A third party sends the form as it is."""
    await scene.opened()
    return await scene.pressed("button[value=send]")


async def sent_empty_call(scene: Scene) -> Answer:
    """An advisor keeps what was said on the telephone, and nothing is written down."""
    await scene.opened()
    return await scene.pressed("button[value=keep]")


async def wrote_nothing(scene: Scene) -> Answer:
    """One of two who confer sends the other an empty message."""
    await scene.opened()
    answer = await scene.pressed("button[value=write]")
    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY, scene.address
    return answer


async def overtaken(scene: Scene) -> Answer:
    """Somebody else acted on the case meanwhile; what was typed stays."""
    await scene.opened()
    await scene.tab.locator("textarea").first.fill("Another field of study.")
    await scene.tab.evaluate("() => { document.querySelector('input[name=version]').value = '900'; }")
    answer = await scene.pressed(FORM)
    assert answer.status == HTTPStatus.CONFLICT, scene.address
    return answer


async def no_file(scene: Scene) -> Answer:
    """A visitor sends no file."""
    await scene.opened()
    return await scene.pressed("form[enctype] button:not([type=button])")


async def bad_list(scene: Scene) -> Answer:
    """A lead sends a sponsor's list in which much is wrong."""
    await scene.opened()
    lines = b"email,name,language\nana@example.org,Ana Sample,fr\nnobody,,de\nana@example.org,Ana,en\n"
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": lines}
    await scene.tab.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # a file of three parts
    await scene.tab.locator("input[value=written]").check()
    await scene.tab.locator("input[name=agreed]").check()
    answer = await scene.pressed(FORM)
    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY, scene.address
    return answer


async def session_ends(scene: Scene) -> Answer:
    """Nothing was sent for so long that the session ends in five minutes."""
    answer = await scene.opened()
    await scene.tab.evaluate("() => { document.querySelector('[data-session-ends]').hidden = false; }")
    return answer


async def no_consent(scene: Scene) -> Answer:
    """Whoever led an appointment adds a recording, and not everybody agreed to it."""
    await scene.opened()
    await scene.tab.locator("main details summary").first.click()
    await scene.tab.locator("input[value=recording]").first.check()
    await scene.tab.locator("textarea[name=present]").first.fill("The learner\nThe assessor")
    file = {"name": "voice.mp3", "mimeType": "audio/mpeg", "buffer": b"ID3" + b"\0" * 500}
    await scene.tab.locator("input[type=file]").first.set_input_files(file)  # type: ignore[arg-type]  # three parts
    answer = await scene.pressed("form[enctype] button:not([type=button])")
    assert answer.status == HTTPStatus.CONFLICT, scene.address
    return answer


async def changed_file(scene: Scene) -> Answer:
    """A visitor sends a credential that somebody wrote in."""
    code = scene.house.places["valid_code"]
    signed = (await scene.house.api.http.get(f"/api/v1/credentials/{code}")).content
    await scene.opened()
    file = {"name": "credential.json", "mimeType": "application/json", "buffer": signed.replace(b"Sample", b"Simple")}
    await scene.tab.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]  # a file of three parts
    return await scene.pressed("form[enctype] button:not([type=button])")


async def a_month_later(scene: Scene) -> Answer:
    """The list of withdrawn credentials is too old to be believed."""
    clock = scene.house.api.clock
    clock.now += timedelta(days=31)
    try:
        return await scene.opened()
    finally:
        clock.now = makers.NOW


async def after_its_end(scene: Scene) -> Answer:
    """A credential of a year, more than a year later; the list of withdrawn ones is as new as every day."""
    api = scene.house.api
    assert isinstance(api.desk, DirectDesk)
    api.clock.now += timedelta(days=400)
    await api.desk.issuing.renew_list(1)
    try:
        return await scene.opened()
    finally:
        api.clock.now = makers.NOW
        await api.desk.issuing.renew_list(1)


async def two_windows(scene: Scene) -> Answer:
    """What was written here was written in another window before."""
    answer = await scene.opened()
    other = await scene.tab.context.new_page()
    await other.goto(scene.address)
    for number, tab in enumerate((other, scene.tab)):
        await tab.locator("[data-claim] textarea[name=private_note]").first.fill(f"{time.monotonic()} {number}")
        if tab is other:
            await expect(tab.locator("[data-state]")).to_contain_text(re.compile(r"\d"))
            await other.close()
    await expect(scene.tab.locator("#conflict")).to_be_visible()
    return answer


async def too_often(scene: Scene) -> Answer:
    """Somebody guesses at links."""
    answer = await scene.opened()
    while answer.status != HTTPStatus.TOO_MANY_REQUESTS:
        answer = await scene.opened()
    async with scene.house.api.database.writing() as session:
        await session.exec(sa.delete(Throttle))
    return answer


async def _faulty(scene: Scene, fault: Exception) -> Answer:
    async def fails(*_: object, **__: object) -> None:
        raise fault

    kept = programmes.published
    programmes.published = fails  # type: ignore[assignment]  # for this one answer
    try:
        return await scene.opened()
    finally:
        programmes.published = kept


async def fault_of_ours(scene: Scene) -> Answer:
    """Something breaks that nobody foresaw."""
    return await _faulty(scene, ValueError("a fault"))


async def database_gone(scene: Scene) -> Answer:
    """The database does not answer."""
    return await _faulty(scene, OperationalError("select", {}, Exception("gone")))


ACTS: dict[str, Act] = {
    "": look,
    "sent_empty": sent_empty,
    "sent_empty_statement": sent_empty_statement,
    "sent_empty_call": sent_empty_call,
    "wrote_nothing": wrote_nothing,
    "overtaken": overtaken,
    "no_file": no_file,
    "bad_list": bad_list,
    "session_ends": session_ends,
    "no_consent": no_consent,
    "changed_file": changed_file,
    "a_month_later": a_month_later,
    "after_its_end": after_its_end,
    "two_windows": two_windows,
    "too_often": too_often,
    "fault_of_ours": fault_of_ours,
    "database_gone": database_gone,
}
"""By the name that the list of pages gives it."""
