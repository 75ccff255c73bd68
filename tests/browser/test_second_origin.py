"""The workbench with evidence from a second origin: it shows what it shows, no cookie goes there, and nothing runs."""

import asyncio
from io import BytesIO

import pytest
from playwright.async_api import expect

from services.records import cases
from tests.browser.conftest import Site
from tests.browser.test_assess import open_bench, reading
from tests.records import makers
from tests.records.moving import People

RUNS = b"<html><body><script>document.title = 'it ran'</script></body></html>"


@pytest.fixture
def second_origin() -> bool:
    """Files leave from a host of their own in these tests."""
    return True


def picture() -> bytes:
    """A picture at whose end a page with a script hangs."""
    from PIL import Image  # heavy, and needed by one test

    into = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(into, "PNG")
    return into.getvalue() + RUNS


async def test_pdf_and_picture_are_shown_without_a_cookie_and_a_page_in_a_picture_never_runs(
    site: Site, who: People
) -> None:
    case_id = await reading(site.api, who)
    content = picture()
    async with site.api.blobs.incoming() as incoming:
        await incoming.write(content)
        stored = await incoming.keep()
    async with site.api.database.writing() as session:
        case = await cases.get(session, case_id)
        item = await makers.evidence(
            session, case, *await makers.claims(session, case), sha256=stored.sha256, size=stored.size,
            name="photo.png", title="A photo", file_kind="png", media_type="image/png",
        )  # fmt: skip
    window = await open_bench(site, who, case_id)
    asked = []
    window.on("request", lambda request: asked.append(request) if "/e/" in request.url else None)
    await window.locator(".aq-pieces a[data-open]").first.click()
    await expect(window.locator("canvas")).to_be_visible()
    await window.locator(".aq-pieces a[data-open]", has_text="A photo").click()
    await expect(window.locator(".aq-viewer__frame img")).to_be_visible()
    assert (
        await window.locator(".aq-viewer__frame img").evaluate(
            "async (one) => { await one.decode(); return one.naturalWidth; }"
        )
        == 40
    )
    assert len(asked) >= 2
    headers = await asyncio.gather(*(request.all_headers() for request in asked))
    assert not [one for one in headers if "cookie" in one]
    await window.goto(site.at(f"/api/v1/cases/{case_id}/evidence/{item.id}/view"))
    assert window.url.startswith(site.evidence_origin)
    assert await window.evaluate("() => window.origin === 'null'")
    assert await window.title() != "it ran"
    # The browser's own frame around a picture is styled inline, which the sandbox refuses as well.
    site.watch.wrong[:] = [one for one in site.watch.wrong if "Applying inline style" not in one]
