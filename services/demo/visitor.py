"""A person in front of Acquis: signs in over HTTP and does what the public API lets them do, nothing else."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

from services.rules.programmes import Text

API = "/api/v1"
CHUNK = 64 * 1024
PATIENCE = 120.0
PAUSE = 0.15
"""Seconds between two looks at something that the house does by itself, and for how long at most."""


class StoryBroke(Exception):  # noqa: N818 - a sentence for whoever watches
    """Something was not answered as the story needs it."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a session."""

    http: httpx.AsyncClient
    name: str
    person: str
    headers: dict[str, str]

    async def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """What stands at `path` below the API, as JSON."""
        return (await self._ask("GET", path)).json()

    async def read(self, path: str) -> bytes:
        """The bytes at `path` (whole path or address)."""
        answer = await self.http.get(path, headers=self.headers)
        return _good(answer).content

    async def put(self, path: str, body: object, *, if_match: int | None = None) -> Any:  # noqa: ANN401 - JSON
        """Write `body` to `path`."""
        return (await self._ask("PUT", path, body=body, if_match=if_match)).json()

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Send `body` to `path`."""
        return (await self._ask("POST", path, body=body)).json()

    async def patch(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Change what stands at `path`."""
        return (await self._ask("PATCH", path, body=body)).json()

    async def case(self, case_id: str) -> Any:  # noqa: ANN401 - JSON
        """The case as this person sees it."""
        return await self.get(f"/cases/{case_id}")

    async def command(self, case_id: str, kind: str, body: object | None = None, *, version: int | None = None) -> Any:  # noqa: ANN401 - JSON
        """Ask something of a case at its present version, and wait until it was applied."""
        known = (await self.case(case_id))["version"] if version is None else version
        answer = await self._ask(
            "POST", f"/cases/{case_id}/{kind}", body=body, if_match=known, more={"Idempotency-Key": str(uuid4())}
        )
        if answer.status_code == HTTPStatus.ACCEPTED:
            place = answer.headers["location"].removeprefix(API)
            settled = await self.until(lambda: self.get(place), lambda command: command["status"] != "pending")
            if settled["status"] != "applied":
                raise StoryBroke(f"{kind}: {settled}")
            return settled["result"]
        return answer.json()["result"]

    async def send_file(self, case_id: str, name: str, content: bytes, sent: Callable[[int], None]) -> Any:  # noqa: ANN401 - JSON
        """Send a file as a form, chunk by chunk; `sent` is told how many bytes have left."""
        boundary = secrets.token_hex(16)
        head = (
            f"--{boundary}\r\nContent-Disposition: form-data; "
            f'name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        ).encode()
        tail = f"\r\n--{boundary}--\r\n".encode()

        async def stream() -> AsyncIterator[bytes]:
            yield head
            for start in range(0, len(content), CHUNK):
                chunk = content[start : start + CHUNK]
                yield chunk
                sent(len(chunk))
            yield tail

        answer = await self.http.post(
            f"{API}/cases/{case_id}/evidence",
            content=stream(),
            headers=self.headers
            | {
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Content-Length": str(len(head) + len(content) + len(tail)),
            },
        )
        return _good(answer).json()

    async def until(self, look: "Callable[[], Any]", good: Callable[[Any], bool]) -> Any:  # noqa: ANN401 - JSON
        """Look again and again until it is `good`. Raises `StoryBroke` after two minutes."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while not good(seen := await look()):
            if loop.time() > deadline:
                raise StoryBroke(f"nothing happened for {PATIENCE:.0f} s: {seen}")
            await asyncio.sleep(PAUSE)
        return seen

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: object | None = None,
        if_match: int | None = None,
        more: dict[str, str] | None = None,
    ) -> httpx.Response:
        matched = {"If-Match": f'"{if_match}"'} if if_match is not None else {}
        headers = self.headers | matched | (more or {})
        return _good(await self.http.request(method, API + path, json=body, headers=headers))


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    request = answer.request
    raise StoryBroke(f"{request.method} {request.url.path}: {answer.status_code} {answer.text[:500]}")


async def sign_in(http: httpx.AsyncClient, *, email: str, password: str, name: str, origin: str) -> Visitor:
    """Begin a session as a program does: the token is answered and sent along from then on."""
    answer = await http.post(f"{API}/sign-in", json={"email": email, "password": password}, headers={"Origin": origin})
    session = _good(answer).json()
    return Visitor(http, name, session["person"], {"Authorization": f"Bearer {session['token']}"})


def said(answer: dict[str, str]) -> Text:
    """A bilingual text of the API."""
    return Text(answer["en"], answer["fr"])
