"""A visitor of the demo knows only HTTP: waits for what is kept, sends files in chunks, and says what went wrong."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.demo import visitor as visitors
from services.demo.visitor import StoryBroke, Visitor

COMMAND = "/api/v1/commands/7"


class House:
    """Answers a command with "kept", and its state with "pending" until it was asked `looks` times."""

    def __init__(self, *, looks: int = 2, ends: str = "applied") -> None:
        self.looks, self.ends = looks, ends
        self.requests: list[httpx.Request] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        if request.url.path == COMMAND:
            self.looks -= 1
            status = "pending" if self.looks else self.ends
            return httpx.Response(200, json={"status": status, "result": {"stage": "eligible"}})
        if request.method == "GET":
            return httpx.Response(200, json={"version": 4})
        if request.url.path.endswith("/evidence"):
            return httpx.Response(201, json={"id": "item"})
        return httpx.Response(202, json={"status": "pending"}, headers={"Location": COMMAND})


@pytest.fixture
async def http() -> AsyncIterator[tuple[House, Visitor]]:
    house = House()
    async with httpx.AsyncClient(transport=httpx.MockTransport(house.answer), base_url="http://house") as client:
        yield house, Visitor(client, "Sample", "person", {"Authorization": "Bearer x"})


async def test_a_command_that_is_kept_is_waited_for(http: tuple[House, Visitor]) -> None:
    house, visitor = http
    assert await visitor.command("1", "accept-eligibility") == {"stage": "eligible"}
    sent = house.requests[1]
    assert sent.url.path == "/api/v1/cases/1/accept-eligibility"
    assert sent.headers["if-match"] == '"4"'
    assert sent.headers["idempotency-key"]


async def test_a_command_that_is_refused_later_breaks_the_story(http: tuple[House, Visitor]) -> None:
    house, visitor = http
    house.ends = "refused"
    with pytest.raises(StoryBroke, match="accept-eligibility"):
        await visitor.command("1", "accept-eligibility", version=4)


async def test_a_file_is_sent_as_a_form_in_chunks(http: tuple[House, Visitor], monkeypatch: pytest.MonkeyPatch) -> None:
    house, visitor = http
    monkeypatch.setattr(visitors, "CHUNK", 4)
    sent: list[int] = []
    assert await visitor.send_file("1", "photo.jpg", b"0123456789", sent.append) == {"id": "item"}
    assert sent == [4, 4, 2]
    form = house.requests[-1]
    assert int(form.headers["content-length"]) == len(form.content)
    assert b'name="file"; filename="photo.jpg"' in form.content
    assert b"\r\n\r\n0123456789\r\n--" in form.content


async def test_what_never_happens_breaks_the_story(
    http: tuple[House, Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, visitor = http
    monkeypatch.setattr(visitors, "PATIENCE", 0.0)
    with pytest.raises(StoryBroke, match="nothing happened"):
        await visitor.until(lambda: visitor.case("1"), lambda case: case["version"] == 5)


async def test_a_refusal_is_told_with_its_address_and_words() -> None:
    async def refuses(_: httpx.Request) -> httpx.Response:
        return httpx.Response(409, text="the seats are taken")

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuses), base_url="http://house") as client:
        with pytest.raises(StoryBroke, match=r"POST /api/v1/sign-in: 409 the seats are taken"):
            await visitors.sign_in(client, email="x", password="x", name="Sample", origin="http://house")
