"""Letters rendered for whoever is about to sign them: a process of the documents room, started when first asked for."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from services.documents.letters import Letter, Renderer
from services.records.ids import new_id


@dataclass(slots=True)
class Previews:
    """One rendering process of the API; `close` ends it, whether it was ever needed or not."""

    _renderer: Renderer = field(default_factory=lambda: Renderer(workers=1))
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def render(self, letter: Letter, *, now: datetime) -> bytes:
        """The letter as PDF. Raises `LetterFailed`."""
        async with self._starting:
            await asyncio.to_thread(self._renderer.start)
        return await self._renderer.render(letter, identifier=new_id().bytes, created=now)

    async def close(self) -> None:
        """End the process."""
        await asyncio.to_thread(self._renderer.close)
