"""Whoever assesses, in a real browser: by keys alone, with a slow server, a failing one, and two windows at once."""

import asyncio
from dataclasses import replace
from uuid import UUID

from playwright.async_api import Page, Route, expect
from sqlmodel import col, select

from services.records import cases, comment_bank
from services.records.tables.assessment import Judgement
from services.rules.case import SeatState, Stage, WaitingOn
from services.rules.claims import ClaimState
from services.rules.programmes import Programme, Text
from tests.api.kit import Api
from tests.browser import chromium, sounds
from tests.browser.conftest import PHONE, Site
from tests.records import makers, moving
from tests.records.moving import People

TOLD = "<img src=x onerror=alert(1)>gpj.exe"
HOSTILE = TOLD.replace(">", ">\u202e")


def programme() -> Programme:
    """The sample programme with ten competencies."""
    sample = makers.programme()
    first = sample.competencies[0]
    ten = tuple(
        replace(first, key=f"thing-{one}", code=f"SAM-{one}", title=Text(f"Thing {one}", f"Chose {one}"))
        for one in range(10)
    )
    return replace(sample, slug="sample-ten", competencies=ten)


async def reading(api: Api, who: People, number: int = 2) -> UUID:
    """A case that the assessor reads, with a PDF of a hostile name and the first `number` of ten competencies."""
    from weasyprint import HTML  # heavy, and needed by one test

    content = HTML(
        string='<h1>What I did</h1><p>Every step.</p><p style="break-before: page">And the end.</p>'
    ).write_pdf()
    stored = await sounds.kept(api, content or b"")
    async with api.database.writing() as session:
        case = await makers.case(
            session,
            stage=Stage.IN_ASSESSMENT,
            learner=who.learner,
            advisor=who.advisor,
            competencies=tuple(f"thing-{one}" for one in range(number)),
            claims_are=ClaimState.IN_ASSESSMENT,
            sample=programme(),
            waiting_on=WaitingOn.ASSESSOR,
        )
        claims = await makers.claims(session, case)
        await makers.evidence(
            session, case, *claims, sha256=stored.sha256, size=stored.size, title=HOSTILE, name="lettre.pdf"
        )
        await makers.evidence(session, case, *claims, name="lettre.docx", file_kind="docx", title="A letter")
        await makers.evidence(session, case, *claims, **await sounds.recording(api))
        await makers.seat(session, case, who.assessor)
        await comment_bank.add(
            session, owner=who.assessor.id, institution=case.institution_id, en="Every step is shown.", fr="",
            shared=False, now=makers.NOW,
        )  # fmt: skip
        return case.id


async def open_bench(site: Site, who: People, case_id: UUID) -> Page:
    window = await site.window(who.assessor)
    await window.goto(site.at(f"/en/assess/{case_id}"))
    await expect(window.locator("body.js-enabled")).to_have_count(1)
    return window


async def drafts(api: Api, case_id: UUID) -> dict[str, tuple[int, str]]:
    """What is kept, by competency: level and the note for oneself."""
    async with api.database.reading() as session:
        rows = await session.exec(select(Judgement).where(col(Judgement.case_id) == case_id))
        names = {one.id: one.competency for one in await makers.claims(session, await cases.get(session, case_id))}
        return {names[row.claim_id]: (row.content["level"], row.content["private_note"]) for row in rows}


async def test_ten_competencies_are_graded_and_sent_in_by_keys_alone(site: Site, who: People) -> None:
    case_id = await reading(site.api, who, 10)
    window = await open_bench(site, who, case_id)
    press = window.keyboard.press
    for number in range(10):
        if number:
            await press("j")
        await press("3")
        await press("m")
        if number:
            await press("s")
        else:
            for name in ("supervision", "identification", "learning_setting", "confidence"):
                await window.locator(f"[data-claim] input[name={name}]").first.focus()
                await press("Space")
    await expect(window.locator("[data-state]")).to_contain_text("Saved")
    await window.locator("[data-check]").focus()
    await press("Enter")
    await window.wait_for_url("**/check")
    await window.get_by_role("button", name="Send in and lock").focus()
    await press("Enter")
    await window.wait_for_url("**/queue?done=submitted")
    assert [one.state for one in await moving.seats_of(site.api.database, case_id)] == [SeatState.SUBMITTED]


async def test_next_waits_for_a_slow_server_and_stays_with_a_failing_one(site: Site, who: People) -> None:
    case_id = await reading(site.api, who)
    window = await open_bench(site, who, case_id)
    fails = True

    async def trouble(route: Route) -> None:
        if fails:
            await route.abort()
            return
        await asyncio.sleep(1)
        await route.continue_()

    await window.route("**/claims/*", trouble)
    # The browser says on its console what it could not load; that is ours to cause here.
    site.watch.wrong = []
    note = window.locator("[data-claim] textarea[name=private_note]").first
    await note.fill("Written just before leaving")
    await window.keyboard.press("Alt+n")
    await expect(window.locator("[data-state]")).to_contain_text("Not saved")
    await expect(window.locator("[data-retry]")).to_be_visible()
    assert "/assess/" in window.url
    assert await drafts(site.api, case_id) == {}
    fails = False
    await window.keyboard.press("Alt+n")
    await window.wait_for_url("**/queue?done=nothing-left")
    assert await drafts(site.api, case_id) == {"thing-0": (3, "Written just before leaving")}
    site.watch.wrong = [one for one in site.watch.wrong if "ERR_FAILED" not in one]


async def test_two_windows_show_both_texts_and_nothing_is_lost(site: Site, who: People) -> None:
    case_id = await reading(site.api, who)
    first, second = [await open_bench(site, who, case_id) for _ in range(2)]
    for window, text in ((first, "Seen on page 1"), (second, "Seen on page 2")):
        await window.locator("[data-claim] textarea[name=private_note]").first.fill(text)
        if window is first:
            await expect(window.locator("[data-state]")).to_contain_text("Saved")
    dialog = second.locator("#conflict")
    await expect(dialog).to_be_visible()
    await expect(dialog.locator("blockquote")).to_have_text("Seen on page 1")
    await expect(dialog.locator("textarea")).to_have_value("Seen on page 2")
    assert await chromium.accessible(second) == []
    await chromium.picture(second, "assess-conflict")
    await dialog.locator("textarea").fill("Seen on pages 1 and 2")
    await dialog.locator("[data-keep]").click()
    await expect(second.locator("[data-state]")).to_contain_text("Saved")
    assert (await drafts(site.api, case_id))["thing-0"][1] == "Seen on pages 1 and 2"


async def test_evidence_opens_beside_the_form_and_keys_do_nothing_where_one_writes(site: Site, who: People) -> None:
    case_id = await reading(site.api, who)
    window = await open_bench(site, who, case_id)
    press = window.keyboard.press
    await press("e")
    await expect(window.locator("#viewer canvas")).to_have_attribute("aria-label", "Page 1 of 2")
    await expect(window.locator("#viewer .aq-viewer__text")).to_contain_text("Every step.")
    assert await window.locator("#viewer img").count() == 0
    await expect(window.locator("#viewer .aq-unscanned")).to_be_visible()
    await press("e")
    await press("e")
    sound = window.locator("#viewer audio")
    cues = "(one) => [...one.textTracks[0].cues].map((cue) => [cue.startTime, cue.text])"
    await window.wait_for_function("() => document.querySelector('#viewer audio')?.textTracks[0]?.cues?.length")
    assert await sound.evaluate(cues) == [[1, "The pump starts."], [2, "&lt;i&gt;It&lt;/i&gt; runs."]]
    await expect(window.locator("#viewer blockquote[lang=fr]")).to_have_text(
        "0:01 The pump starts.\n0:02 <i>It</i> runs."
    )
    await expect(window.locator("[data-part]")).to_be_hidden()
    assert await chromium.accessible(window) == []
    await chromium.picture(window, "assess-sound-en-1280")
    note = window.locator("[data-claim] textarea[name=private_note]").first
    await note.focus()
    await press("j")
    await press("3")
    await expect(note).to_have_value("j3")
    assert await window.locator("input[name=level]:checked").count() == 0
    await window.locator("[data-claim] h2").first.focus()
    await press("c")
    await window.get_by_role("button", name="Every step is shown.").click()
    await expect(note).to_have_value("j3\nEvery step is shown.")
    await window.locator("[data-claim] h2").first.focus()
    await press("?")
    await expect(window.locator("#keys")).to_be_visible()
    await window.locator("label[for=keys-on]").click()
    await press("Escape")
    await press("3")
    assert await window.locator("input[name=level]:checked").count() == 0


async def marked_and_found_again(window: Page) -> None:
    """A part of a page: drawn with a pointer, then with keys; what was kept is drawn again, on its page alone."""
    box, at = window.locator("#viewer .aq-leaf__box"), window.get_by_label("Page, or minutes:seconds")
    await expect(box).to_be_hidden()
    await window.get_by_role("button", name="Mark a part").click()
    place = await window.locator("#viewer .aq-leaf__layer").bounding_box()
    assert place is not None
    await window.mouse.move(place["x"] + place["width"] * 0.1, place["y"] + 40)
    await window.mouse.down()
    await window.mouse.move(place["x"] + place["width"] * 0.6, place["y"] + 90, steps=3)
    await window.mouse.up()
    await expect(window.locator("#note-text")).to_be_focused()
    await expect(window.get_by_label("From the left")).to_have_value("10.0")
    await expect(window.get_by_label("Width")).to_have_value("50.0")
    await expect(at).to_have_value("2")
    await window.get_by_role("button", name="Mark a part").press("Enter")
    for key in ("ArrowRight", "Shift+ArrowLeft", "Enter"):
        await window.keyboard.press(key)
    await expect(window.get_by_label("From the left")).to_have_value("12.0")
    await expect(window.get_by_label("Width")).to_have_value("48.0")
    await window.get_by_label("Height").fill("30")
    await window.locator("#note-text").fill("This signature")
    await chromium.picture(window, "assess-mark-en-1280")
    await window.get_by_role("button", name="Keep note").press("Enter")
    await expect(window.locator("#note-list li")).to_have_count(3)
    await expect(box).to_be_hidden()
    await window.locator("#note-list a", has_text="marked part").press("Enter")
    await expect(box).to_be_visible()
    await chromium.picture(window, "assess-marked-en-1280")
    assert await box.evaluate("(one) => [one.style.left, one.style.width, one.style.height]") == ["12%", "48%", "30%"]
    await window.get_by_role("button", name="Page before").click()
    await expect(box).to_be_hidden()
    assert await chromium.accessible(window) == []


async def test_a_note_at_the_second_page_leads_back_to_it(site: Site, who: People) -> None:
    case_id = await reading(site.api, who)
    window = await open_bench(site, who, case_id)
    press, canvas = window.keyboard.press, window.locator("#viewer canvas")
    await press("e")
    await window.get_by_role("button", name="Page after").click()
    await expect(canvas).to_have_attribute("aria-label", "Page 2 of 2")
    await window.locator("[data-claim] h2").first.focus()
    await press("n")
    await expect(window.get_by_label("Page, or minutes:seconds")).to_have_value("2")
    await window.keyboard.type("Who signed <b>this</b>?")
    await window.get_by_role("button", name="Keep note").press("Enter")
    noted = window.locator("#note-list li")
    await expect(noted.locator("blockquote")).to_have_text("Who signed <b>this</b>?")
    await expect(window.locator("[data-state]")).to_have_text("Note kept.")
    await expect(window.locator("[data-claim] h2").first).to_be_focused()
    await press("n")
    await window.keyboard.type("Not kept by hand")
    await window.locator("[data-claim] h2").first.focus()
    await press("e")  # what was begun is kept before another piece opens
    await expect(noted).to_have_count(2)
    await expect(canvas).to_have_count(0)
    await noted.first.get_by_role("link").focus()
    await press("Enter")
    await expect(canvas).to_have_attribute("aria-label", "Page 2 of 2")
    assert await chromium.accessible(window) == []
    await chromium.picture(window, "assess-notes-en-1280")
    await marked_and_found_again(window)
    await noted.last.get_by_text("Change or remove").click()
    await noted.last.get_by_role("button", name="Remove").click()
    await expect(noted).to_have_count(2)
    phone = await site.window(who.assessor, size=PHONE)
    await phone.goto(site.at(f"/fr/assess/{case_id}"))
    await chromium.picture(phone, "assess-notes-fr-360")
    assert await chromium.accessible(phone) == []
