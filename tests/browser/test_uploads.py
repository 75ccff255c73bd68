"""Files on their way from a browser: several at once, over a cut line, after a closed page, by keys."""

import asyncio
from uuid import UUID

import pytest
from playwright.async_api import CDPSession, FilePayload, Locator, Page, Route, expect

from services.records import sessions
from services.rules.case import Stage
from tests.browser import chromium
from tests.browser.conftest import DESK, PHONE, Site
from tests.documents.test_pdf_locks import pdf
from tests.records import moving
from tests.records.moving import People

MIB = 1024 * 1024
LINE = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 4 * MIB}

BRING = """async ({files, way}) => {
  const brought = new DataTransfer();
  const hashes = {};
  for (const {name, size} of files) {
    // Like nothing else, and the same again after the page was loaded anew.
    const words = new Uint32Array(size / 4).map((_, at) => Math.imul(at + name.length, 2654435761));
    const bytes = new Uint8Array(words.buffer);
    bytes.set(new TextEncoder().encode("%PDF-1.7\\n" + name));
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    hashes[name] = [...hash].map((one) => one.toString(16).padStart(2, "0")).join("");
    brought.items.add(new File([bytes], name, {lastModified: 1}));
  }
  if (way === "choose") {
    const input = document.querySelector("#file");
    input.files = brought.files;
    input.dispatchEvent(new Event("change"));
    return hashes;
  }
  const pasting = way === "paste";
  for (const kind of pasting ? ["paste"] : ["dragover", "drop"]) {
    const about = {bubbles: true, cancelable: true};
    const event = pasting
      ? new ClipboardEvent(kind, {...about, clipboardData: brought})
      : new DragEvent(kind, {...about, dataTransfer: brought});
    document.querySelector("form.aq-drop").dispatchEvent(event);
  }
  return hashes;
}"""
"""Gives the page files as a browser does, made there: to hand it large ones takes longer than to send them."""


@pytest.fixture
async def case_id(site: Site, who: People) -> UUID:
    return await moving.standing(site.api.database, who, Stage.ELIGIBLE)


async def bring(window: Page, *names: str, size: int, way: str = "choose") -> dict[str, str]:
    """Choose, drop or paste files of so many bytes; their hashes by name."""
    files = [{"name": name, "size": size} for name in names]
    hashes: dict[str, str] = await window.evaluate(BRING, {"files": files, "way": way})
    return hashes


async def on_a_line(window: Page) -> CDPSession:
    """The browser's own tools, with a line that takes four MiB a second."""
    devtools = await window.context.new_cdp_session(window)
    await devtools.send("Network.enable")
    await devtools.send("Network.emulateNetworkConditions", LINE)
    return devtools


def row(window: Page, name: str) -> Locator:
    """A file on its way."""
    return window.locator("[data-queue] li", has_text=name)


async def held(site: Site, case_id: UUID, who: People) -> dict[str, str]:
    """Names and hashes of what the case holds."""
    return {
        one["name"]: one["sha256"] for one in (await site.api.get(f"/cases/{case_id}/evidence", who.learner)).json()
    }


async def test_two_files_dropped_move_and_stand_in_the_list(site: Site, who: People, case_id: UUID) -> None:
    window = await site.window(who.learner, size=PHONE, has_touch=True, is_mobile=True)
    await on_a_line(window)
    await window.goto(site.at(f"/fr/cases/{case_id}/evidence"))
    await chromium.picture(window, "uploads-empty-fr-360")
    hashes = await bring(window, "relevé.pdf", "lettre.pdf", size=6 * MIB, way="drop")
    await expect(row(window, "relevé.pdf")).to_contain_text("encore")
    seen = await window.locator("progress").first.evaluate("(one) => one.value")
    assert 0 < seen < 1
    await chromium.picture(window, "uploads-moving-fr-360")
    assert await chromium.accessible(window) == []
    width = await window.evaluate("() => document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    for name in hashes:
        await expect(row(window, name)).to_contain_text("Envoyé")
        await expect(window.locator("[data-files] li", has_text=name)).to_be_visible()
    await expect(window.locator("[data-files] h2")).to_have_text("2 fichiers")
    await window.set_viewport_size(DESK)  # type: ignore[arg-type]  # two numbers
    await chromium.picture(window, "uploads-sent-fr-1280")
    assert await held(site, case_id, who) == hashes
    await bring(window, "image.pdf", size=64, way="paste")
    await expect(row(window, "Image collée 20")).to_contain_text("Envoyé")
    assert await window.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('tus::')).length") == 0


def cut_off(site: Site) -> None:
    """What the browser itself says of requests whose line was cut is no fault of the page."""
    site.watch.wrong[:] = [one for one in site.watch.wrong if "Failed to load resource: net::ERR_" not in one]


async def test_a_cut_line_and_a_closed_page_lose_nothing(site: Site, who: People, case_id: UUID) -> None:
    name, size = "film of my work.pdf", 14 * MIB
    window = await site.window(who.learner)
    window.on("dialog", lambda dialog: dialog.accept())
    offsets: list[tuple[str, str]] = []
    window.on("request", lambda request: offsets.append((request.method, request.headers.get("upload-offset", ""))))
    devtools = await on_a_line(window)
    await window.goto(site.at(f"/en/cases/{case_id}/evidence"))
    hashes = await bring(window, name, size=size)
    moving_on = "(share) => document.querySelector('progress').value > share"
    await window.wait_for_function(moving_on, arg=0.2)
    await devtools.send("Network.emulateNetworkConditions", LINE | {"offline": True})
    await expect(row(window, name)).to_contain_text("You are offline")
    await chromium.picture(window, "uploads-offline-en-1280")
    assert await chromium.accessible(window) == []
    await devtools.send("Network.emulateNetworkConditions", LINE)
    await window.wait_for_function(moving_on, arg=0.5)
    await window.reload()
    await expect(row(window, name)).to_contain_text("Choose this file again")
    await chromium.picture(window, "uploads-unfinished-en-1280")
    offsets.clear()
    assert await bring(window, name, size=size) == hashes
    await expect(row(window, name)).to_contain_text("You find it in the list below")
    await expect(window.locator("[data-files] li", has_text=name)).to_be_visible()
    parts = [int(offset) for method, offset in offsets if method == "PATCH"]
    assert parts[0] > 0
    assert not [method for method, _ in offsets if method == "POST"]
    assert await held(site, case_id, who) == hashes
    cut_off(site)


async def test_a_session_that_ends_on_the_way_loses_nothing(site: Site, who: People, case_id: UUID) -> None:
    name = "letter.pdf"
    window = await site.window(who.learner)
    window.on("dialog", lambda dialog: dialog.accept())
    offsets: list[str | None] = []
    window.on("request", lambda request: offsets.append(request.headers.get("upload-offset")))
    await on_a_line(window)
    await window.goto(site.at(f"/en/cases/{case_id}/evidence"))
    hashes = await bring(window, name, size=12 * MIB)
    await window.wait_for_function("() => document.querySelector('progress').value > 0.5")
    async with site.api.database.writing() as session:
        await sessions.end_all(session, who.learner.id, now=site.api.clock())
    await expect(row(window, name)).to_contain_text("You are signed out")
    site.api.headers.clear()
    await site.sign_in(window.context, who.learner)
    offsets.clear()
    await row(window, name).get_by_role("button", name="Continue").click()
    await expect(row(window, name)).to_contain_text("You find it in the list below")
    assert "0" not in offsets
    assert await held(site, case_id, who) == hashes
    cut_off(site)  # a refusal that comes before the part closes the line on it


async def test_what_is_not_taken_says_why_and_what_to_do(site: Site, who: People, case_id: UUID) -> None:
    window = await site.window(who.learner, size=PHONE)
    await window.goto(site.at(f"/fr/cases/{case_id}/evidence"))
    await bring(window, "long.txt", size=6 * MIB)
    await expect(row(window, "long.txt")).to_contain_text("un texte 5 Mo")
    for name, content, says in (
        ("<img src=x onerror=alert(1)>.html", b"<html>", "Ce type de fichier n’est pas accepté"),
        ("vide.pdf", b"", "Ce fichier est vide."),
        ("secret.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9000), "envoyez une copie sans mot de passe"),
        ("serrure.pdf", pdf(user="secret", owner="other"), "enregistrez une copie sans mot de passe"),
        ("film.pdf", b"MZ" + bytes(9000), "Le contenu de ce fichier ne correspond pas à son nom."),
    ):
        await window.locator("#file").set_input_files({"name": name, "mimeType": "", "buffer": content})
        await expect(row(window, name)).to_contain_text(says)
    await chromium.picture(window, "uploads-refused-fr-360")
    assert await chromium.accessible(window) == []
    width = await window.evaluate("() => document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    assert await held(site, case_id, who) == {}
    await row(window, "vide.pdf").get_by_role("button").click()
    await expect(row(window, "vide.pdf")).to_have_count(0)


async def holding_on(window: Page) -> asyncio.Event:
    """The server lets go of nothing before the answer is set."""
    let_go = asyncio.Event()

    async def slowly(route: Route) -> None:
        if route.request.method == "DELETE":
            await let_go.wait()
        await route.continue_()

    await window.route("**/uploads/*", slowly)
    return let_go


async def test_by_keys_alone_four_at_once_and_nothing_left_at_sign_out(site: Site, who: People, case_id: UUID) -> None:
    files: list[FilePayload] = [
        {"name": f"{name}.pdf", "mimeType": "", "buffer": b"%PDF-1.7\n" + name.encode() * 200_000}
        for name in ("one", "two", "three", "four")
    ]
    remembered = "() => Object.keys(localStorage).filter((key) => key.startsWith('tus::')).length"
    window = await site.window(who.learner)
    window.on("dialog", lambda dialog: dialog.accept())
    window.on("filechooser", lambda _: None)  # or one that is asked for at once could be the browser's own
    devtools = await on_a_line(window)
    await devtools.send("Network.emulateNetworkConditions", LINE | {"uploadThroughput": 10_000})
    await window.goto(site.at(f"/en/cases/{case_id}/evidence"))
    await window.locator("#file").focus()
    await expect(window.locator("#file")).to_be_focused()
    async with window.expect_file_chooser() as chosen:
        await window.keyboard.press("Space")
    await (await chosen.value).set_files(files)
    await expect(row(window, "four.pdf")).to_contain_text("Waiting for its turn")
    async with asyncio.timeout(60):
        while await window.evaluate(remembered) < 3:  # noqa: ASYNC110 - until the server knows all that are sent at once
            await asyncio.sleep(0.05)
    for name in ("one.pdf", "two.pdf"):
        await window.keyboard.press("Tab")
        await expect(row(window, name).get_by_role("button", name="Pause")).to_be_focused()
        await window.keyboard.press("Enter")
        await expect(row(window, name)).to_contain_text("Paused at")
        await expect(row(window, name).get_by_role("button", name="Continue")).to_be_focused()
        await window.keyboard.press("Tab")
    await chromium.picture(window, "uploads-paused-en-1280")
    let_go = await holding_on(window)
    await window.keyboard.press("Enter")
    await expect(row(window, "two.pdf")).to_have_count(0)
    await expect(row(window, "three.pdf")).to_be_focused()
    await expect(row(window, "four.pdf")).to_contain_text("Waiting for its turn")
    let_go.set()
    await devtools.send("Network.emulateNetworkConditions", LINE | {"uploadThroughput": -1})
    for name in ("three.pdf", "four.pdf"):
        await expect(row(window, name)).to_contain_text("You find it in the list below")
    await expect(row(window, "three.pdf")).to_be_focused()
    await expect(window.locator("[role=status][data-live]")).to_contain_text("four.pdf: sent.")
    assert await window.evaluate(remembered) == 1
    assert sorted(await held(site, case_id, who)) == ["four.pdf", "three.pdf"]
    await window.get_by_role("button", name="Sign out").press("Enter")
    await window.wait_for_url("**/en/**")
    await expect(window.get_by_role("link", name="Sign in").first).to_be_visible()
    assert await window.evaluate(remembered) == 0
