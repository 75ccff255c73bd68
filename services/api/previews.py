"""Papers set while somebody waits (previews of letters, receipts): in a process, started when first asked for."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime

from services.documents.letter_page import LetterFailed
from services.documents.letter_processes import Renderer
from services.documents.letters import Letter
from services.documents.receipts import Receipt
from services.records.ids import new_id
from services.rules.refusals import Refused

MOST_WAITING = 20
"""Papers that may wait for the process; whoever comes then is asked to try again."""

log = logging.getLogger("acquis.api")


@dataclass(slots=True)
class Previews:
    """One rendering process of the API; `close` ends it, whether it was ever needed or not."""

    _renderer: Renderer = field(default_factory=lambda: Renderer(workers=1))
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0

    async def render(self, letter: Letter | Receipt, *, now: datetime) -> bytes:
        """The letter or receipt as PDF. Raises `Refused('unavailable')` when it cannot be set now."""
        if self._waiting >= MOST_WAITING:
            raise Refused("unavailable")
        self._waiting += 1
        try:
            # One at a time, as the process works: who waits there would take a thread from everything else that does.
            async with self._turn:
                return await self._set(letter, now)
        finally:
            self._waiting -= 1

    async def _set(self, letter: Letter | Receipt, now: datetime) -> bytes:
        await asyncio.to_thread(self._renderer.start)
        try:
            return await self._renderer.render(letter, identifier=new_id().bytes, created=now)
        except LetterFailed as failed:
            log.error("a preview or a receipt: %s", failed)  # noqa: TRY400 - a trace could hold a piece of the letter
            raise Refused("unavailable") from failed

    async def close(self) -> None:
        """End the process."""
        await asyncio.to_thread(self._renderer.close)
