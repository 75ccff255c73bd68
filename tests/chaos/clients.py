"""A client that does not give up: it sends again what was not answered, with the same key, and keeps a ledger."""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from services.demo.visitor import API, Visitor
from tests.chaos.ledger import Entry, Ledger
from tests.journeys import bodies

PAUSE = 0.25
BUSY = {429, 503}
"""Answers that say: nothing was promised, ask again."""


class FaultyAnswerError(AssertionError):
    """The house gave an answer that no fault of its parts excuses."""


@dataclass(frozen=True, slots=True)
class Client:
    """One program in front of the house, speaking for one person after the other."""

    ledger: Ledger
    chance: Random
    rest: float = 0.0
    """Seconds between an answer and the next request."""

    async def read(self, who: Visitor, path: str) -> Any:  # noqa: ANN401 - JSON
        """What `who` finds at `path`, as soon as somebody answers."""
        while True:
            try:
                answer = await who.http.get(API + path, headers=who.headers)
            except httpx.TransportError:
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code in BUSY:
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code >= 400:
                raise FaultyAnswerError(f"GET {path}: {answer.status_code} {answer.text[:300]}")
            return answer.json()

    async def write(
        self,
        who: Visitor,
        method: str,
        path: str,
        *,
        kind: str,
        case: str = "",
        key: str = "",
        **request: Any,  # noqa: ANN401 - what httpx takes
    ) -> httpx.Response:
        """Send until an answer comes that is one. Raises `FaultyAnswerError` for a fault of the house."""
        headers = who.headers | request.pop("headers", {})
        while True:
            self.ledger.note(Entry("sent", kind, key, case))
            try:
                answer = await who.http.request(method, API + path, headers=headers, **request)
            except httpx.TransportError:
                self.ledger.note(Entry("gone", kind, key, case))
                await asyncio.sleep(PAUSE)
                continue
            told = answer.json() if answer.content else {}
            self.ledger.note(Entry("answered", kind, key, case, answer.status_code, _kept(told)))
            await asyncio.sleep(self.rest)
            if answer.status_code in BUSY:
                await asyncio.sleep(PAUSE)
                continue
            if answer.status_code >= 500 or answer.status_code == 401:
                raise FaultyAnswerError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            return answer

    async def command(self, who: Visitor, case: str, kind: str, body: object | None = None, *, version: int) -> bool:
        """Ask something of a case, sometimes twice at once, and stay until it is settled; answers whether it was."""
        key = str(uuid4())
        headers = {"If-Match": f'"{version}"', "Idempotency-Key": key}

        async def once() -> bool:
            answer = await self.write(
                who, "POST", f"/cases/{case}/{kind}", kind=kind, case=case, key=key, json=body, headers=headers
            )
            if answer.status_code != 202:
                return answer.status_code == 200
            return await self._settled(who, kind=kind, case=case, key=key)

        said = await asyncio.gather(*(once() for _ in range(2 if self.chance.random() < 0.2 else 1)))
        if len(set(said)) != 1:
            raise FaultyAnswerError(f"{kind} {key}: one key, two answers")
        return said[0]

    async def _settled(self, who: Visitor, *, kind: str, case: str, key: str) -> bool:
        while (told := await self.read(who, f"/commands/{key}"))["status"] == "pending":  # noqa: ASYNC110 - another process
            await asyncio.sleep(PAUSE)
        self.ledger.note(Entry("settled", kind, key, case, 200 if told["status"] == "applied" else 409, _kept(told)))
        return bool(told["status"] == "applied")

    async def open_case(self, who: Visitor) -> Any:  # noqa: ANN401 - JSON
        """A draft."""
        return (await self.write(who, "POST", "/cases", kind="open", json=bodies.opening())).json()

    async def answer(self, who: Visitor, case: str, *, place: str, version: int) -> int:
        """Answer the form; answers the version at which the answers stand then."""
        body = {"answers": bodies.ANSWERS | {"places": place}, "version": version}
        told = await self.write(who, "PUT", f"/cases/{case}/answers", kind="answers", case=case, json=body)
        if told.is_success:
            return int(told.json()["version"])
        if told.json()["code"] != "stale_version":
            raise FaultyAnswerError(f"answers: {told.status_code} {told.text[:300]}")
        # An earlier attempt that went unanswered was kept after all.
        return int((await self.read(who, f"/cases/{case}/answers"))["version"])

    async def show(self, who: Visitor, case: str, title: str) -> str:
        """Send a file and describe it; answers its id."""
        upload = {"file": (f"{title}.pdf", bodies.file(title))}
        sent = await self.write(who, "POST", f"/cases/{case}/evidence", kind="upload", case=case, files=upload)
        if not sent.is_success:
            raise FaultyAnswerError(f"upload: {sent.status_code} {sent.text[:300]}")
        item = str(sent.json()["id"])
        said = bodies.description(title)
        await self.write(who, "PATCH", f"/cases/{case}/evidence/{item}", kind="describe", case=case, json=said)
        return item

    async def point(self, who: Visitor, case: str, item: str, claim: str) -> None:
        """Say what a file shows."""
        pointer = {"claim": claim, "page": 1}
        path = f"/cases/{case}/evidence/{item}/pointers"
        await self.write(who, "POST", path, kind="point", case=case, json=pointer)


def _kept(told: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """What of an answer can be held against the house later."""
    names = ("id", "version", "status", "code", "result", "sha256", "size", "title", "answers", "claim")
    return {name: told[name] for name in names if name in told} if isinstance(told, dict) else {}
