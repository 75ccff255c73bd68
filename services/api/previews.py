"""Letters rendered for whoever is about to sign them: a process of the documents room, started when first asked for."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import datetime

from services.documents.letter_page import LetterFailed
from services.documents.letter_processes import Renderer
from services.documents.letters import Letter
from services.records.ids import new_id
from services.rules.refusals import Refused

log = logging.getLogger("acquis.api")


@dataclass(slots=True)
class Previews:
    """One rendering process of the API; `close` ends it, whether it was ever needed or not."""

    _renderer: Renderer = field(default_factory=lambda: Renderer(workers=1))
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def render(self, letter: Letter, *, now: datetime) -> bytes:
        """The letter as PDF. Raises `Refused('unavailable')` when it cannot be set now."""
        async with self._starting:
            await asyncio.to_thread(self._renderer.start)
        try:
            return await self._renderer.render(letter, identifier=new_id().bytes, created=now)
        except LetterFailed as failed:
            log.error("a preview of a letter: %s", failed)  # noqa: TRY400 - a trace could hold a piece of the letter
            raise Refused("unavailable") from failed

    async def close(self) -> None:
        """End the process."""
        await asyncio.to_thread(self._renderer.close)
