"""How slowly a body may arrive: the server itself would wait for ever, and 200 silent senders would be 200 open doors.

Source: security design, section 5.9 (body deadline).
"""

import asyncio
from dataclasses import dataclass

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPReceiveMessage, Message, Receive, Scope, Send

from services.rules.refusals import Refused


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds to the first byte, bytes a second over any `window` seconds, and seconds for the whole body."""

    first: float = 10
    rate: int = 1024
    window: float = 60
    whole: float = 90 * 60


class Body:
    """One request's body on its way in."""

    def __init__(self, receive: Receive, pace: Pace) -> None:
        self._receive, self._pace = receive, pace
        self._clock = asyncio.get_running_loop().time
        self._began = self._window_began = self._clock()
        self._in_window = 0
        self._waiting_for_first = True
        self.complete = False

    async def receive(self) -> HTTPReceiveMessage:
        """Return the next part in time. Raises `Refused`, upload_too_slow, for a body that comes too slowly.

        A body that is complete has no deadline: what comes after it is the client's hanging up.
        """
        if self.complete:
            return await self._receive()  # type: ignore[return-value]  # only HTTP scopes come here
        while True:
            try:
                async with asyncio.timeout_at(self._deadline()):
                    event = await self._receive()
            except TimeoutError:
                self._next_window()
                continue
            return self._noted(event)  # type: ignore[arg-type]  # only HTTP scopes come here

    def _deadline(self) -> float:
        soon = self._began + self._pace.first if self._waiting_for_first else self._window_began + self._pace.window
        return min(soon, self._began + self._pace.whole)

    def _noted(self, event: HTTPReceiveMessage) -> HTTPReceiveMessage:
        if event["type"] == "http.disconnect":
            self.complete = True
            return event
        self._in_window += len(event["body"])
        self._waiting_for_first = self._waiting_for_first and not event["body"]
        self.complete = not event["more_body"]
        if not self.complete and self._clock() >= self._deadline():
            self._next_window()
        return event

    def _next_window(self) -> None:
        now = self._clock()
        late = self._waiting_for_first or now >= self._began + self._pace.whole
        if late or self._in_window < self._pace.rate * self._pace.window:
            raise Refused("upload_too_slow")
        self._window_began, self._in_window = now, 0


class Paced(ASGIMiddleware):
    """Holds bodies to a pace; an answer that comes before the end of the body closes the connection."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass the request on."""
        body = Body(receive, self._pace)

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and not body.complete:
                # Otherwise the server would go on reading, to its end, a file that is already refused.
                MutableScopeHeaders.from_message(message)["Connection"] = "close"
            await send(message)

        await next_app(scope, body.receive, closing)
