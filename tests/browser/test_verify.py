"""An employer with a code, a credential or a letter in hand gets one of six answers, on a screen and on one sheet."""

import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from playwright.async_api import FilePayload, Page, expect
from sqlmodel import select

from services.documents.letter_processes import Renderer
from services.records.tables.credentials import Credential, CredentialState
from services.rules.deadlines import Span
from tests.api import desks
from tests.api.test_public import code_of
from tests.api.test_whole_case import decided, good
from tests.browser import chromium
from tests.browser.conftest import DESK, PHONE, Site
from tests.records import makers
from tests.records.moving import People

JSON, PDF = ("credential.json", "application/json"), ("letter.pdf", "application/pdf")


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the six answers, what leads to it, and its first words in both languages."""

    name: str
    heading: dict[str, str]
    code: str | None
    files: dict[tuple[str, str], bytes]
    before: Callable[[], Awaitable[None]] | None = None


@pytest.fixture
async def real_letters(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Decisions have letters as they leave the house, and not the line of text that stands for them elsewhere."""
    async with Renderer() as renderer:

        async def render(desk: desks.DirectDesk, effect_key: str) -> None:
            await replace(desk.publishing, renderer=renderer).render(effect_key)

        monkeypatch.setattr(desks.DirectDesk, "write_letters", render)
        yield


def other(document: bytes) -> bytes:
    """A credential that bears our name and that we never issued."""
    return json.dumps(json.loads(document) | {"id": f"urn:uuid:{uuid4()}"}).encode()


def carrying(document: bytes) -> bytes:
    """A PDF of somebody else that carries a credential."""
    import pikepdf

    made, kept = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.attachments["credential.json"] = pikepdf.AttachedFileSpec(made, document, mime_type="application/json")
    made.save(kept)
    return kept.getvalue()


async def answers(site: Site, who: People) -> list[Answer]:
    """Every answer in an order in which each can be brought about after the one before it."""
    async with site.api.database.writing() as session:
        await makers.published(session, makers.with_policy(credential_validity=Span.parse("12mo")))
    case_id = await decided(site.api, who)
    code = await code_of(site.api, who, case_id)
    signed = (await site.api.get(f"/credentials/{code}")).content
    (letter, _) = good(await site.api.get(f"/cases/{case_id}/letters", who.learner))
    pdf = (await site.api.http.get(letter["url"], headers=await site.api.as_(who.learner))).content

    async def later(**span: float) -> None:
        site.api.clock.pass_(**span)

    async def after_its_end() -> None:
        await later(days=400)
        await renew()

    async def renew() -> None:
        assert isinstance(site.api.desk, desks.DirectDesk)
        await site.api.desk.issuing.renew_list(1)

    def stands(state: CredentialState) -> Callable[[], Awaitable[None]]:
        async def change() -> None:
            async with site.api.database.writing() as session:
                row = (await session.exec(select(Credential))).one()
                row.state, row.revoked_at = state, site.api.clock()
            await renew()

        return change

    mine = {JSON: signed, PDF: pdf}
    return [
        Answer("valid", {"en": "Valid", "fr": "Valide"}, code, mine),
        Answer(
            "changed",
            {"en": "Changed after issue", "fr": "Modifiée après la délivrance"},
            None,
            {JSON: signed.replace(b"First", b"Other", 1), PDF: pdf + b"\n%"},
        ),
        Answer(
            "not-ours",
            {"en": "Not ours", "fr": "Ne vient pas de nous"},
            "0000-0000-0000",
            {JSON: other(signed), PDF: carrying(other(signed))},
        ),
        Answer(
            "unchecked",
            {"en": "Could not check now", "fr": "Vérification impossible pour le moment"},
            code,
            mine,
            lambda: later(days=31),
        ),
        Answer("expired", {"en": "Expired", "fr": "Expirée"}, code, mine, after_its_end),
        Answer(
            "under-review",
            {"en": "Withdrawn, under review", "fr": "Retirée, en révision"},
            code,
            mine,
            stands(CredentialState.SUSPENDED),
        ),
        Answer("withdrawn", {"en": "Withdrawn", "fr": "Retirée"}, code, mine, stands(CredentialState.REVOKED)),
    ]


def sheets(printed: bytes) -> int:
    """How many pages a printed page has."""
    import pikepdf

    with pikepdf.open(io.BytesIO(printed)) as paper:
        return len(paper.pages)


async def looked_at(window: Page, name: str) -> None:
    """What every one of these pages must be, on a phone and on a desk; axe looks at one of them."""
    for width, size in (("desk", DESK), ("phone", PHONE)):
        await window.set_viewport_size(size)  # type: ignore[arg-type]  # two numbers
        assert await window.evaluate("() => document.documentElement.scrollWidth") <= size["width"], (name, width)
        await chromium.picture(window, f"{name}-{width}")
    assert await chromium.accessible(window) == [], name


async def said(window: Page) -> str:
    """The answer in words, without the sign before it."""
    return (await window.inner_text("h1")).lstrip("✓!✕? \n\xa0")


async def dropped(window: Page, address: str, file: tuple[str, str], content: bytes) -> str:
    """The answer for a file that a visitor brings."""
    await window.goto(address)
    await window.set_input_files("input[type=file]", FilePayload(name=file[0], mimeType=file[1], buffer=content))
    await window.click("form[method=post] button.govuk-button--secondary:not(.govuk-file-upload-button)")
    await window.wait_for_selector(".aq-verdict")
    return await said(window)


@pytest.mark.usefixtures("real_letters")
async def test_each_of_the_six_answers_is_given_by_code_and_by_file_without_scripts_and_on_one_sheet(
    site: Site, who: People
) -> None:
    window, plain = await site.window(), await site.window(java_script_enabled=False)
    for answer in await answers(site, who):
        if answer.before is not None:
            await answer.before()
        for language, heading in answer.heading.items():
            form = site.at(f"/{language}/verify")
            # One kind of file in each language.
            for file, content in list(answer.files.items())[language == "fr" :][:1]:
                assert await dropped(plain, form, file, content) == heading, (answer.name, file)
            if answer.code is None:
                assert await dropped(window, form, JSON, answer.files[JSON]) == heading
            else:
                await plain.goto(f"{form}/{answer.code}")
                assert await said(plain) == heading
                await window.goto(f"{form}/{answer.code}")
                assert await said(window) == heading
            await looked_at(window, f"verify-{answer.name}-{language}")
            assert sheets(await window.pdf()) == 1, (answer.name, language)
    assert [await one.context.cookies() for one in (window, plain)] == [[], []]


async def test_a_learner_opens_a_credential_by_its_switches_and_takes_everything_along(site: Site, who: People) -> None:
    case_id = await decided(site.api, who)
    (credential,) = good(await site.api.get(f"/cases/{case_id}/credentials", who.learner))
    window = await site.window(who.learner)
    stranger = await site.window(java_script_enabled=False)
    verify = f"/verify/{credential['code']}"
    for language, word in (("en", "Read what it says in the letter"), ("fr", "Lisez ce qu’elle dit dans la lettre")):
        await window.goto(site.at(f"/{language}{verify}"))
        assert word in await window.inner_text("main")
        await looked_at(window, f"verify-private-{language}")
        assert sheets(await window.pdf()) == 1
        for name, path in (("credentials", f"/cases/{case_id}/credentials"), ("account-privacy", "/account/privacy")):
            await window.goto(site.at(f"/{language}{path}"))
            await looked_at(window, f"{name}-{language}")
    await window.goto(site.at(f"/en/cases/{case_id}/credentials"))
    await window.focus(f"#show-{credential['id']}")
    await window.keyboard.press("Space")
    await window.keyboard.press("Tab")
    await window.keyboard.press("Tab")
    await window.keyboard.press("Enter")
    await window.wait_for_selector("[role=status]")
    await looked_at(window, "credentials-shown-en")
    await stranger.goto(site.at(f"/en{verify}"))
    assert "First competency" in await stranger.inner_text("main")
    assert who.learner.name not in await stranger.content()
    await stranger.click("summary:has-text('Three short questions')")
    await stranger.check("#helped")
    await stranger.click("button:has-text('Send the answers')")
    await expect(stranger.locator("h1")).to_have_text("Thank you")
    assert await stranger.context.cookies() == []
    await window.goto(site.at("/en/account/privacy"))
    async with window.expect_download() as begun:
        await window.click("text=Download everything")
    assert (await begun.value).suggested_filename.endswith(".zip")
