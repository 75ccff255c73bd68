"""Finds PDFs that nobody here could open: encrypted, and not with the empty password that many programs set.

A file says that it is encrypted in clear, outside of everything compressed; only such a file is opened, in a child.
Source: interface design, section 10; security design, sections 5.4 and 5.7.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

from services.documents import children, lock_child

MARK = b"/Encrypt"
WALL_SECONDS = 30.0
COMMAND = (sys.executable, "-I", "-m", lock_child.__name__)
_one_at_a_time = asyncio.Semaphore(1)


class Watch:
    """Looks through a PDF as it passes, and lets other kinds by; `marked` once it named an encryption."""

    def __init__(self, kind: str) -> None:
        self.marked = False
        self._looks, self._before = kind == "pdf", b""

    def see(self, chunk: bytes) -> None:
        """Look at the next bytes; the mark may lie across two of them."""
        if self._looks and not self.marked:
            self.marked = MARK in chunk or MARK in self._before + chunk[: len(MARK)]
            self._before = (self._before + chunk)[-len(MARK) :] if len(chunk) < len(MARK) else chunk[-len(MARK) :]


async def locked(content: AsyncIterator[bytes]) -> bool:
    """Whether a PDF asks for a password. What cannot be told, within its limits, passes: it is no worse than others."""
    async with _one_at_a_time:
        answer = await children.ask(COMMAND, content, wall_seconds=WALL_SECONDS)
    return answer is not None and answer.code == lock_child.LOCKED
